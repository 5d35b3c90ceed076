// ping_pong: one message goes there and back, as fast as both sides can.
//
//   pinger --> channel (there) --> ponger
//   pinger <-- channel (back)  <-- ponger
//
// A closed loop: it says what one hand-over costs, not what a user waits under load.
#pragma once

#include "harness/probe.hpp"
#include "workloads/transfer.hpp"

namespace weir {

struct PingPong {
  static constexpr std::string_view kName = "ping_pong";
  static constexpr std::string_view kSummary =
      "one message there and back, closed loop: percentiles of the round trip";
  static constexpr std::array<std::string_view, 2> kKeys{"cap", "place"};
  using Messages = Types<Payload<8>>;

  template <class C>
  static void run(Trial& trial) {
    C there(trial.spec().capacity);
    C back(trial.spec().capacity);
    Histogram round_trips;
    trial.add_sender([&](Role& role) { ping(role, there, back, round_trips); });
    trial.add_receiver([&](Role& role) { pong(role, there, back); });
    trial.hold_open_for(2);  // of two that are received in the window one was sent in it
    trial.play([&] { end_receivers(there, 1); });
    if (!trial.verify()) return;
    if (round_trips.count() == 0) return trial.fail("count", "no round trip in the whole window");
    trial.report({"round_trip_p50", "ns", Direction::lower,
                  static_cast<double>(round_trips.quantile_ns(0.5))});
    if (round_trips.supports(0.99)) {
      trial.report({"round_trip_p99", "ns", Direction::lower,
                    static_cast<double>(round_trips.quantile_ns(0.99))});
    }
    trial.report("round_trip", round_trips);
  }

 private:
  template <class C>
  static void ping(Role& role, C& there, C& back, Histogram& round_trips) {
    using T = typename C::value_type;
    auto sender = there.sender();
    auto receiver = back.receiver();
    RoleCounts counts;
    T answer{};
    role.wait_for_gate();
    std::int64_t start = MonotonicClock::now_ns();
    // A look at the phase for each round trip: on one core a few of them may fill the window.
    while (role.checkpoint(counts.messages) != Phase::stopping) {
      const std::uint64_t word = MessageId{0, counts.messages}.word();
      const SendStatus sent = sender.send(MessageTraits<T>::make(word));
      if (sent != SendStatus::ok) return role.fail("state", unexpected(sent));
      const RecvStatus received = receiver.recv(answer);
      if (received != RecvStatus::ok) return role.fail("state", unexpected(received));
      if (MessageTraits<T>::word(answer) != word) {
        return role.fail("corrupt",
                         "answer " + std::to_string(counts.messages) + " is not what was sent");
      }
      ++counts.messages;
      ++counts.offered;
      const std::int64_t now = MonotonicClock::now_ns();
      if (role.in_window()) round_trips.record(now - start);
      start = now;
    }
    role.end(counts, waits_of(sender));
  }

  template <class C>
  static void pong(Role& role, C& there, C& back) {
    using T = typename C::value_type;
    auto receiver = there.receiver();
    auto sender = back.sender();
    RoleCounts counts;
    T message{};
    role.wait_for_gate();
    for (;;) {
      role.checkpoint(counts.messages);
      const RecvStatus received = receiver.recv(message);
      if (received != RecvStatus::ok || MessageTraits<T>::word(message) == kEndMark) {
        if (received != RecvStatus::ok && received != RecvStatus::closed)
          role.fail("state", unexpected(received));
        return role.end(counts, waits_of(receiver));
      }
      ++counts.messages;
      const SendStatus sent = sender.send(std::move(message));
      if (sent != SendStatus::ok) return role.fail("state", unexpected(sent));
    }
  }
};

}  // namespace weir
