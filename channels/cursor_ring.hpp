// Bounded ring for one sender and one receiver with a cursor for each side, made for batches: the
// sender publishes once an operation, by the count of all messages sent so far, and a message takes
// no more room than itself. Each side keeps what it last saw of the other's count and looks again
// only when that is used up. The classic, as in M. Thompson's and E. Rigtorp's rings; SpscRing,
// whose slots carry their own turn, is faster one message at a time.
//
// Promises FIFO, linearizable, wait-free tries, exact capacity (1 upwards), exact `full` and
// `empty`; as LazyCursorRing not the exact `full`, see Freed. One thread at a time may use a side;
// a side may move to another thread when that is synchronized.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "channels/channel.hpp"
#include "channels/close_gate.hpp"
#include "channels/ring_cursor.hpp"

namespace weir {

/// When a receiver gives room back. `at_once`: with each operation. `lazily`: after an eighth of
/// the capacity, 64 messages at most, and whenever it finds the channel empty; until then a sender
/// is told `full` although there is room. A program in which the receiver takes a message and then
/// waits for something that the sender does only after its next send may stand still for ever.
///
/// A sender that sleeps is not forgotten: an eighth is given back by a receive, and a receive wakes
/// it. Nobody sleeps for what is given back when the channel is found empty: that is less than an
/// eighth, and all other room is the sender's already.
enum class Freed { at_once, lazily };

template <Message T, class Sync = StdSync, Freed kFreed = Freed::at_once>
class CursorRing {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{
      .producers = Side::one,
      .consumers = Side::one,
      .overflow = Overflow::fail,
      .full = kFreed == Freed::lazily ? Answer::spurious : Answer::exact,
      .progress = Progress::lock_free,
      .max_capacity = RingGeometry::kMaxCapacity};

  /// Throws std::invalid_argument for a capacity of 0 or above 2^30, std::system_error without
  /// membarrier.
  explicit CursorRing(std::size_t capacity)
      : capacity_(RingGeometry(capacity).capacity()),
        cells_(Sync::template allocate<Cell>(capacity)) {}
  CursorRing(const CursorRing&) = delete;
  CursorRing& operator=(const CursorRing&) = delete;
  ~CursorRing() {
    // relaxed: the owner destroys a channel after every operation on it has ended
    std::uint64_t count = received_.load(std::memory_order_relaxed);
    for (; count != gate_.sent(); ++count) cells_[count % capacity_].drop();
  }

  class Sender {
   public:
    explicit Sender(CursorRing& ring) noexcept
        : ring_(&ring),
          sent_(ring.gate_.sent()),
          received_(ring.received_.load(std::memory_order_acquire)),  // (2), as in room()
          index_(static_cast<std::size_t>(sent_ % ring.capacity_)) {}

    /// ok, full or closed.
    SendStatus try_send(T&& message) noexcept {
      if (!ring_->gate_.enter(sent_)) return SendStatus::closed;
      if (room() == 0) {
        ring_->gate_.leave(sent_);
        return SendStatus::full;
      }
      Sync::point("cursor_ring.send.publish");
      ring_->cells_[index_].put(std::move(message));
      if (++index_ == ring_->capacity_) index_ = 0;
      ring_->gate_.leave(++sent_);  // (3) release, synchronizes with (4)
      return SendStatus::ok;
    }

    /// Moves a prefix of the batch in and publishes it by one store.
    SentBatch try_send_n(std::span<T> batch) noexcept {
      if (!ring_->gate_.enter(sent_)) return {0, SendStatus::closed};
      const std::size_t count = std::min(batch.size(), room(batch.size()));
      Sync::point("cursor_ring.send.publish");
      const std::size_t before_end = std::min(count, ring_->capacity_ - index_);
      put(batch.first(before_end));
      put(batch.subspan(before_end, count - before_end));
      ring_->gate_.leave(sent_ += count);  // (3) release, synchronizes with (4)
      return {count, count > 0 || batch.empty() ? SendStatus::ok : SendStatus::full};
    }

   private:
    /// How many messages there is room for; looks at the receiver's count when it knows of less
    /// than `wanted`.
    std::size_t room(std::size_t wanted = 1) noexcept {
      std::size_t room = ring_->capacity_ - static_cast<std::size_t>(sent_ - received_);
      if (room < wanted) {
        received_ = ring_->received_.load(std::memory_order_acquire);  // (2) synchronizes with (1)
        room = ring_->capacity_ - static_cast<std::size_t>(sent_ - received_);
      }
      return room;
    }

    void put(std::span<T> part) noexcept {
      Cell* const cells = &ring_->cells_[index_];
      for (std::size_t i = 0; i < part.size(); ++i) cells[i].put(std::move(part[i]));
      index_ += part.size();
      if (index_ == ring_->capacity_) index_ = 0;
    }

