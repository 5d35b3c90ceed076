// honest.cpp with a fault: it writes through a null pointer after 10 000 messages. That ends the
// trial's process and nothing else; the other channels are measured all the same.
#include <condition_variable>
#include <deque>
#include <mutex>

#include "harness/enter.hpp"

namespace weir {
namespace {

template <class T>
class Crashes {
 public:
  using value_type = T;
  static constexpr Contract kContract{.wait = Wait::park, .progress = Progress::lock};

  explicit Crashes(std::size_t capacity) : capacity_(capacity) {}

  struct Sender {
    Crashes* channel;
    SendStatus send(T&& message) noexcept { return channel->put(message); }
  };
  struct Receiver {
    Crashes* channel;
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
    // The fault: somebody forgot to allocate it.
    if (++taken_ == 10'000) *statistics_ = 1;
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
  volatile int* statistics_ = nullptr;
};

struct CrashesFamily {
  template <class T>
  using Channel = Crashes<T>;
};

const Enter<CrashesFamily> entered{"faulty_crashes", "dereferences null after 10 000 messages"};

}  // namespace
}  // namespace weir
