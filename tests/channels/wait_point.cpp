// The WaitPoint by itself, under a crowd: permits are conserved, no wake is lost, deadlines hold,
// on one processor and on all.
#include "channels/wait_point.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "crowd.hpp"
#include "harness/stress/delay_sync.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

using std::chrono::microseconds;

/// The smallest thing that needs a WaitPoint: a counter of permits.
template <class Sync>
class Permits {
 public:
  /// Ordered as try-channels with may_recv() are: a seq_cst read-modify-write, then wake_one().
  void release() noexcept {
    count_.fetch_add(1, std::memory_order_seq_cst);
    point_.wake_one();
  }
  /// Ordered as any other try-channel: something weaker, then wake_one_ordered().
  void release_weakly() noexcept {
    count_.fetch_add(1, std::memory_order_release);
    point_.wake_one_ordered();
  }
  void acquire() noexcept {
    if (take()) return;
    for (;;) {
      point_.prepare();
      if (take()) {
        point_.leave();
        break;
      }
      point_.commit();
      if (take()) break;
    }
    pass_on();
  }
  bool acquire_until(Deadline deadline) noexcept {
    if (take()) return true;
    bool taken = false;
    for (bool in_time = true; !taken && in_time;) {
      point_.prepare();
      taken = take();
      if (taken) {
        point_.leave();
        break;
      }
      in_time = point_.commit_until(deadline);
      taken = take();
    }
    pass_on();
    return taken;
  }
  [[nodiscard]] int left() const noexcept { return count_.load(); }

 private:
  bool take() noexcept {
    int count = count_.load(std::memory_order_seq_cst);
    while (count > 0) {
      if (count_.compare_exchange_weak(count, count - 1, std::memory_order_seq_cst)) return true;
    }
    return false;
  }
  void pass_on() noexcept {
    point_.pass_on([this]() noexcept { return count_.load(std::memory_order_seq_cst) > 0; });
  }

  std::atomic<int> count_{0};
  WaitPoint<Sync> point_;
};

template <class Sync>
class WaitPoints : public testing::Test {
 protected:
  /// Under DelaySync the same takes longer.
  static constexpr int kRounds = std::is_same_v<Sync, StdSync> ? 8000 : 4000;

  static void pass_permits(std::size_t takers, std::size_t givers, bool weakly) {
    Permits<Sync> permits;
    Crowd crowd(takers + givers);
    for (std::size_t i = 0; i < takers; ++i) {
      crowd.add([&] {
        for (std::size_t n = 0; n < kRounds * givers; ++n) permits.acquire();
      });
    }
    for (std::size_t i = 0; i < givers; ++i) {
      crowd.add([&] {
        for (std::size_t n = 0; n < kRounds * takers; ++n) {
          weakly ? permits.release_weakly() : permits.release();
        }
      });
    }
    crowd.join();
    EXPECT_EQ(permits.left(), 0);
  }

  TimeLimit limit_;
};
using Policies = testing::Types<StdSync, DelaySync>;
TYPED_TEST_SUITE(WaitPoints, Policies);

TYPED_TEST(WaitPoints, WakeAllWhoArePromisedAPermit) {
  for (const bool weakly : {false, true}) {
    this->pass_permits(1, 1, weakly);
    this->pass_permits(3, 1, weakly);
    this->pass_permits(1, 3, weakly);
    this->pass_permits(4, 4, weakly);
  }
}

TYPED_TEST(WaitPoints, WakeAllOnOneProcessorToo) {
  const OnOneProcessor pinned;
  for (const bool weakly : {false, true}) this->pass_permits(3, 3, weakly);
}

// One permit at a time, so that the giver always finds the takers asleep or about to be.
TYPED_TEST(WaitPoints, LoseNoWakeInLockstep) {
  Permits<TypeParam> there;
  Permits<TypeParam> back;
  constexpr int kTurns = TestFixture::kRounds;
  Crowd crowd(2);
  crowd.add([&] {
    for (int i = 0; i < kTurns; ++i) {
      there.release();
      back.acquire();
    }
  });
  crowd.add([&] {
    for (int i = 0; i < kTurns; ++i) {
      there.acquire();
      back.release_weakly();
    }
  });
  crowd.join();
  EXPECT_EQ(there.left() + back.left(), 0);
}