    CursorRing* ring_;
    std::uint64_t sent_;
    std::uint64_t received_;  // as it was last seen
    std::size_t index_;
  };

  class Receiver {
   public:
    explicit Receiver(CursorRing& ring) noexcept
        : ring_(&ring),
          received_(ring.received_.load(
              std::memory_order_acquire)),  // acquire: takes over from the handle before
          freed_(received_),
          sent_(received_),
          index_(static_cast<std::size_t>(received_ % ring.capacity_)) {}
    Receiver(Receiver&& other) noexcept
        : ring_(std::exchange(other.ring_, nullptr)),
          received_(other.received_),
          freed_(other.freed_),
          sent_(other.sent_),
          index_(other.index_) {}
    Receiver& operator=(Receiver&& other) noexcept {
      std::swap(ring_, other.ring_);
      received_ = std::exchange(other.received_, received_);
      freed_ = std::exchange(other.freed_, freed_);
      sent_ = std::exchange(other.sent_, sent_);
      index_ = std::exchange(other.index_, index_);
      return *this;
    }
    ~Receiver() {
      if (ring_ != nullptr) free();
    }

    /// ok, empty, or closed once everything accepted was received.
    RecvStatus try_recv(T& message) noexcept {
      if (const RecvStatus status = look(); status != RecvStatus::ok) return status;
      Sync::point("cursor_ring.recv.free");
      ring_->cells_[index_].take(message);
      if (++index_ == ring_->capacity_) index_ = 0;
      ++received_;
      taken();
      return RecvStatus::ok;
    }

    /// Fills a prefix of the batch and gives its room back by one store.
    ReceivedBatch try_recv_n(std::span<T> batch) noexcept {
      if (batch.empty()) return {};
      if (const RecvStatus status = look(batch.size()); status != RecvStatus::ok)
        return {0, status};
      const std::size_t count = std::min(batch.size(), static_cast<std::size_t>(sent_ - received_));
      Sync::point("cursor_ring.recv.free");
      const std::size_t before_end = std::min(count, ring_->capacity_ - index_);
      take(batch.first(before_end));
      take(batch.subspan(before_end, count - before_end));
      received_ += count;
      taken();
      return {count, RecvStatus::ok};
    }

   private:
    /// Whether there is something; looks at the sender's count when it knows of less than `wanted`.
    RecvStatus look(std::size_t wanted = 1) noexcept {
      if (sent_ - received_ >= wanted) return RecvStatus::ok;
      sent_ = ring_->gate_.sent();  // (4) synchronizes with (3)
      if (sent_ != received_) return RecvStatus::ok;
      free();
      if (!ring_->gate_.sealed()) return RecvStatus::empty;
      // Sealed: what was accepted before is visible now, so that a second look decides.
      sent_ = ring_->gate_.sent();
      return sent_ != received_ ? RecvStatus::ok : RecvStatus::closed;
    }

    void take(std::span<T> part) noexcept {
      Cell* const cells = &ring_->cells_[index_];
      for (std::size_t i = 0; i < part.size(); ++i) cells[i].take(part[i]);
      index_ += part.size();
      if (index_ == ring_->capacity_) index_ = 0;
    }

    void taken() noexcept {
      if constexpr (kFreed == Freed::lazily) {
        if (received_ - freed_ < std::min<std::size_t>(ring_->capacity_ / 8, 64)) return;
      }
      free();
    }
    void free() noexcept {
      if (freed_ == received_) return;
      freed_ = received_;
      ring_->received_.store(received_, std::memory_order_release);  // (1) synchronizes with (2)
    }

    CursorRing* ring_;
    std::uint64_t received_;
    std::uint64_t freed_;  // of these the sender was told
    std::uint64_t sent_;   // as it was last seen
    std::size_t index_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times. Waits for the one send that may be under way.
  void close() noexcept { gate_.close(); }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Between 0 and the capacity; exact when neither side is inside an operation. A lazy receiver
  /// keeps to itself how many it took.
  [[nodiscard]] std::size_t size_hint() const noexcept requires(kFreed == Freed::at_once) {
    const std::uint64_t received = received_.load(std::memory_order_acquire);  // (2)
    const std::uint64_t sent = gate_.sent();
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(sent > received ? sent - received : 0, capacity_));
  }

 private:
  using Cell = typename Sync::template Cell<T>;

  const std::size_t capacity_;
  const std::unique_ptr<Cell[]> cells_;
  CloseGate<Sync> gate_;  // has the count of sent messages
  alignas(kSeparation)
      typename Sync::template Atomic<std::uint64_t> received_{0};  // written by the receiver
};

}  // namespace weir
