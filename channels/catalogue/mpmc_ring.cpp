#include "channels/mpmc_ring.hpp"

#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct MpmcSpin {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<MpmcRing<T, Sync>, Spin>;
};
struct MpmcYield {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<MpmcRing<T, Sync>, Yield>;
};
struct MpmcPark {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<MpmcRing<T, Sync>, Park>;
};

const Enter<MpmcSpin> spin{
    "mpmc_ring:spin", "ring of turn-stamped slots, both cursors claimed by CAS; pauses for ever"};
const Enter<MpmcYield> yield{
    "mpmc_ring:yield",
    "ring of turn-stamped slots, both cursors claimed by CAS; pauses, then gives up the core"};
const Enter<MpmcPark> park{"mpmc_ring:park",
                           "ring of turn-stamped slots, both cursors claimed by CAS; pauses, "
                           "yields a little, then sleeps on a futex"};

}  // namespace
}  // namespace weir
