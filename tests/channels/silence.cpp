// What costs a system call, and when: nothing does while nobody waits.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>

#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/spsc_ring.hpp"
#include "channels/swap_buffer.hpp"
#include "channels/waiting.hpp"
#include "crowd.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

/// StdSync that counts its calls to the kernel, and its notifications.
struct CountingSync : StdSync {
  static inline std::atomic<int> waits{0};
  static inline std::atomic<int> wakes{0};
  static inline std::atomic<int> notifications{0};
  static void reset() {
    waits = 0;
    wakes = 0;
    notifications = 0;
  }

  static void futex_wait(const Atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
    ++waits;
    StdSync::futex_wait(word, expected);
  }
  static bool futex_wait_until(const Atomic<std::uint32_t>& word, std::uint32_t expected,
                               Deadline deadline) noexcept {
    ++waits;
    return StdSync::futex_wait_until(word, expected, deadline);
  }
  static void futex_wake(const Atomic<std::uint32_t>& word, int count) noexcept {
    ++wakes;
    StdSync::futex_wake(word, count);
  }

  class CondVar : public std::condition_variable {
   public:
    void notify_one() noexcept {
      ++notifications;
      std::condition_variable::notify_one();
    }
    void notify_all() noexcept {
      ++notifications;
      std::condition_variable::notify_all();
    }
  };
};

template <class C>
class Silence : public testing::Test {
 protected:
  Silence() { CountingSync::reset(); }
  TimeLimit limit_;
};
using Parked = testing::Types<
    Waiting<MpscRing<Token, CountingSync>, Park>, Waiting<MpmcRing<Token, CountingSync>, Park>,
    Waiting<SpscRing<Token, CountingSync>, Park>,
    MutexCondvar<Token, Notify::waiters, CountingSync>, SwapBuffer<Token, CountingSync>>;
TYPED_TEST_SUITE(Silence, Parked);

TYPED_TEST(Silence, NobodyIsWokenWhileNobodyWaits) {
  TypeParam channel(3);
  auto sender = channel.sender();
  auto receiver = channel.receiver();
  Token token;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    for (std::uint64_t n = 0; n <= i % 3; ++n) {
      ASSERT_EQ(sender.send(Token::make(i)), SendStatus::ok);
    }
    while (receiver.try_recv(token) == RecvStatus::ok) {
    }
    ASSERT_EQ(sender.try_send(Token::make(i)), SendStatus::ok);
    ASSERT_EQ(receiver.recv(token), RecvStatus::ok);
  }
  EXPECT_EQ(CountingSync::waits.load(), 0);
  EXPECT_EQ(CountingSync::wakes.load(), 0);
  EXPECT_EQ(CountingSync::notifications.load(), 0);
  EXPECT_EQ(sender.stats().waited_operations, 0U);
  EXPECT_EQ(receiver.stats().waited_operations, 0U);
}

TYPED_TEST(Silence, ThreadsThatNeverBlockStaySilentTogether) {
  TypeParam channel(100);
  constexpr std::uint64_t kMessages = 5000;
  Crowd crowd(2);
  crowd.add([&] {
    auto sender = channel.sender();
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      Token token = Token::make(i);
      while (sender.try_send(std::move(token)) != SendStatus::ok) StdSync::yield();
    }
  });
  crowd.add([&] {
    auto receiver = channel.receiver();
    Token token;
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      while (receiver.try_recv(token) != RecvStatus::ok) StdSync::yield();
    }
  });
  crowd.join();
  EXPECT_EQ(CountingSync::waits.load(), 0);
  EXPECT_EQ(CountingSync::wakes.load(), 0);
  EXPECT_EQ(CountingSync::notifications.load(), 0);
}

TYPED_TEST(Silence, AReceiverThatSleepsIsWokenAndCounted) {
  TypeParam channel(1);
  WaitStats stats;
  std::atomic<bool> over{false};
  Crowd crowd(2);
  crowd.add([&] {
    auto receiver = channel.receiver();
    Token token;
    EXPECT_EQ(receiver.recv(token), RecvStatus::ok);
    stats = receiver.stats();
    over = true;
  });
  crowd.add([&] {
    // Until the receiver sleeps: it does so at some time, since nothing else can happen.
    auto sender = channel.sender();
    for (int i = 0; i < 2000; ++i) StdSync::yield();
    EXPECT_EQ(sender.send(Token::make(1)), SendStatus::ok);
  });
  crowd.join();
  EXPECT_TRUE(over.load());
  EXPECT_LE(stats.waited_operations, 1U);
  EXPECT_GE(stats.failed_tries, stats.parks);
  EXPECT_EQ(stats.waited_operations == 0, stats.failed_tries == 0);
}

TEST(Notifications, TheNaiveVariantMakesOneForEachOperation) {
  CountingSync::reset();
  MutexCondvar<Token, Notify::always, CountingSync> channel(3);
  auto sender = channel.sender();
  auto receiver = channel.receiver();
  Token token;
  for (std::uint64_t i = 0; i < 100; ++i) {
    ASSERT_EQ(sender.send(Token::make(i)), SendStatus::ok);
    ASSERT_EQ(receiver.recv(token), RecvStatus::ok);
  }
  EXPECT_EQ(CountingSync::notifications.load(), 200);
}

// A futex sleeper is woken by one call, however many messages pass meanwhile.
TEST(Wakes, AreNoMoreThanTheSleeps) {
  const TimeLimit limit;
  CountingSync::reset();
  Waiting<MpscRing<Token, CountingSync>, Park> channel(8);
  constexpr std::uint64_t kMessages = 3000;
  WaitStats sends;
  WaitStats receives;
  Crowd crowd(2);
  crowd.add([&] {
    auto sender = channel.sender();
    for (std::uint64_t i = 0; i < kMessages; ++i) sender.send(Token::make(i));
    sends = sender.stats();
  });
  crowd.add([&] {
    auto receiver = channel.receiver();
    Token token;
    for (std::uint64_t i = 0; i < kMessages; ++i) receiver.recv(token);
    receives = receiver.stats();
  });
  crowd.join();
  // Each wake was granted to someone who had registered, who then slept or found what he waited
  // for.
  EXPECT_LE(static_cast<std::uint64_t>(CountingSync::wakes.load()),
            sends.parks + receives.parks + sends.waited_operations + receives.waited_operations);
}

}  // namespace
}  // namespace weir::test
