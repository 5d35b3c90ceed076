// tbb::concurrent_bounded_queue (oneTBB): eight lists of pages; a ticket says which one, and when.
// needs: TBB TBB::tbb
//
// push() and pop() take their ticket first, then wait for its turn in a monitor of the library;
// there is no way to give a ticket back, so no timed form. Pages come from the allocator and go
// back as the queue runs (a page holds 32 messages of 8 bytes, one of 256), under a spin lock for
// each list. When there is no memory it throws, and a channel's operations are noexcept: the
// program ends. abort(), which makes waiting threads throw, is not used: it is no close(), the
// queue goes on.
#include <oneapi/tbb/concurrent_queue.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "channels/catalogue/native_pairs.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"

#ifndef WEIR_VERSION_TBB
#define WEIR_VERSION_TBB "unknown"
#endif

namespace weir {
namespace {

template <class T>
using Queue = tbb::concurrent_bounded_queue<T>;

/// The try-forms.
template <Message T>
class TbbTry {
 public:
  using value_type = T;
  static constexpr Contract kContract{.overflow = Overflow::fail,
                                      .close = Close::none,
                                      .progress = Progress::lock,
                                      .max_capacity = std::numeric_limits<std::ptrdiff_t>::max(),
                                      .source = {.name = "tbb::concurrent_bounded_queue",
                                                 .version = WEIR_VERSION_TBB,
                                                 .licence = "Apache-2.0",
                                                 .url = "https://github.com/uxlfoundation/oneTBB"}};

  /// Throws std::invalid_argument for a capacity of 0, and std::bad_alloc.
  explicit TbbTry(std::size_t capacity) {
    if (capacity == 0) throw std::invalid_argument("capacity must be at least 1");
    queue_.set_capacity(static_cast<std::ptrdiff_t>(capacity));
  }

  class Sender {
   public:
    explicit Sender(Queue<T>& queue) noexcept : queue_(&queue) {}
    SendStatus try_send(T&& message) noexcept {
      return queue_->try_push(std::move(message)) ? SendStatus::ok : SendStatus::full;
    }

   protected:
    Queue<T>* queue_;
  };

  class Receiver {
   public:
    explicit Receiver(Queue<T>& queue) noexcept : queue_(&queue) {}
    RecvStatus try_recv(T& message) noexcept {
      return queue_->try_pop(message) ? RecvStatus::ok : RecvStatus::empty;
    }

   protected:
    Queue<T>* queue_;
  };

  Sender sender() noexcept { return Sender(queue_); }
  Receiver receiver() noexcept { return Receiver(queue_); }
  /// The library's size counts senders that wait as messages, and receivers that wait against them.
  [[nodiscard]] std::size_t size_hint() const noexcept {
    return static_cast<std::size_t>(
        std::clamp(queue_.size(), std::ptrdiff_t{0}, queue_.capacity()));
  }

 protected:
  Queue<T> queue_;
};

/// The library's own blocking form.
template <Message T>
class TbbBlocking : public TbbTry<T> {
  using Base = TbbTry<T>;

 public:
  static constexpr Contract kContract = [] {
    Contract contract = Base::kContract;
    contract.overflow = Overflow::block;
    contract.wait = Wait::park;
    return contract;
  }();

  using Base::Base;

  class Sender : public Base::Sender {
   public:
    using Base::Sender::Sender;
    SendStatus send(T&& message) noexcept {
      this->queue_->push(std::move(message));
      return SendStatus::ok;
    }
  };

  class Receiver : public Base::Receiver {
   public:
    using Base::Receiver::Receiver;
    RecvStatus recv(T& message) noexcept {
      this->queue_->pop(message);
      return RecvStatus::ok;
    }
  };

  Sender sender() noexcept { return Sender(this->queue_); }
  Receiver receiver() noexcept { return Receiver(this->queue_); }
};

struct TbbSpin {
  template <class T>
  using Channel = Waiting<TbbTry<T>, Spin>;
};
struct TbbYield {
  template <class T>
  using Channel = Waiting<TbbTry<T>, Yield>;
};
struct TbbPark {
  template <class T>
  using Channel = Waiting<TbbTry<T>, Park>;
};
struct Tbb {
  template <class T>
  using Channel = TbbBlocking<T>;
};

const Enter<Tbb> blocking{
    "tbb",
    "concurrent_bounded_queue: takes a ticket, then waits for its turn in the library's monitor"};
const Enter<TbbSpin> spin{"tbb:spin", "its try_push and try_pop; pauses for ever"};
const Enter<TbbYield> yield{"tbb:yield", "the same; pauses, then gives up the core"};
const Enter<TbbPark> park{"tbb:park", "the same; pauses, yields a little, then sleeps on a futex"};

// --- the library's own calls, by hand

using Word = Payload<8>;

std::shared_ptr<Queue<Word>> make_queue(std::size_t capacity) {
  auto queue = std::make_shared<Queue<Word>>();
  queue->set_capacity(static_cast<std::ptrdiff_t>(capacity));
  return queue;
}

NativePass native_blocking(std::size_t capacity) {
  return native_pairs<Word>([queue = make_queue(capacity)](Word&& in, Word& out) {
    queue->push(std::move(in));
    queue->pop(out);
    return true;
  });
}

NativePass native_try(std::size_t capacity) {
  return native_pairs<Word>([queue = make_queue(capacity)](Word&& in, Word& out) {
    return queue->try_push(std::move(in)) && queue->try_pop(out);
  });
}

const EnterNative blocking_entry{"tbb", native_blocking};
const EnterNative try_entry{"tbb:yield", native_try};

}  // namespace
}  // namespace weir
