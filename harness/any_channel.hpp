// A channel whose type is not known: for stress, whose operations are slow anyway. One virtual call
// an operation; messages are one word.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "channels/channel.hpp"
#include "harness/message.hpp"

namespace weir {

using Token = Payload<8>;

/// A sender's handle; made on the thread that uses it. Messages are moved from on ok and evicted.
class AnySender {
 public:
  virtual ~AnySender() = default;
  virtual SendStatus try_send(Token& message) noexcept = 0;
  virtual SendStatus send(Token& message) noexcept = 0;
  virtual SendStatus send_until(Token& message, Deadline deadline) noexcept = 0;
  virtual SentBatch send_n(std::span<Token> batch) noexcept = 0;
  [[nodiscard]] virtual WaitStats stats() const noexcept = 0;
};

class AnyReceiver {
 public:
  virtual ~AnyReceiver() = default;
  virtual RecvStatus try_recv(Token& message) noexcept = 0;
  virtual RecvStatus recv(Token& message) noexcept = 0;
  virtual RecvStatus recv_until(Token& message, Deadline deadline) noexcept = 0;
  virtual ReceivedBatch recv_n(std::span<Token> batch) noexcept = 0;
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

class AnyChannel {
 public:
  virtual ~AnyChannel() = default;
  [[nodiscard]] virtual std::unique_ptr<AnySender> sender() = 0;
  [[nodiscard]] virtual std::unique_ptr<AnyReceiver> receiver() = 0;
  virtual void close() noexcept = 0;
  [[nodiscard]] virtual std::size_t size_hint() const noexcept = 0;
};

/// How to make a channel of one registered kind.
struct AnyFactory {
  std::unique_ptr<AnyChannel> (*make)(std::size_t capacity) = nullptr;
  Operations operations;
};

namespace detail {

template <class C>
constexpr Operations operations_of() {
  return {.tries = TrySender<SenderOf<C>, Token> && TryReceiver<ReceiverOf<C>, Token>,
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
class ErasedSender final : public AnySender {
 public:
  explicit ErasedSender(C& channel) : handle_(channel.sender()) {}
  SendStatus try_send(Token& message) noexcept override {
    if constexpr (operations_of<C>().tries) return handle_.try_send(std::move(message));
    std::terminate();
  }
  SendStatus send(Token& message) noexcept override { return handle_.send(std::move(message)); }
  SendStatus send_until(Token& message, Deadline deadline) noexcept override {
    if constexpr (TimedChannel<C>) return handle_.send_until(std::move(message), deadline);
    std::terminate();
  }
  SentBatch send_n(std::span<Token> batch) noexcept override {
    if constexpr (BatchChannel<C>) return handle_.send_n(batch);
    std::terminate();
  }
  WaitStats stats() const noexcept override { return stats_of(handle_); }

 private:
  SenderOf<C> handle_;
};

template <class C>
class ErasedReceiver final : public AnyReceiver {
 public:
  explicit ErasedReceiver(C& channel) : handle_(channel.receiver()) {}
  RecvStatus try_recv(Token& message) noexcept override {
    if constexpr (operations_of<C>().tries) return handle_.try_recv(message);
    std::terminate();
  }
  RecvStatus recv(Token& message) noexcept override { return handle_.recv(message); }
  RecvStatus recv_until(Token& message, Deadline deadline) noexcept override {
    if constexpr (TimedChannel<C>) return handle_.recv_until(message, deadline);
    std::terminate();
  }
  ReceivedBatch recv_n(std::span<Token> batch) noexcept override {
    if constexpr (BatchChannel<C>) return handle_.recv_n(batch);
    std::terminate();
  }
  WaitStats stats() const noexcept override { return stats_of(handle_); }

 private:
  ReceiverOf<C> handle_;
};

template <class C>
class ErasedChannel final : public AnyChannel {
 public:
  explicit ErasedChannel(std::size_t capacity) : channel_(capacity) {}
  std::unique_ptr<AnySender> sender() override {
    return std::make_unique<ErasedSender<C>>(channel_);
  }
  std::unique_ptr<AnyReceiver> receiver() override {
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

 private:
  C channel_;
};

}  // namespace detail

/// Erases a channel of tokens.
template <class C>
AnyFactory erase() {
  return {.make = [](std::size_t capacity) -> std::unique_ptr<AnyChannel> {
            return std::make_unique<detail::ErasedChannel<C>>(capacity);
          },
          .operations = detail::operations_of<C>()};
}

}  // namespace weir
