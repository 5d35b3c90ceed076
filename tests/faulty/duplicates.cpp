// honest.cpp with a fault: it delivers its 50 000th message twice. It has to copy that one, so that
// its contract says what it carries: trivially copyable messages only. What else there is becomes
// "not applicable" with that reason.
#include <condition_variable>
#include <deque>
#include <mutex>

#include "harness/enter.hpp"

namespace weir {
namespace {

template <class T>
class Duplicates {
 public:
  using value_type = T;
  static constexpr Contract kContract{
      .wait = Wait::park, .message = MessageRule::trivially_copyable, .progress = Progress::lock};

  explicit Duplicates(std::size_t capacity) : capacity_(capacity) {}

  struct Sender {
    Duplicates* channel;
    SendStatus send(T&& message) noexcept { return channel->put(message); }
  };
  struct Receiver {
    Duplicates* channel;
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
    // The fault: one message is there twice, side by side, so that order alone looks right.
    if (++sent_ == 50'000) messages_.push_back(message);
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
  std::uint64_t sent_ = 0;
};

struct DuplicatesFamily {
  template <class T>
  using Channel = Duplicates<T>;
};

const Enter<DuplicatesFamily> entered{"faulty_duplicates", "delivers one message twice"};

}  // namespace
}  // namespace weir
