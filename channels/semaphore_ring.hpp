// MpmcRing between two semaphores: one counts the free places, one the messages. The textbook's
// bounded buffer.
//
// Promises what the ring promises, blocking and timed operations. close() posts one extra permit on
// each side; whoever finds the ring closed passes the permit on, so that every sleeper leaves in
// turn.
//
// Why no wake-up is lost: each accepted message releases exactly one permit of `messages_`, each
// received one exactly one of `places_`, after the ring changed; the permits of close() never run
// out. What a semaphore's own implementation loses, this channel loses.
#pragma once

#include <optional>

#include "channels/mpmc_ring.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class SemaphoreRing {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{
      .empty = Answer::spurious,  // a permit lags behind the message it stands for
      .full = Answer::spurious,
      .wait = Wait::park,
      .timed = true,
      .max_capacity = RingGeometry::kMaxCapacity};

  /// Throws std::invalid_argument for a capacity of 0 or above 2^30.
  explicit SemaphoreRing(std::size_t capacity)
      : ring_(capacity), places_(static_cast<std::ptrdiff_t>(capacity)), messages_(0) {}

  class Sender {
   public:
    explicit Sender(SemaphoreRing& channel) noexcept
        : channel_(&channel), inner_(channel.ring_.sender()) {}
    /// ok, full or closed.
    SendStatus try_send(T&& message) noexcept {
      return channel_->places_.try_acquire() ? placed(message) : SendStatus::full;
    }
    /// ok or closed.
    SendStatus send(T&& message) noexcept {
      channel_->places_.acquire();
      return placed(message);
    }
    /// ok, closed or timed_out.
    SendStatus send_until(T&& message, Deadline deadline) noexcept {
      return acquire_until(channel_->places_, deadline) ? placed(message) : SendStatus::timed_out;
    }

   private:
    SendStatus placed(T& message) noexcept {
      const SendStatus status = inner_.try_send(std::move(message));
      (status == SendStatus::ok ? channel_->messages_ : channel_->places_).release();
      return status;
    }

    SemaphoreRing* channel_;
    typename MpmcRing<T, Sync>::Sender inner_;
  };

  class Receiver {
   public:
    explicit Receiver(SemaphoreRing& channel) noexcept
        : channel_(&channel), inner_(channel.ring_.receiver()) {}
    /// ok, empty, or closed once drained.
    RecvStatus try_recv(T& message) noexcept {
      return channel_->messages_.try_acquire() ? arrived(message) : RecvStatus::empty;
    }
    /// ok, or closed once drained.
    RecvStatus recv(T& message) noexcept {
      channel_->messages_.acquire();
      return arrived(message);
    }
    /// ok, closed once drained, or timed_out.
    RecvStatus recv_until(T& message, Deadline deadline) noexcept {
      return acquire_until(channel_->messages_, deadline) ? arrived(message)
                                                          : RecvStatus::timed_out;
    }

   private:
    RecvStatus arrived(T& message) noexcept {
      const RecvStatus status = inner_.try_recv(message);
      (status == RecvStatus::ok ? channel_->places_ : channel_->messages_).release();
      return status;
    }

    SemaphoreRing* channel_;
    typename MpmcRing<T, Sync>::Receiver inner_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times; everyone who sleeps leaves in turn.
  void close() noexcept {
    ring_.close();
    places_.release();
    messages_.release();
  }

  [[nodiscard]] std::size_t size_hint() const noexcept { return ring_.size_hint(); }

 private:
  using Semaphore = typename Sync::Semaphore;

  /// An expired deadline still takes what is there.
  static bool acquire_until(Semaphore& semaphore, Deadline deadline) noexcept {
    return semaphore.try_acquire() || semaphore.try_acquire_until(deadline);
  }

  MpmcRing<T, Sync> ring_;
  alignas(kSeparation) Semaphore places_;
  alignas(kSeparation) Semaphore messages_;
};

}  // namespace weir
