// wake_up: what it takes to wake a thread that sleeps in a channel. Both sides take turns; before
// each send the sender waits until the other side must be asleep.
//
//   pinger --> channel (there) --> ponger, asleep
//   asleep, pinger <-- channel (back) <-- ponger
//
// Recorded: from before the send to after the receive, in both directions. `machine` has the same
// with a bare futex.
#pragma once

#include "harness/probe.hpp"
#include "workloads/transfer.hpp"

namespace weir {

struct WakeUp {
  static constexpr std::string_view kName = "wake_up";
  static constexpr std::string_view kSummary =
      "from a send to the return of a receive that was asleep";
  static constexpr std::array<std::string_view, 2> kKeys{"cap", "place"};
  /// Longer than any channel here spins before it sleeps.
  static constexpr std::chrono::microseconds kUntilAsleep{150};
  using Messages = Types<Payload<8>>;

  template <class C>
  static void run(Trial& trial) {
    C there(trial.spec().capacity);
    C back(trial.spec().capacity);
    Histogram pinger_wakes;
    Histogram ponger_wakes;
    trial.add_sender([&](Role& role) { ping(role, there, back, pinger_wakes); });
    trial.add_receiver([&](Role& role) { pong(role, there, back, ponger_wakes); });
    trial.play([&] { end_receivers(there, 1); });
    if (!trial.verify()) return;
    pinger_wakes.merge(ponger_wakes);
    report_wakes(trial, pinger_wakes);
  }

  static void report_wakes(Trial& trial, const Histogram& wakes) {
    if (wakes.count() == 0) return trial.fail("count", "no wake-up in the whole window");
    trial.report({"wake_p50", "ns", Direction::lower, static_cast<double>(wakes.quantile_ns(0.5))});
    if (wakes.supports(0.9)) {
      trial.report(
          {"wake_p90", "ns", Direction::lower, static_cast<double>(wakes.quantile_ns(0.9))});
    }
    trial.report("wake", wakes);
  }

 private:
  /// The message is the time of its send: one word, never zero, never the end mark.
  template <class C>
  static SendStatus send_time(SenderOf<C>& sender) noexcept {
    using T = typename C::value_type;
    sys::sleep_for(kUntilAsleep);
    return sender.send(
        MessageTraits<T>::make(static_cast<std::uint64_t>(MonotonicClock::now_ns())));
  }

  template <class T>
  static void record_wake(const Role& role, const T& message, Histogram& wakes) noexcept {
    const std::int64_t now = MonotonicClock::now_ns();
    if (role.in_window())
      wakes.record(now - static_cast<std::int64_t>(MessageTraits<T>::word(message)));
  }

  template <class C>
  static void ping(Role& role, C& there, C& back, Histogram& wakes) {
    auto sender = there.sender();
    auto receiver = back.receiver();
    RoleCounts counts;
    typename C::value_type answer{};
    role.wait_for_gate();
    while (role.checkpoint(counts.messages) != Phase::stopping) {
      const SendStatus sent = send_time<C>(sender);
      if (sent != SendStatus::ok) return role.fail("state", unexpected(sent));
      const RecvStatus received = receiver.recv(answer);
      if (received != RecvStatus::ok) return role.fail("state", unexpected(received));
      record_wake(role, answer, wakes);
      ++counts.messages;
      ++counts.offered;
    }
    role.end(counts, waits_of(receiver));
  }

  template <class C>
  static void pong(Role& role, C& there, C& back, Histogram& wakes) {
    auto receiver = there.receiver();
    auto sender = back.sender();
    RoleCounts counts;
    typename C::value_type message{};
    role.wait_for_gate();
    for (;;) {
      role.checkpoint(counts.messages);
      const RecvStatus received = receiver.recv(message);
      if (received != RecvStatus::ok ||
          MessageTraits<typename C::value_type>::word(message) == kEndMark) {
        if (received != RecvStatus::ok && received != RecvStatus::closed)
          role.fail("state", unexpected(received));
        return role.end(counts, waits_of(receiver));
      }
      record_wake(role, message, wakes);
      ++counts.messages;
      const SendStatus sent = send_time<C>(sender);
      if (sent != SendStatus::ok) return role.fail("state", unexpected(sent));
    }
  }
};

}  // namespace weir
