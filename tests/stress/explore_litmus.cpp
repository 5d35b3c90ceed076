// What the explorer sees of weak memory, and what it does not: the classic litmus tests. Each is
// searched without a bound on preemptions that would matter, and every outcome is collected.
#include <gtest/gtest.h>

#include <set>

#include "harness/stress/explore/explore_sync.hpp"
#include "harness/stress/explore/search.hpp"

namespace weir::explore {
namespace {

template <class T>
using Atomic = ExploreSync::Atomic<T>;
using Outcomes = std::set<int>;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;
constexpr auto kSeqCst = std::memory_order_seq_cst;

/// All outcomes of a body that returns one.
template <class Litmus>
Outcomes outcomes_of(const Litmus& litmus, Search search = Search::bounded) {
  Outcomes outcomes;
  Options options;
  options.search = search;
  options.bounds = {.preemptions = 4, .stale = 4, .surprises = 1};
  if (search != Search::bounded) options.most_runs = 20'000;
  const Report report = explore(
      [&](World& world) {
        const int outcome = litmus(world);
        const OwnMemory own;
        outcomes.insert(outcome);
      },
      options);
  EXPECT_FALSE(report.found()) << report.finding.words;
  EXPECT_TRUE(report.exhausted || search != Search::bounded);
  return outcomes;
}

/// x = 1; r0 = y  |  y = 1; r1 = x. The outcome: r0 r1 in binary.
template <class Between>
int store_buffering(World& world, std::memory_order order, const Between& between) {
  Atomic<int> x{0};
  Atomic<int> y{0};
  int r0 = 0;
  int r1 = 0;
  const auto left = [&] {
    x.store(1, order == kSeqCst ? order : kRelease);
    between();
    r0 = y.load(order == kSeqCst ? order : kAcquire);
  };
  const auto right = [&] {
    y.store(1, order == kSeqCst ? order : kRelease);
    between();
    r1 = x.load(order == kSeqCst ? order : kAcquire);
  };
  world.spawn("left", left);
  world.spawn("right", right);
  world.join();
  return r0 * 2 + r1;
}

const auto kNothing = [] {};

TEST(Litmus, StoreBufferingIsSeenWithAcquireAndRelease) {
  const auto body = [](World& world) { return store_buffering(world, kRelease, kNothing); };
  EXPECT_EQ(outcomes_of(body), (Outcomes{0, 1, 2, 3}));
  EXPECT_TRUE(outcomes_of(body, Search::random).contains(0));
  EXPECT_TRUE(outcomes_of(body, Search::pct).contains(0));
}

TEST(Litmus, StoreBufferingIsNotSeenWithSeqCst) {
  const auto body = [](World& world) { return store_buffering(world, kSeqCst, kNothing); };
  EXPECT_EQ(outcomes_of(body), (Outcomes{1, 2, 3}));
  EXPECT_FALSE(outcomes_of(body, Search::random).contains(0));
}

TEST(Litmus, StoreBufferingIsNotSeenAcrossTwoHeavyFences) {
  EXPECT_EQ(outcomes_of([](World& world) {
              return store_buffering(world, kRelease, [] { ExploreSync::heavy_fence(); });
            }),
            (Outcomes{1, 2, 3}));
}

TEST(Litmus, StoreBufferingIsSeenAcrossTwoLightFences) {
  EXPECT_TRUE(outcomes_of([](World& world) {
                return store_buffering(world, kRelease, [] { ExploreSync::light_fence(); });
              }).contains(0));
}

TEST(Litmus, ALightAndAHeavyFenceOrderAsTwoFencesWould) {
  EXPECT_FALSE(outcomes_of([](World& world) {
                 int next = 0;
                 return store_buffering(world, kRelease, [&] {
                   next++ == 0 ? ExploreSync::light_fence() : ExploreSync::heavy_fence();
                 });
               }).contains(0));
}

/// data = 1; flag = 1  |  if (flag) r = data. The outcome: flag, then r.
int message_passing(World& world, std::memory_order store, std::memory_order load) {
  Atomic<int> data{0};
  Atomic<int> flag{0};
  int seen = 0;
  int read = 0;
  const auto sender = [&] {
    data.store(1, kRelaxed);
    flag.store(1, store);
  };
  const auto receiver = [&] {
    seen = flag.load(load);
    read = data.load(kRelaxed);
  };
  world.spawn("sender", sender);
  world.spawn("receiver", receiver);
  world.join();
  return seen * 2 + read;
}

TEST(Litmus, MessagePassingFailsUnlessBothSidesAreOrdered) {
  const auto with = [](std::memory_order store, std::memory_order load) {
    return outcomes_of([=](World& world) { return message_passing(world, store, load); });
  };
  EXPECT_EQ(with(kRelease, kAcquire), (Outcomes{0, 1, 3}));
  EXPECT_TRUE(with(kRelaxed, kAcquire).contains(2));
  EXPECT_TRUE(with(kRelease, kRelaxed).contains(2));
}

/// x = 1 | y = 1 | r0 = x, r1 = y | r2 = y, r3 = x. The outcome: r0 r1 r2 r3.
int independent_reads(World& world, std::memory_order store, std::memory_order load) {
  Atomic<int> x{0};
  Atomic<int> y{0};
  std::array<int, 4> r{};
  const auto write_x = [&] { x.store(1, store); };
  const auto write_y = [&] { y.store(1, store); };
  const auto read_xy = [&] {
    r[0] = x.load(load);
    r[1] = y.load(load);
  };
  const auto read_yx = [&] {
    r[2] = y.load(load);
    r[3] = x.load(load);
  };
  world.spawn("write x", write_x);
  world.spawn("write y", write_y);
  world.spawn("read x y", read_xy);
  world.spawn("read y x", read_yx);
  world.join();
  return r[0] * 8 + r[1] * 4 + r[2] * 2 + r[3];
}

TEST(Litmus, IndependentReadsDisagreeUnlessTheyAreSeqCst) {
  const int disagree = 8 + 2;
  EXPECT_TRUE(outcomes_of([](World& world) {
                return independent_reads(world, kRelease, kAcquire);
              }).contains(disagree));
  EXPECT_FALSE(outcomes_of([](World& world) {
                 return independent_reads(world, kSeqCst, kSeqCst);
               }).contains(disagree));
}

TEST(Litmus, ALoadDoesNotGoBackBehindWhatItsRoleHasRead) {
  const Outcomes outcomes = outcomes_of([](World& world) {
    Atomic<int> x{0};
    int first = 0;
    int second = 0;
    const auto writer = [&] {
      x.store(1, kRelaxed);
      x.store(2, kRelaxed);
    };
    const auto reader = [&] {
      first = x.load(kRelaxed);
      second = x.load(kRelaxed);
    };
    world.spawn("writer", writer);
    world.spawn("reader", reader);
    world.join();
    return first * 3 + second;
  });
  EXPECT_EQ(outcomes, (Outcomes{0, 1, 2, 4, 5, 8}));
}

TEST(Litmus, AReadModifyWriteReadsTheNewestAndGoesOnWithAReleaseSequence) {
  const Outcomes outcomes = outcomes_of([](World& world) {
    Atomic<int> data{0};
    Atomic<int> flag{0};
    int seen = 0;
    int read = 0;
    const auto writer = [&] {
      data.store(1, kRelaxed);
      flag.store(1, kRelease);
    };
    const auto between = [&] { flag.fetch_add(1, kRelaxed); };
    const auto reader = [&] {
      seen = flag.load(kAcquire);
      read = data.load(kRelaxed);
    };
    world.spawn("writer", writer);
    world.spawn("between", between);
    world.spawn("reader", reader);
    world.join();
    EXPECT_NE(flag.load(kRelaxed), 0);
    return seen == 2 ? read : 1;
  });
  EXPECT_EQ(outcomes, (Outcomes{1}));
}

/// r0 = y; x = 1  |  r1 = x; y = 1: loads that read the future are not simulated.
TEST(Litmus, LoadBufferingIsNotSeenAndNotClaimed) {
  const Outcomes outcomes = outcomes_of([](World& world) {
    Atomic<int> x{0};
    Atomic<int> y{0};
    int r0 = 0;
    int r1 = 0;
    const auto left = [&] {
      r0 = y.load(kRelaxed);
      x.store(1, kRelaxed);
    };
    const auto right = [&] {
      r1 = x.load(kRelaxed);
      y.store(1, kRelaxed);
    };
    world.spawn("left", left);
    world.spawn("right", right);
    world.join();
    return r0 * 2 + r1;
  });
  EXPECT_FALSE(outcomes.contains(3));
}

}  // namespace
}  // namespace weir::explore
