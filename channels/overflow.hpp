// What a send does in a full channel instead of waiting: Overflowing<Channel, policy>.
//
// fail:        `full`, and the message stays with the caller
// drop_newest: `dropped`: the same, but the message counts as lost; to offer it again is no use
// drop_oldest: `evicted`: taken, and the argument now holds the oldest message, which was pushed
// out
//
// Promises what the channel below promises; its try-form says in one instant whether there is room,
// and evicts in one instant (EvictingSender), so that nothing has to be undone here: of each send's
// message exactly one of taken, refused or dropped is true, and a send pushes out at most one.
// Receive with a deadline and then send again would not do: between the two another sender may take
// the place, and who then evicts a second message has two to give back and one argument.
//
// Sends never wait, so that a deadline does not matter to them. Receivers wait as the channel below
// has them wait.
#pragma once

#include "channels/channel.hpp"
#include "channels/sync.hpp"

namespace weir {

template <BlockingChannel Channel, Overflow kOverflow>
class Overflowing {
  static_assert(kOverflow != Overflow::block, "that is the channel itself");

 public:
  using value_type = typename Channel::value_type;
  using sync_type = typename Channel::sync_type;
  static constexpr Contract kContract = [] {
    Contract contract = Channel::kContract;
    contract.overflow = kOverflow;
    return contract;
  }();

  /// Throws what the channel throws.
  explicit Overflowing(std::size_t capacity) : channel_(capacity) {}

  class Sender {
   public:
    explicit Sender(Channel& channel) : inner_(channel.sender()) {}

    /// ok, closed, or what the policy says. Never waits.
    SendStatus try_send(value_type&& message) noexcept {
      if constexpr (kOverflow == Overflow::drop_oldest) {
        return inner_.try_send_evicting(std::move(message));
      } else {
        const SendStatus status = inner_.try_send(std::move(message));
        const bool drops = kOverflow == Overflow::drop_newest && status == SendStatus::full;
        return drops ? SendStatus::dropped : status;
      }
    }
    /// As try_send().
    SendStatus send(value_type&& message) noexcept { return try_send(std::move(message)); }
    /// As try_send(), whatever the deadline.
    SendStatus send_until(value_type&& message, Deadline) noexcept {
      return try_send(std::move(message));
    }
    /// A sender never waits: zeros.
    [[nodiscard]] const WaitStats& stats() const noexcept { return inner_.stats(); }

   private:
    SenderOf<Channel> inner_;
  };

  Sender sender() { return Sender(channel_); }
  ReceiverOf<Channel> receiver() { return channel_.receiver(); }

  /// Anyone, any number of times; wakes everyone.
  void close() requires ClosableChannel<Channel> { channel_.close(); }

  [[nodiscard]] std::size_t size_hint() const noexcept requires SizedChannel<Channel> {
    return channel_.size_hint();
  }

 private:
  Channel channel_;
};

}  // namespace weir
