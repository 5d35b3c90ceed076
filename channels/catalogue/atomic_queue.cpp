// atomic_queue (M. Egorushkin): a ring whose two cursors are claimed first, then the slot is waited
// for.
//
// needs: atomic_queue atomic_queue::atomic_queue
//
// What the element is: AtomicQueue has one atomic word in a slot, 0 for none (here: messages of 8
// bytes, never zero); AtomicQueue2 has any message and a state byte. Sizes that are given at run
// time (the B forms) are rounded up to a power of two and to at least 64 words, or 4096 messages of
// the other kind; we do not enter capacities that would be changed. Nothing throws after
// construction.
//
// Order: none is promised with more than one sender or receiver. The claim does not wait for
// the slot: while a sender is preempted between claim and store, another one a lap ahead may fill
// its slot, and that message is received first. The SPSC forms keep the order. A try-form fails
// only when the cursors say so, and then waits for its slot: whoever was preempted inside holds it
// up.
#include <atomic_queue/atomic_queue.h>

#include <bit>
#include <memory>
#include <stdexcept>
#include <string>

#include "channels/waiting.hpp"
#include "harness/enter.hpp"

#ifndef WEIR_VERSION_atomic_queue
#define WEIR_VERSION_atomic_queue "unknown"
#endif

namespace weir {
namespace {

constexpr std::size_t kMaxCapacity = std::size_t{1} << 30;  // the cursors are compared as int

constexpr Source source_of(std::string_view name) {
  return {.name = name,
          .version = WEIR_VERSION_atomic_queue,
          .licence = "MIT",
          .url = "https://github.com/max0x7ba/atomic_queue"};
}

constexpr Contract kMany{.overflow = Overflow::fail,
                         .order = Order::none,
                         .close = Close::none,
                         .capacity_rule = CapacityRule::power_of_two,
                         .max_capacity = kMaxCapacity};

unsigned checked(const Contract& contract, std::size_t capacity) {
  if (const std::string_view reason = contract.why_not(capacity); !reason.empty()) {
    throw std::invalid_argument(std::string(reason));
  }
  return static_cast<unsigned>(capacity);
}

constexpr SendStatus sent(bool done) { return done ? SendStatus::ok : SendStatus::full; }
constexpr RecvStatus received(bool done) { return done ? RecvStatus::ok : RecvStatus::empty; }

/// AtomicQueueB: the message is the slot.
template <Message T, bool kSpsc>
class Words {
  static_assert(sizeof(T) == sizeof(std::uint64_t) && std::is_trivially_copyable_v<T>);

 protected:
  using Queue = atomic_queue::AtomicQueueB<std::uint64_t, std::allocator<std::uint64_t>,
                                           /*NIL=*/std::uint64_t{0}, /*MAXIMIZE_THROUGHPUT=*/true,
                                           /*TOTAL_ORDER=*/false, kSpsc>;

 public:
  using value_type = T;
  static constexpr Contract kContract = [] {
    Contract contract = kMany;
    contract.message = MessageRule::nonzero_word;
    contract.min_capacity = 64;
    contract.source = source_of("atomic_queue::AtomicQueueB");
    if (kSpsc) {
      contract.producers = Side::one;
      contract.consumers = Side::one;
      contract.order = Order::fifo;
    }
    return contract;
  }();

  /// Throws std::invalid_argument for a capacity that the library would change, and std::bad_alloc.
  explicit Words(std::size_t capacity) : queue_(checked(kContract, capacity)) {}

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return sent(queue_->try_push(std::bit_cast<std::uint64_t>(message)));
    }

   protected:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept {
      std::uint64_t word = 0;
      const bool done = queue_->try_pop(word);
      if (done) message = std::bit_cast<T>(word);
      return received(done);
    }

   protected:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.was_size(); }

 protected:
  Queue queue_;
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
      this->queue_->push(std::bit_cast<std::uint64_t>(message));
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
};

/// AtomicQueue2 and AtomicQueueB2: any message, and a state beside it.
template <Message T, class Queue>
class States {
 public:
  using value_type = T;

  explicit States(unsigned capacity) : queue_(capacity) {}
  States() = default;

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept { return sent(queue_->try_push(std::move(message))); }

   private:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept { return received(queue_->try_pop(message)); }

   private:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.was_size(); }

 private:
  Queue queue_;
};

constexpr Contract states_contract(std::string_view name, std::size_t min, std::size_t max) {
  Contract contract = kMany;
  contract.min_capacity = min;
  contract.max_capacity = max;
  contract.source = source_of(name);
  return contract;
}

