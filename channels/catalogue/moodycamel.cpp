// ConcurrentQueue of C. Desrochers (moodycamel): each producer has a list of blocks of its own,
// consumers look for one that has something.
// needs: concurrentqueue moodycamel::concurrentqueue
//
// Unbounded: the capacity only says how many places are made ahead. FIFO for each sender, not
// linearizable: a receiver may be told `empty` while a message is there. enqueue() takes memory
// when it needs a block and answers false when there is none, which never throws: such a send says
// `full`. The capacity of try_enqueue() is no bound: it fails when no block can be recycled, which
// may be long before that many messages are in; so nobody here uses it.
#include <algorithm>
#include <atomic>
#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>

#include "channels/catalogue/native_pairs.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"

// A release of upstream has its headers flat; Debian has them in a folder.
#if __has_include(<concurrentqueue.h>)
#include <concurrentqueue.h>
#else
#include <concurrentqueue/concurrentqueue.h>
#endif

#if !defined(__clang__)
// GCC 12 takes a token's producer for null once enqueue_bulk() is inlined; Tokens checks that.
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#ifndef WEIR_VERSION_concurrentqueue
#define WEIR_VERSION_concurrentqueue "unknown"
#endif

namespace weir {
namespace {

using moodycamel::ConcurrentQueue;

constexpr Contract kUnbounded{.bound = Bound::unbounded,
                              .order = Order::per_sender,
                              .empty = Answer::spurious,
                              .close = Close::none,
                              .progress = Progress::lock_free,
                              .source = {.name = "moodycamel::ConcurrentQueue",
                                         .version = WEIR_VERSION_concurrentqueue,
                                         .licence = "BSD-2-Clause or BSL-1.0",
                                         .url = "https://github.com/cameron314/concurrentqueue"}};

constexpr SendStatus sent(bool done) { return done ? SendStatus::ok : SendStatus::full; }
constexpr RecvStatus received(bool done) { return done ? RecvStatus::ok : RecvStatus::empty; }
constexpr SentBatch sent(bool done, std::size_t count) {
  return {done ? count : 0, sent(done)};  // all or none
}
constexpr ReceivedBatch received(std::size_t count) { return {count, received(count > 0)}; }

/// The queue as it is, without tokens: it finds the calling thread's blocks by a hash of its id.
template <Message T>
class Plain {
 public:
  using value_type = T;
  static constexpr Contract kContract = kUnbounded;

  explicit Plain(std::size_t capacity) : queue_(capacity) {}

  class Sender {
   public:
    explicit Sender(ConcurrentQueue<T>& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept { return sent(queue_->enqueue(std::move(message))); }
    SentBatch try_send_n(std::span<T> batch) noexcept {
      if (batch.empty()) return {};  // enqueue_bulk() may not be called for nothing
      return sent(queue_->enqueue_bulk(std::make_move_iterator(batch.data()), batch.size()),
                  batch.size());
    }

   private:
    ConcurrentQueue<T>* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(ConcurrentQueue<T>& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept { return received(queue_->try_dequeue(message)); }
    ReceivedBatch try_recv_n(std::span<T> batch) noexcept {
      return received(queue_->try_dequeue_bulk(batch.data(), batch.size()));
    }

   private:
    ConcurrentQueue<T>* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.size_approx(); }

 private:
  ConcurrentQueue<T> queue_;
};

/// The same with a token in each handle, as the manual advises: no hash, and receivers take turns.
template <Message T>
class Tokens {
 public:
  using value_type = T;
  static constexpr Contract kContract = kUnbounded;

  explicit Tokens(std::size_t capacity) : queue_(capacity) {}

  class Sender {
   public:
    /// Throws std::bad_alloc.
    explicit Sender(ConcurrentQueue<T>& queue) : queue_(&queue), token_(queue) {
      if (!token_.valid()) throw std::bad_alloc();
    }
    SendStatus try_send(T&& message) noexcept {
      return sent(queue_->enqueue(token_, std::move(message)));
    }
    SentBatch try_send_n(std::span<T> batch) noexcept {
      if (batch.empty()) return {};
      return sent(queue_->enqueue_bulk(token_, std::make_move_iterator(batch.data()), batch.size()),
                  batch.size());
    }

   private:
    ConcurrentQueue<T>* queue_;
    moodycamel::ProducerToken token_;
  };

  class Receiver {
   public:
    explicit Receiver(ConcurrentQueue<T>& queue) noexcept : queue_(&queue), token_(queue) {}
    RecvStatus try_recv(T& message) noexcept {
      return received(queue_->try_dequeue(token_, message));
    }
    ReceivedBatch try_recv_n(std::span<T> batch) noexcept {
      return received(queue_->try_dequeue_bulk(token_, batch.data(), batch.size()));
    }

   private:
    ConcurrentQueue<T>* queue_;
    moodycamel::ConsumerToken token_;
  };

  Sender sender() { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  [[nodiscard]] std::size_t size_hint() const noexcept { return queue_.size_approx(); }

 private:
  ConcurrentQueue<T> queue_;
};

/// The queue behind a counter of the places in use, which makes it bounded. That counter is what
/// this variant adds: each operation changes it once. A place is given back after its message was
/// taken: `full` may be answered although the queue has room again.
template <Message T>
class Credit {
 public:
  using value_type = T;
  static constexpr Contract kContract = [] {
    Contract contract = kUnbounded;
    contract.bound = Bound::exact;
    contract.overflow = Overflow::fail;
    contract.full = Answer::spurious;
    return contract;
  }();

