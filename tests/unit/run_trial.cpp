// A trial runs in a child of its own: whatever becomes of it is that trial's outcome, says what
// each role was doing, and the parent goes on.
#include "harness/run_trial.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/registry.hpp"
#include "harness/trial.hpp"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

/// One sender and one receiver that end at once, as all is well.
void end_well(Trial& trial) {
  trial.add_sender([](Role& role) {
    role.wait_for_gate();
    role.end({.messages = 5, .offered = 5}, nullptr);
  });
  trial.add_receiver([](Role& role) {
    role.wait_for_gate();
    role.end({.messages = 5}, nullptr);
  });
  trial.play(nullptr);
  if (trial.verify()) trial.report({"figure", "msg/s", Direction::higher, 42});
}

/// The sender stops in the middle, the receiver has ended.
void hang(Trial& trial) {
  trial.add_sender([](Role& role) {
    role.wait_for_gate();
    role.checkpoint(7);
    for (;;) ::pause();
  });
  trial.add_receiver([](Role& role) {
    role.wait_for_gate();
    role.end({.messages = 3}, nullptr);
  });
  trial.play(nullptr);
}

/// The sender never comes to the gate, so that the receiver waits there.
void hang_before_the_gate(Trial& trial) {
  trial.add_sender([](Role&) {
    for (;;) ::pause();
  });
  trial.add_receiver([](Role& role) { role.wait_for_gate(); });
  trial.play(nullptr);
}

void hang_without_roles(Trial&) {
  for (;;) ::pause();
}

/// Progress for ever: only the limit on the whole trial ends it.
void never_stop(Trial& trial) {
  trial.add_sender([](Role& role) {
    role.wait_for_gate();
    for (std::uint64_t i = 0;; ++i) role.checkpoint(i);
  });
  trial.play(nullptr);
}

void crash(Trial& trial) {
  trial.add_sender([](Role& role) {
    role.wait_for_gate();
    role.checkpoint(9);
    ::signal(SIGSEGV, SIG_DFL);  // the sanitizers would make an exit status of it
    ::raise(SIGSEGV);
  });
  trial.play(nullptr);
}

void exit_early(Trial&) { ::_exit(3); }
void exit_early_as_if_well(Trial&) { ::_exit(0); }

void throw_something(Trial&) { throw std::runtime_error("the queue refused a capacity of 3"); }
void throw_not_applicable(Trial&) { throw NotApplicable("needs a third hand"); }

/// More memory than it may have, a bit at a time, so that the watch sees it grow.
void eat_memory(Trial& trial) {
  trial.add_sender([](Role& role) {
    constexpr std::size_t kPart = 16 << 20;
    role.wait_for_gate();
    std::vector<std::unique_ptr<char[]>> parts;
    for (std::uint64_t i = 0; i < 64; ++i) {
      parts.push_back(std::make_unique<char[]>(kPart));
      std::memset(parts.back().get(), 1, kPart);
      role.checkpoint(i);
    }
    for (;;) ::pause();
  });
  trial.play(nullptr);
}

void fail_in_a_role(Trial& trial) {
  trial.add_sender([](Role& role) {
    role.wait_for_gate();
    role.fail("state", "send answered full");
    role.fail("state", "and this is only the second failure");
    role.end({}, nullptr);
  });
  trial.play(nullptr);
  trial.report({"figure", "msg/s", Direction::higher, 42});
  trial.verify();
}

void lose_count(Trial& trial) {
  trial.add_sender([](Role& role) {
    role.wait_for_gate();
    role.end({.messages = 5, .offered = 6}, nullptr);
  });
  trial.play(nullptr);
  trial.verify();
}

void receive_too_few(Trial& trial) {
  trial.add_sender([](Role& role) {
    role.wait_for_gate();
    role.end({.messages = 5, .offered = 5}, nullptr);
  });
  trial.add_receiver([](Role& role) {
    role.wait_for_gate();
    role.end({.messages = 4}, nullptr);
  });
  trial.play(nullptr);
  trial.verify();
}

