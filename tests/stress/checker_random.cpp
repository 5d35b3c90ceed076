// The whole checker against the definition, over random histories of a few messages with `full`,
// `empty`, `closed`, time-outs, evictions and operations that never return: made by a channel that
// does nothing wrong, then damaged a little or not. No false alarm ever; nothing missed where the
// checker says that it is complete.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <random>

#include "checker_brute.hpp"
#include "checker_mutate.hpp"
#include "checker_simulate.hpp"
#include "checker_switch.hpp"
#include "harness/stress/checker.hpp"
#include "harness/stress/checker_witness.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

using stress::History;

struct Topology {
  std::size_t senders;
  std::size_t receivers;
};

struct Tally {
  std::uint64_t histories = 0;
  std::uint64_t linearizable = 0;
  std::uint64_t undecided = 0;
  std::uint64_t missed_by_rules = 0;
  std::uint64_t wrong = 0;

  void print(const char* name) const {
    std::printf(
        "%-5s %8llu histories, %7llu linearizable, %6llu missed by rules alone, "
        "%llu undecided, %llu wrong\n",
        name, static_cast<unsigned long long>(histories),
        static_cast<unsigned long long>(linearizable),
        static_cast<unsigned long long>(missed_by_rules),
        static_cast<unsigned long long>(undecided), static_cast<unsigned long long>(wrong));
  }
};

class RandomHistories {
 public:
  explicit RandomHistories(std::uint64_t seed) : seed_(seed), random_(seed) {}

  Tally run(const std::vector<Topology>& topologies, std::uint64_t count) {
    Tally tally;
    while (tally.histories < count) {
      const Topology topology = topologies[random_() % topologies.size()];
      const Simulation simulation = choose(topology);
      Logs logs = simulate(simulation, random_());
      Mutator mutator(random_());
      for (std::size_t damages = random_() % 10; damages > 0; --damages) mutator.damage(logs);
      if (!BruteForce::fits(logs)) continue;
      judge(simulation, logs, tally);
    }
    return tally;
  }

 private:
  bool one_in(std::uint64_t n) { return random_() % n == 0; }

  Simulation choose(const Topology& topology) {
    Simulation simulation;
    simulation.senders = topology.senders;
    simulation.receivers = topology.receivers;
    simulation.capacity = 1 + random_() % 3;
    simulation.operations = 6 + random_() % 7;
    simulation.close = one_in(2);
    simulation.drain = one_in(2);
    simulation.pause = one_in(3) ? 4 : 20;
    simulation.length = one_in(3) ? 40 : 15;
    Contract& contract = simulation.contract;
    if (one_in(8)) contract.bound = Bound::at_least;
    if (one_in(10)) contract.bound = Bound::unbounded;
    if (one_in(8)) contract.full = Answer::spurious;
    if (one_in(8)) contract.empty = Answer::spurious;
    if (one_in(6)) contract.overflow = Overflow::drop_newest;
    if (one_in(6)) contract.overflow = Overflow::drop_oldest;
    return simulation;
  }

  void judge(const Simulation& simulation, const Logs& logs, Tally& tally) {
    History history;
    try {
      history = history_of(logs, simulation.drain);
    } catch (const std::invalid_argument&) {
      return;  // damaged beyond being a history
    }
    const Contract& contract = simulation.contract;
    const std::size_t capacity = simulation.capacity;
    const bool truth = BruteForce(history, contract, capacity).linearizable();
    const stress::Report report = stress::check(history, contract, capacity);
    const stress::Report rules = stress::check(history, contract, capacity, {.search = false});
    ++tally.histories;
    tally.linearizable += truth ? 1U : 0U;
    tally.undecided += report.undecided;
    if (!truth && rules.violations.empty()) ++tally.missed_by_rules;
    const bool alarm = truth && !(report.violations.empty() && rules.violations.empty());
    const bool missed = !truth && report.passed();
    if (!alarm && !missed && report.undecided == 0) return;
    if (++tally.wrong > 3) return;
    std::vector<stress::Operation> all(history.operations().begin(), history.operations().end());
    ADD_FAILURE() << (alarm ? "false alarm: " : "missed: ") << report.text() << rules.text()
                  << "capacity " << capacity << ", bound " << static_cast<int>(contract.bound)
                  << ", full " << static_cast<int>(contract.full) << ", empty "
                  << static_cast<int>(contract.empty) << ", drained " << history.drained() << "\n"
                  << stress::picture_of(all) << "WEIR_TEST_SEED=" << seed_;
  }

  std::uint64_t seed_;
  std::mt19937_64 random_;
};

void prove(const char* name, const std::vector<Topology>& topologies, std::uint64_t share) {
  const TimeLimit limit(std::chrono::seconds(1800));
  const std::uint64_t total = full_proof() ? 1'000'000 : 100'000;
  const Tally tally = RandomHistories(limit.seed()).run(topologies, total * share / 100);
  tally.print(name);
  EXPECT_EQ(tally.wrong, 0U);
  EXPECT_GT(tally.linearizable, tally.histories / 5) << "the damage is too great";
  EXPECT_LT(tally.linearizable, tally.histories * 4 / 5) << "the damage is too small";
}

TEST(CheckerRandom, OneSenderAndOneReceiverAreJudgedRight) { prove("1x1", {{1, 1}}, 25); }

TEST(CheckerRandom, ManySendersAndOneReceiverAreJudgedRight) {
  prove("nx1", {{2, 1}, {3, 1}, {4, 1}}, 25);
}

TEST(CheckerRandom, OneSenderAndManyReceiversAreJudgedRight) {
  prove("1xn", {{1, 2}, {1, 3}, {1, 4}}, 25);
}

TEST(CheckerRandom, ManySendersAndManyReceiversAreJudgedRight) {
  prove("nxn", {{2, 2}, {3, 2}, {2, 3}, {4, 4}}, 25);
}

}  // namespace
}  // namespace weir::test
