// honest.cpp with a fault: it accepts every 1 000 000th message and does not keep it. A throughput
// figure does not show that; the trial must say which message is missing.
#include <condition_variable>
#include <deque>
#include <mutex>

#include "harness/enter.hpp"

namespace weir {
namespace {

template <class T>
class Loses {
 public:
  using value_type = T;
  static constexpr Contract kContract{.wait = Wait::park, .progress = Progress::lock};

  explicit Loses(std::size_t capacity) : capacity_(capacity) {}

  struct Sender {
    Loses* channel;
    SendStatus send(T&& message) noexcept { return channel->put(message); }
  };
  struct Receiver {
    Loses* channel;
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
    // The fault: accepted, and gone. Nobody would see it in a demonstration.
    if (++sent_ % 1'000'000 != 0) messages_.push_back(std::move(message));
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

struct LosesFamily {
  template <class T>
  using Channel = Loses<T>;
};

const Enter<LosesFamily> entered{"faulty_loses", "loses every 1 000 000th message"};

}  // namespace
}  // namespace weir
