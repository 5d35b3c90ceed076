// honest.cpp with a fault: after 10 000 messages its receivers sleep for ever, and its senders when
// it is full. The trial must be ended, and must say where each role stood.
#include <condition_variable>
#include <deque>
#include <mutex>

#include "harness/enter.hpp"

namespace weir {
namespace {

template <class T>
class Hangs {
 public:
  using value_type = T;
  static constexpr Contract kContract{.wait = Wait::park, .progress = Progress::lock};

  explicit Hangs(std::size_t capacity) : capacity_(capacity) {}

  struct Sender {
    Hangs* channel;
    SendStatus send(T&& message) noexcept { return channel->put(message); }
  };
  struct Receiver {
    Hangs* channel;
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
    // The fault: after 10 000 messages nobody gets anything any more, not even the word that it is
    // closed.
    changed_.wait(lock, [&] { return (!messages_.empty() || closed_) && taken_ < 10'000; });
    if (messages_.empty()) return RecvStatus::closed;
    ++taken_;
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
  std::uint64_t taken_ = 0;
};

struct HangsFamily {
  template <class T>
  using Channel = Hangs<T>;
};

const Enter<HangsFamily> entered{"faulty_hangs", "stops delivering after 10 000 messages"};

}  // namespace
}  // namespace weir
