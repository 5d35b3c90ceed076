// The judge of every trial: what was lost, doubled, late, changed or made up, by name.
#include "harness/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <set>

namespace weir::test {
namespace {

using Sequences = std::vector<std::uint64_t>;
/// What each receiver got, in its order.
using Arrivals = std::vector<std::vector<MessageId>>;

Verdict judge_arrivals(Bookkeeping bookkeeping, bool ordered, const Sequences& accepted,
                       const Arrivals& arrivals) {
  std::vector<std::unique_ptr<Ledger>> ledgers;
  std::vector<const Ledger*> all;
  for (const auto& receiver : arrivals) {
    ledgers.push_back(
        std::make_unique<Ledger>(static_cast<int>(accepted.size()), bookkeeping, ordered));
    for (const MessageId id : receiver) ledgers.back()->record(id);
    all.push_back(ledgers.back().get());
  }
  return judge(all, accepted);
}

/// One sender, one receiver.
Verdict judge_one(Bookkeeping bookkeeping, std::uint64_t accepted, const Sequences& arrived,
                  bool ordered = true) {
  std::vector<MessageId> ids;
  for (const std::uint64_t sequence : arrived) ids.push_back({0, sequence});
  return judge_arrivals(bookkeeping, ordered, {accepted}, {ids});
}

Sequences upto(std::uint64_t count) {
  Sequences all(count);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Sequences without(Sequences all, const std::set<std::uint64_t>& missing) {
  std::erase_if(all, [&](std::uint64_t sequence) { return missing.contains(sequence); });
  return all;
}

class Ledgers : public testing::TestWithParam<Bookkeeping> {};

TEST_P(Ledgers, AcceptWhatIsComplete) {
  for (const std::uint64_t count : {0U, 1U, 2U, 63U, 64U, 65U, 127U, 128U, 1000U, 4096U}) {
    const Verdict verdict = judge_one(GetParam(), count, upto(count));
    EXPECT_EQ(verdict.failure, "") << count << ": " << verdict.reason;
    EXPECT_EQ(verdict.reason, "");
    EXPECT_EQ(verdict.lost, 0U);
    EXPECT_EQ(verdict.duplicated, 0U);
  }
}

TEST_P(Ledgers, NameTheOneMessageThatIsMissingWhereverItWas) {
  for (const std::uint64_t count : {1U, 2U, 64U, 65U, 128U, 129U, 256U, 300U}) {
    for (std::uint64_t missing = 0; missing < count; ++missing) {
      const Verdict verdict = judge_one(GetParam(), count, without(upto(count), {missing}));
      ASSERT_EQ(verdict.failure, "loss");
      ASSERT_EQ(verdict.lost, 1U);
      ASSERT_EQ(verdict.reason,
                "lost 1 accepted: message " + std::to_string(missing) + " of sender 0");
    }
  }
}

TEST_P(Ledgers, NameTheMillionthMessage) {
  constexpr std::uint64_t kCount = 2'000'000;
  for (const std::uint64_t missing : {999'999U, 1'000'000U, 1'999'999U}) {
    Ledger ledger(1, GetParam(), true);
    for (std::uint64_t i = 0; i < kCount; ++i) {
      if (i != missing) ledger.record({0, i});
    }
    const Verdict verdict = judge({&ledger}, {kCount});
    EXPECT_EQ(verdict.failure, "loss");
    EXPECT_EQ(verdict.reason,
              "lost 1 accepted: message " + std::to_string(missing) + " of sender 0");
  }
}

TEST_P(Ledgers, CountALongLossAndNameItsBeginning) {
  const Verdict verdict = judge_one(GetParam(), 1000, upto(900));
  EXPECT_EQ(verdict.failure, "loss");
  EXPECT_EQ(verdict.lost, 100U);
  EXPECT_NE(verdict.reason.find("900"), std::string::npos) << verdict.reason;
  const Verdict nothing = judge_one(GetParam(), 1000, {});
  EXPECT_EQ(nothing.lost, 1000U);
}

TEST_P(Ledgers, NameTheOneMessageThatCameTwice) {
  for (const std::uint64_t again : {0U, 1U, 63U, 64U, 127U, 128U, 199U}) {
    Sequences arrived = upto(200);
    arrived.insert(arrived.begin() + static_cast<std::ptrdiff_t>(again), again);  // side by side
    Verdict verdict = judge_one(GetParam(), 200, arrived);
    EXPECT_EQ(verdict.failure, "duplicate");
    EXPECT_EQ(verdict.duplicated, 1U);
    EXPECT_EQ(verdict.reason, "message " + std::to_string(again) + " of sender 0 arrived twice");
    arrived = upto(200);
    arrived.push_back(again);  // much later
    verdict = judge_one(GetParam(), 200, arrived);
    EXPECT_EQ(verdict.failure, "duplicate") << verdict.reason;
    EXPECT_EQ(verdict.reason, "message " + std::to_string(again) + " of sender 0 arrived twice");
  }
}

TEST_P(Ledgers, TellASwapOfNeighboursFromLossAndDuplicate) {
  for (const std::size_t place : {0U, 1U, 62U, 63U, 64U, 197U, 198U}) {
    Sequences arrived = upto(200);
    std::swap(arrived[place], arrived[place + 1]);
    const Verdict verdict = judge_one(GetParam(), 200, arrived);
    EXPECT_EQ(verdict.failure, "order");
    EXPECT_EQ(verdict.lost, 0U);
    EXPECT_EQ(verdict.duplicated, 0U);
    EXPECT_EQ(verdict.reason, "message " + std::to_string(place) +
                                  " of sender 0 arrived after a later one of the same sender");
  }
}

TEST_P(Ledgers, PutLossBeforeDuplicateAndDuplicateBeforeOrder) {
  Sequences arrived = without(upto(100), {50});
  arrived.push_back(10);
  std::swap(arrived[20], arrived[21]);
  EXPECT_EQ(judge_one(GetParam(), 100, arrived).failure, "loss");
  arrived.push_back(50);
  const Verdict verdict = judge_one(GetParam(), 100, arrived);
  EXPECT_EQ(verdict.failure, "duplicate");
  EXPECT_EQ(verdict.lost, 0U) << "50 came late, but it came";
}

TEST_P(Ledgers, NameTheSender) {
  Arrivals arrivals{{{0, 0}, {2, 0}, {1, 0}, {2, 1}, {0, 1}}};
  Verdict verdict = judge_arrivals(GetParam(), true, {2, 2, 2}, arrivals);
  EXPECT_EQ(verdict.reason, "lost 1 accepted: message 1 of sender 1");
  arrivals.front().push_back({1, 1});
  EXPECT_EQ(judge_arrivals(GetParam(), true, {2, 2, 2}, arrivals).failure, "");
  arrivals.front().push_back({2, 0});
  verdict = judge_arrivals(GetParam(), true, {2, 2, 2}, arrivals);
  EXPECT_EQ(verdict.reason, "message 0 of sender 2 arrived twice");
}

TEST_P(Ledgers, SeeWhatNobodySent) {
  EXPECT_EQ(judge_arrivals(GetParam(), true, {1}, {{{0, 0}, {1, 0}}}).failure, "corrupt")
      << "there is no sender 1";
  Ledger ledger(1, GetParam(), true);
  ledger.record(MessageId::of(0));  // a message of zeros
  EXPECT_EQ(judge({&ledger}, {0}).failure, "corrupt");
}

TEST_P(Ledgers, SeeWhatNoSendHadAccepted) {
  const Verdict next = judge_one(GetParam(), 5, upto(6));
  EXPECT_EQ(next.failure, "corrupt");
  EXPECT_EQ(next.reason, "received message 5 of sender 0, which no send had accepted");
  Sequences arrived = upto(100);
  arrived.push_back(100'000);
  EXPECT_EQ(judge_one(GetParam(), 100, arrived).failure, "corrupt");
}

TEST_P(Ledgers, SeeWhatNoSendHadAcceptedInTheMiddleToo) {
  // The invented one is not the last that arrived.
  for (const std::uint64_t invented : {10U, 12U, 63U, 64U, 1000U}) {
    Sequences arrived = upto(10);
    arrived.insert(arrived.begin() + 5, invented);
    const Verdict verdict = judge_one(GetParam(), 10, arrived, /*ordered=*/false);
    EXPECT_EQ(verdict.failure, "corrupt") << invented << ": " << verdict.reason;
  }
}

TEST_P(Ledgers, NameOnlyTheInventedMessageAndNotTheGapBeforeIt) {
  Sequences arrived = upto(5);
  arrived.push_back(10);
  const Verdict verdict = judge_one(GetParam(), 5, arrived);
  EXPECT_EQ(verdict.failure, "corrupt");
  EXPECT_EQ(verdict.lost, 0U) << "5 to 9 were never accepted, so that they cannot be lost";
  EXPECT_EQ(verdict.reason, "received message 10 of sender 0, which no send had accepted");
}

TEST_P(Ledgers, SeeChangedBytesFirst) {
  Ledger ledger(1, GetParam(), true);
  ledger.record({0, 0});
  ledger.record_damage(MessageId{0, 2}.word());
  const Verdict verdict = judge({&ledger}, {3});
  EXPECT_EQ(verdict.failure, "corrupt");
  EXPECT_EQ(verdict.reason, "bytes of message 2 of sender 0 changed");
}

std::string name_of(const testing::TestParamInfo<Bookkeeping>& info) {
  return info.param == Bookkeeping::in_order ? "in_order" : "by_bit";
}
INSTANTIATE_TEST_SUITE_P(Both, Ledgers, testing::Values(Bookkeeping::in_order, Bookkeeping::by_bit),
                         name_of);

TEST(InOrderLedgers, SplitAGapWhenAMessageOutOfItsMiddleComesLate) {
  Sequences arrived = without(upto(20), {5, 6, 7, 8, 9});
  arrived.push_back(7);
  Verdict verdict = judge_one(Bookkeeping::in_order, 20, arrived);
  EXPECT_EQ(verdict.failure, "loss");
  EXPECT_EQ(verdict.lost, 4U);
  for (const char* part : {"messages 5 to 6", "messages 8 to 9"}) {
    EXPECT_NE(verdict.reason.find(part), std::string::npos) << verdict.reason;
  }
  for (const std::uint64_t late : {5U, 9U, 6U, 8U}) arrived.push_back(late);
  verdict = judge_one(Bookkeeping::in_order, 20, arrived);
  EXPECT_EQ(verdict.failure, "order");
  EXPECT_EQ(verdict.lost, 0U);
  arrived.push_back(7);
  EXPECT_EQ(judge_one(Bookkeeping::in_order, 20, arrived).reason,
            "message 7 of sender 0 arrived twice");
}

TEST(InOrderLedgers, MayLoseTheFirstMessageOfAllAndGetItLate) {
  Sequences arrived = without(upto(5), {0});
  arrived.push_back(0);
  const Verdict verdict = judge_one(Bookkeeping::in_order, 5, arrived);
  EXPECT_EQ(verdict.failure, "order") << verdict.reason;
}

TEST(InOrderLedgers, CountEveryLossHoweverManyThereAre) {
  Ledger ledger(1, Bookkeeping::in_order, true);
  constexpr std::uint64_t kCount = 20'000;
  for (std::uint64_t i = 0; i < kCount; i += 2) ledger.record({0, i});
  const Verdict verdict = judge({&ledger}, {kCount});
  EXPECT_EQ(verdict.failure, "loss");
  EXPECT_EQ(verdict.lost, kCount / 2);
}

/// Thousands of gaps: 1 to 3, and then every second message up to the one returned.
std::uint64_t leave_gaps(Ledger& ledger) {
  ledger.record({0, 0});
  ledger.record({0, 4});
  std::uint64_t next = 4;
  for (int gap = 1; gap < 4096; ++gap) ledger.record({0, next += 2});
  return next;
}

TEST(InOrderLedgers, LoseNothingFromSightWhenAGapIsSplitAmongThousands) {
  Ledger ledger(1, Bookkeeping::in_order, true);
  const std::uint64_t last = leave_gaps(ledger);
  ledger.record({0, 2});  // splits 1 to 3
  ledger.record({0, 1});
  for (std::uint64_t late = 5; late < last; late += 2) ledger.record({0, late});
  const Verdict verdict = judge({&ledger}, {last + 1});
  EXPECT_EQ(verdict.failure, "loss") << "3 never came: " << verdict.reason;
}

TEST(InOrderLedgers, DoNotCallALateMessageADuplicateAmongThousandsOfGaps) {
  Ledger ledger(1, Bookkeeping::in_order, true);
  const std::uint64_t last = leave_gaps(ledger);
  for (const std::uint64_t late : {2U, 3U, 1U}) ledger.record({0, late});
  for (std::uint64_t late = 5; late < last; late += 2) ledger.record({0, late});
  const Verdict verdict = judge({&ledger}, {last + 1});
  EXPECT_EQ(verdict.failure, "order") << verdict.reason;
  EXPECT_EQ(verdict.duplicated, 0U);
}

TEST(ByBitLedgers, FindALossAcrossReceivers) {
  const Arrivals arrivals{{{0, 0}, {0, 3}}, {{0, 1}, {0, 4}}};
  const Verdict verdict = judge_arrivals(Bookkeeping::by_bit, true, {5}, arrivals);
  EXPECT_EQ(verdict.reason, "lost 1 accepted: message 2 of sender 0");
}

TEST(ByBitLedgers, FindADuplicateAcrossReceivers) {
  for (const std::uint64_t again : {0U, 63U, 64U, 99U}) {
    Arrivals arrivals(2);
    for (std::uint64_t i = 0; i < 100; ++i) arrivals[i % 2].push_back({0, i});
    auto& other = arrivals[(again + 1) % 2];
    other.insert(
        std::find_if(other.begin(), other.end(), [&](MessageId id) { return id.sequence > again; }),
        {0, again});
    const Verdict verdict = judge_arrivals(Bookkeeping::by_bit, true, {100}, arrivals);
    EXPECT_EQ(verdict.failure, "duplicate");
    EXPECT_EQ(verdict.duplicated, 1U);
    EXPECT_EQ(verdict.reason, "message " + std::to_string(again) + " of sender 0 arrived twice");
  }
}

TEST(ByBitLedgers, HoldEachReceiverToTheOrderOfEachSenderOnly) {
  // Across receivers there is no order; each of them saw ascending numbers.
  EXPECT_EQ(
      judge_arrivals(Bookkeeping::by_bit, true, {4}, {{{0, 2}, {0, 3}}, {{0, 0}, {0, 1}}}).failure,
      "");
  EXPECT_EQ(
      judge_arrivals(Bookkeeping::by_bit, true, {2, 2}, {{{1, 0}, {0, 0}, {1, 1}, {0, 1}}}).failure,
      "");
  EXPECT_EQ(
      judge_arrivals(Bookkeeping::by_bit, true, {4}, {{{0, 3}, {0, 2}}, {{0, 0}, {0, 1}}}).failure,
      "order");
}

TEST(ByBitLedgers, AskForNoOrderWhereNoneWasPromised) {
  EXPECT_EQ(judge_one(Bookkeeping::by_bit, 4, {3, 1, 0, 2}, /*ordered=*/false).failure, "");
  EXPECT_EQ(judge_one(Bookkeeping::by_bit, 4, {3, 1, 0, 0}, /*ordered=*/false).failure, "loss");
}

// --- against a brute-force oracle

/// What must be said of these arrivals: counts from multisets, order by looking back.
struct Oracle {
  std::string failure;
  std::uint64_t lost = 0;
};

Oracle consult_oracle(const Sequences& accepted, const Arrivals& arrivals, bool ordered) {
  std::map<std::pair<std::uint32_t, std::uint64_t>, int> times;
  bool late = false;
  bool invented = false;
  for (const auto& receiver : arrivals) {
    for (std::size_t i = 0; i < receiver.size(); ++i) {
      const MessageId id = receiver[i];
      if (id.sender >= accepted.size() || id.sequence >= accepted[id.sender]) {
        invented = true;
        continue;
      }
      ++times[{id.sender, id.sequence}];
      for (std::size_t before = 0; before < i; ++before) {
        late = late ||
               (receiver[before].sender == id.sender && receiver[before].sequence > id.sequence);
      }
    }
  }
  Oracle oracle;
  bool doubled = false;
  for (std::uint32_t sender = 0; sender < accepted.size(); ++sender) {
    for (std::uint64_t i = 0; i < accepted[sender]; ++i) {
      const auto found = times.find({sender, i});
      if (found == times.end()) ++oracle.lost;
      doubled = doubled || (found != times.end() && found->second > 1);
    }
  }
  oracle.failure = invented          ? "corrupt"
                   : oracle.lost > 0 ? "loss"
                   : doubled         ? "duplicate"
                   : late && ordered ? "order"
                                     : "";
  return oracle;
}

/// A correct history, then a few random changes to it.
Arrivals random_arrivals(std::mt19937_64& random, const Sequences& accepted, std::size_t receivers,
                         int changes, bool invents) {
  Arrivals arrivals(receivers);
  Sequences next(accepted.size(), 0);
  std::vector<std::uint32_t> turns;
  for (std::uint32_t sender = 0; sender < accepted.size(); ++sender) {
    turns.insert(turns.end(), accepted[sender], sender);
  }
  std::shuffle(turns.begin(), turns.end(), random);
  for (const std::uint32_t sender : turns) {
    arrivals[random() % receivers].push_back({sender, next[sender]++});
  }
  for (int i = 0; i < changes; ++i) {
    auto& receiver = arrivals[random() % receivers];
    if (receiver.empty()) continue;
    const auto at = receiver.begin() + static_cast<std::ptrdiff_t>(random() % receiver.size());
    switch (random() % (invents ? 5 : 4)) {
      case 0:
        receiver.erase(at);
        break;
      case 1: {
        auto& other = arrivals[random() % receivers];
        other.insert(other.begin() + static_cast<std::ptrdiff_t>(random() % (other.size() + 1)),
                     MessageId{*at});
        break;
      }
      case 2:
        std::iter_swap(at,
                       receiver.begin() + static_cast<std::ptrdiff_t>(random() % receiver.size()));
        break;
      case 3:
        if (at + 1 != receiver.end()) std::iter_swap(at, at + 1);
        break;
      default:
        at->sequence += random() % 3 * 30;
    }
  }
  return arrivals;
}

void compare_with_oracle(Bookkeeping bookkeeping, std::size_t receivers, bool ordered, bool invents,
                         std::uint64_t seed) {
#if defined(__SANITIZE_THREAD__)
  // One thread, nothing for this sanitizer to find; and it clears its shadow of each bitmap's whole
  // reserved range, for thousands of ledgers.
  if (bookkeeping == Bookkeeping::by_bit) GTEST_SKIP();
#endif
  std::mt19937_64 random(seed);
  std::map<std::string, int> verdicts;
  for (int round = 0; round < 3000; ++round) {
    Sequences accepted(1 + random() % 3);
    for (std::uint64_t& count : accepted) count = random() % 70;
    const Arrivals arrivals =
        random_arrivals(random, accepted, receivers, static_cast<int>(random() % 4), invents);
    const Oracle oracle = consult_oracle(accepted, arrivals, ordered);
    const Verdict verdict = judge_arrivals(bookkeeping, ordered, accepted, arrivals);
    ASSERT_EQ(verdict.failure, oracle.failure)
        << "seed " << seed << ", round " << round << ": " << verdict.reason;
    if (oracle.failure != "corrupt") {
      ASSERT_EQ(verdict.lost, oracle.lost) << "seed " << seed << ", round " << round;
    }
    ++verdicts[oracle.failure];
  }
  std::set<std::string> wanted{"", "loss", "duplicate"};
  if (ordered) wanted.insert("order");
  if (invents) wanted.insert("corrupt");
  for (const std::string& failure : wanted) EXPECT_GT(verdicts[failure], 20) << failure;
}

TEST(Judge, AgreesWithBruteForceOnOneOrderedReceiver) {
  compare_with_oracle(Bookkeeping::in_order, 1, true, false, 1);
}
TEST(Judge, AgreesWithBruteForceOnOneReceiverByBit) {
  compare_with_oracle(Bookkeeping::by_bit, 1, true, false, 2);
}
TEST(Judge, AgreesWithBruteForceOnThreeReceivers) {
  compare_with_oracle(Bookkeeping::by_bit, 3, true, false, 3);
}
TEST(Judge, AgreesWithBruteForceWithoutOrder) {
  compare_with_oracle(Bookkeeping::by_bit, 3, false, false, 4);
}
TEST(Judge, AgreesWithBruteForceOnInventedMessagesInOrder) {
  compare_with_oracle(Bookkeeping::in_order, 1, true, true, 5);
}
TEST(Judge, AgreesWithBruteForceOnInventedMessagesByBit) {
  compare_with_oracle(Bookkeeping::by_bit, 2, true, true, 6);
}

}  // namespace
}  // namespace weir::test
