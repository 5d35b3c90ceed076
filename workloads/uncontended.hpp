// uncontended: one thread sends a message and receives it again. The cost of the code itself, with
// every line in the cache.
//
//   thread --> channel --> the same thread
#pragma once

#include "harness/probe.hpp"
#include "workloads/transfer.hpp"

namespace weir {

struct Uncontended {
  static constexpr std::string_view kName = "uncontended";
  static constexpr std::string_view kSummary =
      "send and receive on one thread: ns a pair, and the cost of our adapter";
  static constexpr std::array<std::string_view, 2> kKeys{"cap", "msg"};
  using Messages = Types<Payload<8>, Payload<64>>;

  template <class C>
  static void run(Trial& trial) {
    C channel(trial.spec().capacity);
    auto sender = channel.sender();
    auto receiver = channel.receiver();
    std::uint64_t sequence = 0;
    std::uint64_t wrong = 0;
    const auto pass = [&](std::uint64_t pairs) {
      wrong += run_pairs<C>(sender, receiver, pairs, sequence);
    };
    trial.report({"pair", "ns", Direction::lower, trial.loop(pass)});
    if (const auto native = trial.native_loop()) {
      const auto native_pass = [&](std::uint64_t pairs) { wrong += native(pairs); };
      trial.report({"adapter_tax", "percent", Direction::lower,
                    trial.loop_excess_percent(pass, native_pass)});
    }
    if (wrong > 0) {
      trial.fail("corrupt", std::to_string(wrong) + " of " + std::to_string(sequence) +
                                " messages did not come back");
    }
  }

 private:
  /// Returns how many messages did not come back as they were sent.
  template <class C>
  static std::uint64_t run_pairs(SenderOf<C>& sender, ReceiverOf<C>& receiver, std::uint64_t pairs,
                                 std::uint64_t& sequence) noexcept {
    using T = typename C::value_type;
    std::uint64_t wrong = 0;
    T message{};
    for (std::uint64_t i = 0; i < pairs; ++i) {
      const std::uint64_t word = MessageId{0, sequence++}.word();
      const SendStatus sent = sender.send(MessageTraits<T>::make(word));
      const RecvStatus received = receiver.recv(message);
      const bool right = sent == SendStatus::ok && received == RecvStatus::ok &&
                         MessageTraits<T>::word(message) == word &&
                         MessageTraits<T>::intact(message);
      wrong += right ? 0 : 1;
    }
    return wrong;
  }
};

}  // namespace weir
