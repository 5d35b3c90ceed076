#include "workloads/opaque.hpp"

#include "harness/registry.hpp"
#include "workloads/transfer.hpp"

namespace weir {
namespace {

/// An erased channel in the words of a concrete one, for the loops of transfer.hpp.
class Opaque {
 public:
  using value_type = Token;
  /// What the loops ask: each send is accepted, or the channel is closed.
  static constexpr Contract kContract{};

  explicit Opaque(AnyChannel& channel) : channel_(&channel) {}

  class Sender {
   public:
    explicit Sender(AnyChannel& channel) : inner_(channel.sender()) {}
    SendStatus send(Token&& message) noexcept { return inner_->send(message); }

   private:
    std::unique_ptr<AnySender> inner_;
  };
  class Receiver {
   public:
    explicit Receiver(AnyChannel& channel) : inner_(channel.receiver()) {}
    RecvStatus recv(Token& message) noexcept { return inner_->recv(message); }

   private:
    std::unique_ptr<AnyReceiver> inner_;
  };

  Sender sender() { return Sender(*channel_); }
  Receiver receiver() { return Receiver(*channel_); }

 private:
  AnyChannel* channel_;
};

/// End marks may overtake messages, where a channel has no close.
void take_rest(Trial& trial, AnyChannel& channel) {
  const auto receiver = channel.receiver();
  Token message{};
  std::uint64_t left = 0;
  while (receiver->try_recv(message) == RecvStatus::ok) left += accept(trial.own_ledger(), message);
  trial.add_left(left);
}

}  // namespace

void run_opaque(Trial& trial) {
  const ChannelEntry& entry = *registry().find_channel(trial.spec().channel);
  if (entry.contract.overflow != Overflow::block)
    throw NotApplicable("its sends do not wait for room");
  const auto channel = entry.any.make(trial.spec().capacity);
  Opaque opaque(*channel);
  const int receivers = trial.spec().consumers;
  for (int i = 0; i < trial.spec().producers; ++i) {
    trial.add_sender(
        [&](Role& role) { send_until_stopped(role, opaque, [](std::uint64_t) noexcept {}); });
  }
  for (int i = 0; i < receivers; ++i) {
    trial.add_receiver(
        [&](Role& role) { recv_until_ended(role, opaque, [](const Token&) noexcept {}); });
  }
  trial.keep_ledgers(entry.contract);
  trial.hold_open_for(std::uint64_t{8} * Role::kBlock * static_cast<std::uint64_t>(receivers));
  trial.play([&] {
    if (entry.any.operations.closes) {
      channel->close();
    } else {
      send_end_marks(opaque, receivers);
    }
  });
  if (entry.any.operations.tries) take_rest(trial, *channel);
  if (trial.verify())
    trial.report({"throughput", "msg/s", Direction::higher, trial.rate_of(Role::Kind::receiver)});
}

void enter_opaque() {
  registry().add_workload({.name = "throughput_opaque",
                           .summary = "throughput with each send and receive behind a virtual call",
                           .keys = {"p", "c", "cap", "place"},
                           .base = {},
                           .erased = run_opaque});
}

}  // namespace weir
