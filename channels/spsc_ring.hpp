// Bounded ring for one sender and one receiver: the slot itself says whether it is free, there is
// no shared cursor. The idea of a slot that carries its own sequence is Vyukov's; with one thread a
// side, each keeps its cursor to itself.
//
// Promises FIFO, linearizable, wait-free tries, exact capacity (1 upwards), exact `full` and
// `empty`. One thread at a time may use a side; a side may move to another thread when that is
// synchronized.
#pragma once

#include <algorithm>

#include "channels/channel.hpp"
#include "channels/close_gate.hpp"
#include "channels/ring_cursor.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class SpscRing {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{.producers = Side::one,
                                      .consumers = Side::one,
                                      .overflow = Overflow::fail,
                                      .progress = Progress::lock_free,
                                      .max_capacity = RingGeometry::kMaxCapacity};

  /// Throws std::invalid_argument for a capacity of 0 or above 2^30, std::system_error without
  /// membarrier.
  explicit SpscRing(std::size_t capacity) : geometry_(capacity), slots_(capacity) {}

  class Sender {
   public:
    explicit Sender(SpscRing& ring) noexcept
        : ring_(&ring), sent_(ring.gate_.sent()), cursor_(ring.cursor_of(sent_)) {}

    /// ok, full or closed.
    SendStatus try_send(T&& message) noexcept {
      if (!ring_->gate_.enter(sent_)) return SendStatus::closed;
      auto& slot = ring_->slots_[ring_->geometry_.index(cursor_)];
      if (slot.turn.load(std::memory_order_acquire) !=
          ring_->geometry_.free_turn(cursor_)) {  // (2) synchronizes with (1)
        ring_->gate_.leave(sent_);
        return SendStatus::full;
      }
      Sync::point("spsc_ring.send.publish");
      slot.cell.put(std::move(message));
      slot.turn.store(ring_->geometry_.full_turn(cursor_),
                      std::memory_order_release);  // (3) synchronizes with (4)
      cursor_ = ring_->geometry_.advance(cursor_, 1);
      ring_->gate_.leave(++sent_);
      return SendStatus::ok;
    }

   private:
    SpscRing* ring_;
    std::uint64_t sent_;
    Cursor cursor_;
  };

  class Receiver {
   public:
    explicit Receiver(SpscRing& ring) noexcept
        : ring_(&ring),
          received_(ring.received_.load(
              std::memory_order_acquire)),  // acquire: takes over from the handle before
          cursor_(ring.cursor_of(received_)) {}

    /// ok, empty, or closed once everything accepted was received.
    RecvStatus try_recv(T& message) noexcept {
      auto& slot = ring_->slots_[ring_->geometry_.index(cursor_)];
      if (slot.turn.load(std::memory_order_acquire) !=
          ring_->geometry_.full_turn(cursor_)) {  // (4) synchronizes with (3)
        if (!ring_->gate_.sealed()) return RecvStatus::empty;
        // Sealed: what was accepted before is visible now, so that a second look decides.
        if (slot.turn.load(std::memory_order_acquire) != ring_->geometry_.full_turn(cursor_))
          return RecvStatus::closed;
      }
      Sync::point("spsc_ring.recv.free");
      slot.cell.take(message);
      slot.turn.store(ring_->geometry_.next_free_turn(cursor_),
                      std::memory_order_release);  // (1) synchronizes with (2)
      cursor_ = ring_->geometry_.advance(cursor_, 1);
      ring_->received_.store(++received_,
                             std::memory_order_release);  // partner: a later handle, size_hint()
      return RecvStatus::ok;
    }

   private:
    SpscRing* ring_;
    std::uint64_t received_;
    Cursor cursor_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times. Waits for the one try_send that may be under way.
  void close() noexcept { gate_.close(); }

  [[nodiscard]] std::size_t capacity() const noexcept { return geometry_.capacity(); }

  /// Between 0 and the capacity; exact when neither side is inside an operation.
  [[nodiscard]] std::size_t size_hint() const noexcept {
    const std::uint64_t received = received_.load(std::memory_order_acquire);
    const std::uint64_t sent = gate_.sent();
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(sent > received ? sent - received : 0, capacity()));
  }

 private:
  /// The cursor after `count` messages. Divides: only for new handles.
  [[nodiscard]] Cursor cursor_of(std::uint64_t count) const noexcept {
    return geometry_.advance(count / capacity() * geometry_.lap_unit(), count % capacity());
  }

  const RingGeometry geometry_;
  RingSlots<T, Sync> slots_;
  CloseGate<Sync> gate_;
  alignas(kSeparation)
      typename Sync::template Atomic<std::uint64_t> received_{0};  // written by the receiver
};

}  // namespace weir
