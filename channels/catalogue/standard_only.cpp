// The same ring with what is there ready-made: std::atomic::wait, or semaphores. POSIX ones, since
// std::counting_semaphore of libstdc++ 12 loses wake-ups.
#include "channels/atomic_wait.hpp"
#include "channels/semaphore_ring.hpp"
#include "harness/enter.hpp"

namespace weir {
namespace {

struct ByAtomicWait {
  template <class T, class Sync = StdSync>
  using Channel = AtomicWait<T, Sync>;
};
struct BySemaphores {
  template <class T, class Sync = StdSync>
  using Channel = SemaphoreRing<T, Sync>;
};

const Enter<ByAtomicWait> atomic_wait{"atomic_wait",
                                      "mpmc_ring with C++20 std::atomic wait and notify"};
const Enter<BySemaphores> semaphore_ring{"semaphore_ring",
                                         "mpmc_ring between two POSIX semaphores"};

}  // namespace
}  // namespace weir
