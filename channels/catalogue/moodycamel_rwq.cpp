// ReaderWriterQueue and BlockingReaderWriterCircularBuffer of C. Desrochers (moodycamel): one
// sender, one receiver.
// needs: readerwriterqueue moodycamel::readerwriterqueue
//
// ReaderWriterQueue is a ring of blocks, each of which is a ring with cached indices. Its capacity
// is a lower bound: up to 1023 the block has the next power of two less one places (100 gives 127),
// above it blocks of 511 are added, one of them to spare (1024 gives 1533 to 2044, as it comes:
// a block that the receiver has begun is not written to until it is left).
// BlockingReaderWriterCircularBuffer holds exactly what it was asked for; two semaphores count its
// places and its messages. Nothing here allocates after construction, or throws.
#include <chrono>
#include <memory>
#include <stdexcept>

#include "channels/catalogue/native_pairs.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"

// Debian has these in a folder too; flat they are the same, and a release of upstream has them
// flat.
#include <readerwritercircularbuffer.h>
#include <readerwriterqueue.h>

#ifndef WEIR_VERSION_readerwriterqueue
#define WEIR_VERSION_readerwriterqueue "unknown"
#endif

namespace weir {
namespace {

using moodycamel::BlockingReaderWriterCircularBuffer;
using moodycamel::ReaderWriterQueue;

constexpr Source source_of(std::string_view name) {
  return {.name = name,
          .version = WEIR_VERSION_readerwriterqueue,
          .licence = "BSD-2-Clause",
          .url = "https://github.com/cameron314/readerwriterqueue"};
}

constexpr SendStatus sent(bool done) { return done ? SendStatus::ok : SendStatus::full; }
constexpr RecvStatus received(bool done) { return done ? RecvStatus::ok : RecvStatus::empty; }

/// try_enqueue(), which never takes more memory, and try_dequeue().
template <Message T>
class Rwq {
  using Queue = ReaderWriterQueue<T>;

 public:
  using value_type = T;
  static constexpr Contract kContract{.producers = Side::one,
                                      .consumers = Side::one,
                                      .bound = Bound::at_least,
                                      .overflow = Overflow::fail,
                                      .close = Close::none,
                                      .progress = Progress::lock_free,
                                      .source = source_of("moodycamel::ReaderWriterQueue")};

  /// Throws std::invalid_argument for a capacity of 0, and std::bad_alloc.
  explicit Rwq(std::size_t capacity) : queue_(capacity) {
    if (capacity == 0) throw std::invalid_argument("capacity must be at least 1");
  }

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return sent(queue_->try_enqueue(std::move(message)));
    }

   private:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept { return received(queue_->try_dequeue(message)); }

   private:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  /// The sum over the blocks, read one after another.
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.size_approx(); }

 private:
  Queue queue_;
};

/// The library's own blocking form: both sides spin 1024 times, then sleep on their semaphore.
template <Message T>
class Buffer {
  using Queue = BlockingReaderWriterCircularBuffer<T>;

 public:
  using value_type = T;
  static constexpr Contract kContract{
      .producers = Side::one,
      .consumers = Side::one,
      .close = Close::none,
      .wait = Wait::park,
      .timed = true,
      .progress = Progress::lock_free,
      .source = source_of("moodycamel::BlockingReaderWriterCircularBuffer")};

  /// Throws std::invalid_argument for a capacity of 0: the library would take it for 2^64.
  explicit Buffer(std::size_t capacity) : queue_(checked(capacity)) {}

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return sent(queue_->try_enqueue(std::move(message)));
    }
    SendStatus send(T&& message) noexcept {
      queue_->wait_enqueue(std::move(message));
      return SendStatus::ok;
    }
    SendStatus send_until(T&& message, Deadline deadline) noexcept {
      const bool done = within(
          deadline, [&] { return queue_->try_enqueue(std::move(message)); },
          [&](auto left) { return queue_->wait_enqueue_timed(std::move(message), left); });
      return done ? SendStatus::ok : SendStatus::timed_out;
    }

   private:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept { return received(queue_->try_dequeue(message)); }
    RecvStatus recv(T& message) noexcept {
      queue_->wait_dequeue(message);
      return RecvStatus::ok;
    }
    RecvStatus recv_until(T& message, Deadline deadline) noexcept {
      const bool done = within(
          deadline, [&] { return queue_->try_dequeue(message); },
          [&](auto left) { return queue_->wait_dequeue_timed(message, left); });
      return done ? RecvStatus::ok : RecvStatus::timed_out;
    }

   private:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.size_approx(); }

 private:
  static std::size_t checked(std::size_t capacity) {
    if (capacity == 0) throw std::invalid_argument("capacity must be at least 1");
    return capacity;
  }

  /// The library's time-outs are relative, in microseconds, of the wall clock; below 0 is for ever.
  template <class Try, class Timed>
  static bool within(Deadline deadline, const Try& attempt, const Timed& timed) noexcept {
    for (;;) {
      const Deadline now = std::chrono::steady_clock::now();
      if (now >= deadline) return attempt();
      if (timed(std::chrono::ceil<std::chrono::microseconds>(deadline - now))) return true;
    }
  }

  Queue queue_;
};

struct RwqSpin {
  template <class T>
  using Channel = Waiting<Rwq<T>, Spin>;
};
struct RwqYield {
  template <class T>
  using Channel = Waiting<Rwq<T>, Yield>;
};
struct RwqPark {
  template <class T>
  using Channel = Waiting<Rwq<T>, Park>;
};
struct RwqBlocking {
  template <class T>
  using Channel = Buffer<T>;
};

const Enter<RwqSpin> spin{"moodycamel_rwq:spin",
                          "ReaderWriterQueue, rings of 511 in a ring; pauses for ever"};
const Enter<RwqYield> yield{"moodycamel_rwq:yield", "the same; pauses, then gives up the core"};
const Enter<RwqPark> park{"moodycamel_rwq:park",
                          "the same; pauses, yields a little, then sleeps on a futex"};
const Enter<RwqBlocking> blocking{
    "moodycamel_rwq:blocking",
    "BlockingReaderWriterCircularBuffer: spins 1024 times, then sleeps on a semaphore"};

// --- the library's own calls, by hand

using Word = Payload<8>;

NativePass native_rwq(std::size_t capacity) {
  const auto queue = std::make_shared<ReaderWriterQueue<Word>>(capacity);
  return native_pairs<Word>([queue](Word&& in, Word& out) {
    return queue->try_enqueue(std::move(in)) && queue->try_dequeue(out);
  });
}

NativePass native_buffer(std::size_t capacity) {
  const auto queue = std::make_shared<BlockingReaderWriterCircularBuffer<Word>>(capacity);
  return native_pairs<Word>([queue](Word&& in, Word& out) {
    queue->wait_enqueue(std::move(in));
    queue->wait_dequeue(out);
    return true;
  });
}

const EnterNative rwq_entry{"moodycamel_rwq:yield", native_rwq};
const EnterNative buffer_entry{"moodycamel_rwq:blocking", native_buffer};

}  // namespace
}  // namespace weir