/// AtomicQueue2 has its capacity from the compiler: a channel of this one only.
constexpr std::size_t kFixed = 1024;

template <Message T>
class Fixed : public States<T, atomic_queue::AtomicQueue2<T, kFixed>> {
 public:
  static constexpr Contract kContract =
      states_contract("atomic_queue::AtomicQueue2", kFixed, kFixed);
  /// Throws std::invalid_argument for any other capacity.
  explicit Fixed(std::size_t capacity) { checked(kContract, capacity); }
};

template <Message T>
class Sized : public States<T, atomic_queue::AtomicQueueB2<T>> {
 public:
  static constexpr Contract kContract =
      states_contract("atomic_queue::AtomicQueueB2", 4096, kMaxCapacity);
  /// Throws std::invalid_argument for a capacity that the library would change, and std::bad_alloc.
  explicit Sized(std::size_t capacity)
      : States<T, atomic_queue::AtomicQueueB2<T>>(checked(kContract, capacity)) {}
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
struct AtomicQueue2Spin {
  template <class T>
  using Channel = Waiting<Fixed<T>, Spin>;
};
struct AtomicQueue2Yield {
  template <class T>
  using Channel = Waiting<Fixed<T>, Yield>;
};
struct AtomicQueue2Park {
  template <class T>
  using Channel = Waiting<Fixed<T>, Park>;
};
struct AtomicQueue2Runtime {
  template <class T>
  using Channel = Waiting<Sized<T>, Yield>;
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
const Enter<AtomicQueue2Spin> fixed_spin{
    "atomic_queue2:spin",
    "AtomicQueue2, any message, capacity 1024 from the compiler; pauses for ever"};
const Enter<AtomicQueue2Yield> fixed_yield{"atomic_queue2:yield",
                                           "the same; pauses, then gives up the core"};
const Enter<AtomicQueue2Park> fixed_park{
    "atomic_queue2:park", "the same; pauses, yields a little, then sleeps on a futex"};
const Enter<AtomicQueue2Runtime> sized{
    "atomic_queue2:runtime",
    "AtomicQueueB2, any message, capacity at run time from 4096; pauses, then gives up the core"};

// --- the library's own calls, by hand: what the adapters are measured against

/// Messages as `uncontended` makes and checks them. `pair(in, out)` sends one and receives one.
template <class Word, class Pair>
NativePass native(Pair pair) {
  return [pair, sequence = std::uint64_t{0}](std::uint64_t pairs) mutable {
    std::uint64_t wrong = 0;
    Word message{};
    for (std::uint64_t i = 0; i < pairs; ++i) {
      const std::uint64_t word = MessageId{0, sequence++}.word();
      const bool right = pair(Word{word}, message) && message == Word{word};
      wrong += right ? 0 : 1;
    }
    return wrong;
  };
}

template <class Queue>
NativePass native_try(std::shared_ptr<Queue> queue) {
  using Word = typename Queue::value_type;
  return native<Word>([queue](Word&& in, Word& out) {
    return queue->try_push(std::move(in)) && queue->try_pop(out);
  });
}

template <class Queue>
NativePass native_optimist(std::shared_ptr<Queue> queue) {
  return native<std::uint64_t>([queue](std::uint64_t in, std::uint64_t& out) {
    queue->push(in);
    out = queue->pop();
    return true;
  });
}

using Word = std::uint64_t;
using ManyWords = atomic_queue::AtomicQueueB<Word>;
using SpscWords =
    atomic_queue::AtomicQueueB<Word, std::allocator<Word>, Word{0}, true, false, true>;

const EnterNative many_native{
    "atomic_queue:yield", [](std::size_t capacity) {
      return native_try(std::make_shared<ManyWords>(static_cast<unsigned>(capacity)));
    }};
const EnterNative optimist_native{
    "atomic_queue:optimist", [](std::size_t capacity) {
      return native_optimist(std::make_shared<ManyWords>(static_cast<unsigned>(capacity)));
    }};
const EnterNative spsc_native{
    "atomic_queue_spsc:yield", [](std::size_t capacity) {
      return native_try(std::make_shared<SpscWords>(static_cast<unsigned>(capacity)));
    }};
const EnterNative fixed_native{
    "atomic_queue2:yield", [](std::size_t) {
      return native_try(std::make_shared<atomic_queue::AtomicQueue2<Payload<8>, kFixed>>());
    }};
const EnterNative sized_native{
    "atomic_queue2:runtime", [](std::size_t capacity) {
      return native_try(std::make_shared<atomic_queue::AtomicQueueB2<Payload<8>>>(
          static_cast<unsigned>(capacity)));
    }};

}  // namespace
}  // namespace weir
