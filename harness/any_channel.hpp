// A channel whose type is not known: for stress, whose operations are slow anyway, and for
// scenarios, which measure what the erasure costs them. One virtual call an operation. Stress sends
// words (AnyChannel), scenarios larger messages too (AnyChannelOf<T>).
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "channels/channel.hpp"
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

template <class T>
class AnyChannelOf {
 public:
  virtual ~AnyChannelOf() = default;
  [[nodiscard]] virtual std::unique_ptr<AnySenderOf<T>> sender() = 0;
  [[nodiscard]] virtual std::unique_ptr<AnyReceiverOf<T>> receiver() = 0;
  virtual void close() noexcept = 0;
  [[nodiscard]] virtual std::size_t size_hint() const noexcept = 0;
  /// Sends a message and receives it again on the calling thread, so many times, with everything
  /// inlined: against it the cost of the erasure is measured. How many did not come back.
  [[nodiscard]] virtual std::uint64_t pass(std::uint64_t pairs) = 0;
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

/// Sends a message and receives it again, so many times: over handles of a channel or over erased
/// ones. How many did not come back.
template <class T, class Sender, class Receiver>
std::uint64_t pass_pairs(Sender& sender, Receiver& receiver, std::uint64_t pairs) noexcept {
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    T message = MessageTraits<T>::make(MessageId{0, i}.word());
    SendStatus sent;
    if constexpr (requires { sender.send(message); }) {
      sent = sender.send(message);
    } else {
      sent = sender.send(std::move(message));
    }
    // Nobody who only sends or only receives knows what the other side left in the cursors.
    asm volatile("" : : : "memory");
    T back{};
    const RecvStatus received = receiver.recv(back);
    const bool right = sent == SendStatus::ok && received == RecvStatus::ok &&
                       MessageTraits<T>::word(back) == MessageId{0, i}.word();
    if (!right) ++wrong;
  }
  return wrong;
}

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
  std::uint64_t pass(std::uint64_t pairs) override {
    auto sender = channel_.sender();
    auto receiver = channel_.receiver();
    return pass_pairs<T>(sender, receiver, pairs);
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
