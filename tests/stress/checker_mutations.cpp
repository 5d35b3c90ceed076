// Histories of a channel that does nothing wrong pass at every size and topology; each with one
// planted fault fails, with the rule that names it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>

#include "checker_mutate.hpp"
#include "checker_simulate.hpp"
#include "harness/stress/checker.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

using stress::Operation;
using stress::Report;
using stress::Rule;
using stress::Stamp;

constexpr std::uint64_t kSeeds = 20;

/// A message that was sent and received.
struct Delivery {
  Place send{};
  Place recv{};
  Stamp sent = 0;      // surely inside from here
  Stamp received = 0;  // to here
};

std::vector<Delivery> deliveries(const Logs& logs) {
  std::vector<Delivery> result;
  const auto sends = places(logs, [](const Operation& operation) {
    return operation.is_send() && accepted(operation.send_status());
  });
  std::map<std::uint64_t, Place> send_of;
  for (const Place place : sends) send_of[logs[place.log][place.index].value] = place;
  for (const Place place : places(logs, received)) {
    const Operation& recv = logs[place.log][place.index];
    const Place send = send_of.at(recv.value);
    result.push_back({send, place, logs[send.log][send.index].responded, recv.invoked});
  }
  return result;
}

Operation& at(Logs& logs, Place place) { return logs[place.log][place.index]; }

/// Two messages, of one sender or of two, that were inside together and came out in their order.
std::optional<std::pair<Delivery, Delivery>> two_inside(const Logs& logs, bool one_sender,
                                                        bool one_receiver) {
  const auto all = deliveries(logs);
  for (std::size_t i = all.size() / 2; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) {
      const Delivery& a = all[i];
      const Delivery& b = all[j];
      const Operation& send_b = logs[b.send.log][b.send.index];
      const Operation& recv_a = logs[a.recv.log][a.recv.index];
      const bool inside_together = a.sent < send_b.invoked && b.sent < a.received;
      if (!inside_together || recv_a.responded >= b.received) continue;
      if ((a.send.log == b.send.log) != one_sender) continue;
      if (one_receiver && a.recv.log != b.recv.log) continue;
      return std::pair(a, b);
    }
  }
  return std::nullopt;
}

/// False where the history has no place for the fault.
using Fault = std::function<bool(Logs&, const Simulation&)>;

bool swap_two(Logs& logs, const Simulation& simulation) {
  const auto found = two_inside(logs, simulation.senders == 1, false);
  if (!found) return false;
  std::swap(at(logs, found->first.recv).value, at(logs, found->second.recv).value);
  return true;
}

bool duplicate_one(Logs& logs, const Simulation&) {
  const auto all = deliveries(logs);
  at(logs, all.back().recv).value = at(logs, all[all.size() / 2].recv).value;
  return true;
}

bool drop_one(Logs& logs, const Simulation&) {
  const auto all = deliveries(logs);
  const Place place = all[all.size() / 2].recv;
  logs[place.log].erase(logs[place.log].begin() + static_cast<std::ptrdiff_t>(place.index));
  return true;
}

bool invent_one(Logs& logs, const Simulation&) {
  const auto all = deliveries(logs);
  at(logs, all[all.size() / 2].recv).value = MessageId{77, 1}.word();
  return true;
}

/// An operation of a thread of its own, in the middle of an interval.
void plant(Logs& logs, Stamp from, Stamp to, stress::Kind kind, std::uint8_t status) {
  logs.push_back({{from, to, MessageId{88, 0}.word(), kind, status, 88}});
}

bool see_empty_with_a_message_inside(Logs& logs, const Simulation&) {
  for (const Delivery& delivery : deliveries(logs)) {
    if (delivery.sent + 2 >= delivery.received) continue;
    plant(logs, delivery.sent + 1, delivery.received - 1, stress::Kind::try_recv,
          static_cast<std::uint8_t>(RecvStatus::empty));
    return true;
  }
  return false;
}

bool see_full_before_anything_was_sent(Logs& logs, const Simulation&) {
  for (auto& log : logs) {
    for (Operation& operation : log) {
      operation.invoked += 1000;
      operation.responded += 1000;
    }
  }
  plant(logs, 10, 20, stress::Kind::try_send, static_cast<std::uint8_t>(SendStatus::full));
  return true;
}

bool accept_after_close(Logs& logs, const Simulation& simulation) {
  const auto closed = places(logs, [](const Operation& operation) {
    return operation.is_send() && operation.send_status() == SendStatus::closed;
  });
  if (!simulation.close || closed.empty()) return false;
  const Stamp after = logs[closed[0].log][closed[0].index].responded;
  logs.push_back({{after + 1, after + 9, MessageId{88, 0}.word(), stress::Kind::send, 0, 88}});
  logs.push_back({{after + 1, after + 20, MessageId{88, 0}.word(), stress::Kind::recv, 0, 88}});
  return true;
}

bool be_told_closed_too_early(Logs& logs, const Simulation& simulation) {
  if (!simulation.close) return false;
  plant(logs, 5, 10, stress::Kind::try_recv, static_cast<std::uint8_t>(RecvStatus::closed));
  for (auto& log : logs) {
    if (log[0].thread == 88) continue;
    for (Operation& operation : log) {
      operation.invoked += 20;
      operation.responded += 20;
    }
  }
  return true;
}

struct Planted {
  const char* name;
  Fault fault;
  Rule rule;
};

const std::vector<Planted>& faults() {
  static const std::vector<Planted> all{
      {"two messages swapped", swap_two, Rule::order},
      {"one delivered twice", duplicate_one, Rule::repeat},
      {"one dropped", drop_one, Rule::loss},
      {"one invented", invent_one, Rule::fresh},
      {"empty with a message inside", see_empty_with_a_message_inside, Rule::empty},
      {"full with nothing inside", see_full_before_anything_was_sent, Rule::full},
      {"accepted after close", accept_after_close, Rule::close},
      {"closed before close", be_told_closed_too_early, Rule::close},
  };
  return all;
}

