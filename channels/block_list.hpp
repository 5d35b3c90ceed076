// Unbounded list of blocks for many senders and one receiver. After crossbeam-channel's list
// flavor: a tail that is claimed by compare-and-swap, and blocks that are linked by whoever claims
// a block's last slot. With one receiver the head is its own, and a block can be freed by it
// without more ado.
//
//   head (receiver)                                     tail (senders)
//     [stamp|msg][stamp|msg]..[..] next --> [stamp|msg][stamp|msg]..[..] next
//
// Promises FIFO, linearizable, exact `empty`. A send never waits for room, and answers `full` only
// when the allocator has no memory for another block; the message then stays with the caller.
// Memory goes back as it is received: beside the blocks with messages in them the list keeps one
// spare block, and each thread inside a send may hold one. Not lock-free: a sender preempted
// between claim and publish holds up the receiver, and one preempted while it links a block holds
// up all.
//
// A position counts kSlots slots a block and one more, which no message has: the tail stands there
// while the next block is linked. So tail and block are seen together although they are two words:
// a sender reads the tail, then the block; if its compare-and-swap finds the tail unchanged, nobody
// was at a block's end in between. A slot's stamp is its position + 1 once it holds that position's
// message; blocks that are used again need no clearing, since positions only grow.
//
// Why a block may be freed: a sender uses a block only between its claim and its publish. The
// receiver frees a block after it has received from each of its slots, that is after (3) of every
// sender that ever used it; the link to the next block was written before the last slot's (3).
#pragma once

#include <algorithm>
#include <memory>
#include <new>

