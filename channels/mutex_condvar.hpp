// Bounded FIFO behind one mutex and two condition variables: the textbook channel, with the two
// cares that make it fast.
//
// Waiters are counted under the lock, a notifier claims one there, and notifies after unlocking;
// nothing is notified while nobody waits. `Notify::always` is the textbook without them: one
// notification for every operation.
//
// Promises FIFO, linearizable, exact capacity, exact answers. Each side any number of threads.
// Blocks on the mutex.
//
// Why no wake-up is lost: a thread registers and re-checks under the same lock under which the
// condition is made true, and each message (each freed place) claims one waiter of its own. A
// thread that leaves with a claim it did not use (a time-out that raced it) looks at the ring once
// more under the same lock before it goes; what it finds there it takes, and what it does not find
// was taken by someone else.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>

#include "channels/channel.hpp"
#include "channels/lock_handles.hpp"
#include "channels/sync.hpp"

namespace weir {

enum class Notify { waiters, always };

template <Message T, Notify kNotify = Notify::waiters, class Sync = StdSync>
class MutexCondvar {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{
      .wait = Wait::park, .timed = true, .progress = Progress::lock};

  /// Throws std::invalid_argument for a capacity of 0.
  explicit MutexCondvar(std::size_t capacity) : capacity_(capacity) {
    if (capacity == 0) throw std::invalid_argument("capacity must be at least 1");
    cells_ = Sync::template allocate<Cell>(capacity);
  }
  MutexCondvar(const MutexCondvar&) = delete;
  MutexCondvar& operator=(const MutexCondvar&) = delete;
  ~MutexCondvar() {
    for (; size_ > 0; --size_) {
      cells_[head_].drop();
      head_ = next(head_);
    }
  }

  class Sender : public LockSender<MutexCondvar, T> {
   public:
    using LockSender<MutexCondvar, T>::LockSender;
    /// ok, evicted or closed.
    SendStatus try_send_evicting(T&& message) noexcept {
      return this->channel_->send_evicting(message);
    }
    /// Waits until all are sent, or closed; each part that fits goes in under one lock.
    SentBatch send_n(std::span<T> batch) noexcept {
      return this->channel_->send_batch(batch, this->stats_);
    }
  };

  class Receiver : public LockReceiver<MutexCondvar, T> {
   public:
    using LockReceiver<MutexCondvar, T>::LockReceiver;
    /// Waits for at least one message, then takes all that are there and fit, under one lock.
    ReceivedBatch recv_n(std::span<T> batch) noexcept {
      if (batch.empty()) return {};
      return this->channel_->recv_batch(batch, true, nullptr, this->stats_);
    }
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times; wakes everyone.
  void close() noexcept {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      senders_.claim(senders_.waiting);
      receivers_.claim(receivers_.waiting);
    }
    senders_.wakeup.notify_all();
    receivers_.wakeup.notify_all();
  }

  [[nodiscard]] std::size_t size_hint() const noexcept {
    const std::lock_guard lock(mutex_);
    return size_;
  }

 private:
  friend LockSender<MutexCondvar, T>;
  friend LockReceiver<MutexCondvar, T>;
  using Cell = typename Sync::template Cell<T>;
  using Lock = std::unique_lock<typename Sync::Mutex>;

  /// The threads of one side that sleep. `claimed` of them were chosen by a notifier and have not
  /// run yet.
  struct Sleepers {
    typename Sync::CondVar wakeup;
    std::size_t waiting = 0;
    std::size_t claimed = 0;

    std::size_t claim(std::size_t most) noexcept {
      const std::size_t count = std::min(most, waiting);
      waiting -= count;
      claimed += count;
      return count;
    }
    void notify(std::size_t count) noexcept {
      if (count > 1) {
        wakeup.notify_all();
      } else if (count == 1 || kNotify == Notify::always) {
        wakeup.notify_one();
      }
    }
  };

  /// Without a deadline: nullptr, as in waiting.hpp.
  SendStatus send_within(T& message, bool wait, const Deadline* deadline,
                         WaitStats& stats) noexcept {
    Lock lock(mutex_);
    if (size_ == capacity_ && !closed_) {
      if (!wait) return SendStatus::full;
      if (!sleep(lock, senders_, deadline, stats, [&] { return size_ < capacity_; }))
        return SendStatus::timed_out;
    }
    if (closed_) return SendStatus::closed;
    Sync::point("mutex_condvar.send.publish");
    push(message);
    const std::size_t woken = receivers_.claim(1);
    lock.unlock();
    receivers_.notify(woken);
    return SendStatus::ok;
  }

