// A channel of one's own, as small as it can be: one mutex, one condition variable, a deque.
//
//   scripts/weir run --suite smoke --channel-file tests/faulty/honest.cpp
//
// What a file like this needs: a class template over the message with handles that have send() and
// recv(), a contract that says what it promises, and one line that enters it. close() is optional;
// so are tries, deadlines, batches and a size.
//
// The files beside it are this one with a fault planted. Each of them must be convicted, and this
// one must not.
#include <condition_variable>
#include <deque>
#include <mutex>

#include "harness/enter.hpp"

namespace weir {
namespace {

template <class T>
class Honest {
 public:
  using value_type = T;
  static constexpr Contract kContract{.wait = Wait::park, .progress = Progress::lock};

  explicit Honest(std::size_t capacity) : capacity_(capacity) {}

  struct Sender {
    Honest* channel;
    SendStatus send(T&& message) noexcept { return channel->put(message); }
  };
  struct Receiver {
    Honest* channel;
    RecvStatus recv(T& message) noexcept { return channel->take(message); }
  };
  Sender sender() noexcept { return {this}; }
  Receiver receiver() noexcept { return {this}; }

  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  SendStatus put(T& message) noexcept {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return messages_.size() < capacity_ || closed_; });
    if (closed_) return SendStatus::closed;
    messages_.push_back(std::move(message));
    changed_.notify_all();
    return SendStatus::ok;
  }

  RecvStatus take(T& message) noexcept {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !messages_.empty() || closed_; });
    if (messages_.empty()) return RecvStatus::closed;
    message = std::move(messages_.front());
    messages_.pop_front();
    changed_.notify_all();
    return RecvStatus::ok;
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> messages_;
  bool closed_ = false;
};

struct HonestFamily {
  template <class T>
  using Channel = Honest<T>;
};

const Enter<HonestFamily> entered{"faulty_honest", "no fault: the twin of the faulty ones"};

}  // namespace
}  // namespace weir