#include "channels/channel.hpp"
#include "channels/ring_cursor.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class BlockList {
 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{
      .consumers = Side::one, .bound = Bound::unbounded, .overflow = Overflow::fail};

  /// The capacity does not matter. Throws std::bad_alloc.
  explicit BlockList(std::size_t /*capacity*/) : head_block_(make_block()) {
    tail_block_.store(head_block_, std::memory_order_relaxed);  // nobody else is here yet
  }
  BlockList(const BlockList&) = delete;
  BlockList& operator=(const BlockList&) = delete;
  ~BlockList();

  class Sender {
   public:
    explicit Sender(BlockList& list) noexcept : list_(&list) {}
    /// ok or closed; full if there is no memory. Any thread.
    SendStatus try_send(T&& message) noexcept { return list_->append(message); }

   private:
    BlockList* list_;
  };

  class Receiver {
   public:
    /// acquire: takes over from the handle before.
    explicit Receiver(BlockList& list) noexcept
        : list_(&list), head_(list.head_.load(std::memory_order_acquire)) {}
    /// ok, empty, or closed once everything accepted was received. One thread at a time.
    RecvStatus try_recv(T& message) noexcept;

   private:
    BlockList* list_;
    std::uint64_t head_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }

  /// Anyone, any number of times. A claim made before it is delivered; no claim succeeds after it.
  void close() noexcept { tail_.fetch_or(kClosed, std::memory_order_seq_cst); }

  /// Exact when nobody is inside an operation.
  [[nodiscard]] std::size_t size_hint() const noexcept {
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    const std::uint64_t tail = tail_.load(std::memory_order_acquire) >> 1;
    return static_cast<std::size_t>(messages_before(tail) - messages_before(head));
  }

  /// For parking: whether there is a message, or the end. A view that is ordered against the
  /// seq_cst claims of senders, and against close().
  [[nodiscard]] bool may_recv() const noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);  // the receiver's own
    return tail_.load(std::memory_order_seq_cst) != head << 1;
  }

 private:
  static constexpr std::uint64_t kSlots = 63;
  static constexpr std::uint64_t kLap = kSlots + 1;
  // The tail is  position << 1 | closed.  2^63 positions do not run out in a list's life.
  static constexpr std::uint64_t kClosed = 1;
  static constexpr std::uint64_t kStep = 2;

  struct Block {
    struct Slot {
      typename Sync::template Atomic<std::uint64_t> stamp{0};
      typename Sync::template Cell<T> cell;
    };
    typename Sync::template Atomic<Block*> next{nullptr};
    Slot slots[kSlots];
  };

  static Block* make_block() { return Sync::template allocate<Block>(1).release(); }
  static void free_block(Block* block) noexcept { delete[] block; }

  static std::uint64_t slot_of(std::uint64_t position) noexcept { return position % kLap; }
  static std::uint64_t messages_before(std::uint64_t position) noexcept {
    return position / kLap * kSlots + std::min(slot_of(position), kSlots);
  }

  /// A block for the sender that may need one: the spare one or a new one. nullptr: no memory.
  Block* take_block() noexcept {
    Block* block = spare_.load(std::memory_order_relaxed);  // the exchange validates it
    while (block != nullptr) {
      // acquire: partner is the release of give_block(), after the last use of the block
      if (spare_.compare_exchange_weak(block, nullptr, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return block;
      }
    }
    try {
      return make_block();
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }

  /// Keeps it if there is no spare one, else frees it. nullptr is no block.
  void give_block(Block* block) noexcept {
    Block* none = nullptr;
    while (block != nullptr && none == nullptr) {
      // release: partner is the acquire of take_block()
      if (spare_.compare_exchange_weak(none, block, std::memory_order_release,
                                       std::memory_order_relaxed)) {
        return;
      }
    }
    free_block(block);
  }

  SendStatus append(T& message) noexcept;

  /// By the sender that claimed the last slot of `block`; everyone else waits for the tail to go
  /// on.
  void link(Block& block, Block* next) noexcept {
    Sync::point("block_list.link");
    // relaxed: read by the receiver after it has seen the last slot's (3)
    block.next.store(next, std::memory_order_relaxed);
    tail_block_.store(next, std::memory_order_release);  // (1) synchronizes with (2)
    tail_.fetch_add(kStep, std::memory_order_release);   // (5) synchronizes with (6)
  }

  // The receiver's own: a later handle reads it after head_.
  alignas(kSeparation) Block* head_block_;
  typename Sync::template Atomic<std::uint64_t> head_{0};  // written by the receiver
  alignas(kSeparation) typename Sync::template Atomic<std::uint64_t> tail_{0};
  typename Sync::template Atomic<Block*> tail_block_{nullptr};
  alignas(kSeparation) typename Sync::template Atomic<Block*> spare_{nullptr};
};

template <Message T, class Sync>
SendStatus BlockList<T, Sync>::append(T& message) noexcept {
  ClaimantBackoff<Sync> backoff;
  Block* next = nullptr;
  // acquire (6): whoever sees the tail in a block sees that block in tail_block_; partner: (5).
  // Also who sees the close bit sees what the closer did before; partner: close()
  std::uint64_t tail = tail_.load(std::memory_order_acquire);
  for (;;) {
    const std::uint64_t position = tail >> 1;
    const std::uint64_t index = slot_of(position);
    if ((tail & kClosed) != 0) {
      give_block(next);
      return SendStatus::closed;
    }
    if (index == kSlots) {  // the next block is being linked
      backoff.step();
      tail = tail_.load(std::memory_order_acquire);  // (6)
      continue;
    }
    Block* const block = tail_block_.load(std::memory_order_acquire);  // (2) with (1)
    const bool last = index + 1 == kSlots;
    if (last && next == nullptr) next = take_block();
    if (last && next == nullptr) return SendStatus::full;
    Sync::point("block_list.send.claim");
    // seq_cst: ordered before the sender's look at the receiver's wait point; partner: the
    // receiver's load of tail_. Failure: (6).
    if (!tail_.compare_exchange_weak(tail, tail + kStep, std::memory_order_seq_cst,
                                     std::memory_order_acquire)) {
      continue;
    }
    if (last) {
      link(*block, std::exchange(next, nullptr));
    }
    auto& slot = block->slots[index];
    Sync::point("block_list.send.publish");
    slot.cell.put(std::move(message));
    slot.stamp.store(position + 1, std::memory_order_release);  // (3) synchronizes with (4)
    give_block(next);
    return SendStatus::ok;
  }
}

template <Message T, class Sync>
RecvStatus BlockList<T, Sync>::Receiver::try_recv(T& message) noexcept {
  Block* const block = list_->head_block_;
  const std::uint64_t index = slot_of(head_);
  auto& slot = block->slots[index];
  if (slot.stamp.load(std::memory_order_acquire) != head_ + 1) {  // (4) synchronizes with (3)
    // seq_cst: partner is the claim of tail_. Claimed but not published is not empty: the claimant
    // is under way.
    const std::uint64_t tail = list_->tail_.load(std::memory_order_seq_cst);
    if (tail >> 1 == head_) return (tail & kClosed) != 0 ? RecvStatus::closed : RecvStatus::empty;
    ClaimantBackoff<Sync> backoff;
    while (slot.stamp.load(std::memory_order_acquire) != head_ + 1) backoff.step();  // (4)
  }
  slot.cell.take(message);
  ++head_;
  if (index + 1 == kSlots) {
    ++head_;  // past the position that no message has
    list_->head_block_ = block->next.load(std::memory_order_relaxed);  // written before (3)
    list_->give_block(block);
  }
  // release; partner: a later handle, size_hint()
  list_->head_.store(head_, std::memory_order_release);
  return RecvStatus::ok;
}

/// Every operation has ended: all that was claimed is published, and nothing is being linked.
template <Message T, class Sync>
BlockList<T, Sync>::~BlockList() {
  // relaxed: the owner has synchronized with everyone who used the list
  std::uint64_t head = head_.load(std::memory_order_relaxed);
  const std::uint64_t tail = tail_.load(std::memory_order_relaxed) >> 1;
  for (; head != tail; ++head) {
    if (slot_of(head) < kSlots) {
      head_block_->slots[slot_of(head)].cell.drop();
      continue;
    }
    free_block(std::exchange(head_block_, head_block_->next.load(std::memory_order_relaxed)));
  }
  free_block(head_block_);
  free_block(spare_.load(std::memory_order_relaxed));
}

}  // namespace weir
