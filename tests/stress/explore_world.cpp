// The parts of the explorer: what it says of deadlocks, livelocks, freed objects; that a list of
// choices is a run; how choices and plans are written.
#include <gtest/gtest.h>

#include <mutex>

#include "harness/error.hpp"
#include "harness/stress/explore/explore_sync.hpp"
#include "harness/stress/explore/plan.hpp"
#include "harness/stress/explore/search.hpp"

namespace weir::explore {
namespace {

template <class T>
using Atomic = ExploreSync::Atomic<T>;

Report bounded(const World::Body& body) {
  Options options;
  return explore(body, options);
}

TEST(World, TwoLocksInTwoOrdersAreADeadlock) {
  const Report report = bounded([](World& world) {
    ExploreSync::Mutex one;
    ExploreSync::Mutex two;
    const auto left = [&] {
      const std::lock_guard first(one);
      const std::lock_guard second(two);
    };
    const auto right = [&] {
      const std::lock_guard first(two);
      const std::lock_guard second(one);
    };
    world.spawn("left", left);
    world.spawn("right", right);
    world.join();
  });
  EXPECT_EQ(report.finding.trouble, Trouble::deadlock);
  EXPECT_EQ(report.finding.words,
            "left waits for a lock, right waits for a lock, and nobody is left to change that");
}

TEST(World, AWaitForWhatNobodyDoesIsALivelock) {
  const Report report = bounded([](World& world) {
    Atomic<int> flag{0};
    const auto waits = [&] {
      while (flag.load(std::memory_order_acquire) == 0) ExploreSync::pause();
    };
    world.spawn("waits", waits);
    world.join();
  });
  EXPECT_EQ(report.finding.trouble, Trouble::livelock);
}

TEST(World, AWaitForWhatSomebodyDoesIsNone) {
  const Report report = bounded([](World& world) {
    Atomic<int> flag{0};
    const auto waits = [&] {
      while (flag.load(std::memory_order_acquire) == 0) ExploreSync::pause();
    };
    const auto sets = [&] { flag.store(1, std::memory_order_release); };
    world.spawn("waits", waits);
    world.spawn("sets", sets);
    world.join();
  });
  EXPECT_FALSE(report.found()) << report.finding.words;
  EXPECT_TRUE(report.exhausted);
}

TEST(World, AnObjectThatWasFreedIsNotUsedUnseen) {
  const Report report = bounded([](World& world) {
    auto owned = std::make_unique<Atomic<int>>(0);
    Atomic<int>* const object = owned.get();
    Atomic<int> freed{0};
    const auto frees = [&] {
      owned.reset();
      freed.store(1, std::memory_order_release);
    };
    const auto uses = [&] {
      if (freed.load(std::memory_order_acquire) == 1) object->store(1, std::memory_order_relaxed);
    };
    world.spawn("frees", frees);
    world.spawn("uses", uses);
    world.join();
  });
  EXPECT_EQ(report.finding.trouble, Trouble::dead_object);
}

TEST(World, AnObjectIsNotFreedWhileSomebodyMayStillUseIt) {
  const Report report = bounded([](World& world) {
    auto owned = std::make_unique<Atomic<int>>(0);
    Atomic<int>* const object = owned.get();
    const auto uses = [&] { object->store(1, std::memory_order_release); };
    const auto frees = [&] {
      if (object->load(std::memory_order_relaxed) == 1) owned.reset();
    };
    world.spawn("uses", uses);
    world.spawn("frees", frees);
    world.join();
  });
  EXPECT_EQ(report.finding.trouble, Trouble::race);
}

TEST(World, ASleepEndsAtItsDeadlineAndNotWithoutOne) {
  const auto sleeps = [](bool timed) {
    return bounded([timed](World& world) {
      Atomic<std::uint32_t> word{0};
      const auto body = [&] {
        const Deadline soon = ExploreSync::Clock::now() + std::chrono::seconds(1);
        while (timed && ExploreSync::futex_wait_until(word, 0, soon)) {
        }
        while (!timed) ExploreSync::futex_wait(word, 0);
      };
      world.spawn("sleeper", body);
      world.join();
    });
  };
  EXPECT_FALSE(sleeps(true).found());
  EXPECT_EQ(sleeps(false).finding.trouble, Trouble::lost_wakeup);
}

TEST(World, AListOfChoicesIsARun) {
  const World::Body body = [](World& world) {
    Atomic<int> x{0};
    const auto adds = [&] {
      for (int i = 0; i < 3; ++i) x.fetch_add(1, std::memory_order_relaxed);
    };
    const auto looks = [&] {
      if (x.load(std::memory_order_relaxed) == 2) world.fail("two");
    };
    world.spawn("adds", adds);
    world.spawn("looks", looks);
    world.join();
  };
  for (const Search search : {Search::bounded, Search::random, Search::pct}) {
    Options options;
    options.search = search;
    const Report report = explore(body, options);
    ASSERT_EQ(report.finding.words, "two");
    const Choices choices = read_choices(written(report.choices));
    const Traced once = trace(body, choices, 1000);
    EXPECT_EQ(once.ending.words, "two");
    EXPECT_EQ(once.text, trace(body, choices, 1000).text);
    EXPECT_NE(once.text.find("a = 2"), std::string::npos) << once.text;
  }
}

TEST(Choices, AreWrittenAsTheyAreRead) {
  EXPECT_EQ(written({}), "-");
  EXPECT_EQ(written({0, 0}), "-");
  EXPECT_EQ(written({0, 2, 0, 1}), "1:2,3:1");
  EXPECT_EQ(read_choices("1:2,3:1"), (Choices{0, 2, 0, 1}));
  for (const char* const text : {"", "1", "1:", "1:2,", "x", "1:300", "1:2;3:4"}) {
    EXPECT_THROW(static_cast<void>(read_choices(text)), UsageError) << text;
  }
}

TEST(Plans, AreWrittenAsTheyAreRead) {
  EXPECT_EQ(read_plan("2: send  send_until|drain | close").text(),
            "2: send send_until | drain | close");
  EXPECT_EQ(read_plan("1: send | send | recv").roles[1].name, "sender 1");
  for (const char* const text : {"send", "1", "1:", "1: | send", "x: send", "1: sned"}) {
    EXPECT_THROW(static_cast<void>(read_plan(text)), UsageError) << text;
  }
}

TEST(Plans, FitTheContract) {
  Contract contract;
  contract.producers = Side::one;
  contract.timed = true;
  EXPECT_EQ(why_not(read_plan("1: send | send | recv"), contract), "it has one sender");
  EXPECT_EQ(why_not(read_plan("1: send | recv_until | recv_until"), contract), "");
  EXPECT_GE(plans_for(contract).size(), 8U);
  EXPECT_EQ(plans_for(Contract{}).size(), 16U);
}

}  // namespace
}  // namespace weir::explore