std::vector<Simulation> topologies() {
  std::vector<Simulation> all;
  for (const auto& [senders, receivers] : {std::pair{1, 1}, {3, 1}, {1, 3}, {3, 3}}) {
    for (const std::size_t capacity : {2U, 16U}) {
      Simulation simulation;
      simulation.senders = static_cast<std::size_t>(senders);
      simulation.receivers = static_cast<std::size_t>(receivers);
      simulation.capacity = capacity;
      simulation.operations = 600;
      all.push_back(simulation);
    }
  }
  return all;
}

/// Those that are full often.
std::vector<Simulation> crowded() {
  std::vector<Simulation> all = topologies();
  std::erase_if(all, [](const Simulation& simulation) {
    return simulation.senders < simulation.receivers || simulation.capacity > 2;
  });
  return all;
}

TEST(CheckerMutations, SoundHistoriesPassUnderEveryPolicy) {
  const TimeLimit limit;
  std::mt19937_64 random(limit.seed());
  for (Simulation simulation : topologies()) {
    for (const Overflow overflow :
         {Overflow::block, Overflow::fail, Overflow::drop_newest, Overflow::drop_oldest}) {
      for (const Order order : {Order::fifo, Order::per_sender, Order::none}) {
        simulation.contract = {.overflow = overflow, .order = order};
        simulation.close = random() % 2 == 0;
        const auto history = history_of(simulate(simulation, random()), true);
        const Report report = stress::check(history, simulation.contract, simulation.capacity);
        EXPECT_TRUE(report.passed()) << report.text();
        EXPECT_TRUE(report.complete || order != Order::fifo);
      }
    }
  }
}

TEST(CheckerMutations, SoundHistoriesPassWithCountersThatDifferByTheSkew) {
  const TimeLimit limit;
  std::mt19937_64 random(limit.seed());
  constexpr Stamp kSkew = 7;
  for (const Simulation& simulation : topologies()) {
    Logs logs = simulate(simulation, random());
    stress::History history;
    history.set_drained(true);
    for (auto& log : logs) {
      const Stamp ahead = random() % (kSkew + 1);
      for (Operation& operation : log) {
        operation.invoked += ahead;
        operation.responded += ahead;
      }
      history.append(log, kSkew);
    }
    const Report report = stress::check(history, simulation.contract, simulation.capacity);
    EXPECT_TRUE(report.violations.empty()) << report.text();
  }
}

TEST(CheckerMutations, EachPlantedFaultFailsWithItsRule) {
  const TimeLimit limit;
  std::mt19937_64 random(limit.seed());
  for (const Planted& planted : faults()) {
    int times = 0;
    for (const Simulation& simulation : topologies()) {
      for (std::uint64_t i = 0; i < kSeeds; ++i) {
        Logs logs = simulate(simulation, random());
        if (!planted.fault(logs, simulation)) continue;
        ++times;
        const Report report =
            stress::check(history_of(logs, true), simulation.contract, simulation.capacity);
        EXPECT_TRUE(report.violates(planted.rule))
            << planted.name << ", " << simulation.senders << "x" << simulation.receivers << "\n"
            << report.text();
      }
    }
    std::printf("%s: planted %d times, always %s\n", planted.name, times,
                std::string(name_of(planted.rule)).c_str());
    EXPECT_GE(times, 40) << planted.name;
  }
}

TEST(CheckerMutations, AChannelThatHoldsOneMoreThanItSaysExceedsTheBound) {
  const TimeLimit limit;
  std::mt19937_64 random(limit.seed());
  for (const Simulation& simulation : crowded()) {
    const auto history = history_of(simulate(simulation, random()), true);
    const Report report = stress::check(history, simulation.contract, simulation.capacity - 1);
    EXPECT_TRUE(report.violates(Rule::bound) || report.violates(Rule::exact)) << report.text();
  }
}

TEST(CheckerMutations, AChannelThatHoldsOneLessThanItSaysRefusesTooEarly) {
  const TimeLimit limit;
  std::mt19937_64 random(limit.seed());
  for (const Simulation& simulation : crowded()) {
    const auto history = history_of(simulate(simulation, random()), true);
    const Report report = stress::check(history, simulation.contract, simulation.capacity + 1);
    EXPECT_TRUE(report.violates(Rule::full) || report.violates(Rule::exact)) << report.text();
  }
}

TEST(CheckerMutations, OrderWithinAndBetweenSendersIsToldApart) {
  const TimeLimit limit;
  std::mt19937_64 random(limit.seed());
  Simulation simulation{.senders = 3, .receivers = 2, .capacity = 16};
  simulation.contract.order = Order::per_sender;
  for (std::uint64_t i = 0; i < kSeeds; ++i) {
    const Logs sound = simulate(simulation, random());
    for (const bool one_sender : {true, false}) {
      Logs logs = sound;
      const auto found = two_inside(logs, one_sender, true);
      ASSERT_TRUE(found.has_value());
      std::swap(at(logs, found->first.recv).value, at(logs, found->second.recv).value);
      const auto history = history_of(logs, true);
      const Report weak = stress::check(history, simulation.contract, simulation.capacity);
      const Report strong = stress::check(history, {}, simulation.capacity);
      EXPECT_TRUE(strong.violates(Rule::order)) << strong.text();
      EXPECT_TRUE(weak.violates(Rule::per_sender) || !one_sender) << weak.text();
    }
  }
}

}  // namespace
}  // namespace weir::test
