#include "channels/mpsc_ring.hpp"

#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct FutexRing {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<MpscRing<T, Sync>, Park>;
};

struct MpscSpin {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<MpscRing<T, Sync>, Spin>;
};
struct MpscYield {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<MpscRing<T, Sync>, Yield>;
};

const Enter<MpscSpin> spin{"mpsc_ring:spin",
                           "many senders, a receiver without a read-modify-write; pauses for ever"};
const Enter<MpscYield> yield{"mpsc_ring:yield", "the same; pauses, then gives up the core"};
const Enter<FutexRing> futex_ring{
    "futex_ring",
    "many senders, one receiver; sleeps on a futex, and makes no system call while nobody waits"};

}  // namespace
}  // namespace weir
