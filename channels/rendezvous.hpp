// A channel that holds nothing: a send ends when a receiver has its message. The idea is that of
// CSP and of Go's unbuffered channels; two queues of waiting threads as in crossbeam-channel's zero
// flavor, under one mutex.
//
//   senders --> [oldest .. newest]      one of the two queues is empty: who comes to the channel
//   receivers --> [oldest .. newest]    serves the oldest who waits on the other side, or waits
//
// Promises: who comes first is served first, on both sides. try_send is ok only if a receiver waits
// in recv or recv_until, try_recv only if a sender waits, so that two tries never meet. A
// send_until that answers timed_out has its message back; a send that waits when close() comes
// answers closed, with its message. Each side any number of threads. Blocks on the mutex; messages
// are moved under it, from the one thread's argument into the other's.
//
// Why no wake-up is lost: a waiting thread stands in its queue with a condition variable of its
// own, and looks at its `outcome` under the mutex before each sleep. Who takes it out of the queue
// writes the outcome under the same mutex and then notifies, under the mutex too, since the waiting
// thread's place ends with its operation. A wake-up is never for anyone else, so that nobody has to
// pass one on; who times out looks at its outcome first, and takes itself out of the queue if it
// has none.
#pragma once

#include <cstddef>
#include <mutex>

#include "channels/channel.hpp"
#include "channels/lock_handles.hpp"
#include "channels/sync.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class Rendezvous {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{
      .bound = Bound::rendezvous, .wait = Wait::park, .timed = true, .progress = Progress::lock};

  /// The capacity does not matter: there is none.
  explicit Rendezvous(std::size_t /*capacity*/) noexcept {}
  Rendezvous(const Rendezvous&) = delete;
  Rendezvous& operator=(const Rendezvous&) = delete;

  /// A try is ok only if the other side waits.
  using Sender = LockSender<Rendezvous, T>;
  using Receiver = LockReceiver<Rendezvous, T>;
  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times; wakes everyone.
  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    while (Waiter* const sender = senders_.take_oldest()) sender->end(Outcome::closed);
    while (Waiter* const receiver = receivers_.take_oldest()) receiver->end(Outcome::closed);
  }

 private:
  friend Sender;
  friend Receiver;
  using Lock = std::unique_lock<typename Sync::Mutex>;

  enum class Outcome { none, met, closed, timed_out };

  /// A thread that waits, on its own stack. All under the mutex.
  struct Waiter {
    explicit Waiter(T& the_message) noexcept : message(&the_message) {}

    void end(Outcome how) noexcept {
      outcome = how;
      wakeup.notify_one();
    }

    T* message;  ///< what it sends, or where it receives
    Outcome outcome = Outcome::none;
    Waiter* older = nullptr;
    Waiter* newer = nullptr;
    typename Sync::CondVar wakeup;
  };

  class Queue {
   public:
    void add(Waiter& waiter) noexcept {
      waiter.older = newest_;
      (newest_ ? newest_->newer : oldest_) = &waiter;
      newest_ = &waiter;
    }
    void remove(Waiter& waiter) noexcept {
      (waiter.older ? waiter.older->newer : oldest_) = waiter.newer;
      (waiter.newer ? waiter.newer->older : newest_) = waiter.older;
    }
    /// nullptr if nobody waits.
    Waiter* take_oldest() noexcept {
      Waiter* const oldest = oldest_;
      if (oldest) remove(*oldest);
      return oldest;
    }

   private:
    Waiter* oldest_ = nullptr;
    Waiter* newest_ = nullptr;
  };

  SendStatus send_within(T& message, bool wait, const Deadline* deadline,
                         WaitStats& stats) noexcept {
    Lock lock(mutex_);
    if (closed_) return SendStatus::closed;
    if (Waiter* const receiver = receivers_.take_oldest()) {
      *receiver->message = std::move(message);
      receiver->end(Outcome::met);
      return SendStatus::ok;
    }
    if (!wait) return SendStatus::full;
    switch (stand_in(senders_, message, lock, deadline, stats)) {
      case Outcome::closed:
        return SendStatus::closed;
      case Outcome::timed_out:
        return SendStatus::timed_out;
      default:
        return SendStatus::ok;
    }
  }

  RecvStatus recv_within(T& message, bool wait, const Deadline* deadline,
                         WaitStats& stats) noexcept {
    Lock lock(mutex_);
    if (closed_) return RecvStatus::closed;
    if (Waiter* const sender = senders_.take_oldest()) {
      message = std::move(*sender->message);
      sender->end(Outcome::met);
      return RecvStatus::ok;
    }
    if (!wait) return RecvStatus::empty;
    switch (stand_in(receivers_, message, lock, deadline, stats)) {
      case Outcome::closed:
        return RecvStatus::closed;
      case Outcome::timed_out:
        return RecvStatus::timed_out;
      default:
        return RecvStatus::ok;
    }
  }

  /// Waits in the queue until somebody of the other side, close() or the deadline ends it.
  Outcome stand_in(Queue& queue, T& message, Lock& lock, const Deadline* deadline,
                   WaitStats& stats) noexcept {
    ++stats.waited_operations;
    ++stats.failed_tries;
    Waiter self(message);
    queue.add(self);
    const auto asleep = Sync::Clock::now();
    bool in_time = true;
    while (self.outcome == Outcome::none && in_time) {
      ++stats.parks;
      if (deadline) {
        in_time = self.wakeup.wait_until(lock, *deadline) == std::cv_status::no_timeout;
      } else {
        self.wakeup.wait(lock);
      }
    }
    if (self.outcome == Outcome::none) {
      queue.remove(self);
      self.outcome = Outcome::timed_out;
    }
    stats.parked_ns += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Sync::Clock::now() - asleep).count());
    return self.outcome;
  }

  typename Sync::Mutex mutex_;
  // all below: under the mutex
  bool closed_ = false;
  Queue senders_;
  Queue receivers_;
};

}  // namespace weir
