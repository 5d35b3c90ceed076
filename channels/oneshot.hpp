// A channel for one message: the answer to a request. One thread sends it, or says that there will
// be none; one waits for it.
//
//   empty --send--> full        empty --wait--> asleep --send, close--> full, closed (and a wake)
//     \---close--> closed
//
// Promises: `full` and `closed` are the last states; who has received may end the object at once,
// while the sender is still inside send().
//
// Why no wake-up is lost: the state changes by read-modify-writes only. Either the sender's
// exchange finds `asleep` and wakes, or the waiter's compare-and-swap finds that the state is not
// `empty` any more and does not sleep; a change between its compare-and-swap and the system call is
// seen by the kernel, which compares the word before it puts a thread to sleep.
//
// Why the object may be gone while it is woken: the exchange is the sender's last access to it. The
// wake passes an address to the kernel, which reads nothing there; if somebody else sleeps at that
// address by then, it is woken for nothing, and whoever waits at a futex has to bear that.
#pragma once

#include <cstdint>

#include "channels/channel.hpp"
#include "channels/sync.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class Oneshot {
 public:
  using value_type = T;

  Oneshot() = default;
  Oneshot(const Oneshot&) = delete;
  Oneshot& operator=(const Oneshot&) = delete;
  ~Oneshot() {
    // relaxed: whoever ends it has received, or nobody else knows it any more
    if (state_.load(std::memory_order_relaxed) == kFull) drop();
  }

  /// Once, by one thread, unless it calls close() instead. After its return, and after the message
  /// was received, the object is not touched.
  void send(T&& message) noexcept {
    cell_.put(std::move(message));
    settle(kFull);
  }

  /// Instead of send(): there will be no message.
  void close() noexcept { settle(kClosed); }

  /// Does not wait: ok, empty or closed. After ok the channel answers closed.
  RecvStatus try_recv(T& message) noexcept {
    // acquire: partner is the exchange in settle()
    return take(state_.load(std::memory_order_acquire), message);
  }

  /// Waits: ok or closed.
  RecvStatus recv(T& message) noexcept { return recv_within(message, nullptr); }

  /// Waits until `deadline`: ok, closed or timed_out. May be called again after that.
  RecvStatus recv_until(T& message, Deadline deadline) noexcept {
    return recv_within(message, &deadline);
  }

 private:
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kAsleep = 1;
  static constexpr std::uint32_t kFull = 2;
  static constexpr std::uint32_t kClosed = 3;
  /// An answer comes back within some microseconds, or it takes long.
  static constexpr int kPauses = 200;
  static constexpr int kYields = 4;

  void settle(std::uint32_t state) noexcept {
    // Named before: after the exchange the object may be gone.
    const auto& word = state_;
    Sync::point("oneshot.settle");
    // release: publishes the message; partner is the acquire of the receiver.
    if (state_.exchange(state, std::memory_order_acq_rel) == kAsleep) Sync::futex_wake(word, 1);
  }

  // Neither is inlined: where GCC 12 sees the whole object it warns of a message that is not there,
  // since it does not follow the state.
  [[gnu::noinline]] void drop() noexcept { cell_.drop(); }
  [[gnu::noinline]] RecvStatus take(std::uint32_t state, T& message) noexcept {
    if (state == kClosed) return RecvStatus::closed;
    if (state != kFull) return RecvStatus::empty;
    cell_.take(message);
    // relaxed: for this thread and for the destructor; the sender has let go
    state_.store(kClosed, std::memory_order_relaxed);
    return RecvStatus::ok;
  }

  RecvStatus recv_within(T& message, const Deadline* deadline) noexcept {
    for (int step = 0; step < kPauses + kYields; ++step) {
      if (const RecvStatus status = try_recv(message); status != RecvStatus::empty) return status;
      if (step < kPauses) {
        Sync::pause();
      } else {
        Sync::yield();
      }
    }
    for (;;) {
      std::uint32_t state = kEmpty;
      // acquire on failure: partner is the exchange in settle()
      if (!state_.compare_exchange_weak(state, kAsleep, std::memory_order_acquire,
                                        std::memory_order_acquire)) {
        if (state >= kFull) return take(state, message);
        if (state == kEmpty) continue;  // weak: it failed for nothing
      }
      if (deadline == nullptr) {
        Sync::futex_wait(state_, kAsleep);
      } else if (!Sync::futex_wait_until(state_, kAsleep, *deadline)) {
        // It may have come in the last moment. If not, it stays `asleep`: the next wait goes on
        // from there, and a sender wakes nobody.
        const RecvStatus last = try_recv(message);
        return last == RecvStatus::empty ? RecvStatus::timed_out : last;
      }
    }
  }

  typename Sync::template Atomic<std::uint32_t> state_{kEmpty};
  typename Sync::template Cell<T> cell_;
};

}  // namespace weir
