// A channel behind virtual functions, so that a test is compiled once and not once for each
// channel.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

#include "channels/channel.hpp"

namespace weir::test {

template <class T>
class AnySender {
 public:
  virtual ~AnySender() = default;
  virtual SendStatus try_send(T&& message) noexcept = 0;
  virtual SendStatus send(T&& message) noexcept = 0;
  /// Only where the contract says timed.
  virtual SendStatus send_until(T&& message, Deadline deadline) noexcept = 0;
  /// Only where the channel has batches.
  virtual SentBatch send_n(std::span<T> batch) noexcept = 0;
  /// Zeros where the channel does not count.
  [[nodiscard]] virtual WaitStats stats() const noexcept = 0;
};

template <class T>
class AnyReceiver {
 public:
  virtual ~AnyReceiver() = default;
  virtual RecvStatus try_recv(T& message) noexcept = 0;
  virtual RecvStatus recv(T& message) noexcept = 0;
  virtual RecvStatus recv_until(T& message, Deadline deadline) noexcept = 0;
  virtual ReceivedBatch recv_n(std::span<T> batch) noexcept = 0;
  [[nodiscard]] virtual WaitStats stats() const noexcept = 0;
};

template <class T>
class AnyChannel {
 public:
  virtual ~AnyChannel() = default;
  virtual std::unique_ptr<AnySender<T>> sender() = 0;
  virtual std::unique_ptr<AnyReceiver<T>> receiver() = 0;
  virtual void close() = 0;
  /// Only where the channel has one.
  [[nodiscard]] virtual std::size_t size_hint() const noexcept = 0;
};

namespace detail {

/// For an operation that the channel does not have: the test should not have asked.
[[noreturn]] inline void not_there() noexcept { std::abort(); }

template <class C>
class ErasedSender final : public AnySender<typename C::value_type> {
  using T = typename C::value_type;

 public:
  explicit ErasedSender(C& channel) : inner_(channel.sender()) {}
  SendStatus try_send(T&& message) noexcept override { return inner_.try_send(std::move(message)); }
  SendStatus send(T&& message) noexcept override { return inner_.send(std::move(message)); }
  SendStatus send_until(T&& message, Deadline deadline) noexcept override {
    if constexpr (TimedChannel<C>) {
      return inner_.send_until(std::move(message), deadline);
    } else {
      not_there();
    }
  }
  SentBatch send_n(std::span<T> batch) noexcept override {
    if constexpr (BatchChannel<C>) {
      return inner_.send_n(batch);
    } else {
      not_there();
    }
  }
  WaitStats stats() const noexcept override {
    if constexpr (CountsWaits<SenderOf<C>>) {
      return inner_.stats();
    } else {
      return {};
    }
  }

 private:
  SenderOf<C> inner_;
};

template <class C>
class ErasedReceiver final : public AnyReceiver<typename C::value_type> {
  using T = typename C::value_type;

 public:
  explicit ErasedReceiver(C& channel) : inner_(channel.receiver()) {}
  RecvStatus try_recv(T& message) noexcept override { return inner_.try_recv(message); }
  RecvStatus recv(T& message) noexcept override { return inner_.recv(message); }
  RecvStatus recv_until(T& message, Deadline deadline) noexcept override {
    if constexpr (TimedChannel<C>) {
      return inner_.recv_until(message, deadline);
    } else {
      not_there();
    }
  }
  ReceivedBatch recv_n(std::span<T> batch) noexcept override {
    if constexpr (BatchChannel<C>) {
      return inner_.recv_n(batch);
    } else {
      not_there();
    }
  }
  WaitStats stats() const noexcept override {
    if constexpr (CountsWaits<ReceiverOf<C>>) {
      return inner_.stats();
    } else {
      return {};
    }
  }

 private:
  ReceiverOf<C> inner_;
};

}  // namespace detail

template <class C>
class Erased final : public AnyChannel<typename C::value_type> {
  using T = typename C::value_type;

 public:
  explicit Erased(std::size_t capacity) : channel_(capacity) {}
  std::unique_ptr<AnySender<T>> sender() override {
    return std::make_unique<detail::ErasedSender<C>>(channel_);
  }
  std::unique_ptr<AnyReceiver<T>> receiver() override {
    return std::make_unique<detail::ErasedReceiver<C>>(channel_);
  }
  void close() override { channel_.close(); }
  std::size_t size_hint() const noexcept override {
    if constexpr (SizedChannel<C>) {
      return channel_.size_hint();
    } else {
      detail::not_there();
    }
  }

 private:
  C channel_;
};

}  // namespace weir::test
