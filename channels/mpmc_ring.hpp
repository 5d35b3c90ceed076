// Bounded ring for many senders and many receivers: a turn per slot, cursors claimed by
// compare-and-swap. After D. Vyukov's bounded MPMC queue; close bit in the tail as in
// crossbeam-channel's array flavor.
//
// Promises FIFO, linearizable, exact capacity (1 upwards, any number), exact `full` and `empty`.
// Not lock-free: between claim and publish a preempted thread holds up those who need its slot.
//
//   tail --> [turn|msg][turn|msg][turn|msg] <-- head
//   sender:   sees the slot free (2), claims tail, writes the message, publishes (3)
//   receiver: sees the slot full (4), claims head, moves the message out, frees the slot (1)
//
// With kEvicts a sender can also push the oldest message out of a full ring, in one instant. In a
// full ring the head's slot is the tail's slot too: the sender locks the head by its lowest bit,
// moves the tail on, exchanges the message in that slot and unlocks the head, one step on. The
// compare-and-swap of the tail is the instant: from the lock on no receiver can take the head's
// message, and no sender can claim a tail whose slot is not free, so that nothing but the closed
// bit can have changed. If that is set the sender unlocks the head where it was, and nothing
// happened. So a send evicts exactly one message, only when the ring is full, and only the oldest;
// one thread at a time does so.
#pragma once

#include <algorithm>
#include <span>

#include "channels/channel.hpp"
#include "channels/ring_cursor.hpp"

namespace weir {

template <Message T, class Sync = StdSync, bool kEvicts = false>
class MpmcRing {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{.overflow = Overflow::fail,
                                      .max_capacity = RingGeometry::kMaxCapacity};

  /// Throws std::invalid_argument for a capacity of 0 or above 2^30.
  explicit MpmcRing(std::size_t capacity) : geometry_(capacity), slots_(capacity) {}

  class Sender {
   public:
    explicit Sender(MpmcRing& ring) noexcept : ring_(&ring) {}
    /// ok, full or closed. Any thread.
    SendStatus try_send(T&& message) noexcept {
      const SendClaim claim = ring_->claim_to_send(1);
      if (claim.count == 1) ring_->publish(claim.cursor, std::move(message));
      return claim.status;
    }
    /// ok, evicted or closed. Any thread.
    SendStatus try_send_evicting(T&& message) noexcept requires(kEvicts) {
      return ring_->send_evicting(message);
    }
    /// Moves a prefix of the batch in by one claim.
    SentBatch try_send_n(std::span<T> batch) noexcept {
      if (batch.empty()) return {};
      const SendClaim claim = ring_->claim_to_send(batch.size());
      Cursor cursor = claim.cursor;
      for (T& message : batch.first(claim.count)) {
        ring_->publish(cursor, std::move(message));
        cursor = ring_->geometry_.advance(cursor, 1);
      }
      return {claim.count, claim.status};
    }

   private:
    MpmcRing* ring_;
  };

  class Receiver {
   public:
    explicit Receiver(MpmcRing& ring) noexcept : ring_(&ring) {}
    /// ok, empty, or closed once everything accepted was received. Any thread.
    RecvStatus try_recv(T& message) noexcept {
      const RecvClaim claim = ring_->claim_to_recv(1);
      if (claim.count == 1) ring_->take(claim.cursor, message);
      return claim.status;
    }
    /// Fills a prefix of the batch by one claim.
    ReceivedBatch try_recv_n(std::span<T> batch) noexcept {
      if (batch.empty()) return {};
      const RecvClaim claim = ring_->claim_to_recv(batch.size());
      Cursor cursor = claim.cursor;
      for (T& message : batch.first(claim.count)) {
        ring_->take(cursor, message);
        cursor = ring_->geometry_.advance(cursor, 1);
      }
      return {claim.count, claim.status};
    }

   private:
    MpmcRing* ring_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times. A claim made before it is delivered; no claim succeeds after it.
  void close() noexcept { tail_.fetch_or(RingGeometry::kClosed, std::memory_order_seq_cst); }

  [[nodiscard]] std::size_t capacity() const noexcept { return geometry_.capacity(); }

