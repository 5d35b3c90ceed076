// A channel that holds nothing: a send ends with its receive, and not before.
#include "channels/rendezvous.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "crowd.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

Deadline in(std::uint64_t microseconds) {
  return Deadline::clock::now() + std::chrono::microseconds(microseconds);
}

template <class Sync>
class RendezvousTest : public testing::Test {
 protected:
  using Channel = Rendezvous<Token, Sync>;
  Channel channel_{0};
  TimeLimit limit_;
};
using Policies = testing::Types<StdSync, DelaySync>;
TYPED_TEST_SUITE(RendezvousTest, Policies);

TYPED_TEST(RendezvousTest, AloneNobodyMeetsAnyone) {
  auto sender = this->channel_.sender();
  auto receiver = this->channel_.receiver();
  Token token = Token::make(7);
  EXPECT_EQ(receiver.try_recv(token), RecvStatus::empty);
  EXPECT_EQ(sender.try_send(std::move(token)), SendStatus::full);
  for (const Deadline deadline : {Deadline{}, Deadline::min(), in(500)}) {
    EXPECT_EQ(receiver.recv_until(token, deadline), RecvStatus::timed_out);
    EXPECT_EQ(sender.send_until(std::move(token), deadline), SendStatus::timed_out);
    EXPECT_GE(Deadline::clock::now(), deadline);
  }
  EXPECT_TRUE(token.whole());
  EXPECT_EQ(token.id, 7U);
}

TYPED_TEST(RendezvousTest, ASendEndsWithItsReceiveAndNotBefore) {
  for (int round = 0; round < 30; ++round) {
    std::atomic<bool> sent{false};
    Crowd crowd(2);
    crowd.add([&] {
      EXPECT_EQ(this->channel_.sender().send(Token::make(1)), SendStatus::ok);
      sent = true;
    });
    crowd.add([&] {
      for (int i = 0; i < round * 20; ++i) StdSync::yield();
      EXPECT_FALSE(sent.load());
      Token token;
      EXPECT_EQ(this->channel_.receiver().recv(token), RecvStatus::ok);
      EXPECT_TRUE(token.whole());
    });
    crowd.join();
  }
}

TYPED_TEST(RendezvousTest, ATryMeetsWhoeverWaits) {
  for (const bool sending : {false, true}) {
    Crowd crowd(2);
    crowd.add([&] {
      Token token = Token::make(1);
      if (sending) {
        EXPECT_EQ(this->channel_.sender().send_until(std::move(token), Deadline::max()),
                  SendStatus::ok);
      } else {
        EXPECT_EQ(this->channel_.receiver().recv_until(token, Deadline::max()), RecvStatus::ok);
        EXPECT_EQ(token.id, 2U);
      }
    });
    crowd.add([&] {
      auto sender = this->channel_.sender();
      auto receiver = this->channel_.receiver();
      Token token = Token::make(2);
      while (sending ? receiver.try_recv(token) != RecvStatus::ok
                     : sender.try_send(std::move(token)) != SendStatus::ok) {
        StdSync::yield();
      }
      if (sending) {
        EXPECT_EQ(token.id, 1U);
      }
    });
    crowd.join();
  }
}

TYPED_TEST(RendezvousTest, CloseWakesEveryoneAndGivesMessagesBack) {
  for (int round = 0; round < 20; ++round) {
    for (const bool senders : {false, true}) {
      typename TestFixture::Channel channel(0);
      Crowd crowd(4);
      for (int i = 0; i < 3; ++i) {
        crowd.add([&] {
          Token token = Token::make(5);
          if (senders) {
            EXPECT_EQ(channel.sender().send(std::move(token)), SendStatus::closed);
          } else {
            EXPECT_EQ(channel.receiver().recv(token), RecvStatus::closed);
          }
          EXPECT_TRUE(token.whole());
        });
      }
      crowd.add([&] {
        for (int i = 0; i < round * 10; ++i) StdSync::yield();
        channel.close();
        channel.close();
      });
      crowd.join();
      Token token = Token::make(6);
      EXPECT_EQ(channel.sender().try_send(std::move(token)), SendStatus::closed);
      EXPECT_EQ(channel.receiver().try_recv(token), RecvStatus::closed);
    }
  }
}

/// All forms at once; time-outs and close() race everything.
TYPED_TEST(RendezvousTest, EachMessageIsReceivedOrGivenBack) {
  constexpr std::size_t kThreads = 3;
  constexpr std::uint64_t kEach = 400;
  for (const bool closing : {false, true}) {
    typename TestFixture::Channel channel(0);
    std::vector<std::vector<std::uint64_t>> taken(kThreads);
    std::vector<Got> got(kThreads);
    std::atomic<std::size_t> sending{kThreads};
    std::atomic<int> damaged{0};
    Crowd crowd(2 * kThreads);
    for (std::size_t s = 0; s < kThreads; ++s) {
      crowd.add([&, s] {
        auto sender = channel.sender();
        std::mt19937_64 random(this->limit_.seed() + s);
        for (std::uint64_t i = 0; i < kEach; ++i) {
          Token token = Token::make(s, i);
          const SendStatus status = random() % 3 == 0
                                        ? sender.send(std::move(token))
                                        : sender.send_until(std::move(token), in(random() % 80));
          if (status == SendStatus::ok) {
            taken[s].push_back(i);
          } else if (!token.whole()) {
            ++damaged;
          }
          if (status == SendStatus::closed) break;
          if (closing && s == 0 && i == kEach / 2) channel.close();
        }
        if (sending.fetch_sub(1) == 1) channel.close();
      });
    }
    for (std::size_t r = 0; r < kThreads; ++r) {
      crowd.add([&, r] {
        auto receiver = channel.receiver();
        std::mt19937_64 random(this->limit_.seed() + 100 + r);
        for (;;) {
          Token token;
          const RecvStatus status = random() % 3 == 0
                                        ? receiver.recv(token)
                                        : receiver.recv_until(token, in(random() % 80));
          if (status == RecvStatus::ok) got[r].note(token);
          if (status == RecvStatus::closed) return;
        }
      });
    }
    crowd.join();
    EXPECT_EQ(damaged.load(), 0);
    expect_delivery(taken, got);
  }
}

}  // namespace
}  // namespace weir::test
