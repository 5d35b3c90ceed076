// A channel whose type is not known: for stress, whose operations are slow anyway, and for
// scenarios, which measure what the erasure costs them. One virtual call an operation. Stress sends
// words (AnyChannel), scenarios larger messages too (AnyChannelOf<T>).
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "channels/channel.hpp"
#include "harness/clock.hpp"
#include "harness/message.hpp"

namespace weir {

using Token = Payload<8>;

/// A sender's handle; made on the thread that uses it. Messages are moved from on ok and evicted.
template <class T>
class AnySenderOf {
 public:
  virtual ~AnySenderOf() = default;
  virtual SendStatus try_send(T& message) noexcept = 0;
  virtual SendStatus send(T& message) noexcept = 0;
  virtual SendStatus send_until(T& message, Deadline deadline) noexcept = 0;
  virtual SentBatch send_n(std::span<T> batch) noexcept = 0;
  [[nodiscard]] virtual WaitStats stats() const noexcept = 0;
};

template <class T>
class AnyReceiverOf {
 public:
  virtual ~AnyReceiverOf() = default;
  virtual RecvStatus try_recv(T& message) noexcept = 0;
  virtual RecvStatus recv(T& message) noexcept = 0;
  virtual RecvStatus recv_until(T& message, Deadline deadline) noexcept = 0;
  virtual ReceivedBatch recv_n(std::span<T> batch) noexcept = 0;
  [[nodiscard]] virtual WaitStats stats() const noexcept = 0;
};

/// Which of the operations above exist; calling another one is an error of the caller's and ends
/// the process.
struct Operations {
  bool tries = false;
  bool timed = false;
  bool batches = false;
  bool closes = false;
  bool sized = false;
  bool counts_waits = false;
};

/// Nanoseconds a message, on each side.
struct SideTimes {
  double send = 0;
  double recv = 0;
};

/// Sends some messages and receives them again, `times` over, on the calling thread: over handles
/// of a channel or over erased ones. The channel is empty and has room for `at_once`.
inline constexpr std::size_t kAtOnce = 64;
template <class T, class Sender, class Receiver>
SideTimes time_sides(Sender& sender, Receiver& receiver, int times, std::size_t at_once) noexcept {
  std::int64_t sending = 0;
  std::int64_t receiving = 0;
  for (int i = 0; i < times; ++i) {
    const std::int64_t start = MonotonicClock::now_ns();
    for (std::size_t n = 0; n < at_once; ++n) {
      T message = MessageTraits<T>::make(MessageId{0, n}.word());
      if constexpr (requires { sender.send(message); }) {
        static_cast<void>(sender.send(message));
      } else {
        static_cast<void>(sender.send(std::move(message)));
      }
      // Nobody who only sends knows what the other side left in the cursors.
      asm volatile("" : : : "memory");
    }
    const std::int64_t half = MonotonicClock::now_ns();
    for (std::size_t n = 0; n < at_once; ++n) {
      T back{};
      static_cast<void>(receiver.recv(back));
      asm volatile("" : : "r"(&back) : "memory");
    }
    sending += half - start;
    receiving += MonotonicClock::now_ns() - half;
  }
  const double messages = static_cast<double>(times) * static_cast<double>(at_once);
  return {static_cast<double>(sending) / messages, static_cast<double>(receiving) / messages};
}

template <class T>
class AnyChannelOf {
 public:
  virtual ~AnyChannelOf() = default;
  [[nodiscard]] virtual std::unique_ptr<AnySenderOf<T>> sender() = 0;
  [[nodiscard]] virtual std::unique_ptr<AnyReceiverOf<T>> receiver() = 0;
  virtual void close() noexcept = 0;
  [[nodiscard]] virtual std::size_t size_hint() const noexcept = 0;
  /// time_sides with everything inlined: against it the cost of the erasure is measured.
  [[nodiscard]] virtual SideTimes time_sides(int times, std::size_t at_once) = 0;
};

using AnySender = AnySenderOf<Token>;
using AnyReceiver = AnyReceiverOf<Token>;
using AnyChannel = AnyChannelOf<Token>;

/// How to make a channel of one registered kind.
template <class T>
struct AnyFactoryOf {
  std::unique_ptr<AnyChannelOf<T>> (*make)(std::size_t capacity) = nullptr;
  Operations operations;
};

using AnyFactory = AnyFactoryOf<Token>;

namespace detail {

template <class C>
constexpr Operations operations_of() {
  using T = typename C::value_type;
  return {.tries = TrySender<SenderOf<C>, T> && TryReceiver<ReceiverOf<C>, T>,
          .timed = TimedChannel<C>,
          .batches = BatchChannel<C>,
          .closes = ClosableChannel<C>,
          .sized = SizedChannel<C>,
          .counts_waits = CountsWaits<SenderOf<C>> && CountsWaits<ReceiverOf<C>>};
}

template <class Handle>
WaitStats stats_of(const Handle& handle) noexcept {
  if constexpr (CountsWaits<Handle>) return handle.stats();
  return {};
}

template <class C>
class ErasedSender final : public AnySenderOf<typename C::value_type> {
  using T = typename C::value_type;

