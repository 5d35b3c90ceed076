#include "channels/cursor_ring.hpp"

#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct CursorSpin {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<CursorRing<T, Sync>, Spin>;
};
struct CursorYield {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<CursorRing<T, Sync>, Yield>;
};
struct CursorPark {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<CursorRing<T, Sync>, Park>;
};
struct CursorLazy {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<CursorRing<T, Sync, Freed::lazily>, Yield>;
};

const Enter<CursorSpin> spin{"cursor_ring:spin",
                             "ring with a cursor a side, one publish a batch; pauses for ever"};
const Enter<CursorYield> yield{
    "cursor_ring:yield",
    "ring with a cursor a side, one publish a batch; pauses, then gives up the core"};
const Enter<CursorPark> park{"cursor_ring:park",
                             "ring with a cursor a side, one publish a batch; pauses, yields a "
                             "little, then sleeps on a futex"};
const Enter<CursorLazy> lazy{"cursor_ring:lazy",
                             "the same; its receiver gives room back late, so that 'full' may be "
                             "wrong; pauses, then gives up the core"};

}  // namespace
}  // namespace weir
