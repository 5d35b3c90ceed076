// MpmcRing with the blocking that C++20 alone gives: std::atomic::wait and notify on one epoch per
// side.
//
// Promises what the ring promises, and blocking operations. The standard has no timed wait, so
// there is none here.
//
// Why no wake-up is lost: a waiter reads the epoch, then tries; an operation of the other side
// changes the ring, then the epoch. If the try missed the change, the epoch was read before it
// moved, and wait() returns at once. Each operation moves the epoch and notifies one; the standard
// library skips the system call while nobody waits.
#pragma once

#include "channels/mpmc_ring.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class AtomicWait {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{.wait = Wait::park,
                                      .max_capacity = RingGeometry::kMaxCapacity};

  /// Throws std::invalid_argument for a capacity of 0 or above 2^30.
  explicit AtomicWait(std::size_t capacity) : ring_(capacity) {}

  class Sender {
   public:
    explicit Sender(AtomicWait& channel) noexcept
        : channel_(&channel), inner_(channel.ring_.sender()) {}
    /// ok, full or closed.
    SendStatus try_send(T&& message) noexcept {
      const SendStatus status = inner_.try_send(std::move(message));
      if (status == SendStatus::ok) channel_->sends_.advance();
      return status;
    }
    /// ok or closed.
    SendStatus send(T&& message) noexcept {
      return channel_->recvs_.wait_while(SendStatus::full, stats_,
                                         [&] { return try_send(std::move(message)); });
    }
    [[nodiscard]] const WaitStats& stats() const noexcept { return stats_; }

   private:
    AtomicWait* channel_;
    typename MpmcRing<T, Sync>::Sender inner_;
    WaitStats stats_;
  };

  class Receiver {
   public:
    explicit Receiver(AtomicWait& channel) noexcept
        : channel_(&channel), inner_(channel.ring_.receiver()) {}
    /// ok, empty, or closed once drained.
    RecvStatus try_recv(T& message) noexcept {
      const RecvStatus status = inner_.try_recv(message);
      if (status == RecvStatus::ok) channel_->recvs_.advance();
      return status;
    }
    /// ok, or closed once drained.
    RecvStatus recv(T& message) noexcept {
      return channel_->sends_.wait_while(RecvStatus::empty, stats_,
                                         [&] { return try_recv(message); });
    }
    [[nodiscard]] const WaitStats& stats() const noexcept { return stats_; }

   private:
    AtomicWait* channel_;
    typename MpmcRing<T, Sync>::Receiver inner_;
    WaitStats stats_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times; wakes everyone.
  void close() noexcept {
    ring_.close();
    sends_.advance_all();
    recvs_.advance_all();
  }

  [[nodiscard]] std::size_t size_hint() const noexcept { return ring_.size_hint(); }

 private:
  /// Counts the operations of one side; the other side sleeps on it. It may wrap: a waiter would
  /// have to miss 2^32 of them.
  struct Epoch {
    alignas(kSeparation) typename Sync::template Atomic<std::uint32_t> count{0};

    void advance() noexcept {
      count.fetch_add(1, std::memory_order_release);  // partner: the acquire in wait_while
      count.notify_one();
    }
    void advance_all() noexcept {
      count.fetch_add(1, std::memory_order_release);  // as above
      count.notify_all();
    }

    template <class Status, class Attempt>
    Status wait_while(Status not_yet, WaitStats& stats, const Attempt& attempt) noexcept {
      Status status = attempt();
      if (status == not_yet) [[unlikely]] {
        ++stats.waited_operations;
        ++stats.failed_tries;
        for (;;) {
          const std::uint32_t seen =
              count.load(std::memory_order_acquire);  // partner: the release in advance
          status = attempt();
          if (status != not_yet) break;
          ++stats.failed_tries;
          ++stats.parks;
          count.wait(seen, std::memory_order_acquire);
        }
      }
      return status;
    }
  };

  MpmcRing<T, Sync> ring_;
  Epoch sends_;
  Epoch recvs_;
};

}  // namespace weir
