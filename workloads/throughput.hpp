// throughput: how many messages a second pass through one channel, every one of them verified.
//
//   sender 0 --+              +--> receiver 0
//   sender 1 --+--> channel --+--> receiver 1
//   ...                         ...
#pragma once

#include "harness/probe.hpp"
#include "harness/work.hpp"
#include "workloads/transfer.hpp"

namespace weir {

struct Throughput {
  static constexpr std::string_view kName = "throughput";
  static constexpr std::string_view kSummary =
      "messages per second through one channel, by topology, capacity, message, work";
  static constexpr std::array<std::string_view, 9> kKeys{"p",     "c",     "cap", "msg",  "work",
                                                         "rwork", "batch", "min", "place"};
  using Messages = Types<Payload<8>, Payload<16>, Payload<64>, Payload<256>, BoxedPayload>;

  template <class C>
  static void run(Trial& trial) {
    C channel(trial.spec().capacity);
    for (int i = 0; i < trial.spec().producers; ++i) {
      trial.add_sender([&](Role& role) { send(role, channel, trial.spec()); });
    }
    for (int i = 0; i < trial.spec().consumers; ++i) {
      trial.add_receiver([&](Role& role) { receive(role, channel, trial.spec()); });
    }
    const auto ignore = [](const typename C::value_type&) noexcept {};
    if (play_over(trial, channel, ignore))
      trial.report({"throughput", "msg/s", Direction::higher, trial.rate_of(Role::Kind::receiver)});
  }

 private:
  template <class C>
  static void send(Role& role, C& channel, const Case& spec) {
    const std::uint64_t steps = role.steps_for(spec.send_work_ns);
    const auto before = [steps](std::uint64_t) noexcept { work(steps); };
    if constexpr (BatchChannel<C>) {
      if (spec.batch > 1) {
        return send_batches_until_stopped(role, channel, static_cast<std::size_t>(spec.batch),
                                          before);
      }
    }
    send_until_stopped(role, channel, before);
  }

  template <class C>
  static void receive(Role& role, C& channel, const Case& spec) {
    const std::uint64_t steps = role.steps_for(spec.recv_work_ns);
    const auto after = [steps](const typename C::value_type&) noexcept { work(steps); };
    if constexpr (BatchChannel<C>) {
      if (spec.batch > 1) {
        return recv_batches_until_ended(role, channel, static_cast<std::size_t>(spec.batch), after);
      }
    }
    recv_until_ended(role, channel, after);
  }
};

}  // namespace weir