  /// Never above the capacity: the head is read first, and a tail read later can be at most a
  /// capacity ahead of the head of that moment.
  [[nodiscard]] std::size_t size_hint() const noexcept {
    const Cursor head = head_.load(std::memory_order_seq_cst);
    const Cursor tail = tail_.load(std::memory_order_seq_cst) & ~RingGeometry::kClosed;
    return std::min(geometry_.distance(head, tail), capacity());
  }

  /// For parking: views that are ordered against the seq_cst claims of the other side.
  [[nodiscard]] bool may_recv() const noexcept {
    const Cursor head = head_.load(std::memory_order_seq_cst);
    return tail_.load(std::memory_order_seq_cst) != head;
  }
  [[nodiscard]] bool may_send() const noexcept {
    const Cursor tail = tail_.load(std::memory_order_seq_cst);
    return head_.load(std::memory_order_seq_cst) + geometry_.lap_unit() != tail;
  }

 private:
  /// In the head, where the tail has kClosed: its message is being evicted. Distances do not see
  /// it.
  static constexpr Cursor kLocked = 1;

  struct SendClaim {
    Cursor cursor = 0;
    std::size_t count = 0;
    SendStatus status = SendStatus::ok;
  };
  struct RecvClaim {
    Cursor cursor = 0;
    std::size_t count = 0;
    RecvStatus status = RecvStatus::ok;
  };

  /// Claims the free slots at the tail, at most `most` of them. The slots are looked at before the
  /// claim: one that is free stays free until its position is claimed, and the compare-and-swap
  /// proves that it was not.
  SendClaim claim_to_send(std::size_t most) noexcept {
    ClaimantBackoff<Sync> backoff;
    // acquire: the claim that it reads comes before our look at head_ in the order of all seq_cst
    // operations
    Cursor cursor = tail_.load(std::memory_order_acquire);
    for (;;) {
      if ((cursor & RingGeometry::kClosed) != 0) return {cursor, 0, SendStatus::closed};
      const std::size_t count = run_length(cursor, most, 0);
      if (count > 0) {
        Sync::point("mpmc_ring.send.claim");
        // seq_cst: ordered before the sender's look at the receivers' wait point; partner: a
        // receiver's load of tail_ below.
        if (tail_.compare_exchange_weak(cursor, geometry_.advance(cursor, count),
                                        std::memory_order_seq_cst, std::memory_order_acquire)) {
          return {cursor, count, SendStatus::ok};
        }
        continue;
      }
      // The slot still belongs to the lap before. Full only if nobody has claimed its message: with
      // the tail at most a lap ahead of the head, equality here also proves that `cursor` was still
      // the tail. seq_cst: partner is the claim of head_.
      if (head_.load(std::memory_order_seq_cst) + geometry_.lap_unit() == cursor)
        return {cursor, 0, SendStatus::full};
      backoff.step();  // a receiver is about to free it, or another sender was faster
      cursor = tail_.load(std::memory_order_acquire);
    }
  }

  RecvClaim claim_to_recv(std::size_t most) noexcept {
    ClaimantBackoff<Sync> backoff;
    Cursor cursor =
        head_.load(std::memory_order_acquire);  // acquire: as in claim_to_send, with tail_
    for (;;) {
      if constexpr (kEvicts) {
        if ((cursor & kLocked) != 0) {
          backoff.step();
          cursor = head_.load(std::memory_order_acquire);
          continue;
        }
      }
      const std::size_t count = run_length(cursor, most, 1);
      if (count > 0) {
        Sync::point("mpmc_ring.recv.claim");
        // seq_cst: ordered before the receiver's look at the senders' wait point; partner: a
        // sender's load of head_ above.
        if (head_.compare_exchange_weak(cursor, geometry_.advance(cursor, count),
                                        std::memory_order_seq_cst, std::memory_order_acquire)) {
          return {cursor, count, RecvStatus::ok};
        }
        continue;
      }
      // seq_cst: partner is the claim of tail_. Equality also proves that `cursor` was still the
      // head.
      const Cursor tail = tail_.load(std::memory_order_seq_cst);
      if ((tail & ~RingGeometry::kClosed) == cursor) {
        return {cursor, 0,
                (tail & RingGeometry::kClosed) != 0 ? RecvStatus::closed : RecvStatus::empty};
      }
      backoff.step();  // a sender is about to publish it, or another receiver was faster
      cursor = head_.load(std::memory_order_acquire);
    }
  }

