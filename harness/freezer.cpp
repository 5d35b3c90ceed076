#include "harness/freezer.hpp"

#include <signal.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#include "channels/futex.hpp"
#include "harness/system.hpp"

namespace weir {
namespace {

constexpr int kSignal = SIGUSR1;

// Globals, because a signal handler gets no argument of ours.
std::atomic<std::uint32_t> frozen{0};  // the futex that frozen threads sleep on
std::atomic<std::uint32_t> asleep{0};

/// Only what a signal handler may do.
void sleep_while_frozen(int) {
  const int kept = errno;
  asleep.fetch_add(1, std::memory_order_release);  // partner: freeze()
  // acquire: partner is thaw(); what the coordinator did before comes before what the role goes on
  // with
  while (frozen.load(std::memory_order_acquire) != 0) futex::wait(frozen, 1);
  asleep.fetch_sub(1, std::memory_order_relaxed);  // nobody takes anything from it
  errno = kept;
}

}  // namespace

Freezer::Freezer(std::vector<pthread_t> threads) : threads_(std::move(threads)) {
  struct sigaction action {};
  action.sa_handler = sleep_while_frozen;
  action.sa_flags = SA_RESTART;
  if (::sigaction(kSignal, &action, nullptr) != 0)
    throw std::system_error(errno, std::generic_category(), "sigaction");
}

bool Freezer::freeze(const std::function<bool()>& in_vain) {
  frozen.store(1, std::memory_order_relaxed);  // a handler sees it: the signal comes after
  for (const pthread_t thread : threads_) ::pthread_kill(thread, kSignal);
  // acquire: what frozen roles have written is there to be read
  while (asleep.load(std::memory_order_acquire) < threads_.size()) {
    if (in_vain()) return false;
    sys::sleep_for(std::chrono::microseconds(20));
  }
  return true;
}

void Freezer::thaw() {
  frozen.store(0, std::memory_order_release);  // partner: sleep_while_frozen()
  futex::wake(frozen, std::numeric_limits<int>::max());
}

}  // namespace weir
