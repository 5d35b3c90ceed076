// AtomicQueue2 and AtomicQueueB2 of the library atomic_queue (M. Egorushkin): a ring of messages,
// each with a state byte.
// needs: atomic_queue atomic_queue::atomic_queue
//
// Any message. AtomicQueue2 has its capacity from the compiler: here 1024 and no other.
// AtomicQueueB2 rounds what it is given at run time up to a power of two and to at least 4096; we
// do not enter capacities that would be changed. Order, waiting and exceptions as in
// atomic_queue.cpp: with several senders or receivers no order, not even for each sender.
#include <atomic_queue/atomic_queue.h>

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

constexpr Contract contract_of(std::string_view name, std::size_t min, std::size_t max) {
  return {.overflow = Overflow::fail,
          .order = Order::none,
          .empty = Answer::spurious,  // as in atomic_queue.cpp
          .full = Answer::spurious,
          .close = Close::none,
          .capacity_rule = CapacityRule::power_of_two,
          .min_capacity = min,
          .max_capacity = max,
          .source = {.name = name,
                     .version = WEIR_VERSION_atomic_queue,
                     .licence = "MIT",
                     .url = "https://github.com/max0x7ba/atomic_queue"}};
}

unsigned checked(const Contract& contract, std::size_t capacity) {
  if (const std::string_view reason = contract.why_not(capacity); !reason.empty()) {
    throw std::invalid_argument(std::string(reason));
  }
  return static_cast<unsigned>(capacity);
}

/// What both have in common.
template <Message T, class Queue>
class States {
 public:
  using value_type = T;

  explicit States(unsigned capacity) : queue_(capacity) {}
  States() = default;

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return queue_->try_push(std::move(message)) ? SendStatus::ok : SendStatus::full;
    }

   private:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept {
      return queue_->try_pop(message) ? RecvStatus::ok : RecvStatus::empty;
    }

   private:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.was_size(); }

 private:
  Queue queue_;
};

constexpr std::size_t kFixed = 1024;

template <Message T>
class Fixed : public States<T, atomic_queue::AtomicQueue2<T, kFixed>> {
 public:
  static constexpr Contract kContract = contract_of("atomic_queue::AtomicQueue2", kFixed, kFixed);
  /// Throws std::invalid_argument for any other capacity.
  explicit Fixed(std::size_t capacity) { checked(kContract, capacity); }
};

template <Message T>
class Sized : public States<T, atomic_queue::AtomicQueueB2<T>> {
 public:
  static constexpr Contract kContract =
      contract_of("atomic_queue::AtomicQueueB2", 4096, std::size_t{1} << 30);
  /// Throws std::invalid_argument for a capacity that the library would change, and std::bad_alloc.
  explicit Sized(std::size_t capacity)
      : States<T, atomic_queue::AtomicQueueB2<T>>(checked(kContract, capacity)) {}
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

// --- the library's own calls, by hand

template <class Queue>
NativePass native_over(std::shared_ptr<Queue> queue) {
  using Word = typename Queue::value_type;
  return native_pairs<Word>([queue](Word&& in, Word& out) {
    return queue->try_push(std::move(in)) && queue->try_pop(out);
  });
}

NativePass native_fixed(std::size_t) {
  return native_over(std::make_shared<atomic_queue::AtomicQueue2<Payload<8>, kFixed>>());
}

NativePass native_sized(std::size_t capacity) {
  using Queue = atomic_queue::AtomicQueueB2<Payload<8>>;
  return native_over(std::make_shared<Queue>(static_cast<unsigned>(capacity)));
}

const EnterNative fixed_entry{"atomic_queue2:yield", native_fixed};
const EnterNative sized_entry{"atomic_queue2:runtime", native_sized};

}  // namespace
}  // namespace weir