 public:
  explicit ErasedSender(C& channel) : handle_(channel.sender()) {}
  SendStatus try_send(T& message) noexcept override {
    if constexpr (operations_of<C>().tries) return handle_.try_send(std::move(message));
    std::terminate();
  }
  SendStatus send(T& message) noexcept override { return handle_.send(std::move(message)); }
  SendStatus send_until(T& message, Deadline deadline) noexcept override {
    if constexpr (TimedChannel<C>) return handle_.send_until(std::move(message), deadline);
    std::terminate();
  }
  SentBatch send_n(std::span<T> batch) noexcept override {
    if constexpr (BatchChannel<C>) return handle_.send_n(batch);
    std::terminate();
  }
  WaitStats stats() const noexcept override { return stats_of(handle_); }

 private:
  SenderOf<C> handle_;
};

template <class C>
class ErasedReceiver final : public AnyReceiverOf<typename C::value_type> {
  using T = typename C::value_type;

 public:
  explicit ErasedReceiver(C& channel) : handle_(channel.receiver()) {}
  RecvStatus try_recv(T& message) noexcept override {
    if constexpr (operations_of<C>().tries) return handle_.try_recv(message);
    std::terminate();
  }
  RecvStatus recv(T& message) noexcept override { return handle_.recv(message); }
  RecvStatus recv_until(T& message, Deadline deadline) noexcept override {
    if constexpr (TimedChannel<C>) return handle_.recv_until(message, deadline);
    std::terminate();
  }
  ReceivedBatch recv_n(std::span<T> batch) noexcept override {
    if constexpr (BatchChannel<C>) return handle_.recv_n(batch);
    std::terminate();
  }
  WaitStats stats() const noexcept override { return stats_of(handle_); }

 private:
  ReceiverOf<C> handle_;
};

template <class C>
class ErasedChannel final : public AnyChannelOf<typename C::value_type> {
  using T = typename C::value_type;

 public:
  explicit ErasedChannel(std::size_t capacity) : channel_(capacity) {}
  std::unique_ptr<AnySenderOf<T>> sender() override {
    return std::make_unique<ErasedSender<C>>(channel_);
  }
  std::unique_ptr<AnyReceiverOf<T>> receiver() override {
    return std::make_unique<ErasedReceiver<C>>(channel_);
  }
  void close() noexcept override {
    if constexpr (ClosableChannel<C>) return channel_.close();
    std::terminate();
  }
  std::size_t size_hint() const noexcept override {
    if constexpr (SizedChannel<C>) return static_cast<std::size_t>(channel_.size_hint());
    std::terminate();
  }
  SideTimes time_sides(int times, std::size_t at_once) override {
    auto sender = channel_.sender();
    auto receiver = channel_.receiver();
    return weir::time_sides<T>(sender, receiver, times, at_once);
  }

 private:
  C channel_;
};

}  // namespace detail

/// Erases a channel.
template <class C>
AnyFactoryOf<typename C::value_type> erase() {
  return {
      .make = [](std::size_t capacity) -> std::unique_ptr<AnyChannelOf<typename C::value_type>> {
        return std::make_unique<detail::ErasedChannel<C>>(capacity);
      },
      .operations = detail::operations_of<C>()};
}

}  // namespace weir
