#include "channels/mpsc_ring.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct FutexRing {
  template <class T, class Sync = StdSync>
  using Channel = Waiting<MpscRing<T, Sync>, Park>;
};

const Enter<FutexRing> futex_ring{
    "futex_ring",
    "many senders, one receiver; sleeps on a futex, and makes no system call while nobody waits"};

}  // namespace
}  // namespace weir
