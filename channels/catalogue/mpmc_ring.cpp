#include "channels/mpmc_ring.hpp"

#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct MpmcSpin {
  template <class T>
  using Channel = Waiting<MpmcRing<T>, Spin>;
};
struct MpmcYield {
  template <class T>
  using Channel = Waiting<MpmcRing<T>, Yield>;
};
struct MpmcPark {
  template <class T>
  using Channel = Waiting<MpmcRing<T>, Park>;
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
