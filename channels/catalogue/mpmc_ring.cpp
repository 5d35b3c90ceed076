#include "channels/mpmc_ring.hpp"

#include "channels/overflow.hpp"
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

template <class T, class Sync, Overflow kOverflow>
using Parking =
    Overflowing<Waiting<MpmcRing<T, Sync, kOverflow == Overflow::drop_oldest>, Park>, kOverflow>;

struct MpmcFails {
  template <class T, class Sync = StdSync>
  using Channel = Parking<T, Sync, Overflow::fail>;
};
struct MpmcDropsNewest {
  template <class T, class Sync = StdSync>
  using Channel = Parking<T, Sync, Overflow::drop_newest>;
};
struct MpmcDropsOldest {
  template <class T, class Sync = StdSync>
  using Channel = Parking<T, Sync, Overflow::drop_oldest>;
};

const Enter<MpmcSpin> spin{
    "mpmc_ring:spin", "ring of turn-stamped slots, both cursors claimed by CAS; pauses for ever"};
const Enter<MpmcYield> yield{
    "mpmc_ring:yield",
    "ring of turn-stamped slots, both cursors claimed by CAS; pauses, then gives up the core"};
const Enter<MpmcPark> park{"mpmc_ring:park",
                           "ring of turn-stamped slots, both cursors claimed by CAS; pauses, "
                           "yields a little, then sleeps on a futex"};
const Enter<MpmcFails> fails{"mpmc_ring:fail", "mpmc_ring:park; a send that finds it full fails"};
const Enter<MpmcDropsNewest> drops_newest{
    "mpmc_ring:drop_newest", "mpmc_ring:park; a send that finds it full drops its message"};
const Enter<MpmcDropsOldest> drops_oldest{
    "mpmc_ring:drop_oldest",
    "mpmc_ring:park; a send that finds it full takes the oldest message out"};

}  // namespace
}  // namespace weir
