// A channel for one message: whoever waits gets it or is told that it will not come, and may end
// the object while the sender is still inside its call.
#include "channels/oneshot.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "crowd.hpp"
#include "harness/stress/elements.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

using stress::Tracked;

Deadline in(std::uint64_t microseconds) {
  return Deadline::clock::now() + std::chrono::microseconds(microseconds);
}

template <class Sync>
class OneshotTest : public testing::Test {
 protected:
  TimeLimit limit_;
};
using Policies = testing::Types<StdSync, DelaySync>;
TYPED_TEST_SUITE(OneshotTest, Policies);

TYPED_TEST(OneshotTest, HoldsOneMessageAndIsThenClosed) {
  Oneshot<Token, TypeParam> oneshot;
  Token token;
  EXPECT_EQ(oneshot.try_recv(token), RecvStatus::empty);
  oneshot.send(Token::make(7));
  EXPECT_EQ(oneshot.try_recv(token), RecvStatus::ok);
  EXPECT_TRUE(token.whole());
  EXPECT_EQ(token.id, 7U);
  EXPECT_EQ(oneshot.try_recv(token), RecvStatus::closed);
  EXPECT_EQ(oneshot.recv(token), RecvStatus::closed);
  EXPECT_EQ(oneshot.recv_until(token, Deadline{}), RecvStatus::closed);
}

TYPED_TEST(OneshotTest, AWaitEndsAtItsDeadlineAndMayBeTakenUpAgain) {
  Oneshot<Token, TypeParam> oneshot;
  Token token;
  for (const Deadline deadline : {Deadline{}, Deadline::min(), in(500)}) {
    EXPECT_EQ(oneshot.recv_until(token, deadline), RecvStatus::timed_out);
    EXPECT_GE(Deadline::clock::now(), deadline);
  }
  oneshot.send(Token::make(1));
  EXPECT_EQ(oneshot.recv_until(token, Deadline{}), RecvStatus::ok) << "expired, but it is there";
}

TYPED_TEST(OneshotTest, DestroysWhatWasNeverReceivedOnce) {
  {
    Oneshot<Tracked, TypeParam> full;
    full.send(Tracked(1));
    Oneshot<Tracked, TypeParam> closed;
    closed.close();
    Oneshot<Tracked, TypeParam> empty;
  }
  EXPECT_EQ(Tracked::existing, 0);
  EXPECT_EQ(Tracked::holding, 0);
}

TYPED_TEST(OneshotTest, TheReceiverMayEndItAsSoonAsItHasReceived) {
  constexpr int kRounds = 1'000;
  for (int round = 0; round < kRounds; ++round) {
    auto oneshot = std::make_unique<Oneshot<Token, TypeParam>>();
    auto* const known_to_sender = oneshot.get();
    const bool answered = round % 3 != 0;
    Crowd crowd(2);
    crowd.add([&] {
      for (int i = 0; i < round % 50 * 10; ++i) StdSync::pause();
      if (answered) {
        known_to_sender->send(Token::make(static_cast<std::uint64_t>(round)));
      } else {
        known_to_sender->close();
      }
    });
    crowd.add([&] {
      Token token;
      RecvStatus status = RecvStatus::timed_out;
      while (status == RecvStatus::timed_out) {
        status = round % 2 == 0 ? oneshot->recv(token) : oneshot->recv_until(token, in(50));
      }
      oneshot.reset();
      ASSERT_EQ(status, answered ? RecvStatus::ok : RecvStatus::closed);
      if (answered) {
        ASSERT_TRUE(token.whole());
        ASSERT_EQ(token.id, static_cast<std::uint64_t>(round));
      }
    });
    crowd.join();
  }
}

}  // namespace
}  // namespace weir::test
