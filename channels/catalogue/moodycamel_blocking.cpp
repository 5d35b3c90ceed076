// BlockingConcurrentQueue of C. Desrochers (moodycamel): ConcurrentQueue with a semaphore that
// counts its messages. The library's own blocking form.
// needs: concurrentqueue moodycamel::concurrentqueue
//
// Unbounded, order, allocation and `full` as in moodycamel.cpp; senders never wait. Receivers spin
// 10 000 times, then sleep. A sender that is preempted between its enqueue and the post of the
// semaphore can leave a receiver asleep although another sender's message is there.
#include <chrono>
#include <iterator>
#include <memory>

#include "channels/catalogue/native_pairs.hpp"
#include "harness/enter.hpp"

// A release of upstream has its headers flat; Debian has them in a folder.
#if __has_include(<blockingconcurrentqueue.h>)
#include <blockingconcurrentqueue.h>
#else
#include <concurrentqueue/blockingconcurrentqueue.h>
#endif

#ifndef WEIR_VERSION_concurrentqueue
#define WEIR_VERSION_concurrentqueue "unknown"
#endif

namespace weir {
namespace {

using moodycamel::BlockingConcurrentQueue;

template <Message T>
class Blocking {
  using Queue = BlockingConcurrentQueue<T>;

 public:
  using value_type = T;
  static constexpr Contract kContract{
      .bound = Bound::unbounded,
      .order = Order::per_sender,
      .empty = Answer::spurious,
      .close = Close::none,
      .wait = Wait::park,
      .timed = true,
      .progress = Progress::claim,
      .source = {.name = "moodycamel::BlockingConcurrentQueue",
                 .version = WEIR_VERSION_concurrentqueue,
                 .licence = "BSD-2-Clause or BSL-1.0",
                 .url = "https://github.com/cameron314/concurrentqueue"}};

  explicit Blocking(std::size_t capacity) : queue_(capacity) {}

  class Sender {
   public:
    explicit Sender(Queue& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return queue_->enqueue(std::move(message)) ? SendStatus::ok : SendStatus::full;
    }
    SendStatus send(T&& message) noexcept { return try_send(std::move(message)); }
    SendStatus send_until(T&& message, Deadline) noexcept { return try_send(std::move(message)); }
    SentBatch send_n(std::span<T> batch) noexcept {
      if (batch.empty()) return {};
      const auto first = std::make_move_iterator(batch.data());
      if (!queue_->enqueue_bulk(first, batch.size())) return {0, SendStatus::full};
      return {batch.size(), SendStatus::ok};
    }

   private:
    Queue* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept {
      return queue_->try_dequeue(message) ? RecvStatus::ok : RecvStatus::empty;
    }
    RecvStatus recv(T& message) noexcept {
      queue_->wait_dequeue(message);
      return RecvStatus::ok;
    }
    /// The library's time-outs are relative, of the wall clock, in microseconds; below 0: for ever.
    RecvStatus recv_until(T& message, Deadline deadline) noexcept {
      for (;;) {
        const Deadline now = std::chrono::steady_clock::now();
        if (now >= deadline) {
          return queue_->try_dequeue(message) ? RecvStatus::ok : RecvStatus::timed_out;
        }
        const auto left = std::chrono::ceil<std::chrono::microseconds>(deadline - now);
        if (queue_->wait_dequeue_timed(message, left)) return RecvStatus::ok;
      }
    }
    ReceivedBatch recv_n(std::span<T> batch) noexcept {
      if (batch.empty()) return {};
      return {queue_->wait_dequeue_bulk(batch.data(), batch.size()), RecvStatus::ok};
    }

   private:
    Queue* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.size_approx(); }

 private:
  Queue queue_;
};

struct MoodycamelBlocking {
  template <class T>
  using Channel = Blocking<T>;
};

const Enter<MoodycamelBlocking> blocking{
    "moodycamel:blocking",
    "BlockingConcurrentQueue: unbounded; receivers spin 10 000 times, then sleep on a semaphore"};

// --- the library's own calls, by hand

NativePass native(std::size_t capacity) {
  using Word = Payload<8>;
  const auto queue = std::make_shared<BlockingConcurrentQueue<Word>>(capacity);
  return native_pairs<Word>([queue](Word&& in, Word& out) {
    const bool sent = queue->enqueue(std::move(in));
    queue->wait_dequeue(out);
    return sent;
  });
}

const EnterNative native_entry{"moodycamel:blocking", native};

}  // namespace
}  // namespace weir
