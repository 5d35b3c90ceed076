// A channel for one message: the answer to a request. One thread sets it, one waits for it; both
// may let go of it when their call has returned.
//
// The waiter spins a little and then sleeps on a futex. (1) `set` publishes the value with a
// release-exchange, (2) `wait` sees it by an acquire-load. The exchange also says whether the
// waiter may be asleep; the futex re-checks the word, so a wake between the two is not lost.
#pragma once

#include <atomic>
#include <cstdint>

#include "channels/futex.hpp"
#include "channels/sync.hpp"

namespace weir::scenario {

class Oneshot {
 public:
  void set(std::uint64_t value) noexcept {
    value_ = value;
    // release: partner is the acquire in wait(). After this the waiter may free the object: the
    // wake then goes to an address that nobody sleeps on, which the kernel bears.
    if (state_.exchange(kSet, std::memory_order_acq_rel) == kAsleep) futex::wake(state_, 1);
  }

  std::uint64_t wait() noexcept {
    constexpr int kSpins = 2'000;
    for (int i = 0; i < kSpins; ++i) {
      // acquire: partner is the exchange in set()
      if (state_.load(std::memory_order_acquire) == kSet) return value_;
      StdSync::pause();
    }
    std::uint32_t empty = kEmpty;
    // acquire: it may have been set meanwhile
    state_.compare_exchange_strong(empty, kAsleep, std::memory_order_acquire);
    while (state_.load(std::memory_order_acquire) != kSet) futex::wait(state_, kAsleep);
    return value_;
  }

 private:
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kAsleep = 1;
  static constexpr std::uint32_t kSet = 2;

  std::atomic<std::uint32_t> state_{kEmpty};
  std::uint64_t value_ = 0;
};

}  // namespace weir::scenario
