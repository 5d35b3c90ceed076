// The rules fresh, order and empty against the definition, over every interval order of a few
// messages: all that a queue without a capacity can do right or wrong at that size.
#include "checker_orders.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "checker_brute.hpp"
#include "checker_switch.hpp"
#include "harness/stress/checker.hpp"
#include "time_limit.hpp"

#ifndef WEIR_SANITIZED
#define WEIR_SANITIZED false
#endif

namespace weir::test {
namespace {

using stress::History;
using stress::Kind;
using stress::Operation;
using stress::Stamp;

constexpr Contract kQueue{.bound = Bound::unbounded, .close = Close::none};

Operation operation(const IntervalOrders::Interval& interval, Kind kind, std::uint64_t word,
                    RecvStatus status) {
  return {static_cast<Stamp>(2 * interval.begin),
          static_cast<Stamp>(2 * interval.end + 1),
          word,
          kind,
          static_cast<std::uint8_t>(status),
          0};
}

History history_of(const IntervalOrders& orders, std::size_t messages, std::size_t empties) {
  History history;
  const auto add = [&](const Operation& one) { history.append({&one, 1}); };
  for (std::uint32_t i = 0; i < messages; ++i) {
    const std::uint64_t word = MessageId{i, 0}.word();
    add(operation(orders.send(i), Kind::send, word, RecvStatus::ok));
    add(operation(orders.receive(i), Kind::recv, word, RecvStatus::ok));
  }
  for (std::size_t i = 0; i < empties; ++i) {
    add(operation(orders.answer(i), Kind::try_recv, 0, RecvStatus::empty));
  }
  return history;
}

/// Every `stride`-th order, from a random one on.
void prove(std::size_t messages, std::size_t empties, std::uint64_t with_names,
           std::uint64_t stride) {
  const TimeLimit limit(std::chrono::seconds(1800));
  std::mt19937_64 random(limit.seed());
  std::uint64_t next = random() % stride;
  std::uint64_t orders = 0;
  std::uint64_t checked = 0;
  std::uint64_t linearizable = 0;
  std::uint64_t wrong = 0;
  IntervalOrders all(messages, empties);
  all.each([&] {
    if (orders++ != next) return;
    next += stride;
    const History history = history_of(all, messages, empties);
    const bool truth = BruteForce(history, kQueue, 0).linearizable();
    const stress::Report report = stress::check(history, kQueue, 0);
    ++checked;
    linearizable += truth ? 1U : 0U;
    if (report.passed() == truth && (!truth || report.complete)) return;
    if (++wrong <= 3) {
      ADD_FAILURE() << (truth ? "false alarm: " : "missed: ") << report.text() << "order number "
                    << orders - 1;
    }
  });
  EXPECT_EQ(all.with_names(), with_names);
  EXPECT_EQ(wrong, 0U);
  std::printf("%zu messages, %zu empty: %llu orders, %llu checked, %llu linearizable\n", messages,
              empties, static_cast<unsigned long long>(orders),
              static_cast<unsigned long long>(checked),
              static_cast<unsigned long long>(linearizable));
}

// The numbers of interval orders of 2, 4, 5, 6, 7 and 8 operations with names: OEIS A079144.

TEST(CheckerOrders, EveryOrderOfUpToThreeMessagesIsJudgedRight) {
  prove(1, 0, 3, 1);
  prove(2, 0, 207, 1);
  prove(3, 0, 81663, 1);
}

TEST(CheckerOrders, EveryOrderOfTwoMessagesAndUpToTwoEmptyAnswersIsJudgedRight) {
  prove(2, 1, 3451, 1);
  prove(2, 2, 81663, 1);
}

TEST(CheckerOrders, EveryOrderOfThreeMessagesAndAnEmptyAnswerIsJudgedRight) {
  prove(3, 1, 2602699, WEIR_SANITIZED ? 11 : 1);
}

TEST(CheckerOrders, OrdersOfFourMessagesAreJudgedRight) {
  if (WEIR_SANITIZED) GTEST_SKIP() << "up to a minute, and one thread";
  prove(4, 0, 107477247, full_proof() ? 1 : 97);
}

TEST(CheckerOrders, OrdersOfThreeMessagesAndTwoEmptyAnswersAreJudgedRight) {
  if (WEIR_SANITIZED) GTEST_SKIP() << "up to a minute, and one thread";
  prove(3, 2, 107477247, full_proof() ? 1 : 193);
}

}  // namespace
}  // namespace weir::test
