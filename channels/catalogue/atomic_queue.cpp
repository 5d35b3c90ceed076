// AtomicQueueB of the library atomic_queue (M. Egorushkin): a ring of atomic words, 0 for none.
// needs: atomic_queue atomic_queue::atomic_queue
//
// Carries words of 8 bytes that are never zero: a zero would be taken for an empty slot, and its
// receiver would spin for ever. The size that it is given at run time is rounded up to a power of
// two and to at least 64; we do not enter capacities that would be changed. Nothing throws after
// construction.
//
// Both cursors are claimed first, then the slot is waited for. Therefore:
// - a try-form fails only when the cursors say so, and then spins until its slot is free, or full:
//   whoever was preempted inside holds it up;
// - with several senders or receivers there is no order, not even for each sender: while one is
//   preempted between claim and store, another a lap ahead fills its slot, and that message is
//   received before older ones. With one sender and one receiver (SPSC) it is FIFO.
#include <atomic_queue/atomic_queue.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <stdexcept>
#include <string>

#include "channels/catalogue/native_pairs.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"

#ifndef WEIR_VERSION_atomic_queue
#define WEIR_VERSION_atomic_queue "unknown"
#endif

namespace weir {
namespace {

using Word = std::uint64_t;
template <bool kSpsc>
using WordQueue =
    atomic_queue::AtomicQueueB<Word, std::allocator<Word>, /*NIL=*/Word{0},
                               /*MAXIMIZE_THROUGHPUT=*/true, /*TOTAL_ORDER=*/false, kSpsc>;

/// AtomicQueueB: the message is the slot.
template <Message T, bool kSpsc>
class Words {
  static_assert(sizeof(T) == sizeof(Word) && std::is_trivially_copyable_v<T>);

 protected:
  using Queue = WordQueue<kSpsc>;

 public:
  using value_type = T;
  static constexpr Contract kContract{
      .producers = kSpsc ? Side::one : Side::many,
      .consumers = kSpsc ? Side::one : Side::many,
      .overflow = Overflow::fail,
      .order = kSpsc ? Order::fifo : Order::none,
      // A receiver with a ticket may be overtaken, a lap later, by one with another ticket for the
      // same slot: until then nobody else is told of the message that lies there.
      .empty = kSpsc ? Answer::exact : Answer::spurious,
      .full = kSpsc ? Answer::exact : Answer::spurious,
      .close = Close::none,
      .message = MessageRule::nonzero_word,
      .capacity_rule = CapacityRule::power_of_two,
      .min_capacity = 64,
      .max_capacity = std::size_t{1} << 30,  // the cursors are compared as int
      .source = {.name = "atomic_queue::AtomicQueueB",
                 .version = WEIR_VERSION_atomic_queue,
                 .licence = "MIT",
                 .url = "https://github.com/max0x7ba/atomic_queue"}};

  /// Throws std::invalid_argument for a capacity that the library would change, and std::bad_alloc.
  explicit Words(std::size_t capacity) : queue_(checked(capacity)) {}

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return queue_->try_push(std::bit_cast<Word>(message)) ? SendStatus::ok : SendStatus::full;
    }

   protected:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept {
      Word word = 0;
      if (!queue_->try_pop(word)) return RecvStatus::empty;
      message = std::bit_cast<T>(word);
      return RecvStatus::ok;
    }

   protected:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.was_size(); }

 protected:
  Queue queue_;

 private:
  static unsigned checked(std::size_t capacity) {
    if (const std::string_view reason = kContract.why_not(capacity); !reason.empty()) {
      throw std::invalid_argument(std::string(reason));
    }
    return static_cast<unsigned>(capacity);
  }
};

/// The library's own waiting form, which it calls optimist: push() and pop() take a ticket without
/// a look, then spin until their slot is free, or full.
template <Message T, bool kSpsc>
class Optimist : public Words<T, kSpsc> {
  using Base = Words<T, kSpsc>;

 public:
  static constexpr Contract kContract = [] {
    Contract contract = Base::kContract;
    contract.overflow = Overflow::block;
    contract.wait = Wait::spin;
    return contract;
  }();

  using Base::Base;

