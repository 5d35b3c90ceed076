// One place for the newest message: a send replaces what was not received yet, and gets it back.
// The triple buffer, for any number of threads: each handle owns one node, the channel one more,
// and every operation exchanges the handle's node for the channel's.
//
//   sender's node --> [new]          [new] --> receiver's node
//                          word: node, fresh
//   sender's node <-- [old]          [   ] <-- receiver's node
//
// Promises what a channel of capacity 1 with the policy drop_oldest promises: FIFO, linearizable,
// exact; a message is received once, or evicted and given back to the sender that pushed it out. A
// receiver never holds up a sender, nor a sender a receiver: a compare-and-swap fails only because
// another thread's succeeded (lock-free), and messages are moved outside of it, in nodes that one
// thread owns. Each side any number of threads. It is no broadcast: one receiver gets a message.
//
// A node that left and came back between load and compare-and-swap does no harm: nobody looks into
// a node before owning it, and what is exchanged then is what is there.
//
// Handles allocate their node when they are made; operations allocate nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>

#include "channels/channel.hpp"
#include "channels/sync.hpp"

namespace weir {

template <Message T, class Sync = StdSync>
class Latest {
  /// Aligned, so that an address has bits to spare and no two nodes share a line.
  struct alignas(kSeparation) Node {
    typename Sync::template Cell<T> cell;
  };
  using OwnedNode = std::unique_ptr<Node[]>;

 public:
  using value_type = T;
  using sync_type = Sync;
  static constexpr Contract kContract{
      .overflow = Overflow::drop_oldest, .progress = Progress::lock_free, .max_capacity = 1};

  /// Throws std::invalid_argument for another capacity than 1, and std::bad_alloc.
  explicit Latest(std::size_t capacity) : word_(address_of(checked(capacity).release())) {}
  Latest(const Latest&) = delete;
  Latest& operator=(const Latest&) = delete;
  ~Latest() {
    // relaxed: the owner destroys a channel after every operation on it has ended
    const std::uintptr_t word = word_.load(std::memory_order_relaxed);
    const OwnedNode node = node_of(word);
    if ((word & kFresh) != 0) node[0].cell.drop();
  }

  class Sender {
   public:
    /// Throws std::bad_alloc.
    explicit Sender(Latest& channel) : channel_(&channel), node_(make_node()) {}
    /// ok, evicted or closed. Any thread.
    SendStatus try_send(T&& message) noexcept { return channel_->replace(node_, message); }

   private:
    Latest* channel_;
    OwnedNode node_;  // empty between operations
  };

  class Receiver {
   public:
    /// Throws std::bad_alloc.
    explicit Receiver(Latest& channel) : channel_(&channel), node_(make_node()) {}
    /// ok, empty, or closed once everything accepted was received. Any thread.
    RecvStatus try_recv(T& message) noexcept { return channel_->take(node_, message); }

   private:
    Latest* channel_;
    OwnedNode node_;  // empty between operations
  };

  Sender sender() { return Sender(*this); }
  Receiver receiver() { return Receiver(*this); }

  /// Anyone, any number of times. What was sent before is delivered; no send succeeds after it.
  void close() noexcept { word_.fetch_or(kClosed, std::memory_order_seq_cst); }

  /// 0 or 1.
  [[nodiscard]] std::size_t size_hint() const noexcept {
    return (word_.load(std::memory_order_acquire) & kFresh) != 0 ? 1
                                                                 : 0;  // partners: all exchanges
  }

  /// For parking: whether there is a message, or the end. A view that is ordered against the
  /// seq_cst exchanges of senders, and against close().
  [[nodiscard]] bool may_recv() const noexcept {
    return (word_.load(std::memory_order_seq_cst) & (kFresh | kClosed)) != 0;
  }

 private:
  // The word is the address of the channel's node and two bits.
  static constexpr std::uintptr_t kFresh = 1;  // there is a message in it
  static constexpr std::uintptr_t kClosed = 2;

  static OwnedNode make_node() { return Sync::template allocate<Node>(1); }
  static OwnedNode checked(std::size_t capacity) {
    if (capacity != 1) throw std::invalid_argument("there is one place for the newest message");
    return make_node();
  }
  static std::uintptr_t address_of(Node* node) noexcept {
    return reinterpret_cast<std::uintptr_t>(node);
  }
  static OwnedNode node_of(std::uintptr_t word) noexcept {
    return OwnedNode(reinterpret_cast<Node*>(word & ~(kFresh | kClosed)));
  }

  SendStatus replace(OwnedNode& mine, T& message) noexcept {
    // acquire: who sees the close bit sees what the closer did before; partner: close()
    std::uintptr_t word = word_.load(std::memory_order_acquire);
    if ((word & kClosed) != 0) return SendStatus::closed;
    mine[0].cell.put(std::move(message));
    Sync::point("latest.send.exchange");
    // seq_cst: gives our node away and takes over the other (partners: the exchanges before and
    // after it), and is ordered before the sender's look at the receivers' wait point (partner: a
    // receiver's load of word_). Failure: as the load above.
    while (!word_.compare_exchange_weak(word, address_of(mine.get()) | kFresh,
                                        std::memory_order_seq_cst, std::memory_order_acquire)) {
      if ((word & kClosed) == 0) continue;
      mine[0].cell.take(message);
      return SendStatus::closed;
    }
    static_cast<void>(mine.release());
    mine = node_of(word);
    if ((word & kFresh) == 0) return SendStatus::ok;
    mine[0].cell.take(message);
    return SendStatus::evicted;
  }

  RecvStatus take(OwnedNode& mine, T& message) noexcept {
    // seq_cst, here and where the exchange fails: partner is the exchange of a sender
    std::uintptr_t word = word_.load(std::memory_order_seq_cst);
    do {
      if ((word & kFresh) == 0)
        return (word & kClosed) != 0 ? RecvStatus::closed : RecvStatus::empty;
      Sync::point("latest.recv.exchange");
      // seq_cst: as the exchange of a sender
    } while (!word_.compare_exchange_weak(word, address_of(mine.get()) | (word & kClosed),
                                          std::memory_order_seq_cst, std::memory_order_seq_cst));
    static_cast<void>(mine.release());
    mine = node_of(word);
    mine[0].cell.take(message);
    return RecvStatus::ok;
  }

  typename Sync::template Atomic<std::uintptr_t> word_;
};

}  // namespace weir
