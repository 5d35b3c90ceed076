// The handles of a channel that does everything under one lock. Each form of an operation is the
// same function of the channel, which waits or not, and not beyond a deadline or for ever
// (nullptr):
//
//   send_within(T&, bool wait, const Deadline*, WaitStats&)
//   recv_within(T&, bool wait, const Deadline*, WaitStats&)
//
// A channel that does more derives from them.
#pragma once

#include <utility>

#include "channels/channel.hpp"

namespace weir {

template <class Channel, Message T>
class LockSender {
 public:
  explicit LockSender(Channel& channel) noexcept : channel_(&channel) {}
  /// ok, full or closed.
  SendStatus try_send(T&& message) noexcept {
    return channel_->send_within(message, false, nullptr, stats_);
  }
  /// Waits: ok or closed.
  SendStatus send(T&& message) noexcept {
    return channel_->send_within(message, true, nullptr, stats_);
  }
  /// Waits until `deadline`: ok, closed or timed_out.
  SendStatus send_until(T&& message, Deadline deadline) noexcept {
    return channel_->send_within(message, true, &deadline, stats_);
  }
  [[nodiscard]] const WaitStats& stats() const noexcept { return stats_; }

 protected:
  Channel* channel_;
  WaitStats stats_;
};

template <class Channel, Message T>
class LockReceiver {
 public:
  explicit LockReceiver(Channel& channel) noexcept : channel_(&channel) {}
  /// ok, empty, or closed once drained.
  RecvStatus try_recv(T& message) noexcept {
    return channel_->recv_within(message, false, nullptr, stats_);
  }
  /// Waits: ok, or closed once drained.
  RecvStatus recv(T& message) noexcept {
    return channel_->recv_within(message, true, nullptr, stats_);
  }
  /// Waits until `deadline`: ok, closed once drained, or timed_out.
  RecvStatus recv_until(T& message, Deadline deadline) noexcept {
    return channel_->recv_within(message, true, &deadline, stats_);
  }
  [[nodiscard]] const WaitStats& stats() const noexcept { return stats_; }

 protected:
  Channel* channel_;
  WaitStats stats_;
};

}  // namespace weir
