// close() from a third thread against the sole sender of an SpscRing, whose check costs two plain
// stores: thousands of times, at every moment of a send.
#include "channels/close_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "channels/spsc_ring.hpp"
#include "crowd.hpp"
#include "harness/stress/delay_sync.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

constexpr int kRounds = 3000;  // as many, if they fit into a few seconds
constexpr int kAtLeast = 200;

template <class Sync>
class CloseGates : public testing::Test {
 protected:
  TimeLimit limit_;
};
using Policies = testing::Types<StdSync, DelaySync>;
TYPED_TEST_SUITE(CloseGates, Policies);

TYPED_TEST(CloseGates, AcceptedIsDeliveredWhenAThirdThreadCloses) {
  // The same threads for all rounds: a round is shorter than the start of a thread.
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  std::unique_ptr<SpscRing<Token, TypeParam>> ring;
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  int wrong = 0;
  const auto take_part = [&](const auto& act) {
    for (int round = 1;; ++round) {
      while (begun.load() < round) StdSync::yield();
      if (ring == nullptr) return;
      act();
      ++ended;
    }
  };
  Crowd crowd(3);
  crowd.add([&] {
    take_part([&] {
      auto sender = ring->sender();
      for (accepted = 0;;) {
        const SendStatus status = sender.try_send(Token::make(0, accepted));
        if (status == SendStatus::closed) break;
        if (status == SendStatus::ok) ++accepted;
      }
    });
  });
  crowd.add([&] {
    take_part([&] {
      auto receiver = ring->receiver();
      Token token;
      for (delivered = 0;;) {
        const RecvStatus status = receiver.try_recv(token);
        if (status == RecvStatus::closed) break;
        if (status != RecvStatus::ok) continue;
        if (!token.whole() || token.sequence() != delivered) ++wrong;
        ++delivered;
      }
    });
  });
  int round = 0;
  crowd.add([&] {
    std::mt19937_64 random(this->limit_.seed());
    const Deadline enough = Deadline::clock::now() + std::chrono::seconds(4);
    while (++round <= kRounds && (round <= kAtLeast || Deadline::clock::now() < enough)) {
      ring = std::make_unique<SpscRing<Token, TypeParam>>(1 + random() % 4);
      begun = round;
      for (std::uint64_t n = random() % 200; n > 0; --n) StdSync::pause();
      if (random() % 4 == 0) StdSync::yield();
      ring->close();
      while (ended.load() < 2 * round) StdSync::yield();
      if (accepted != delivered) {
        ADD_FAILURE() << "round " << round << ": accepted " << accepted << ", delivered "
                      << delivered;
        break;
      }
    }
    ring = nullptr;
    begun = round + 1;
  });
  crowd.join();
  EXPECT_EQ(wrong, 0);
}

TYPED_TEST(CloseGates, ASenderIsLetInUntilItCloses) {
  CloseGate<TypeParam> gate;
  for (std::uint64_t sent = 0; sent < 5; ++sent) {
    ASSERT_TRUE(gate.enter(sent));
    gate.leave(sent + 1);
    ASSERT_EQ(gate.sent(), sent + 1);
  }
  ASSERT_FALSE(gate.sealed());
  gate.close();
  ASSERT_TRUE(gate.sealed());
  ASSERT_FALSE(gate.enter(5));
  ASSERT_EQ(gate.sent(), 5U) << "a refused sender counts for nothing";
  gate.close();
  ASSERT_TRUE(gate.sealed());
}

}  // namespace
}  // namespace weir::test
