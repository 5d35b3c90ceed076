// Scenarios in virtual time: the loops of the driver over a queue of the test's own, where planted
// stalls, delays and service times come out exactly, and queueing theory says what must be found.
#include "harness/scenario/scenario.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "harness/error.hpp"
#include "harness/scenario/knee.hpp"
#include "tests/unit/simulation.hpp"

namespace weir::scenario::test {
namespace {

Latency measure(const Plan& plan) { return Simulation(plan).run(); }

/// 50 ms once a second.
Stalls stalls_of(std::int64_t length_ns) {
  Stalls stalls;
  for (std::int64_t at = 300 * kMilli; at < length_ns; at += kSecond)
    stalls.push_back({at, at + 50 * kMilli});
  return stalls;
}

double ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

// --- coordinated omission

TEST(AnOpenLoop, ShowsAStallOfTheReceiverAtEveryRate) {
  for (const double rate : {1e3, 1e4, 1e5}) {
    const Latency l = measure(
        {.rate = rate, .length_ns = 10 * kSecond, .receiver_stalls = stalls_of(10 * kSecond)});
    // A twentieth of the messages was due in a stall, evenly: the last hundredth of all waited for
    // more than 40 of its 50 ms.
    const double interval_ms = 1e3 / rate;  // the message that meets the stall was in time
    EXPECT_NEAR(ms(l.response.quantile_ns(0.99)), 40, 1 + interval_ms) << rate;
    EXPECT_NEAR(ms(l.response.max_ns()), 50, 1 + interval_ms) << rate;
    EXPECT_EQ(l.response.quantile_ns(0.9), 0) << rate;
    EXPECT_EQ(l.arrived, l.scheduled) << rate;
  }
}

TEST(AClosedLoop, HidesTheSameStall) {
  const Latency l = measure({.arrivals = "asap",
                             .service = "10us",
                             .capacity = 1,
                             .length_ns = 10 * kSecond,
                             .receiver_stalls = stalls_of(10 * kSecond)});
  EXPECT_GT(l.response.count(), 900'000U);
  EXPECT_LT(l.response.quantile_ns(0.999), 100 * kMicro);
  EXPECT_NEAR(ms(l.response.max_ns()), 50, 1);  // it was there
}

TEST(AnOpenLoop, CountsFromTheIntendedStartWhenTheSenderStalls) {
  Simulation simulation({.rate = 1e4, .sender_stalls = {{200 * kMilli, 250 * kMilli}}});
  const Latency l = simulation.run();
  EXPECT_NEAR(ms(l.lag.max_ns()), 50, 0.2);
  EXPECT_EQ(l.transit.max_ns(), 0);
  EXPECT_EQ(l.response.max_ns(), l.lag.max_ns());
  EXPECT_EQ(l.arrived, 10'000U);
}

TEST(AnOpenLoop, NeverMovesAnIntendedStart) {
  const Plan plan{.rate = 2e4, .service = "100us", .capacity = 4};  // twice what can be served
  const std::vector<std::int64_t> due =
      schedule({.arrivals = {}, .rate = plan.rate, .length_ns = plan.length_ns}, plan.seed);
  Simulation simulation(plan);
  const Latency l = simulation.run();
  ASSERT_EQ(simulation.sent().size(), due.size());
  for (std::size_t i = 0; i < due.size(); ++i) {
    ASSERT_EQ(simulation.sent()[i].due, due[i]);
    ASSERT_GE(simulation.sent()[i].at, due[i]);
  }
  EXPECT_TRUE(l.saturated());
  EXPECT_NEAR(l.achieved, 1e4, 10);
  EXPECT_NEAR(l.offered, 2e4, 2);
}

// --- planted figures

TEST(Planted, ServiceTimesComeOutExactly) {
  const Latency l = measure({.rate = 1e3, .service = "20us"});
  EXPECT_EQ(l.response.min_ns(), 20 * kMicro);
  EXPECT_EQ(l.response.max_ns(), 20 * kMicro);
  EXPECT_EQ(l.transit.max_ns(), 0);
  EXPECT_EQ(l.lag.max_ns(), 0);
  EXPECT_FALSE(l.saturated());
}

TEST(Planted, WhatIsNeverSentCountsAsAtLeast) {
  Plan plan{.rate = 1e5, .service = "100us", .capacity = 1};  // ten times too much
  const Latency l = measure(plan);
  EXPECT_GT(l.undelivered, 0U);
  EXPECT_EQ(l.arrived + l.undelivered, l.scheduled);
  EXPECT_EQ(l.response.overflow(), l.undelivered);
}

// --- theory

TEST(MD1, MeanResponseIsThatOfPollaczekAndKhinchine) {
  constexpr double kServiceNs = 10'000;
  for (const double load : {0.3, 0.5, 0.8}) {
    const Latency l = measure({.arrivals = "exponential",
                               .rate = load * 1e5,
                               .service = "10us",
                               .length_ns = 20 * kSecond});
    const double wait = load * kServiceNs / (2 * (1 - load));
    EXPECT_NEAR(l.response.mean_ns(), kServiceNs + wait, 0.03 * (kServiceNs + wait)) << load;
  }
}

TEST(MM1, MeanResponseIsServiceOverOneMinusLoad) {
  const Latency l = measure({.arrivals = "exponential",
                             .rate = 5e4,
                             .service = "exponential-10us",
                             .length_ns = 20 * kSecond});
  EXPECT_NEAR(l.response.mean_ns(), 20'000, 600);
}

/// The share of messages that wait for at most t in an M/D/1 queue with service time 1 (Erlang).
double share_within(double load, double t) {
  double sum = 0;
  for (int k = 0; k <= static_cast<int>(t); ++k) {
    const double x = load * (k - t);  // negative: the terms alternate
    sum += std::pow(x, k) * std::exp(-x) / std::tgamma(k + 1.0);
  }
  return (1 - load) * sum;
}

/// Runs a search over simulated windows.
double knee_of(std::string_view arrivals, std::int64_t bound_ns) {
  KneeSearch search(1e5, bound_ns);
  std::uint64_t seed = 0;
  while (const auto window = search.next()) {
    search.tell(measure({.arrivals = arrivals,
                         .rate = window->rate,
                         .service = "10us",
                         .length_ns = window->length_ns,
                         .seed = ++seed}));
  }
  EXPECT_EQ(search.windows(), static_cast<int>(search.steps().size()) * KneeSearch::kWindows);
  return search.knee();
}

TEST(TheKnee, OfAFixedScheduleIsWhereServiceFillsTheTime) {
  EXPECT_NEAR(knee_of("fixed", kMilli), 1e5, 5e3);
}

TEST(TheKnee, OfAnMD1QueueIsWhereTheoryPutsIt) {
  constexpr double kBound = 8;  // service times, of which the last is the service itself
  double load = 0;
  while (share_within(load, kBound - 1) > 0.99) load += 0.001;
  EXPECT_NEAR(knee_of("exponential", 80 * kMicro), load * 1e5, 0.06 * load * 1e5);
}

TEST(TheKnee, IsNotLookedForFarBelowTheCapacity) {
  KneeSearch search(1e6, kMilli);
  Latency slow;  // without a p99
  double lowest = 0;
  while (const auto window = search.next()) {
    lowest = window->rate;
    search.tell(slow);
  }
  EXPECT_EQ(search.knee(), 0);
  EXPECT_EQ(search.least(), 1e6 / 32);
  EXPECT_GE(lowest, search.least());
}

TEST(TheKnee, RepeatsWindowsThatTheHostSpoiled) {
  KneeSearch search(1e5, kMilli);
  Latency spoiled;
  spoiled.longest_gap_ns = 2 * kMilli;
  for (int i = 0; i < KneeSearch::kMostRepeated; ++i) search.tell(spoiled);
  EXPECT_EQ(search.repeated(), KneeSearch::kMostRepeated);
  EXPECT_EQ(search.disturbed(), 0);
  EXPECT_TRUE(search.steps().empty());
  for (int i = 0; i < KneeSearch::kWindows; ++i) search.tell(spoiled);
  EXPECT_EQ(search.disturbed(), KneeSearch::kWindows);
  EXPECT_EQ(search.steps().size(), 1U);
}

// --- host gaps

TEST(HostGaps, MarkTheMessagesThatWereUnderWay) {
  const std::vector<Sent> sent{{100, 100}, {200, 260}, {300, 300}};
  const std::vector<std::int64_t> due{100, 200, 300};
  const std::vector<Received> log{{MessageId{0, 0}.word(), 110, 110},
                                  {MessageId{0, 1}.word(), 270, 270},
                                  {MessageId{0, 2}.word(), 310, 310}};
  const std::vector<SenderLog> senders{{sent, 0, due, 0}};
  const std::vector<std::span<const Received>> received{log};
  const Latency l = evaluate(senders, received, {0, 0, 1000}, {{240, 250}, {205, 245}}, 500);
  EXPECT_EQ(l.gaps, 1U);  // they overlap
  EXPECT_EQ(l.gap_ns, 45);
  EXPECT_EQ(l.disturbed.count(), 1U);
  EXPECT_EQ(l.disturbed.max_ns(), 70);
  EXPECT_EQ(l.response.count(), 3U);  // marked, not removed
}

// --- what people write

std::string refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Words, TakeUnits) {
  EXPECT_EQ(parse_duration("20us"), 20'000);
  EXPECT_EQ(parse_duration("1s"), kSecond);
  EXPECT_EQ(duration_text(1'500'000), "1500us");
  EXPECT_EQ(parse_bytes("256KiB"), 262'144U);
  EXPECT_EQ(parse_bytes("0"), 0U);
}

TEST(Words, ThatAreWrongGetTheNearestValidOne) {
  EXPECT_EQ(refusal([] { parse_duration("20um"); }),
            "unknown unit of time 'um': did you mean 'us'?");
  EXPECT_NE(refusal([] { parse_duration("fast"); }), "");
  EXPECT_EQ(refusal([] { parse_arrivals("exponentail"); }),
            "unknown arrivals 'exponentail': did you mean 'exponential'?");
  EXPECT_NE(refusal([] { parse_arrivals("bursts-1ms"); }), "");
  EXPECT_EQ(refusal([] { parse_scenario("sumary = \"x\"", "mine.toml"); }),
            "mine.toml:1: unknown key 'sumary': did you mean 'summary'?");
  EXPECT_EQ(refusal([] {
              parse_scenario("summary = \"x\"\n[[event]]\nstall = \"reciever 0\"\nfor = \"1ms\"",
                             "mine.toml");
            }),
            "mine.toml:2: unknown role 'reciever': did you mean 'receiver'?");
  EXPECT_NE(refusal([] { parse_scenario("summary = \"x\"\nrate = 0", "mine.toml"); }), "");
  EXPECT_NE(refusal([] { parse_scenario("summary = \"x\"\nbound = \"5ns\"", "mine.toml"); }), "");
}

// --- schedules

TEST(Schedules, HaveTheRateThatWasAskedForAndARandomPhase) {
  for (const std::string_view word : {"fixed", "exponential", "bursts-1ms-9ms", "frames-16ms"}) {
    std::vector<std::int64_t> firsts;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const auto due = schedule(
          {.arrivals = parse_arrivals(word), .rate = 5e4, .length_ns = 10 * kSecond}, seed);
      EXPECT_NEAR(static_cast<double>(due.size()), 5e5, 5e3) << word;
      EXPECT_TRUE(std::is_sorted(due.begin(), due.end())) << word;
      EXPECT_GE(due.front(), 0) << word;
      EXPECT_LT(due.back(), 10 * kSecond) << word;
      firsts.push_back(due.front());
    }
    EXPECT_FALSE(firsts[0] == firsts[1] && firsts[1] == firsts[2]) << word;
  }
}

TEST(Schedules, OfBurstsAreSilentInTheOffTime) {
  const auto due = schedule(
      {.arrivals = parse_arrivals("bursts-1ms-9ms"), .rate = 5e4, .length_ns = kSecond}, 7);
  std::size_t pauses = 0;
  for (std::size_t i = 1; i < due.size(); ++i)
    pauses += due[i] - due[i - 1] >= 9 * kMilli ? 1U : 0U;
  EXPECT_NEAR(static_cast<double>(pauses), 100, 1);
}

TEST(Schedules, AreTheSameForTheSameSeed) {
  const Demand demand{.arrivals = parse_arrivals("exponential"), .rate = 1e4, .length_ns = kSecond};
  EXPECT_EQ(schedule(demand, 5), schedule(demand, 5));
  EXPECT_NE(schedule(demand, 5), schedule(demand, 6));
}

}  // namespace
}  // namespace weir::scenario::test