TYPED_TEST(WaitPoints, ConserveThePermitsWhenTimeOutsRaceTheWakes) {
  constexpr std::size_t kImpatient = 3;
  Permits<TypeParam> permits;
  std::atomic<int> taken{0};
  std::atomic<bool> over{false};
  constexpr int kGiven = TestFixture::kRounds * 2;
  Crowd crowd(kImpatient + 2);
  for (std::size_t i = 0; i < kImpatient; ++i) {
    crowd.add([&, i] {
      std::mt19937_64 random(this->limit_.seed() + i);
      while (!over.load()) {
        if (permits.acquire_until(Deadline::clock::now() + microseconds(random() % 60))) ++taken;
      }
    });
  }
  crowd.add([&] {  // a patient one: whatever the others swallowed would be missing here
    for (int n = 0; n < kGiven / 4; ++n) {
      permits.acquire();
      ++taken;
    }
    over = true;
  });
  int given = 0;
  crowd.add([&] {
    std::mt19937_64 random(this->limit_.seed() + 99);
    while (!over.load()) {
      permits.release();
      ++given;
      for (std::uint64_t n = random() % 8; n > 0; --n) StdSync::yield();
    }
  });
  crowd.join();
  EXPECT_EQ(taken.load() + permits.left(), given);
}

TYPED_TEST(WaitPoints, NeverTimeOutEarly) {
  WaitPoint<TypeParam> point;
  for (int round = 0; round < 10; ++round) {
    const Deadline deadline = Deadline::clock::now() + microseconds(500);
    point.prepare();
    ASSERT_FALSE(point.commit_until(deadline));
    ASSERT_GE(Deadline::clock::now(), deadline);
  }
  point.prepare();
  EXPECT_FALSE(point.commit_until(Deadline{}));
  point.prepare();
  EXPECT_FALSE(point.commit_until(Deadline::min()));
}

TYPED_TEST(WaitPoints, AWakeGivenBeforeTheSleepIsKept) {
  WaitPoint<TypeParam> point;
  point.prepare();
  point.wake_one();
  point.commit();  // returns
  point.prepare();
  point.wake_all();
  EXPECT_TRUE(point.commit_until(Deadline::max()));
  point.wake_one();  // nobody is registered: this one is not kept
  point.prepare();
  EXPECT_FALSE(point.commit_until(Deadline{}));
}

TYPED_TEST(WaitPoints, WhoeverLeavesTakesItsWakeAlong) {
  WaitPoint<TypeParam> point;
  point.prepare();
  point.wake_one();
  point.leave();
  point.prepare();
  EXPECT_FALSE(point.commit_until(Deadline{})) << "the wake of someone who left is still there";
}

TYPED_TEST(WaitPoints, WakeEveryoneAtOnce) {
  constexpr std::size_t kSleepers = 8;
  for (int round = 0; round < 50; ++round) {
    WaitPoint<TypeParam> point;
    std::atomic<bool> open{false};
    std::atomic<std::size_t> waiting{0};
    Crowd crowd(kSleepers + 1);
    for (std::size_t i = 0; i < kSleepers; ++i) {
      crowd.add([&] {
        ++waiting;
        while (!open.load()) {
          point.prepare();
          if (open.load()) {
            point.leave();
          } else {
            point.commit();
          }
        }
        point.pass_on([] { return true; });
      });
    }
    crowd.add([&] {
      while (waiting.load() < kSleepers) StdSync::yield();
      for (int i = 0; i < round; ++i) StdSync::yield();
      open = true;
      point.wake_all();
    });
    crowd.join();
  }
}

}  // namespace
}  // namespace weir::test