  class Sender : public Base::Sender {
   public:
    using Base::Sender::Sender;
    SendStatus send(T&& message) noexcept {
      this->queue_->push(std::bit_cast<Word>(message));
      return SendStatus::ok;
    }
  };

  class Receiver : public Base::Receiver {
   public:
    using Base::Receiver::Receiver;
    RecvStatus recv(T& message) noexcept {
      message = std::bit_cast<T>(this->queue_->pop());
      return RecvStatus::ok;
    }
  };

  Sender sender() noexcept { return Sender(this->queue_); }
  Receiver receiver() noexcept { return Receiver(this->queue_); }
  /// The library counts the tickets of senders that wait as messages.
  [[nodiscard]] std::size_t size_hint() const noexcept {
    return std::min(Base::size_hint(), static_cast<std::size_t>(this->queue_.capacity()));
  }
};

struct AtomicQueueSpin {
  template <class T>
  using Channel = Waiting<Words<T, false>, Spin>;
};
struct AtomicQueueYield {
  template <class T>
  using Channel = Waiting<Words<T, false>, Yield>;
};
struct AtomicQueuePark {
  template <class T>
  using Channel = Waiting<Words<T, false>, Park>;
};
struct AtomicQueueOptimist {
  template <class T>
  using Channel = Optimist<T, false>;
};
struct AtomicQueueSpscSpin {
  template <class T>
  using Channel = Waiting<Words<T, true>, Spin>;
};
struct AtomicQueueSpscYield {
  template <class T>
  using Channel = Waiting<Words<T, true>, Yield>;
};
struct AtomicQueueSpscPark {
  template <class T>
  using Channel = Waiting<Words<T, true>, Park>;
};
struct AtomicQueueSpscOptimist {
  template <class T>
  using Channel = Optimist<T, true>;
};

const Enter<AtomicQueueSpin> spin{"atomic_queue:spin",
                                  "AtomicQueueB, words of 8 bytes; pauses for ever"};
const Enter<AtomicQueueYield> yield{"atomic_queue:yield",
                                    "the same; pauses, then gives up the core"};
const Enter<AtomicQueuePark> park{"atomic_queue:park",
                                  "the same; pauses, yields a little, then sleeps on a futex"};
const Enter<AtomicQueueOptimist> optimist{
    "atomic_queue:optimist",
    "AtomicQueueB's own push and pop: take a ticket, then spin for the slot"};
const Enter<AtomicQueueSpscSpin> spsc_spin{
    "atomic_queue_spsc:spin", "AtomicQueueB for one sender and one receiver; pauses for ever"};
const Enter<AtomicQueueSpscYield> spsc_yield{"atomic_queue_spsc:yield",
                                             "the same; pauses, then gives up the core"};
const Enter<AtomicQueueSpscPark> spsc_park{
    "atomic_queue_spsc:park", "the same; pauses, yields a little, then sleeps on a futex"};
const Enter<AtomicQueueSpscOptimist> spsc_optimist{
    "atomic_queue_spsc:optimist",
    "AtomicQueueB's own push and pop for one sender and one receiver"};

// --- the library's own calls, by hand

template <bool kSpsc>
NativePass native_try(std::size_t capacity) {
  const auto queue = std::make_shared<WordQueue<kSpsc>>(static_cast<unsigned>(capacity));
  return native_pairs<Word>(
      [queue](Word in, Word& out) { return queue->try_push(in) && queue->try_pop(out); });
}

template <bool kSpsc>
NativePass native_optimist(std::size_t capacity) {
  const auto queue = std::make_shared<WordQueue<kSpsc>>(static_cast<unsigned>(capacity));
  return native_pairs<Word>([queue](Word in, Word& out) {
    queue->push(in);
    out = queue->pop();
    return true;
  });
}

const EnterNative native_entry{"atomic_queue:yield", native_try<false>};
const EnterNative optimist_native_entry{"atomic_queue:optimist", native_optimist<false>};
const EnterNative spsc_native_entry{"atomic_queue_spsc:yield", native_try<true>};
const EnterNative spsc_optimist_native_entry{"atomic_queue_spsc:optimist", native_optimist<true>};

}  // namespace
}  // namespace weir
