// What processes that take turns are made of: threads that freeze, ids that are read back, planted
// slowdowns.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "channels/futex.hpp"
#include "harness/case_id.hpp"
#include "harness/enter.hpp"
#include "harness/error.hpp"
#include "harness/freezer.hpp"
#include "harness/system.hpp"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

bool never() { return false; }

/// Threads that count for ever, and one that sleeps on a futex.
class Frozen : public testing::Test {
 protected:
  Frozen() {
    for (std::atomic<std::uint64_t>& count : counts_) {
      threads_.emplace_back([&] {
        while (!stop_.load(std::memory_order_relaxed)) count.fetch_add(1);
      });
    }
#if !defined(__SANITIZE_THREAD__)  // which holds signals back from a thread in a bare system call
    threads_.emplace_back([&] {
      while (word_.load() == 0) futex::wait(word_, 0);
    });
#endif
  }
  ~Frozen() override {
    stop_ = true;
    word_ = 1;
    futex::wake(word_, 1);
  }

  std::vector<pthread_t> handles() {
    std::vector<pthread_t> handles;
    for (std::jthread& thread : threads_) handles.push_back(thread.native_handle());
    return handles;
  }
  std::uint64_t sum() const { return counts_[0].load() + counts_[1].load(); }
  /// Waits until both have counted on, without a limit: ctest has one.
  void see_both_count() const {
    for (const std::atomic<std::uint64_t>& count : counts_) {
      const std::uint64_t before = count.load();
      while (count.load() == before) sys::sleep_for(milliseconds(1));
    }
  }

  std::array<std::atomic<std::uint64_t>, 2> counts_{};
  std::atomic<bool> stop_{false};
  std::atomic<bool> ended_{false};
  std::atomic<std::uint32_t> word_{0};
  std::vector<std::jthread> threads_;
};

TEST_F(Frozen, ThreadsStandStillWhereverTheyAre) {
  Freezer freezer(handles());
  for (int turn = 0; turn < 20; ++turn) {
    see_both_count();
    ASSERT_TRUE(freezer.freeze(never));
    const std::uint64_t before = sum();
    sys::sleep_for(milliseconds(2));
    EXPECT_EQ(sum(), before);
    freezer.thaw();
  }
  see_both_count();
}

TEST_F(Frozen, ThreadsGoOnWhenTheFreezerIsGone) {
  {
    Freezer freezer(handles());
    ASSERT_TRUE(freezer.freeze(never));
  }
  see_both_count();
}

TEST_F(Frozen, ThreadsMayBeFrozenAgainAtOnce) {
  Freezer freezer(handles());
  for (int turn = 0; turn < 200; ++turn) {
    ASSERT_TRUE(freezer.freeze(never));
    freezer.thaw();
  }
  see_both_count();
}

TEST_F(Frozen, OneThatHasEndedIsNotWaitedFor) {
  threads_.emplace_back([this] { ended_ = true; });
  Freezer freezer(handles());
  // It may be frozen before it has ended, but not for ever.
  while (freezer.freeze([this] { return ended_.load(); })) {
    freezer.thaw();
    sys::sleep_for(milliseconds(1));
  }
  freezer.thaw();
  see_both_count();
}

void run_nothing(Trial&) {}

/// A workload and a channel of which an id can be made.
class Ids : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    registry().add_workload({"travel", "a workload", {"p", "c", "cap", "batch", "place"}});
    ChannelEntry entry;
    entry.name = "tube";
    entry.contract.consumers = Side::one;
    entry.kind = EntryKind::rival;
    registry().add_channel(entry);
    registry().add_run("travel", "tube", "", run_nothing);
  }
  static std::string error_of(const std::string& id) {
    try {
      static_cast<void>(parse_id(id));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(Ids, AreReadBackAsTheyWereWritten) {
  for (const char* id :
       {"travel/tube/p:2/c:1/cap:64/place:one", "travel/tube/p:1/c:1/cap:1024/place:spread"})
    EXPECT_EQ(parse_id(id).id(), id);
}

TEST_F(Ids, MayLeaveKeysAtTheirDefault) {
  EXPECT_EQ(parse_id("travel/tube").id(), "travel/tube/p:1/c:1/cap:1024/place:spread");
}

TEST_F(Ids, SayWhatIsWrong) {
  EXPECT_EQ(error_of("travl/tube"), "unknown workload 'travl': did you mean 'travel'?");
  EXPECT_EQ(error_of("travel/tub"), "unknown channel 'tub': did you mean 'tube'?");
  EXPECT_EQ(error_of("travel"), "unknown channel '': did you mean 'tube'?");
  EXPECT_EQ(error_of("travel/tube/cpa:3"), "unknown parameter 'cpa:3': did you mean 'cap'?");
  EXPECT_EQ(error_of("travel/tube/cap"), "unknown parameter 'cap': did you mean 'cap'?");
  EXPECT_NE(error_of("travel/tube/cap:many"), "");
  EXPECT_EQ(error_of("travel/tube/p:1/c:2"),
            "travel/tube/p:1/c:2 cannot be run: one receiver only");
}

TEST(PlantedRoles, StillSeeTheWindowOpen) {
  for (const std::uint64_t steps : {0U, 50U}) {
    std::atomic<Phase> phase{Phase::warming};
    BoardLine line{};
    Role role(Role::Kind::receiver, 0, -1, phase, line);
    role.plant(steps);
    EXPECT_EQ(role.checkpoint(10), Phase::warming);
    phase = Phase::timed;
    EXPECT_EQ(role.checkpoint(20), Phase::timed);
    EXPECT_EQ(role.checkpoint(30), Phase::timed);
    role.end({.messages = 50}, nullptr);
    EXPECT_EQ(role.window().messages, 30U) << steps;
  }
}

}  // namespace
}  // namespace weir::test
