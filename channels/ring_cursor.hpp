// What the ring channels share: a cursor that carries slot index and lap, and a slot that carries
// its turn.
//
// A cursor is  lap << shift | index << 1 | closed.  The capacity may be any number from 1 on, since
// the index wraps by comparison and not by a mask, and no division is needed. 2^62 messages fit in
// a cursor's life: it does not wrap.
//
// A slot's turn is 2 * lap while it is free for that lap and 2 * lap + 1 while it holds that lap's
// message. The classic stamps (position + capacity, position + 1) are equal at capacity 1; these
// are not at any.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include "channels/sync.hpp"

namespace weir {

using Cursor = std::uint64_t;

class RingGeometry {
 public:
  static constexpr Cursor kClosed = 1;
  static constexpr std::size_t kMaxCapacity = std::size_t{1} << 30;

  explicit RingGeometry(std::size_t capacity)
      : capacity_(capacity), shift_(1 + static_cast<int>(std::bit_width(capacity - 1))) {
    if (capacity == 0 || capacity > kMaxCapacity)
      throw std::invalid_argument("ring capacity must be 1 to 2^30");
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t index(Cursor cursor) const noexcept {
    return (cursor & (lap_unit() - 1)) >> 1;
  }
  [[nodiscard]] std::uint64_t free_turn(Cursor cursor) const noexcept {
    return (cursor >> shift_) * 2;
  }
  [[nodiscard]] std::uint64_t full_turn(Cursor cursor) const noexcept {
    return free_turn(cursor) + 1;
  }
  /// The turn that a receiver leaves behind: free for the next lap.
  [[nodiscard]] std::uint64_t next_free_turn(Cursor cursor) const noexcept {
    return free_turn(cursor) + 2;
  }
  [[nodiscard]] Cursor lap_unit() const noexcept { return Cursor{1} << shift_; }

  /// The cursor `steps` positions on; `steps` is at most the capacity.
  [[nodiscard]] Cursor advance(Cursor cursor, std::size_t steps) const noexcept {
    const std::size_t index = this->index(cursor) + steps;
    const Cursor lap = cursor & ~(lap_unit() - 1);
    return index < capacity_ ? lap | (index << 1) : (lap + lap_unit()) | ((index - capacity_) << 1);
  }

  /// Positions from `head` to `tail`, both without the closed bit.
  [[nodiscard]] std::size_t distance(Cursor head, Cursor tail) const noexcept {
    const auto laps = static_cast<std::size_t>((tail >> shift_) - (head >> shift_));
    return laps * capacity_ + index(tail) - index(head);
  }

 private:
  std::size_t capacity_;
  int shift_;
};

template <class T, class Sync>
struct RingSlot {
  typename Sync::template Atomic<std::uint64_t> turn{0};
  typename Sync::template Cell<T> cell;
};

/// The slots of a ring; destroys the messages that were never received. All pages are touched when
/// it is made.
template <Message T, class Sync>
class RingSlots {
 public:
  using Slot = RingSlot<T, Sync>;

  explicit RingSlots(std::size_t capacity)
      : count_(capacity), slots_(Sync::template allocate<Slot>(capacity)) {}
  RingSlots(const RingSlots&) = delete;
  RingSlots& operator=(const RingSlots&) = delete;
  ~RingSlots() {
    for (std::size_t i = 0; i < count_; ++i) {
      // relaxed: the owner destroys a channel after every operation on it has ended
      if ((slots_[i].turn.load(std::memory_order_relaxed) & 1) != 0) slots_[i].cell.drop();
    }
  }

  [[nodiscard]] Slot& operator[](std::size_t index) noexcept { return slots_[index]; }

 private:
  std::size_t count_;
  std::unique_ptr<Slot[]> slots_;
};

/// Waits for a thread that is inside an operation (it claimed a slot and will publish or free it):
/// pauses, then gives up the core, since the other may need it. Never sleeps: nobody would wake it.
template <class Sync>
class ClaimantBackoff {
 public:
  void step() noexcept {
    if (++steps_ < kPauses) {
      Sync::pause();
    } else {
      Sync::yield();
    }
  }

 private:
  static constexpr int kPauses = 32;
  int steps_ = 0;
};

}  // namespace weir
