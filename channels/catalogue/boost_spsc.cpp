// boost::lockfree::spsc_queue (T. Blechmann): a ring of copies, both indices read on each
// operation.
//
// needs: Boost Boost::headers
//
// Holds exactly what it was asked for: its ring has one place more. push() copies and has no form
// that moves, so only messages that can be copied; we ask for trivially so. Nothing allocates after
// construction, or throws.
//
// No size_hint(): read_available() is for the receiver only, and from anywhere else it wraps round
// when a receive comes between its two loads.
#include <boost/lockfree/spsc_queue.hpp>
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
class BoostSpsc {
  using Queue = boost::lockfree::spsc_queue<T>;

 public:
  using value_type = T;
  static constexpr Contract kContract{.producers = Side::one,
                                      .consumers = Side::one,
                                      .overflow = Overflow::fail,
                                      .close = Close::none,
                                      .message = MessageRule::trivially_copyable,
                                      .progress = Progress::lock_free,
                                      .source = {.name = "boost::lockfree::spsc_queue",
                                                 .version = WEIR_VERSION_Boost,
                                                 .licence = "BSL-1.0",
                                                 .url = "https://www.boost.org/libs/lockfree"}};

  /// Throws std::invalid_argument for a capacity of 0, and std::bad_alloc.
  explicit BoostSpsc(std::size_t capacity) : queue_(capacity) {
    if (capacity == 0) throw std::invalid_argument("capacity must be at least 1");
  }

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return queue_->push(message) ? SendStatus::ok : SendStatus::full;
    }
    /// As many as fit, published at once.
    SentBatch try_send_n(std::span<T> batch) noexcept {
      const std::size_t count = queue_->push(batch.data(), batch.size());
      return {count, count > 0 || batch.empty() ? SendStatus::ok : SendStatus::full};
    }

   private:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept {
      return queue_->pop(message) ? RecvStatus::ok : RecvStatus::empty;
    }
    ReceivedBatch try_recv_n(std::span<T> batch) noexcept {
      const std::size_t count = queue_->pop(batch.data(), batch.size());
      return {count, count > 0 || batch.empty() ? RecvStatus::ok : RecvStatus::empty};
    }

   private:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }

 private:
  Queue queue_;
};

struct BoostSpscSpin {
  template <class T>
  using Channel = Waiting<BoostSpsc<T>, Spin>;
};
struct BoostSpscYield {
  template <class T>
  using Channel = Waiting<BoostSpsc<T>, Yield>;
};
struct BoostSpscPark {
  template <class T>
  using Channel = Waiting<BoostSpsc<T>, Park>;
};

const Enter<BoostSpscSpin> spin{"boost_spsc:spin", "lockfree::spsc_queue, a ring; pauses for ever"};
const Enter<BoostSpscYield> yield{"boost_spsc:yield", "the same; pauses, then gives up the core"};
const Enter<BoostSpscPark> park{"boost_spsc:park",
                                "the same; pauses, yields a little, then sleeps on a futex"};

// --- the library's own calls, by hand

NativePass native(std::size_t capacity) {
  using Word = Payload<8>;
  const auto queue = std::make_shared<boost::lockfree::spsc_queue<Word>>(capacity);
  return native_pairs<Word>(
      [queue](const Word& in, Word& out) { return queue->push(in) && queue->pop(out); });
}

const EnterNative native_entry{"boost_spsc:yield", native};

}  // namespace
}  // namespace weir