  SendStatus send_evicting(T& message) noexcept {
    ClaimantBackoff<Sync> backoff;
    for (;;) {
      const SendClaim claim = claim_to_send(1);
      if (claim.count == 1) publish(claim.cursor, std::move(message));
      if (claim.status != SendStatus::full) return claim.status;
      if (lock_head(claim.cursor - geometry_.lap_unit())) return replace(claim.cursor, message);
      backoff.step();  // its sender is about to publish it, or somebody else took it
    }
  }

  /// False unless `head` still is the head, and its message there.
  bool lock_head(Cursor head) noexcept {
    const auto& slot = slots_[geometry_.index(head)];
    if (slot.turn.load(std::memory_order_acquire) != geometry_.full_turn(head))
      return false;  // (4)
    Sync::point("mpmc_ring.evict.lock");
    // acq_rel: partners are the claims of the head; whoever finds it locked waits.
    return head_.compare_exchange_weak(head, head | kLocked, std::memory_order_acq_rel,
                                       std::memory_order_relaxed);
  }

  /// The head is locked, and the ring full up to `tail`, which only close() can change.
  SendStatus replace(Cursor tail, T& message) noexcept {
    const Cursor head = tail - geometry_.lap_unit();
    Sync::point("mpmc_ring.evict.claim");
    Cursor found = tail;
    // seq_cst: as the claim of a send.
    while (!tail_.compare_exchange_weak(found, geometry_.advance(tail, 1),
                                        std::memory_order_seq_cst, std::memory_order_acquire)) {
      if (found == tail) continue;
      head_.store(head, std::memory_order_seq_cst);  // partners: the claims of the head
      return SendStatus::closed;
    }
    auto& slot = slots_[geometry_.index(head)];
    T newest = std::move(message);
    slot.cell.take(message);
    slot.cell.put(std::move(newest));
    Sync::point("mpmc_ring.evict.publish");
    slot.turn.store(geometry_.full_turn(tail),
                    std::memory_order_release);  // (3) synchronizes with (4)
    // seq_cst: partners are a sender's load of head_, and the claims of the head.
    head_.store(geometry_.advance(head, 1), std::memory_order_seq_cst);
    return SendStatus::evicted;
  }

  /// How many slots from `cursor` on are ready: free (parity 0) or full (parity 1) in their
  /// position's lap.
  std::size_t run_length(Cursor cursor, std::size_t most, std::uint64_t parity) noexcept {
    most = std::min(most, capacity());
    std::size_t count = 0;
    // (2) synchronizes with (1), (4) with (3)
    while (count < most && slots_[geometry_.index(cursor)].turn.load(std::memory_order_acquire) ==
                               geometry_.free_turn(cursor) + parity) {
      ++count;
      cursor = geometry_.advance(cursor, 1);
    }
    return count;
  }

  void publish(Cursor cursor, T&& message) noexcept {
    auto& slot = slots_[geometry_.index(cursor)];
    Sync::point("mpmc_ring.send.publish");
    slot.cell.put(std::move(message));
    slot.turn.store(geometry_.full_turn(cursor),
                    std::memory_order_release);  // (3) synchronizes with (4)
  }

  void take(Cursor cursor, T& message) noexcept {
    auto& slot = slots_[geometry_.index(cursor)];
    Sync::point("mpmc_ring.recv.free");
    slot.cell.take(message);
    slot.turn.store(geometry_.next_free_turn(cursor),
                    std::memory_order_release);  // (1) synchronizes with (2)
  }

  const RingGeometry geometry_;
  RingSlots<T, Sync> slots_;
  alignas(kSeparation) typename Sync::template Atomic<Cursor> tail_{0};
  alignas(kSeparation) typename Sync::template Atomic<Cursor> head_{0};
};

}  // namespace weir
