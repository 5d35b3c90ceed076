// honest.cpp with a fault: now and then the newest message overtakes its neighbour. Every message
// arrives exactly once, so that counts and sums are right; only the order is not what the contract
// says.
#include <condition_variable>
#include <deque>
#include <mutex>

#include "harness/enter.hpp"

namespace weir {
namespace {

template <class T>
class Reorders {
 public:
  using value_type = T;
  static constexpr Contract kContract{.wait = Wait::park, .progress = Progress::lock};

  explicit Reorders(std::size_t capacity) : capacity_(capacity) {}

  struct Sender {
    Reorders* channel;
    SendStatus send(T&& message) noexcept { return channel->put(message); }
  };
  struct Receiver {
    Reorders* channel;
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
    // The fault: neither lost nor doubled, only in the wrong order.
    const std::size_t depth = messages_.size();
    if (++sent_ % 10'000 < 100 && depth > 1) std::swap(messages_[depth - 1], messages_[depth - 2]);
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

struct ReordersFamily {
  template <class T>
  using Channel = Reorders<T>;
};

const Enter<ReordersFamily> entered{"faulty_reorders", "swaps two neighbours now and then"};

}  // namespace
}  // namespace weir