  /// An eviction leaves as many messages as there were: nobody is woken for it.
  SendStatus send_evicting(T& message) noexcept {
    Lock lock(mutex_);
    if (closed_) return SendStatus::closed;
    if (size_ == capacity_) {
      T newest = std::move(message);
      pop(message);
      push(newest);
      return SendStatus::evicted;
    }
    push(message);
    const std::size_t claimed = receivers_.claim(1);
    lock.unlock();
    receivers_.notify(claimed);
    return SendStatus::ok;
  }

  SentBatch send_batch(std::span<T> batch, WaitStats& stats) noexcept {
    SentBatch sent;
    while (sent.count < batch.size()) {
      Lock lock(mutex_);
      if (size_ == capacity_ && !closed_) {
        sleep(lock, senders_, nullptr, stats, [&] { return size_ < capacity_; });
      }
      if (closed_) return {sent.count, SendStatus::closed};
      std::size_t pushed = 0;
      for (; size_ < capacity_ && sent.count < batch.size(); ++pushed) push(batch[sent.count++]);
      const std::size_t woken = receivers_.claim(pushed);
      lock.unlock();
      receivers_.notify(woken);
    }
    return sent;
  }

  RecvStatus recv_within(T& message, bool wait, const Deadline* deadline,
                         WaitStats& stats) noexcept {
    return recv_batch({&message, 1}, wait, deadline, stats).status;
  }

  ReceivedBatch recv_batch(std::span<T> batch, bool wait, const Deadline* deadline,
                           WaitStats& stats) noexcept {
    Lock lock(mutex_);
    if (size_ == 0 && !closed_) {
      if (!wait) return {0, RecvStatus::empty};
      if (!sleep(lock, receivers_, deadline, stats, [&] { return size_ > 0; }))
        return {0, RecvStatus::timed_out};
    }
    if (size_ == 0) return {0, RecvStatus::closed};
    std::size_t popped = 0;
    for (; size_ > 0 && popped < batch.size(); ++popped) pop(batch[popped]);
    const std::size_t woken = senders_.claim(popped);
    lock.unlock();
    senders_.notify(woken);
    return {popped, RecvStatus::ok};
  }

  /// Sleeps until `ready()` or closed; false when the deadline passed and neither holds.
  template <class Ready>
  bool sleep(Lock& lock, Sleepers& sleepers, const Deadline* deadline, WaitStats& stats,
             const Ready& ready) noexcept {
    ++stats.waited_operations;
    const auto asleep = Sync::Clock::now();
    bool in_time = true;
    while (!ready() && !closed_ && in_time) {
      ++stats.failed_tries;
      ++stats.parks;
      ++sleepers.waiting;
      while (sleepers.claimed == 0 && in_time) {  // spurious wakes end here
        if (!deadline) {
          sleepers.wakeup.wait(lock);
        } else {
          in_time = sleepers.wakeup.wait_until(lock, *deadline) == std::cv_status::no_timeout;
        }
        if (kNotify == Notify::always) break;  // nobody claims: every wake is a reason to look
      }
      if (sleepers.claimed > 0) {
        --sleepers.claimed;
      } else {
        --sleepers.waiting;
      }
    }
    stats.parked_ns += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Sync::Clock::now() - asleep).count());
    return ready() || closed_;
  }

  void push(T& message) noexcept {
    cells_[tail_].put(std::move(message));
    tail_ = next(tail_);
    ++size_;
  }
  void pop(T& message) noexcept {
    cells_[head_].take(message);
    head_ = next(head_);
    --size_;
  }
  [[nodiscard]] std::size_t next(std::size_t index) const noexcept {
    return index + 1 == capacity_ ? 0 : index + 1;
  }

  const std::size_t capacity_;
  std::unique_ptr<Cell[]> cells_;
  mutable typename Sync::Mutex mutex_;
  // all below: under the mutex
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::size_t size_ = 0;
  bool closed_ = false;
  Sleepers senders_;
  Sleepers receivers_;
};

}  // namespace weir
