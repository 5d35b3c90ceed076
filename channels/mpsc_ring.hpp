// Bounded ring for many senders and one receiver: MpmcRing's senders, and a receiver without any
// read-modify-write.
//
// Promises FIFO, linearizable, exact capacity (1 upwards), exact `full` and `empty`. With one
// receiver a message leaves the channel at the store that frees its slot, so that senders need no
// shared head to know that the ring is full. Not lock-free: a sender preempted between claim and
// publish holds up the receiver.
#pragma once

#include <algorithm>
#include <span>

#include "channels/channel.hpp"
#include "channels/ring_cursor.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class MpscRing {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{.consumers = Side::one,
                                      .overflow = Overflow::fail,
                                      .max_capacity = RingGeometry::kMaxCapacity};

  /// Throws std::invalid_argument for a capacity of 0 or above 2^30.
  explicit MpscRing(std::size_t capacity) : geometry_(capacity), slots_(capacity) {}

  class Sender {
   public:
    explicit Sender(MpscRing& ring) noexcept : ring_(&ring) {}

    /// ok, full or closed. Any thread.
    SendStatus try_send(T&& message) noexcept {
      T* const only = std::addressof(message);
      return try_send_n(std::span<T>(only, 1)).status;
    }

    /// Moves a prefix of the batch in by one claim.
    SentBatch try_send_n(std::span<T> batch) noexcept {
      // acquire: who sees the close bit sees what the closer did before; partner: close()
      Cursor cursor = ring_->tail_.load(std::memory_order_acquire);
      for (;;) {
        if ((cursor & RingGeometry::kClosed) != 0) return {0, SendStatus::closed};
        const std::size_t count = ring_->free_slots(cursor, batch.size());
        if (count == 0) {
          const Cursor now = ring_->tail_.load(std::memory_order_acquire);  // partner: close()
          if (now == cursor)
            return {0, SendStatus::full};  // not freed, and no other sender was faster
          cursor = now;
          continue;
        }
        Sync::point("mpsc_ring.send.claim");
        // seq_cst: ordered before the sender's look at the receiver's wait point; partner: the
        // receiver's load of tail_.
        if (!ring_->tail_.compare_exchange_weak(cursor, ring_->geometry_.advance(cursor, count),
                                                std::memory_order_seq_cst,
                                                std::memory_order_acquire)) {
          continue;
        }
        for (T& message : batch.first(count)) {
          auto& slot = ring_->slots_[ring_->geometry_.index(cursor)];
          Sync::point("mpsc_ring.send.publish");
          slot.cell.put(std::move(message));
          slot.turn.store(ring_->geometry_.full_turn(cursor),
                          std::memory_order_release);  // (3) synchronizes with (4)
          cursor = ring_->geometry_.advance(cursor, 1);
        }
        return {count, SendStatus::ok};
      }
    }

   private:
    MpscRing* ring_;
  };

  class Receiver {
   public:
    /// acquire: takes over from the handle before.
    explicit Receiver(MpscRing& ring) noexcept
        : ring_(&ring), cursor_(ring.head_.load(std::memory_order_acquire)) {}

    /// ok, empty, or closed once everything accepted was received. One thread at a time.
    RecvStatus try_recv(T& message) noexcept {
      auto& slot = ring_->slots_[ring_->geometry_.index(cursor_)];
      const std::uint64_t full = ring_->geometry_.full_turn(cursor_);
      if (slot.turn.load(std::memory_order_acquire) != full) {  // (4) synchronizes with (3)
        // seq_cst: partner is the claim of tail_. Claimed but not published is not empty: the
        // claimant is under way.
        const Cursor tail = ring_->tail_.load(std::memory_order_seq_cst);
        if ((tail & ~RingGeometry::kClosed) == cursor_) {
          return (tail & RingGeometry::kClosed) != 0 ? RecvStatus::closed : RecvStatus::empty;
        }
        ClaimantBackoff<Sync> backoff;
        while (slot.turn.load(std::memory_order_acquire) != full) backoff.step();  // (4)
      }
      Sync::point("mpsc_ring.recv.free");
      slot.cell.take(message);
      slot.turn.store(ring_->geometry_.next_free_turn(cursor_),
                      std::memory_order_release);  // (1) synchronizes with (2)
      cursor_ = ring_->geometry_.advance(cursor_, 1);
      ring_->head_.store(
          cursor_, std::memory_order_release);  // partner: a later handle, size_hint(), may_recv()
      return RecvStatus::ok;
    }

    /// Fills a prefix of the batch.
    ReceivedBatch try_recv_n(std::span<T> batch) noexcept {
      ReceivedBatch result;
      while (result.count < batch.size()) {
        result.status = try_recv(batch[result.count]);
        if (result.status != RecvStatus::ok) break;
        ++result.count;
      }
      if (result.count > 0) result.status = RecvStatus::ok;
      return result;
    }

   private:
    MpscRing* ring_;
    Cursor cursor_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times. A claim made before it is delivered; no claim succeeds after it.
  void close() noexcept { tail_.fetch_or(RingGeometry::kClosed, std::memory_order_seq_cst); }

  [[nodiscard]] std::size_t capacity() const noexcept { return geometry_.capacity(); }

  /// Between 0 and the capacity; exact when nobody is inside an operation.
  [[nodiscard]] std::size_t size_hint() const noexcept {
    const Cursor head = head_.load(std::memory_order_acquire);
    const Cursor tail = tail_.load(std::memory_order_acquire) & ~RingGeometry::kClosed;
    return std::min(geometry_.distance(head, tail), capacity());
  }

  /// For parking: a view that is ordered against the seq_cst claims of senders. There is no such
  /// view for senders, since the receiver frees by plain stores.
  [[nodiscard]] bool may_recv() const noexcept {
    const Cursor head = head_.load(std::memory_order_relaxed);  // the receiver's own
    return tail_.load(std::memory_order_seq_cst) != head;
  }

 private:
  /// How many slots from `cursor` on are free in their position's lap, at most `most`.
  std::size_t free_slots(Cursor cursor, std::size_t most) noexcept {
    most = std::min(most, capacity());
    std::size_t count = 0;
    while (count < most &&
           slots_[geometry_.index(cursor)].turn.load(std::memory_order_acquire) ==  // (2) with (1)
               geometry_.free_turn(cursor)) {
      ++count;
      cursor = geometry_.advance(cursor, 1);
    }
    return count;
  }

  const RingGeometry geometry_;
  RingSlots<T, Sync> slots_;
  alignas(kSeparation) typename Sync::template Atomic<Cursor> tail_{0};
  alignas(kSeparation) typename Sync::template Atomic<Cursor> head_{0};  // written by the receiver
};

}  // namespace weir