/// A large record: more than a pipe holds.
void say_a_lot(Trial& trial) {
  Histogram histogram;
  for (std::int64_t i = 0; i < 200'000; ++i) histogram.record(i * 1000);
  for (int i = 0; i < 40; ++i) trial.report("histogram " + std::to_string(i), histogram);
  end_well(trial);
}

class RunTrial : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    registry().add_workload({"test", "", {}});
    const std::vector<std::pair<const char*, RunFunction>> runs{
        {"end_well", &end_well},
        {"hang", &hang},
        {"hang_before_the_gate", &hang_before_the_gate},
        {"hang_without_roles", &hang_without_roles},
        {"never_stop", &never_stop},
        {"crash", &crash},
        {"exit_early", &exit_early},
        {"exit_early_as_if_well", &exit_early_as_if_well},
        {"throw_something", &throw_something},
        {"throw_not_applicable", &throw_not_applicable},
        {"eat_memory", &eat_memory},
        {"fail_in_a_role", &fail_in_a_role},
        {"lose_count", &lose_count},
        {"receive_too_few", &receive_too_few},
        {"say_a_lot", &say_a_lot}};
    for (const auto& [name, run] : runs) {
      // Not channels: those would have to be of different types.
      registry().add_channel(
          {.name = name, .summary = "", .contract = {}, .kind = EntryKind::limit});
      registry().add_run("test", name, "", run);
    }
    registry().add_channel(
        {.name = "nothing", .summary = "", .contract = {}, .kind = EntryKind::limit});
  }

  static Json run(const std::string& channel, const Limits& limits = {}) {
    Case spec;
    spec.workload = "test";
    spec.channel = channel;
    const auto record = run_trial(spec, 1, {milliseconds(1), milliseconds(1)}, limits);
    EXPECT_TRUE(record.has_value());
    return record.value_or(Json{});
  }

  static void expect_failed(const Json& record, const std::string& failure,
                            const std::string& reason) {
    EXPECT_EQ(record["status"], "failed");
    EXPECT_EQ(record["failure"], failure);
    EXPECT_NE(record["reason"].get<std::string>().find(reason), std::string::npos)
        << record["reason"];
    EXPECT_TRUE(record["metrics"].empty()) << "a failed trial has no figure";
  }

  /// After anything, the next trial is as good as any.
  ~RunTrial() override {
    const Json record = run("end_well");
    EXPECT_EQ(record["status"], "ok") << record.dump();
  }
};

TEST_F(RunTrial, ThatEndsWellHasFiguresAndCounts) {
  const Json record = run("end_well");
  EXPECT_EQ(record["id"], "test/end_well");
  EXPECT_EQ(record["status"], "ok");
  EXPECT_TRUE(record["failure"].is_null());
  EXPECT_TRUE(record["reason"].is_null());
  EXPECT_EQ(record["metrics"][0]["metric"], "figure");
  EXPECT_EQ(record["metrics"][0]["value"], 42.0);
  EXPECT_EQ(record["counts"]["offered"], 5);
  EXPECT_EQ(record["counts"]["accepted"], 5);
  EXPECT_EQ(record["counts"]["received"], 5);
  EXPECT_TRUE(record["counts"]["parks"].is_null()) << "nobody counted";
  EXPECT_EQ(record["roles"].size(), 2U);
  EXPECT_GT(record["memory"]["peak_kib"], 0);
}

// Until roles have come where they hang, also on a machine that is busy.
constexpr milliseconds kLongEnough{1000};

TEST_F(RunTrial, ThatHangsIsEndedAndSaysWhatEachRoleDid) {
  const Json record = run("hang", {.hang_after = kLongEnough});
  expect_failed(record, "hang", "no progress for ");
  expect_failed(record, "hang",
                "sender 0 running after 7 messages; receiver 0 ended after 3 messages");
}

