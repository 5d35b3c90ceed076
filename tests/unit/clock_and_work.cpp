// Clocks, work and waiting: what can be said of them without asserting a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "channels/wait_policy.hpp"
#include "harness/clock.hpp"
#include "harness/scenario/skew.hpp"
#include "harness/system.hpp"
#include "harness/tsc_clock.hpp"
#include "harness/work.hpp"

namespace weir::test {
namespace {

TEST(Clocks, TheMonotonicOneNeverGoesBack) {
  std::int64_t last = MonotonicClock::now_ns();
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t now = MonotonicClock::now_ns();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Clocks, TheVirtualOneMovesOnlyWhenToldTo) {
  VirtualClock::time_ns = 0;
  EXPECT_EQ(VirtualClock::now_ns(), 0);
  EXPECT_EQ(VirtualClock::now_ns(), 0);
  VirtualClock::advance(250);
  EXPECT_EQ(VirtualClock::now_ns(), 250);
  VirtualClock::advance(1);
  EXPECT_EQ(VirtualClock::now_ns(), 251);
}

TEST(Clocks, EachThreadHasAVirtualOneOfItsOwn) {
  VirtualClock::time_ns = 0;
  VirtualClock::advance(100);
  std::int64_t others = -1;
  std::jthread([&] { others = VirtualClock::now_ns(); }).join();
  EXPECT_EQ(others, 0);
  EXPECT_EQ(VirtualClock::now_ns(), 100);
}

TEST(Clocks, TheCounterRunsBetweenReadingsOfTheOther) {
  if (const std::string why = TscClock::calibrate(); !why.empty()) GTEST_SKIP() << why;
  for (int i = 0; i < 100; ++i) {
    // What the counter measures inside is never longer than what lies around it.
    const std::int64_t begin = MonotonicClock::now_ns();
    const std::int64_t first = TscClock::now_ns();
    sys::sleep_for(std::chrono::microseconds(10));
    const std::int64_t second = TscClock::now_ns();
    const std::int64_t around = MonotonicClock::now_ns() - begin;
    ASSERT_GT(second, first);
    ASSERT_LE(static_cast<double>(second - first), static_cast<double>(around) * 1.001 + 1);
  }
}

TEST(Clocks, ACounterWhoseRateChangesIsFoundOut) {
  constexpr std::uint64_t kTicks = 60'000'000;
  const auto pairs = [](std::int64_t late_ns) {
    return std::array{ClockPair{5, 1'000}, ClockPair{5 + kTicks, 1'000 + 20'000'000},
                      ClockPair{5 + 2 * kTicks, 1'000 + 40'000'000 + late_ns}};
  };
  const TickRate even = TickRate::between(pairs(0));
  EXPECT_DOUBLE_EQ(even.ns_per_tick, 1.0 / 3);
  EXPECT_NEAR(even.disagreement_ppm, 0, 1e-6);
  EXPECT_NEAR(TickRate::between(pairs(2'000)).disagreement_ppm, 100, 1e-6);
  EXPECT_NEAR(TickRate::between(pairs(-2'000)).disagreement_ppm, -100, 1e-6);
}

TEST(Skew, IsHalfOfWhatThereAndBackDiffer) {
  // 50 ns of way, the second processor 9 ns ahead.
  const scenario::Skew skew = scenario::Skew::between(59, 41);
  EXPECT_DOUBLE_EQ(skew.skew_ns, 9);
  EXPECT_DOUBLE_EQ(skew.half_round_trip_ns, 50);
  EXPECT_DOUBLE_EQ(skew.uncertainty_ns, 59);
}

TEST(Skew, IsMeasuredBetweenTheProcessorsThatThereAre) {
  EXPECT_EQ(scenario::measure_skew({0}).half_round_trip_ns, 0);
  const std::vector<int> cpus = sys::allowed_cpus();
  if (cpus.size() < 2) GTEST_SKIP() << "needs two processors";
  const scenario::Skew skew = scenario::measure_skew({cpus[0], cpus[1]});
  EXPECT_GT(skew.half_round_trip_ns, 0);
  EXPECT_GE(skew.uncertainty_ns, std::abs(skew.skew_ns));
}

TEST(Work, CalibratesToAPossibleSpeed) {
  // A multiply-add chain takes a few cycles a step; anything else means that it was optimized away
  // or that the clock is wrong. Wide: this is no timing test.
  const double steps_per_ns = work_steps_per_ns();
  EXPECT_GT(steps_per_ns, 0.0005);
  EXPECT_LT(steps_per_ns, 10.0);
}

TEST(Work, CanariesArePossibleFrequencies) {
  const double ghz = canary_ghz();
  EXPECT_GT(ghz, 0.001);
  EXPECT_LT(ghz, 20.0) << "the additions were not made one after the other";
}

TEST(Work, OfNoStepsReturns) {
  work(0);
  work(1);
}

// --- steps of a wait

/// Notes what a wait does instead of doing it.
struct NotingSync {
  static inline std::vector<char> steps;
  static void pause() { steps.push_back('p'); }
  static void yield() { steps.push_back('y'); }
};

template <class Policy>
std::vector<char> steps_until_sleep(int most) {
  NotingSync::steps.clear();
  WaitSteps<Policy, NotingSync> wait;
  for (int i = 0; i < most; ++i) {
    const std::size_t before = NotingSync::steps.size();
    if (wait.next()) {
      EXPECT_EQ(NotingSync::steps.size(), before) << "a step that says sleep does nothing else";
      NotingSync::steps.push_back('s');
      break;
    }
    EXPECT_GT(NotingSync::steps.size(), before) << "every other step does something";
  }
  return NotingSync::steps;
}

std::ptrdiff_t count(const std::vector<char>& steps, char step) {
  return std::count(steps.begin(), steps.end(), step);
}

TEST(WaitSteps, SpinOnlyEverPauses) {
  const auto steps = steps_until_sleep<Spin>(10'000);
  EXPECT_EQ(count(steps, 'p'), static_cast<std::ptrdiff_t>(steps.size()));
}

TEST(WaitSteps, YieldPausesFirstAndThenGivesUpTheCoreForEver) {
  const auto steps = steps_until_sleep<Yield>(10'000);
  EXPECT_EQ(count(steps, 's'), 0);
  EXPECT_GE(count(steps, 'p'), Yield::kPauses);
  EXPECT_LT(count(steps, 'p'), 4 * Yield::kPauses) << "it does not pause for long";
  EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end())) << "no pause after the first yield";
}

TEST(WaitSteps, ParkPausesThenYieldsALittleThenSleeps) {
  const auto steps = steps_until_sleep<Park>(10'000);
  ASSERT_EQ(steps.back(), 's');
  EXPECT_GE(count(steps, 'p'), Park::kPauses);
  EXPECT_LT(count(steps, 'p'), 4 * Park::kPauses);
  EXPECT_EQ(count(steps, 'y'), Park::kYields);
  EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end() - 1)) << "all pauses before all yields";
}

TEST(WaitSteps, StartAfreshAfterARestart) {
  const auto whole = steps_until_sleep<Park>(10'000);
  NotingSync::steps.clear();
  WaitSteps<Park, NotingSync> wait;
  for (int i = 0; i < 3; ++i) static_cast<void>(wait.next());
  wait.restart();
  NotingSync::steps.clear();
  while (!wait.next()) {
  }
  NotingSync::steps.push_back('s');
  EXPECT_EQ(NotingSync::steps, whole);
}

// --- what is asked of the system

TEST(System, ProcessorsAreAscendingAndThisThreadCanBePinnedToEach) {
  const std::vector<int> cpus = sys::allowed_cpus();
  ASSERT_FALSE(cpus.empty());
  EXPECT_TRUE(std::is_sorted(cpus.begin(), cpus.end()));
  std::jthread([&] {
    for (const int cpu : cpus) {
      sys::pin_to(cpu);
      EXPECT_EQ(sys::allowed_cpus(), std::vector<int>{cpu});
    }
  }).join();
  EXPECT_EQ(sys::allowed_cpus(), cpus) << "a pinned thread is no pinned process";
}

TEST(System, AProcessorThatIsNotThereIsAnError) {
  EXPECT_THROW(sys::pin_to(1023), std::system_error);
}

TEST(System, PagesAreZeroAndCostNothingUntilTouched) {
  constexpr std::size_t kBytes = std::size_t{1} << 33;
  const std::int64_t before = sys::resident_kib(::getpid());
  const sys::Pages pages(kBytes);
  auto* const bytes = static_cast<unsigned char*>(pages.data());
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(bytes[kBytes - 1], 0);
  bytes[kBytes / 2] = 1;
  EXPECT_LT(sys::resident_kib(::getpid()) - before, 64 << 10);
}

TEST(System, ThreadUsageGrows) {
  const sys::ThreadUsage before = sys::thread_usage();
  work(2'000'000);
  EXPECT_GT(sys::thread_usage().cpu_ns, before.cpu_ns);
}

}  // namespace
}  // namespace weir::test
