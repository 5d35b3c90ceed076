// boost::lockfree::queue (T. Blechmann): Michael and Scott's list with tagged pointers and a list
// of free nodes.
//
// needs: Boost Boost::headers
//
// Made with its capacity in nodes and used by bounded_push(), which never takes more: the bound is
// exact. (push() would allocate; fixed_sized<true> would address nodes by 16 bits, at most 65534.)
// A pop that was interrupted before it returned its node, or a push before it linked one, makes
// others see `full` too early. Nothing throws after construction. Messages are copied while others
// may overwrite them, then checked: they must be trivially copyable.
#include <boost/lockfree/queue.hpp>
#include <memory>
#include <stdexcept>

#include "channels/catalogue/native_pairs.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"

#ifndef WEIR_VERSION_Boost
#define WEIR_VERSION_Boost "unknown"
#endif

namespace weir {
namespace {

template <Message T>
class BoostQueue {
  using Queue = boost::lockfree::queue<T>;

 public:
  using value_type = T;
  static constexpr Contract kContract{.overflow = Overflow::fail,
                                      .full = Answer::spurious,
                                      .close = Close::none,
                                      .message = MessageRule::trivially_copyable,
                                      .progress = Progress::lock_free,
                                      .source = {.name = "boost::lockfree::queue",
                                                 .version = WEIR_VERSION_Boost,
                                                 .licence = "BSL-1.0",
                                                 .url = "https://www.boost.org/libs/lockfree"}};

  /// Throws std::invalid_argument for a capacity of 0, and std::bad_alloc.
  explicit BoostQueue(std::size_t capacity) : queue_(capacity) {
    if (capacity == 0) throw std::invalid_argument("capacity must be at least 1");
  }

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return queue_->bounded_push(message) ? SendStatus::ok : SendStatus::full;
    }

   private:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept {
      // pop() writes to its argument also when another receiver was faster and it then finds
      // nothing.
      T taken;
      if (!queue_->pop(taken)) return RecvStatus::empty;
      message = taken;
      return RecvStatus::ok;
    }

   private:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }

 private:
  Queue queue_;
};

struct BoostQueueSpin {
  template <class T>
  using Channel = Waiting<BoostQueue<T>, Spin>;
};
struct BoostQueueYield {
  template <class T>
  using Channel = Waiting<BoostQueue<T>, Yield>;
};
struct BoostQueuePark {
  template <class T>
  using Channel = Waiting<BoostQueue<T>, Park>;
};

const Enter<BoostQueueSpin> spin{
    "boost_queue:spin", "lockfree::queue, bounded_push over a list of nodes; pauses for ever"};
const Enter<BoostQueueYield> yield{"boost_queue:yield", "the same; pauses, then gives up the core"};
const Enter<BoostQueuePark> park{"boost_queue:park",
                                 "the same; pauses, yields a little, then sleeps on a futex"};

// --- the library's own calls, by hand

NativePass native(std::size_t capacity) {
  using Word = Payload<8>;
  const auto queue = std::make_shared<boost::lockfree::queue<Word>>(capacity);
  return native_pairs<Word>(
      [queue](const Word& in, Word& out) { return queue->bounded_push(in) && queue->pop(out); });
}

const EnterNative native_entry{"boost_queue:yield", native};

}  // namespace
}  // namespace weir
