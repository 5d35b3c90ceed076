// Kills and power failures lose nothing that was promised; the twins that promise too much are
// caught, so the absence of a loss says something.
#include <gtest/gtest.h>
#include <unistd.h>

#include "channels/mutex_condvar.hpp"
#include "harness/durability/trials.hpp"
#include "workloads/databases/database.hpp"

namespace weir::durability::test {
namespace {

const ChannelEntry& entry() {
  static const ChannelEntry kEntry{.name = "mutex_condvar",
                                   .summary = "",
                                   .contract = MutexCondvar<Token>::kContract,
                                   .any = erase<MutexCondvar<Token>>()};
  return kEntry;
}

Options options(std::string store, int tries, Twin twin = Twin::none) {
  Options options;
  options.channels = {&entry()};
  options.store = std::move(store);
  options.tries = tries;
  options.seed = 11;
  options.twin = twin;
  return options;
}

void ignore(const Result&) {}

bool is_here(std::string_view store) { return db::find_store(store)->missing.empty(); }

class Kills : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Of, Kills,
                         testing::Values("sqlite-full", "sqlite-normal", "lmdb", "lmdb-nosync"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(Kills, LoseNothingThatWasAcknowledged) {
  if (!is_here(GetParam())) GTEST_SKIP();
  const Result result = kill_again_and_again(options(GetParam(), 15), ignore);
  EXPECT_EQ(result.wrong, "");
  EXPECT_EQ(result.tries, 15);
  EXPECT_GE(result.acknowledged, 15U);
  EXPECT_GE(result.found, result.acknowledged);
  EXPECT_EQ(result.lost, 0U);
}

TEST(Twins, ThatAnswerBeforeTheCommitAreCaughtByKills) {
  if (!is_here("sqlite-full")) GTEST_SKIP();
  const Result result =
      kill_again_and_again(options("sqlite-full", 40, Twin::early_answer), ignore);
  EXPECT_GT(result.lost, 0U);
  EXPECT_EQ(result.wrong, "");
}

TEST(PowerLosses, LoseNothingThatWasAcknowledged) {
  if (!is_here("sqlite-full")) GTEST_SKIP();
  const Result result = lose_power_again_and_again(options("sqlite-full", 40), ignore);
  EXPECT_EQ(result.wrong, "");
  EXPECT_EQ(result.tries, 40);
  EXPECT_GT(result.acknowledged, 100U);
  EXPECT_GT(result.torn, 0U) << "no write was dropped or torn: this proves nothing";
  EXPECT_EQ(result.lost, 0U);
}

TEST(PowerLosses, TakeTheLastCommitsUnderNormalAndLeaveTheRestWhole) {
  if (!is_here("sqlite-normal")) GTEST_SKIP();
  const Result result = lose_power_again_and_again(options("sqlite-normal", 40), ignore);
  EXPECT_EQ(result.wrong, "");
  EXPECT_GT(result.lost, 0U);
}

TEST(Twins, ThatNeverSyncAreCaughtByPowerLosses) {
  if (!is_here("sqlite-full")) GTEST_SKIP();
  const Result result =
      lose_power_again_and_again(options("sqlite-full", 40, Twin::never_sync), ignore);
  EXPECT_GT(result.lost, 0U);
  EXPECT_EQ(result.wrong, "") << "caught by something else than a loss";
}

TEST(Twins, ThatAnswerBeforeTheCommitAreCaughtByPowerLosses) {
  if (!is_here("sqlite-full")) GTEST_SKIP();
  const Result result =
      lose_power_again_and_again(options("sqlite-full", 40, Twin::early_answer), ignore);
  EXPECT_GT(result.lost, 0U);
}

/// A system that never comes to be.
const ChannelEntry& hanging() {
  static const ChannelEntry kEntry{.name = "hangs",
                                   .summary = "",
                                   .contract = MutexCondvar<Token>::kContract,
                                   .any = {.make = [](std::size_t) -> std::unique_ptr<AnyChannel> {
                                             for (;;) ::pause();
                                           },
                                           .operations = {}}};
  return kEntry;
}

TEST(Hangs, AreTheErrorOfTheirTryAndEndTheCommand) {
  if (!is_here("sqlite-full")) GTEST_SKIP();
  for (const auto interrupt : {&lose_power_again_and_again, &kill_again_and_again}) {
    Options wanted = options("sqlite-full", 5);
    wanted.channels = {&hanging()};
    wanted.patience = std::chrono::milliseconds(500);
    const Result result = interrupt(wanted, ignore);
    EXPECT_EQ(result.tries, 1);
    EXPECT_EQ(result.wrong.find("try 1 over hangs: it hung"), 0U) << result.wrong;
    EXPECT_EQ(result.status(false), 1);
  }
}

TEST(Results, WithALossAreAFailureHoweverTheyEnded) {
  Result result;
  EXPECT_EQ(result.status(false), 0);
  EXPECT_EQ(result.status(true), 130);
  result.lost = 1;
  EXPECT_EQ(result.status(false), 1);
  EXPECT_EQ(result.status(true), 1);
  result.lost = 0;
  result.wrong = "a row by half";
  EXPECT_EQ(result.status(true), 1);
}

TEST(Twins, ThatNeverSyncAreNotCaughtByKills) {
  // A killed process leaves to the kernel what it wrote: kills prove nothing about power.
  if (!is_here("sqlite-full")) GTEST_SKIP();
  const Result result = kill_again_and_again(options("sqlite-full", 10, Twin::never_sync), ignore);
  EXPECT_TRUE(result.clean()) << result.wrong;
}

}  // namespace
}  // namespace weir::durability::test
