// One mutex and two buffers: senders append to one, the sole receiver takes it whole and works
// through it without a lock. The double-buffered mailbox of many actor systems. Few lock operations
// per message while the receiver is behind.
//
// Promises FIFO and exact answers. The capacity counts the messages that the receiver has not taken
// yet; those that it holds come on top, so that up to twice the capacity can be under way (bound:
// at_least). Many senders, one receiver. Waits on two condition variables, with waiters counted
// under the lock.
#pragma once

#include <mutex>
#include <stdexcept>
#include <vector>

#include "channels/channel.hpp"
#include "channels/lock_handles.hpp"
#include "channels/sync.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class SwapBuffer {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{.consumers = Side::one,
                                      .bound = Bound::at_least,
                                      .wait = Wait::park,
                                      .timed = true,
                                      .progress = Progress::lock};

  /// Both buffers are allocated here. Throws std::invalid_argument for a capacity of 0.
  explicit SwapBuffer(std::size_t capacity) : capacity_(capacity) {
    if (capacity == 0) throw std::invalid_argument("capacity must be at least 1");
    filling_.reserve(capacity);
    draining_.reserve(capacity);
  }
  SwapBuffer(const SwapBuffer&) = delete;
  SwapBuffer& operator=(const SwapBuffer&) = delete;

  using Sender = LockSender<SwapBuffer, T>;
  using Receiver = LockReceiver<SwapBuffer, T>;
  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times; wakes everyone.
  void close() noexcept {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_all();
    messages_.notify_all();
  }

 private:
  friend Sender;
  friend Receiver;
  using Lock = std::unique_lock<typename Sync::Mutex>;

  /// Without a deadline: nullptr, as in waiting.hpp.
  SendStatus send_within(T& message, bool wait, const Deadline* deadline,
                         WaitStats& stats) noexcept {
    Lock lock(mutex_);
    const auto ready = [&] { return closed_ || filling_.size() < capacity_; };
    if (!ready()) {
      if (!wait) return SendStatus::full;
      ++waiting_senders_;
      const bool in_time = sleep(lock, room_, deadline, stats, ready);
      --waiting_senders_;
      if (!in_time) return SendStatus::timed_out;
    }
    if (closed_) return SendStatus::closed;
    Sync::point("swap_buffer.send.publish");
    filling_.push_back(std::move(message));
    const bool wake = filling_.size() == 1 &&
                      receiver_waits_;  // it sleeps only on an empty buffer, and there is one
    lock.unlock();
    if (wake) messages_.notify_one();
    return SendStatus::ok;
  }

  RecvStatus recv_within(T& message, bool wait, const Deadline* deadline,
                         WaitStats& stats) noexcept {
    if (taken_ == draining_.size()) {
      const RecvStatus status = refill(wait, deadline, stats);
      if (status != RecvStatus::ok) return status;
    }
    message = std::move(draining_[taken_++]);
    return RecvStatus::ok;
  }

  RecvStatus refill(bool wait, const Deadline* deadline, WaitStats& stats) noexcept {
    draining_.clear();
    taken_ = 0;
    Lock lock(mutex_);
    const auto ready = [&] { return closed_ || !filling_.empty(); };
    if (!ready()) {
      if (!wait) return RecvStatus::empty;
      receiver_waits_ = true;
      const bool in_time = sleep(lock, messages_, deadline, stats, ready);
      receiver_waits_ = false;
      if (!in_time) return RecvStatus::timed_out;
    }
    if (filling_.empty()) return RecvStatus::closed;
    std::swap(filling_, draining_);
    const bool wake = waiting_senders_ > 0;
    lock.unlock();
    if (wake) room_.notify_all();  // the whole capacity became free: room for all of them
    return RecvStatus::ok;
  }

  template <class Ready>
  static bool sleep(Lock& lock, typename Sync::CondVar& wakeup, const Deadline* deadline,
                    WaitStats& stats, const Ready& ready) noexcept {
    ++stats.waited_operations;
    const auto asleep = Sync::Clock::now();
    bool in_time = true;
    while (!ready() && in_time) {
      ++stats.failed_tries;
      ++stats.parks;
      if (deadline) {
        in_time = wakeup.wait_until(lock, *deadline) == std::cv_status::no_timeout;
      } else {
        wakeup.wait(lock);
      }
    }
    stats.parked_ns += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Sync::Clock::now() - asleep).count());
    return ready();
  }

  const std::size_t capacity_;
  alignas(kSeparation) typename Sync::Mutex mutex_;
  // under the mutex
  std::vector<T> filling_;
  std::size_t waiting_senders_ = 0;
  bool receiver_waits_ = false;
  bool closed_ = false;
  typename Sync::CondVar room_;
  typename Sync::CondVar messages_;
  // the receiver's own
  alignas(kSeparation) std::vector<T> draining_;
  std::size_t taken_ = 0;
};

}  // namespace weir
