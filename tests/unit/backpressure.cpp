// Backpressure in virtual time: channels of set service, stall and policy give the goodput, blocked
// time and recovery that can be computed.
#include "harness/scenario/backpressure.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/simulation.hpp"

namespace weir::scenario::test {
namespace {

Backpressure press(const Plan& plan) {
  Simulation simulation(plan);
  simulation.run();
  return simulation.pressure();
}

double ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

/// Twice what can be served: 10 000 messages a second of 20 000.
Plan twice_too_much() { return {.rate = 2e4, .service = "100us", .capacity = 100}; }

// --- overload

TEST(Overload, OfAChannelThatBlocksLosesNothingAndHoldsTheSender) {
  const Backpressure found = press(twice_too_much());
  EXPECT_NEAR(found.goodput, 1e4, 10);
  EXPECT_EQ(found.refused() + found.evicted, 0U);
  EXPECT_EQ(found.deepest, 100U);
  // It fills at 10 000 messages a second, and from then on the sender always stands.
  EXPECT_NEAR(found.blocked_share.at(0), 1 - 100 / 1e4, 0.002);
  EXPECT_NEAR(ms(found.sends.quantile_ns(0.5)), 0.1, 0.001);
}

TEST(Overload, OfASenderThatDropsLosesWhatIsTooMuch) {
  Plan plan = twice_too_much();
  plan.full = "drop";
  const Backpressure found = press(plan);
  EXPECT_NEAR(found.goodput, 1e4, 10);
  EXPECT_NEAR(static_cast<double>(found.full), 1e4 - 100, 3);
  EXPECT_EQ(found.dropped + found.timed_out + found.evicted, 0U);
  EXPECT_EQ(found.blocked_share.at(0), 0);
  // Whatever arrives has waited for all that was before it.
  EXPECT_NEAR(ms(found.staleness.quantile_ns(0.9)), 100 * 0.1, 0.2);
}

TEST(Overload, OfAChannelThatDropsItsOldestKeepsWhatArrivesFresh) {
  Plan plan = twice_too_much();
  plan.evicts = true;
  const Backpressure found = press(plan);
  EXPECT_NEAR(found.goodput, 1e4, 10);
  EXPECT_NEAR(static_cast<double>(found.evicted), 1e4 - 100, 3);
  EXPECT_EQ(found.refused(), 0U);
  EXPECT_EQ(found.deepest, 100U);
  // What is before a message leaves at the rate of arrivals, served or not.
  EXPECT_NEAR(ms(found.staleness.quantile_ns(0.9)), 100 / 2e4 * 1e3, 0.1);
}

TEST(Overload, OfASenderThatGivesUpAfterATimeBlocksItForThatLongAtMost) {
  Plan plan = twice_too_much();
  plan.full = "timeout-30us";
  const Backpressure found = press(plan);
  EXPECT_NEAR(found.goodput, 1e4, 10);
  EXPECT_GT(found.timed_out, 3'000U);
  EXPECT_LE(found.sends.max_ns(), 30'000);
  EXPECT_EQ(found.full + found.dropped + found.evicted, 0U);
}

TEST(Overload, CountsEachMessageOnce) {
  for (const std::string_view full : {"block", "drop", "timeout-30us"}) {
    Plan plan = twice_too_much();
    plan.full = full;
    Simulation simulation(plan);
    const Latency latency = simulation.run();
    const Backpressure found = simulation.pressure();
    EXPECT_EQ(found.offered, latency.scheduled) << full;
    EXPECT_NEAR(found.goodput, latency.achieved, 0.5) << full;
    std::uint64_t accepted = 0;
    for (const Moment& moment : found.moments) accepted += moment.accepted;
    EXPECT_EQ(accepted, found.accepted) << full;
  }
}

// --- stalls: 4 000 messages a second of 10 000 that can be served; the receiver stops for 50 ms

constexpr Gap kStall{300 * kMilli, 350 * kMilli};

TEST(AStalledReceiver, IsBackWhenTheBacklogIsServedBesideWhatComes) {
  const Backpressure found = press({.rate = 4e3, .service = "100us", .receiver_stalls = {kStall}});
  ASSERT_EQ(found.recoveries.size(), 1U);
  const Recovery& recovery = found.recoveries[0];
  EXPECT_EQ(recovery.what, "receiver 0");
  EXPECT_NEAR(static_cast<double>(recovery.backlog), 200, 1);
  EXPECT_NEAR(static_cast<double>(recovery.peak_depth), 200, 1);
  EXPECT_LE(recovery.baseline_depth, 1U);
  // 200 messages, and each millisecond 10 go and 4 come.
  EXPECT_NEAR(ms(recovery.depth_ns), 200.0 / 6, 0.5);
  EXPECT_NEAR(ms(recovery.response_ns), 200.0 / 6, 0.5);
  EXPECT_NEAR(recovery.drain_rate, 1e4, 100);
  EXPECT_EQ(recovery.lost, 0U);
  EXPECT_EQ(recovery.blocked_ns, 0);
}

TEST(AStalledReceiver, BehindASmallChannelHoldsTheSenderAndIsBackAsLate) {
  const Backpressure found =
      press({.rate = 4e3, .service = "100us", .capacity = 40, .receiver_stalls = {kStall}});
  const Recovery& recovery = found.recoveries.at(0);
  EXPECT_EQ(recovery.peak_depth, 40U);
  EXPECT_NEAR(static_cast<double>(recovery.backlog), 200, 1);  // most of it waits at the sender
  EXPECT_NEAR(ms(recovery.response_ns), 200.0 / 6, 0.5);
  // Full after 10 ms; after the stall it stands until the backlog is in the channel: 160 messages
  // at 10 a millisecond, of which those that come meanwhile are part.
  EXPECT_NEAR(ms(recovery.blocked_ns), 40 + 160.0 / 6, 0.5);
}

TEST(AStalledReceiver, CostsADroppingSenderWhatFindsNoRoom) {
  Plan plan{.rate = 4e3, .service = "100us", .capacity = 40, .receiver_stalls = {kStall}};
  plan.full = "drop";
  const Recovery recovery = press(plan).recoveries.at(0);
  EXPECT_NEAR(static_cast<double>(recovery.lost), 160, 2);
  EXPECT_NEAR(ms(recovery.depth_ns), 40.0 / 6, 0.5);
}

TEST(AStoppedSender, SendsWhatIsOverdueAtOnce) {
  const Backpressure found = press({.rate = 4e3, .service = "100us", .sender_stalls = {kStall}});
  const Recovery& recovery = found.recoveries.at(0);
  EXPECT_NEAR(static_cast<double>(recovery.backlog), 200, 1);
  EXPECT_NEAR(static_cast<double>(recovery.peak_depth), 199, 2);
  EXPECT_NEAR(ms(recovery.response_ns), 200.0 / 6, 0.5);
  EXPECT_NEAR(ms(recovery.stood_ns.at(1)), 50, 0.5);  // the receiver had nothing to do
}

TEST(AStallThatNeverEnds, IsNotBack) {
  const Backpressure found =
      press({.rate = 9.9e3, .service = "100us", .receiver_stalls = {kStall}});
  EXPECT_EQ(found.recoveries.at(0).depth_ns, -1);
  EXPECT_EQ(found.recoveries.at(0).response_ns, -1);
}

TEST(TheDepth, IsThatOfEachMoment) {
  const Backpressure found = press({.rate = 4e3, .service = "100us", .receiver_stalls = {kStall}});
  ASSERT_EQ(found.moments.size(), 1'000U);
  EXPECT_NEAR(static_cast<double>(found.moments.at(325).deepest), 25.5 * 4, 2);
  EXPECT_LE(found.moments.at(900).deepest, 1U);
  EXPECT_EQ(found.moments.at(325).received, 0U);
}

// --- what a channel may answer

struct Answering {
  SendStatus answer;
  SendStatus send(T& /*message*/) noexcept { return answer; }
  SendStatus try_send(T& /*message*/) noexcept { return answer; }
  SendStatus send_until(T& /*message*/, Deadline /*deadline*/) noexcept { return answer; }
};

Step step_over(SendStatus answer, const SendOptions& options) {
  SendLoop<VirtualTime, T> loop(options, 10);
  VirtualClock::time_ns = 0;
  loop.begin({.asap = true, .end = 1});
  Answering channel{answer};
  return loop.step(channel, [](const T& /*evicted*/) noexcept {});
}

TEST(ASend, ThatWaitsMayNotBeRefused) {
  const SendOptions waits{};
  for (const SendStatus answer : {SendStatus::full, SendStatus::dropped, SendStatus::timed_out})
    EXPECT_EQ(step_over(answer, waits), Step::broken);
  EXPECT_EQ(step_over(SendStatus::ok, waits), Step::sent);
}

TEST(ASend, IsRefusedOnlyAsItsPolicySays) {
  const SendOptions drops{.full = parse_on_full("drop"), .refuses = true};
  EXPECT_EQ(step_over(SendStatus::full, drops), Step::refused);
  EXPECT_EQ(step_over(SendStatus::timed_out, drops), Step::broken);
  const SendOptions gives_up{.full = parse_on_full("timeout-1ms")};
  EXPECT_EQ(step_over(SendStatus::timed_out, gives_up), Step::refused);
  EXPECT_EQ(step_over(SendStatus::full, gives_up), Step::broken);
}

// --- how a receiver takes

TEST(AReceiverOfFrames, TakesAllThatIsThereAtEachTick) {
  const Latency l = Simulation({.rate = 1e4, .take = "frames-10ms"}).run();
  EXPECT_NEAR(ms(l.response.max_ns()), 10, 0.2);
  EXPECT_NEAR(l.response.mean_ns() / 1e6, 5, 0.1);
}

TEST(AReceiverOfBatches, FlushesBehindEach) {
  // Alone each message would take 10 + 90 us: half of what is offered. In batches of ten it is 19
  // us.
  const Backpressure one = press({.rate = 2e4, .service = "10us", .take = "batches-1-90us"});
  EXPECT_NEAR(one.goodput, 1e4, 20);
  const Backpressure ten = press({.rate = 2e4, .service = "10us", .take = "batches-10-90us"});
  EXPECT_NEAR(ten.goodput, 2e4, 100);
}

// --- by hand

Flow flow_of(const std::vector<Sent>& first, const std::vector<Sent>& second, std::int64_t end) {
  return {.senders = {{{first, 0, {}, 0}, {}, {}}, {{second, 0, {}, 0}, {}, {}}},
          .receivers = {},
          .window = {0, 0, end},
          .stalls = {}};
}

TEST(Fairness, IsOfSharesAndOfTheLongestStarvation) {
  const std::vector<Sent> many{{0, 0, 10}, {10, 10, 20}, {20, 20, 30}};
  const std::vector<Sent> one{{5, 5, 95}};
  const Fairness fairness = evaluate(flow_of(many, one, 100), 10).fairness;
  EXPECT_EQ(fairness.accepted, (std::vector<std::uint64_t>{3, 1}));
  EXPECT_DOUBLE_EQ(fairness.jain, 16.0 / 20.0);
  EXPECT_EQ(fairness.starved_ns, 90);
}

TEST(Fairness, CountsStarvationUpToTheEndOfTheWindow) {
  const std::vector<Sent> late{{5, 5, 150}};
  EXPECT_EQ(evaluate(flow_of({}, late, 100), 10).fairness.starved_ns, 95);
}

TEST(ManyStalls, AreEachComparedWithTheTimeBeforeTheFirst) {
  const Gap second{600 * kMilli, 650 * kMilli};
  const Backpressure found =
      press({.rate = 4e3, .service = "100us", .receiver_stalls = {kStall, second}});
  ASSERT_EQ(found.recoveries.size(), 2U);
  EXPECT_LE(found.recoveries[1].baseline_depth, 1U);
  EXPECT_NEAR(ms(found.recoveries[1].depth_ns), 200.0 / 6, 0.5);
  EXPECT_NEAR(ms(found.recoveries[1].response_ns), 200.0 / 6, 0.5);
}

TEST(WhatNeverComes, IsNotBack) {
  // From the stall on nothing is received, though the sender goes on.
  const std::vector<Sent> sent{
      {0, 0, 1}, {kMilli, kMilli, kMilli + 1}, {50 * kMilli, 50 * kMilli, 50 * kMilli}};
  const std::vector<std::int64_t> due{0, kMilli, 50 * kMilli, 60 * kMilli};
  const std::vector<Received> received{{MessageId{0, 0}.word(), 2, 2},
                                       {MessageId{0, 1}.word(), kMilli + 2, kMilli + 2}};
  Flow flow{.senders = {{{sent, 0, due, 0}, {}, {}}},
            .receivers = {received},
            .window = {0, 0, 100 * kMilli},
            .stalls = {{"receiver 0", {10 * kMilli, 20 * kMilli}}}};
  EXPECT_EQ(evaluate(flow, kMilli).recoveries.at(0).response_ns, -1);
}

TEST(Fairness, CountsARefusedSenderAsStarvedUntilItGetsSomethingIn) {
  const std::vector<Sent> sent{{70, 70, 71}};
  const std::vector<Refusal> refused{{20, 20, 21, SendStatus::full},
                                     {40, 40, 41, SendStatus::full}};
  Flow flow = flow_of(sent, {}, 100);
  flow.senders[0].refused = refused;
  EXPECT_EQ(evaluate(flow, 10).fairness.starved_ns, 51);
}

TEST(Turns, AreRunsOfSendsAndReceives) {
  const std::vector<Sent> sent{{0, 0, 10}, {10, 10, 20}, {20, 20, 30}, {40, 40, 60}};
  const std::vector<Received> received{{MessageId{0, 0}.word(), 40, 40},
                                       {MessageId{0, 1}.word(), 50, 50},
                                       {MessageId{0, 2}.word(), 70, 70},
                                       {MessageId{0, 3}.word(), 80, 80}};
  Flow flow = flow_of(sent, {}, 100);
  flow.receivers = {received};
  const Turns turns = evaluate(flow, 10).turns;
  EXPECT_EQ(turns.send_runs, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(turns.receive_runs, (std::vector<std::uint64_t>{2, 2}));
  EXPECT_EQ(turns.first_receive_ns, 30);
  EXPECT_EQ(turns.before_first_receive, 3U);
}

TEST(TheDepth, CountsAMessageThatWasReceivedBeforeItsSendWasOver) {
  const std::vector<Sent> sent{{0, 0, 50}};
  const std::vector<Received> received{{MessageId{0, 0}.word(), 20, 20}};
  Flow flow = flow_of(sent, {}, 100);
  flow.receivers = {received};
  const Backpressure found = evaluate(flow, 10);
  EXPECT_EQ(found.deepest, 0U);  // it was in for no time at all
  EXPECT_EQ(found.received, 1U);
}

}  // namespace
}  // namespace weir::scenario::test
