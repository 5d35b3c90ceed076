// Plays a plan over a channel under ExploreSync, and keeps what each role was answered.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include "channels/channel.hpp"
#include "harness/message.hpp"
#include "harness/stress/explore/explore_sync.hpp"
#include "harness/stress/explore/parcel.hpp"
#include "harness/stress/explore/plan.hpp"
#include "harness/stress/explore/play_function.hpp"
#include "harness/stress/explore/records.hpp"

namespace weir::explore {

namespace detail {

template <class Channel>
class Player {
 public:
  Player(Channel& channel, const RolePlan& plan, std::size_t number, Plain& deed, Records& records)
      : channel_(&channel), plan_(&plan), number_(number), deed_(&deed), records_(&records) {}

  void operator()() const {
    if (plan_->sends() && plan_->receives()) {
      auto sender = channel_->sender();
      auto receiver = channel_->receiver();
      play(&sender, &receiver);
    } else if (plan_->sends()) {
      auto sender = channel_->sender();
      play<SenderOf<Channel>, ReceiverOf<Channel>>(&sender, nullptr);
    } else if (plan_->receives()) {
      auto receiver = channel_->receiver();
      play<SenderOf<Channel>, ReceiverOf<Channel>>(nullptr, &receiver);
    } else {
      play<SenderOf<Channel>, ReceiverOf<Channel>>(nullptr, nullptr);
    }
  }

 private:
  template <class Sender, class Receiver>
  void play(Sender* sender, Receiver* receiver) const {
    std::uint64_t sequence = 0;
    for (const Act act : plan_->acts) {
      if (act == Act::close) {
        close();
      } else if (act <= Act::send_until) {
        send(*sender, act, sequence++);
      } else {
        while (recv(*receiver, act) && act == Act::drain) {
        }
      }
    }
  }

  void close() const {
    if constexpr (ClosableChannel<Channel>) {
      if (!deed_->holds) World::the().use(*deed_, World::Use::put);
      records_->invoke(number_, Act::close, 0);
      channel_->close();
      records_->respond_closed(number_);
    }
  }

  /// A form that the channel does not have is left out.
  template <class Sender>
  void send(Sender& sender, Act act, std::uint64_t sequence) const {
    if (act == Act::try_send && !TrySender<Sender, Parcel>) return;
    const MessageId id{static_cast<std::uint32_t>(number_), sequence};
    Parcel parcel(id.word());
    records_->invoke(number_, act, id.word());
    SendStatus status = SendStatus::full;
    if (act == Act::send) status = sender.send(std::move(parcel));
    if (act == Act::try_send) {
      if constexpr (TrySender<Sender, Parcel>) status = sender.try_send(std::move(parcel));
    }
    if (act == Act::send_until) {
      if constexpr (TimedChannel<Channel>) {
        status = sender.send_until(std::move(parcel), soon());
      }
    }
    records_->respond(number_, status, parcel.word());
    if (status == SendStatus::closed) World::the().look(*deed_);
  }

  /// False when there will be no more.
  template <class Receiver>
  bool recv(Receiver& receiver, Act act) const {
    if (act == Act::try_recv && !TryReceiver<Receiver, Parcel>) return false;
    Parcel parcel;
    records_->invoke(number_, act, 0);
    RecvStatus status = RecvStatus::empty;
    if (act == Act::recv || act == Act::drain) status = receiver.recv(parcel);
    if (act == Act::try_recv) {
      if constexpr (TryReceiver<Receiver, Parcel>) status = receiver.try_recv(parcel);
    }
    if (act == Act::recv_until) {
      if constexpr (TimedChannel<Channel>) status = receiver.recv_until(parcel, soon());
    }
    records_->respond(number_, status, parcel.word());
    if (status == RecvStatus::closed) World::the().look(*deed_);
    return status == RecvStatus::ok;
  }

  static Deadline soon() { return ExploreSync::Clock::now() + std::chrono::milliseconds(1); }

  Channel* channel_;
  const RolePlan* plan_;
  std::size_t number_;
  Plain* deed_;  // what a closer did before: who is told closed sees it
  Records* records_;
};

}  // namespace detail

/// As role 0 of a run.
template <class Channel>
void play(World& world, const Plan& plan, Records& records) {
  using Player = detail::Player<Channel>;
  Parcel::alive = 0;
  {
    const std::unique_ptr<Channel> channel = std::make_unique<Channel>(plan.capacity);
    Plain deed;
    std::vector<Player> players;
    players.reserve(plan.roles.size());
    for (std::size_t i = 0; i < plan.roles.size(); ++i) {
      players.emplace_back(*channel, plan.roles[i], i, deed, records);
    }
    for (std::size_t i = 0; i < plan.roles.size(); ++i) {
      world.spawn(plan.roles[i].name.c_str(), players[i]);
    }
    world.join();
    if constexpr (TryReceiver<ReceiverOf<Channel>, Parcel>) {
      auto receiver = channel->receiver();
      RecvStatus status = RecvStatus::ok;
      while (status == RecvStatus::ok) {
        Parcel parcel;
        records.invoke(plan.roles.size(), Act::try_recv, 0);
        status = receiver.try_recv(parcel);
        records.respond(plan.roles.size(), status, parcel.word());
      }
      records.drained = true;
    }
  }
  if (Parcel::alive != 0) {
    world.fail(Parcel::alive > 0 ? "a message was never destroyed"
                                 : "a message was destroyed twice");
  }
}

/// Of a family of channels that are templates over message and Sync; nullptr if it takes no Sync.
template <class Family>
constexpr Play play_of() noexcept {
  if constexpr (requires { typename Family::template Channel<Parcel, ExploreSync>; }) {
    return &play<typename Family::template Channel<Parcel, ExploreSync>>;
  } else {
    return nullptr;
  }
}

}  // namespace weir::explore