  /// Throws std::invalid_argument for a capacity of 0.
  explicit Credit(std::size_t capacity) : capacity_(capacity), queue_(capacity) {
    if (capacity == 0) throw std::invalid_argument("capacity must be at least 1");
  }

  class Sender {
   public:
    explicit Sender(Credit& channel) noexcept : channel_(&channel) {}
    SendStatus try_send(T&& message) noexcept {
      if (channel_->take(1) == 0) return SendStatus::full;
      const bool done = channel_->queue_.enqueue(std::move(message));
      if (!done) channel_->give_back(1);
      return sent(done);
    }
    SentBatch try_send_n(std::span<T> batch) noexcept {
      const std::size_t count = channel_->take(batch.size());
      if (count == 0) return {0, sent(batch.empty())};
      const bool done = channel_->queue_.enqueue_bulk(std::make_move_iterator(batch.data()), count);
      if (!done) channel_->give_back(count);
      return sent(done, count);
    }

   private:
    Credit* channel_;
  };

  class Receiver {
   public:
    explicit Receiver(Credit& channel) noexcept : channel_(&channel) {}
    RecvStatus try_recv(T& message) noexcept {
      const bool done = channel_->queue_.try_dequeue(message);
      if (done) channel_->give_back(1);
      return received(done);
    }
    ReceivedBatch try_recv_n(std::span<T> batch) noexcept {
      const std::size_t count = channel_->queue_.try_dequeue_bulk(batch.data(), batch.size());
      if (count > 0) channel_->give_back(count);
      return received(count);
    }

   private:
    Credit* channel_;
  };

  Sender sender() noexcept { return Sender(*this); }
  Receiver receiver() noexcept { return Receiver(*this); }
  [[nodiscard]] std::size_t size_hint() const noexcept {
    return used_.load(std::memory_order_relaxed);  // a hint
  }

 private:
  /// Takes up to `wanted` places; 0 when there are none.
  std::size_t take(std::size_t wanted) noexcept {
    std::size_t used = used_.load(std::memory_order_relaxed);  // the exchange below validates it
    for (;;) {
      const std::size_t count = std::min(wanted, capacity_ - used);
      if (count == 0) return 0;
      // acquire: partner is the release of give_back(); what held the places is out of the queue
      if (used_.compare_exchange_weak(used, used + count, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return count;
      }
    }
  }
  void give_back(std::size_t count) noexcept {
    used_.fetch_sub(count, std::memory_order_release);  // partner is the acquire of take()
  }

  const std::size_t capacity_;
  ConcurrentQueue<T> queue_;
  alignas(kSeparation) std::atomic<std::size_t> used_{0};
};

struct MoodycamelSpin {
  template <class T>
  using Channel = Waiting<Plain<T>, Spin>;
};
struct MoodycamelYield {
  template <class T>
  using Channel = Waiting<Plain<T>, Yield>;
};
struct MoodycamelPark {
  template <class T>
  using Channel = Waiting<Plain<T>, Park>;
};
struct MoodycamelTokens {
  template <class T>
  using Channel = Waiting<Tokens<T>, Yield>;
};
struct MoodycamelCredit {
  template <class T>
  using Channel = Waiting<Credit<T>, Yield>;
};
const Enter<MoodycamelSpin> spin{
    "moodycamel:spin", "ConcurrentQueue, unbounded, without tokens; receivers pause for ever"};
const Enter<MoodycamelYield> yield{"moodycamel:yield", "the same; pauses, then gives up the core"};
const Enter<MoodycamelPark> park{"moodycamel:park",
                                 "the same; pauses, yields a little, then sleeps on a futex"};
const Enter<MoodycamelTokens> tokens{
    "moodycamel:tokens",
    "ConcurrentQueue with a token in each handle; pauses, then gives up the core"};
const Enter<MoodycamelCredit> credit{
    "moodycamel:credit",
    "ConcurrentQueue bounded by a counter of its messages; pauses, then gives up the core"};
// --- the library's own calls, by hand

using Word = Payload<8>;

NativePass native_plain(std::size_t capacity) {
  const auto queue = std::make_shared<ConcurrentQueue<Word>>(capacity);
  return native_pairs<Word>([queue](Word&& in, Word& out) {
    return queue->enqueue(std::move(in)) && queue->try_dequeue(out);
  });
}

NativePass native_tokens(std::size_t capacity) {
  const auto queue = std::make_shared<ConcurrentQueue<Word>>(capacity);
  const auto producer = std::make_shared<moodycamel::ProducerToken>(*queue);
  const auto consumer = std::make_shared<moodycamel::ConsumerToken>(*queue);
  return native_pairs<Word>([queue, producer, consumer](Word&& in, Word& out) {
    return queue->enqueue(*producer, std::move(in)) && queue->try_dequeue(*consumer, out);
  });
}

const EnterNative plain_entry{"moodycamel:yield", native_plain};
const EnterNative tokens_entry{"moodycamel:tokens", native_tokens};

}  // namespace
}  // namespace weir