TEST_F(RunTrial, ThatHangsBeforeTheGateSaysWhoIsMissing) {
  expect_failed(run("hang_before_the_gate", {.hang_after = kLongEnough}), "hang",
                "sender 0 starting after 0 messages; receiver 0 at the gate after 0 messages");
}

TEST_F(RunTrial, ThatHangsWithoutRolesSaysSo) {
  expect_failed(run("hang_without_roles", {.hang_after = kLongEnough}), "hang",
                "no role had started");
}

TEST_F(RunTrial, ThatNeverEndsIsEndedAtItsLimit) {
  const Json record = run("never_stop", {.at_most = kLongEnough});
  expect_failed(record, "hang", "not done after 1000 ms: sender 0 running after ");
}

TEST_F(RunTrial, ThatCrashesNamesTheSignalAndWhatEachRoleDid) {
  const Json record = run("crash");
  expect_failed(record, "signal", "Segmentation fault");
  expect_failed(record, "signal", "sender 0 running after 9 messages");
}

TEST_F(RunTrial, ThatExitsNamesTheStatus) {
  expect_failed(run("exit_early"), "exit", "ended with exit status 3");
}

TEST_F(RunTrial, ThatExitsWithoutAResultIsNotTakenForWell) {
  expect_failed(run("exit_early_as_if_well"), "exit", "ended without a result");
}

TEST_F(RunTrial, ThatThrowsHasTheTextOfTheException) {
  expect_failed(run("throw_something"), "error", "the queue refused a capacity of 3");
}

TEST_F(RunTrial, ThatDoesNotApplyHereIsNoFailure) {
  const Json record = run("throw_not_applicable");
  EXPECT_EQ(record["status"], "not_applicable");
  EXPECT_TRUE(record["failure"].is_null());
  EXPECT_EQ(record["reason"], "needs a third hand");
  EXPECT_TRUE(record["metrics"].empty());
}

TEST_F(RunTrial, OfACaseThatNothingRunsIsNotApplicableWithTheReason) {
  const Json record = run("nothing");
  EXPECT_EQ(record["status"], "not_applicable");
  EXPECT_NE(record["reason"], "");
}

TEST_F(RunTrial, ThatTakesTooMuchMemoryIsEnded) {
  const Json record = run("eat_memory", {.memory_kib = 512 << 10});
  expect_failed(record, "memory", "more than the limit of 512 MiB");
}

TEST_F(RunTrial, WhoseRoleFailsHasItsFirstReasonAndNoFigure) {
  const Json record = run("fail_in_a_role");
  expect_failed(record, "state", "sender 0: send answered full");
}

TEST_F(RunTrial, WhoseCountsDoNotAddUpSaysWhich) {
  expect_failed(run("lose_count"), "count", "offered 6, but accepted 5 + refused 0");
  expect_failed(run("receive_too_few"), "count", "accepted 5, but received 4 + evicted 0 + left 0");
}

TEST_F(RunTrial, MayHaveALargeRecord) {
  const Json record = run("say_a_lot");
  EXPECT_EQ(record["status"], "ok");
  EXPECT_EQ(record["histograms"].size(), 40U);
  EXPECT_GT(record.dump().size(), 300'000U);
}

TEST_F(RunTrial, EndsAtOnceWhenInterrupted) {
  interrupted = true;
  Case spec;
  spec.workload = "test";
  spec.channel = "hang";
  EXPECT_FALSE(run_trial(spec, 1, {}, {}).has_value());
  interrupted = false;
}

TEST_F(RunTrial, LeavesNoProcessAndNoFileBehind) {
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  for (int i = 0; i < 5; ++i) run("end_well");
  run("hang", {.hang_after = milliseconds(100)});
  EXPECT_EQ(open_files(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was not collected";
}

}  // namespace
}  // namespace weir::test
