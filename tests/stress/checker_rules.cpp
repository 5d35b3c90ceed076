// Each rule on a history of a few operations: what it says, what it shows, and whom it does not
// convict.
#include <gtest/gtest.h>

#include <algorithm>

#include "checker_build.hpp"
#include "harness/stress/checker.hpp"

namespace weir::test {
namespace {

using stress::check;
using stress::CheckOptions;
using stress::kNever;
using stress::Report;
using stress::Rule;

constexpr Contract kFifo{};

/// The only violation, which must be of this rule.
void expect_only(const Report& report, Rule rule, const std::string& words) {
  ASSERT_EQ(report.violations.size(), 1U) << report.text();
  EXPECT_EQ(name_of(report.violations[0].rule), name_of(rule));
  EXPECT_EQ(report.violations[0].words, words);
}

void expect_passes(const Report& report) { EXPECT_TRUE(report.passed()) << report.text(); }

// --- fresh, repeat, loss

TEST(CheckerFresh, AMessageThatNobodySentIsNamed) {
  const auto history = Build().send(0, 0, {0, 10}).recv(1, word(0, 9), {20, 30}).history();
  expect_only(check(history, kFifo, 4), Rule::fresh,
              "receiver 1 got message 9 of sender 0 in [20, 30], which nobody had sent");
}

TEST(CheckerFresh, AMessageThatWasRefusedIsNamedWithItsRefusal) {
  const auto history =
      Build().try_send(0, 0, {0, 10}, SendStatus::full).recv(0, word(0, 0), {20, 30}).history();
  const Report report = check(history, {.full = Answer::spurious}, 4);
  expect_only(report, Rule::fresh,
              "receiver 0 got message 0 of sender 0 in [20, 30], which nobody had sent: its send "
              "answered full");
  EXPECT_EQ(report.violations[0].witness.size(), 2U);
}

TEST(CheckerFresh, AMessageThatCameBeforeItWasSentIsNamed) {
  const auto history = Build().send(0, 3, {20, 30}).recv(0, word(0, 3), {0, 10}).history();
  expect_only(check(history, kFifo, 4), Rule::fresh,
              "receiver 0 got message 3 of sender 0 in [0, 10], before it was sent in [20, 30]");
}

TEST(CheckerFresh, AMessageOfASendThatNeverReturnedMayCome) {
  expect_passes(
      check(Build().send(0, 0, {0, kNever}).recv(0, word(0, 0), {5, 10}).history(true), kFifo, 4));
}

TEST(CheckerFresh, ASendThatNeverReturnedNeedNotHaveHappened) {
  expect_passes(check(Build().send(0, 0, {0, kNever}).nothing(0, {5, 10}).history(true), kFifo, 4));
}

TEST(CheckerRepeat, AMessageThatCameTwiceIsNamedWithBothReceivers) {
  const auto history = Build()
                           .send(0, 7, {0, 10})
                           .recv(0, word(0, 7), {20, 30})
                           .recv(1, word(0, 7), {25, 35})
                           .history();
  expect_only(check(history, kFifo, 4), Rule::repeat,
              "message 7 of sender 0 was taken twice: by receiver 0 in [20, 30] and by receiver 1 "
              "in [25, 35]");
}

TEST(CheckerLoss, AnAcceptedMessageThatNeverCameIsLostIfAllWasDrained) {
  const Build build = Build().send(0, 0, {0, 10});
  expect_only(check(build.history(true), kFifo, 4), Rule::loss,
              "message 0 of sender 0 was accepted in [0, 10] and never received, although all was "
              "drained (1 lost)");
  expect_passes(check(build.history(false), kFifo, 4));
}

TEST(CheckerLoss, AReceiveThatNeverReturnedMayHaveTakenTheMissingMessage) {
  Build build;
  build.send(0, 0, {0, 10}).recv(0, 0, {20, kNever});
  expect_passes(check(build.history(true), kFifo, 4));
  build.send(0, 1, {30, 40});
  EXPECT_TRUE(check(build.history(true), kFifo, 4).violates(Rule::loss)) << "but not two of them";
}

// --- order

Build overtaken() {
  return Build()
      .send(0, 7, {0, 10})
      .send(1, 3, {20, 30})
      .recv(0, word(1, 3), {40, 50})
      .recv(1, word(0, 7), {60, 70});
}

TEST(CheckerOrder, AMessageThatWasOvertakenIsShownWithTheOther) {
  const Report report = check(overtaken().history(true), kFifo, 4);
  expect_only(report, Rule::order,
              "message 7 of sender 0 was sent in [0, 10], before message 3 of sender 1 in "
              "[20, 30], but taken in [60, 70], after the later one in [40, 50]");
  EXPECT_EQ(report.violations[0].picture,
            "  sender 0    |-send 0.7-|\n"
            "  sender 1                 |-send 1.3-|\n"
            "  receiver 0                            |-recv 1.3-|\n"
            "  receiver 1                                         |-recv 0.7-|\n");
}

TEST(CheckerOrder, WhoPromisesOrderPerSenderIsNotConvictedOfOrderBetweenSenders) {
  for (const Order order : {Order::per_sender, Order::none}) {
    expect_passes(check(overtaken().history(true), {.order = order}, 4));
  }
}

TEST(CheckerOrder, OverlappingSendsMayComeInAnyOrder) {
  const auto history = Build()
                           .send(0, 7, {0, 20})
                           .send(1, 3, {20, 30})
                           .recv(0, word(1, 3), {40, 50})
                           .recv(1, word(0, 7), {60, 70})
                           .history(true);
  expect_passes(check(history, kFifo, 4));
}

TEST(CheckerOrder, IntervalsAreWidenedByTheSkew) {
  EXPECT_FALSE(check(overtaken().history(true, 9), kFifo, 4).passed());
  expect_passes(check(overtaken().history(true, 10), kFifo, 4));
}

TEST(CheckerPerSender, AReceiverThatGetsAnEarlierMessageLaterIsNamed) {
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .send(0, 1, {20, 30})
                           .recv(0, word(0, 1), {40, 50})
                           .recv(0, word(0, 0), {60, 70})
                           .nothing(1, {0, 5})
                           .history(true);
  const Report report = check(history, {.order = Order::per_sender}, 4);
  ASSERT_FALSE(report.violations.empty());
  EXPECT_EQ(report.violations[0].words,
            "message 1 of sender 0 was taken by receiver 0 in [40, 50], before its sender's "
            "earlier message 0 by receiver 0 in [60, 70]");
  expect_passes(check(history, {.order = Order::none}, 4));
}

TEST(CheckerPerSender, BetweenReceiversOnlyTimeDecidesAndTheRuleCanBeLeftOut) {
  const Build apart = Build()
                          .send(0, 0, {0, 10})
                          .send(0, 1, {20, 30})
                          .recv(0, word(0, 1), {40, 50})
                          .recv(1, word(0, 0), {51, 70});
  const Contract contract{.order = Order::per_sender};
  EXPECT_TRUE(check(apart.history(true), contract, 4).violates(Rule::per_sender));
  expect_passes(check(apart.history(true), contract, 4, {.per_sender_across_receivers = false}));
  expect_passes(check(apart.history(true, 1), contract, 4));
}

TEST(CheckerPerSender, WithOneSenderAndOneReceiverItIsOrder) {
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .send(0, 1, {20, 30})
                           .recv(0, word(0, 1), {40, 50})
                           .recv(0, word(0, 0), {60, 70})
                           .history(true);
  EXPECT_TRUE(check(history, {.order = Order::per_sender}, 4).violates(Rule::order));
}

// --- empty

TEST(CheckerEmpty, OneMessageThatWasThereThroughoutIsShown) {
  const auto history =
      Build().send(0, 7, {0, 10}).nothing(1, {20, 30}).recv(0, word(0, 7), {40, 50}).history(true);
  const Report report = check(history, kFifo, 4);
  expect_only(report, Rule::empty,
              "receiver 1 got empty in [20, 30], although message 7 of sender 0 was in the channel "
              "throughout");
  EXPECT_EQ(report.violations[0].picture,
            "  sender 0    |-send 0.7-|\n"
            "  receiver 0                                   |-recv 0.7-|\n"
            "  receiver 1               |-try_recv: empty-|\n");
}

TEST(CheckerEmpty, MessagesThatRelievedEachOtherAreShownTogether) {
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .send(1, 0, {20, 24})
                           .nothing(1, {20, 40}, RecvStatus::timed_out, Kind::recv_until)
                           .recv(0, word(0, 0), {25, 30})
                           .recv(0, word(1, 0), {41, 50})
                           .history(true);
  expect_only(check(history, kFifo, 4), Rule::empty,
              "receiver 1 got timed_out in [20, 40], although message 0 of sender 0, and then "
              "message 0 of sender 1 was in the channel throughout");
}

TEST(CheckerEmpty, AnInstantWithoutMessagesIsEnough) {
  const auto history =
      Build().send(0, 0, {0, 10}).nothing(1, {20, 40}).recv(0, word(0, 0), {25, 30}).history(true);
  expect_passes(check(history, kFifo, 4));
}

TEST(CheckerEmpty, WhoMayAnswerEmptyAtAnyTimeIsNotConvicted) {
  const auto history =
      Build().send(0, 7, {0, 10}).nothing(1, {20, 30}).recv(0, word(0, 7), {40, 50}).history(true);
  expect_passes(check(history, {.empty = Answer::spurious}, 4));
}

// --- bound and full

Build three_inside() {
  return Build().send(0, 0, {0, 10}).send(0, 1, {20, 30}).send(1, 0, {20, 31});
}

TEST(CheckerBound, AMessageTooManyIsShownWithAllThatWereInside) {
  expect_only(
      check(three_inside().history(), kFifo, 2), Rule::bound,
      "right after 31 there were 3 messages in a channel of capacity 2: message 0 of sender "
      "0, message 1 of sender 0, message 0 of sender 1");
  expect_passes(check(three_inside().history(), kFifo, 3));
}

TEST(CheckerBound, WhatWasAcceptedWasInsideByTheTimeOfClose) {
  Build build;
  build.close(0, {10, 20});
  for (std::uint16_t i = 0; i < 3; ++i) build.send(i, 0, {0, 100}).recv(i, word(i, 0), {50, 110});
  EXPECT_TRUE(check(build.history(true), kFifo, 2).violates(Rule::bound));
  expect_passes(check(build.history(true), kFifo, 3));
}

TEST(CheckerBound, WhoMayHoldMoreIsNotConvicted) {
  expect_passes(check(three_inside().history(), {.bound = Bound::at_least}, 2));
  expect_passes(check(three_inside().history(), {.bound = Bound::unbounded}, 0));
}

TEST(CheckerBound, ARendezvousEndsTogether) {
  const Contract contract{.bound = Bound::rendezvous, .min_capacity = 0};
  const auto together = Build().send(0, 0, {0, 10}).recv(0, word(0, 0), {10, 20}).history(true);
  expect_passes(check(together, contract, 0));
  const auto apart = Build().send(0, 0, {0, 9}).recv(0, word(0, 0), {10, 20}).history(true);
  EXPECT_TRUE(check(apart, contract, 0).violates(Rule::bound));
}

TEST(CheckerFull, ARefusalThoughThereWasRoomIsNamed) {
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .try_send(2, 0, {20, 30}, SendStatus::full)
                           .recv(0, word(0, 0), {40, 50})
                           .history(true);
  expect_only(check(history, kFifo, 3), Rule::full,
              "sender 2 got full in [20, 30], although at most 1 of 3 places can have been taken "
              "at any instant of it");
  expect_passes(check(history, {.full = Answer::spurious}, 3));
  expect_passes(check(history, kFifo, 1));
}

TEST(CheckerFull, ATimeOutADropAndAnEvictionAreRefusalsToo) {
  const auto with = [](SendStatus status) {
    return Build()
        .send(0, 0, {0, 10})
        .send(1, 0, {20, 30}, status, Kind::send_until)
        .recv(0, word(0, 0), {40, 50})
        .history(true);
  };
  for (const SendStatus status : {SendStatus::timed_out, SendStatus::dropped}) {
    EXPECT_TRUE(check(with(status), kFifo, 2).violates(Rule::full));
    expect_passes(check(with(status), kFifo, 1));
  }
  const auto evicting = Build()
                            .send(0, 0, {0, 10})
                            .evict(1, 0, word(0, 0), {20, 30})
                            .recv(0, word(1, 0), {40, 50})
                            .history(true);
  EXPECT_TRUE(check(evicting, {.overflow = Overflow::drop_oldest}, 2).violates(Rule::full));
  expect_passes(check(evicting, {.overflow = Overflow::drop_oldest}, 1));
}

TEST(CheckerFull, AnUnboundedChannelIsNeverFull) {
  const auto history = Build().try_send(0, 0, {0, 10}, SendStatus::full).history();
  EXPECT_TRUE(check(history, {.bound = Bound::unbounded}, 0).violates(Rule::full));
}

TEST(CheckerFull, NothingElseThanTheOldestMayBeEvicted) {
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .send(0, 1, {20, 30})
                           .evict(0, 2, word(0, 1), {40, 50})
                           .recv(0, word(0, 0), {60, 70})
                           .recv(0, word(0, 2), {80, 90})
                           .history(true);
  EXPECT_TRUE(check(history, {.overflow = Overflow::drop_oldest}, 2).violates(Rule::order));
}

// --- close

TEST(CheckerClose, WhatWasAcceptedAfterCloseIsNamed) {
  const auto history = Build().close(0, {0, 10}).send(0, 0, {20, 30}).history();
  expect_only(check(history, kFifo, 4), Rule::close,
              "message 0 of sender 0 was accepted by a send in [20, 30], after close() had "
              "returned");
}

TEST(CheckerClose, WhatWasAcceptedAfterSomeoneGotClosedIsNamed) {
  const auto history = Build()
                           .close(0, {0, 100})
                           .try_send(1, 0, {10, 20}, SendStatus::closed)
                           .send(0, 0, {30, 40})
                           .history();
  expect_only(check(history, kFifo, 4), Rule::close,
              "message 0 of sender 0 was accepted by a send in [30, 40], after sender 1 had got "
              "closed");
}

TEST(CheckerClose, ClosedBeforeAnyoneClosedIsNamed) {
  const auto early = Build().nothing(0, {0, 10}, RecvStatus::closed).close(0, {20, 30}).history();
  expect_only(check(early, kFifo, 4), Rule::close,
              "receiver 0 got closed in [0, 10], before anyone closed the channel");
  const auto never = Build().nothing(0, {0, 10}, RecvStatus::closed).history();
  expect_only(check(never, {.close = Close::none}, 4), Rule::close,
              "receiver 0 got closed in [0, 10], although nobody had closed the channel");
}

TEST(CheckerClose, ClosedBeforeAllWasTakenIsNamed) {
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .close(0, {20, 30})
                           .nothing(0, {40, 50}, RecvStatus::closed)
                           .recv(1, word(0, 0), {51, 60})
                           .history(true);
  expect_only(check(history, kFifo, 4), Rule::close,
              "receiver 0 got closed in [40, 50], before message 0 of sender 0 was taken");
}

TEST(CheckerClose, EmptyOrFullAfterCloseHadReturnedIsNamed) {
  const auto history = Build().close(0, {0, 10}).nothing(0, {20, 30}).history();
  expect_only(check(history, kFifo, 4), Rule::close,
              "receiver 0 got empty in [20, 30], after close() had returned");
  expect_passes(check(history, {.empty = Answer::spurious}, 4));
}

TEST(CheckerClose, OperationsThatRaceWithCloseMayGoEitherWay) {
  const auto history = Build()
                           .close(0, {0, 100})
                           .close(1, {5, 90})
                           .send(0, 0, {10, 50})
                           .try_send(1, 0, {20, 60}, SendStatus::closed)
                           .recv(0, word(0, 0), {30, 70})
                           .nothing(0, {75, 95}, RecvStatus::closed)
                           .history(true);
  expect_passes(check(history, kFifo, 4));
}

// --- exact

TEST(CheckerExact, WithinABatchTheProgramSaysTheOrder) {
  const auto history = Build()
                           .send(0, 0, {0, 30})
                           .send(0, 1, {0, 30})
                           .recv(0, word(0, 1), {40, 50})
                           .recv(0, word(0, 0), {60, 70})
                           .history(true);
  expect_only(check(history, kFifo, 4), Rule::order,
              "receiver 0 taking message 1 of sender 0 in [40, 50] came before an earlier message");
}

TEST(CheckerExact, AChainOfDemandsIsToldBackwards) {
  // A batch of a receiver: `empty` after message 0, so before message 1 was sent.
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .send(0, 1, {20, 30})
                           .recv(0, word(0, 0), {25, 50})
                           .nothing(0, {31, 50})
                           .recv(0, word(0, 1), {31, 50})
                           .history(true);
  expect_only(check(history, kFifo, 2), Rule::exact,
              "sender 0 sending message 1 of sender 0 in [20, 30] had to come after receiver 0 "
              "getting empty in [31, 50] (it was seen empty until this message was sent)");
}

TEST(CheckerExact, DemandsThatGoInACircleAreToldTogether) {
  // Batches: full with messages 0 and 1 inside, and empty between the takings of the two.
  const auto history = Build()
                           .send(0, 0, {0, 90})
                           .send(0, 1, {0, 90})
                           .try_send(0, 2, {0, 90}, SendStatus::full)
                           .recv(0, word(0, 0), {0, 90})
                           .nothing(0, {0, 90})
                           .recv(0, word(0, 1), {0, 90})
                           .history(true);
  const Report report = check(history, kFifo, 2);
  expect_only(report, Rule::exact,
              "sender 0 sending message 1 of sender 0 in [0, 90] had to come after receiver 0 "
              "getting empty in [0, 90] (it was seen empty until this message was sent); receiver "
              "0 taking message 0 of sender 0 in [0, 90] had to come after sender 0 getting full "
              "in [0, 90] (it was seen full while this message was inside)");
}

TEST(CheckerExact, EachRuleHoldsAndYetNoOrderExplainsTwoSendersAndOneReceiver) {
  // Capacity 1. `full` needs 0.0 inside or 0.1; 1.0 must have been both before and after.
  const auto history = Build()
                           .send(0, 0, {0, 40})
                           .nothing(0, {10, 20})
                           .try_send(1, 0, {12, 18}, SendStatus::full)
                           .recv(0, word(0, 0), {50, 60})
                           .history(true);
  expect_passes(check(history, kFifo, 1));
  const auto wrong = Build()
                         .send(0, 0, {0, 40})
                         .nothing(0, {20, 30})
                         .try_send(1, 0, {12, 18}, SendStatus::full)
                         .recv(0, word(0, 0), {50, 60})
                         .history(true);
  expect_only(check(wrong, kFifo, 1), Rule::exact,
              "receiver 0 got empty in [20, 30], which no order of the operations explains: with "
              "those then under way, 1 to 1 of 1 messages can have been inside");
}

TEST(CheckerExact, ManySendersAndReceiversAreSearched) {
  const auto wrong = Build()
                         .send(0, 0, {0, 40})
                         .nothing(0, {20, 30})
                         .try_send(1, 0, {12, 18}, SendStatus::full)
                         .recv(1, word(0, 0), {50, 60})
                         .history(true);
  expect_only(check(wrong, kFifo, 1), Rule::exact,
              "receiver 0 got empty in [20, 30], which no order of these operations explains, "
              "beginning with an empty channel of capacity 1");
  const Report rules = check(wrong, kFifo, 1, {.search = false});
  EXPECT_TRUE(rules.violations.empty());
  EXPECT_FALSE(rules.complete) << "rules alone do not prove it";
}

TEST(CheckerExact, AlsoWhereNobodyEverSawTheChannelFull) {
  // Capacity 1: 0 must go before 1 comes, which is too early for its receive.
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .send(1, 0, {20, 30})
                           .recv(0, word(0, 0), {50, 60})
                           .recv(1, word(1, 0), {10, 60})
                           .history(true);
  EXPECT_TRUE(check(history, kFifo, 1).violates(Rule::exact));
  expect_passes(check(history, kFifo, 2));
}

TEST(CheckerExact, WhatCannotBeDecidedIsNotAPass) {
  Build build;  // more threads than the search can hold
  for (std::uint16_t thread = 0; thread < 40; ++thread) {
    build.send(thread, 0, {0, 100}).try_send(thread, 1, {150, 200}, SendStatus::full);
    build.recv(thread, word(thread, 0), {110, 300});
  }
  const Report report = check(build.history(true), kFifo, 40);
  EXPECT_TRUE(report.violations.empty()) << report.text();
  EXPECT_EQ(report.undecided, 1U);
  EXPECT_FALSE(report.passed());
}

// --- what is applied, and to what

TEST(CheckerReport, TheContractChoosesTheRules) {
  const auto history = Build()
                           .send(0, 0, {0, 10})
                           .send(1, 0, {0, 10})
                           .recv(0, word(0, 0), {5, 20})
                           .recv(1, word(1, 0), {5, 20})
                           .history();
  const auto applied = [&](const Contract& contract, Rule rule) {
    const Report report = check(history, contract, 4);
    return std::count(report.rules.begin(), report.rules.end(), rule) == 1;
  };
  EXPECT_TRUE(applied(kFifo, Rule::order));
  EXPECT_FALSE(applied(kFifo, Rule::per_sender));
  EXPECT_FALSE(applied(kFifo, Rule::loss)) << "not drained";
  EXPECT_TRUE(applied({.order = Order::per_sender}, Rule::per_sender));
  EXPECT_FALSE(applied({.order = Order::per_sender}, Rule::order));
  EXPECT_FALSE(applied({.bound = Bound::at_least}, Rule::bound));
  EXPECT_FALSE(applied({.full = Answer::spurious}, Rule::full));
  EXPECT_FALSE(applied({.empty = Answer::spurious}, Rule::empty));
}

TEST(CheckerReport, AnEmptyHistoryPasses) { expect_passes(check({}, kFifo, 4)); }

TEST(CheckerReport, AWordThatWasAcceptedTwiceIsNoHistory) {
  const auto history = Build().send(0, 0, {0, 10}).send(0, 0, {20, 30}).history();
  EXPECT_THROW(static_cast<void>(check(history, kFifo, 4)), std::invalid_argument);
}

TEST(CheckerReport, WordsNeedNotBeDense) {
  const auto history = Build()
                           .send(0, 1ULL << 40, {0, 10})
                           .recv(0, word(0, 1ULL << 40), {20, 30})
                           .recv(1, word(0, 1ULL << 40), {40, 50})
                           .history();
  EXPECT_TRUE(check(history, kFifo, 4).violates(Rule::repeat));
}

}  // namespace
}  // namespace weir::test
