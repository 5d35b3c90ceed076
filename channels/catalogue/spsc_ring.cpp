#include "channels/spsc_ring.hpp"

#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct SpscSpin {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<SpscRing<T, Sync>, Spin>;
};
struct SpscYield {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<SpscRing<T, Sync>, Yield>;
};
struct SpscPark {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<SpscRing<T, Sync>, Park>;
};

const Enter<SpscSpin> spin{"spsc_ring:spin",
                           "ring of turn-stamped slots, no shared cursor; pauses for ever"};
const Enter<SpscYield> yield{
    "spsc_ring:yield",
    "ring of turn-stamped slots, no shared cursor; pauses, then gives up the core"};
const Enter<SpscPark> park{"spsc_ring:park",
                           "ring of turn-stamped slots, no shared cursor; pauses, yields a little, "
                           "then sleeps on a futex"};

}  // namespace
}  // namespace weir
