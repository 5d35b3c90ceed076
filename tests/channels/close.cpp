// close() against everything else: it wakes everyone, what was accepted is delivered, nothing is
// accepted after it.
#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "crowd.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

class Closing : public testing::TestWithParam<Family> {
 protected:
  const Family& family() const { return GetParam(); }
  int rounds(int usual) const { return family().contract.wait == Wait::spin ? usual / 10 : usual; }
  TimeLimit limit_;
};

TEST_P(Closing, WakesEveryReceiverOfAnEmptyChannel) {
  const std::size_t receivers = receivers_of(family(), 4);
  for (int round = 0; round < rounds(60); ++round) {
    const auto channel = family().make(2);
    std::atomic<std::size_t> waiting{0};
    std::atomic<int> wrong{0};
    Crowd crowd(receivers + 1);
    for (std::size_t r = 0; r < receivers; ++r) {
      crowd.add([&] {
        const auto receiver = channel->receiver();
        Token token;
        ++waiting;
        if (receiver->recv(token) != RecvStatus::closed) ++wrong;
        if (receiver->recv(token) != RecvStatus::closed) ++wrong;
      });
    }
    crowd.add([&] {
      while (waiting.load() < receivers) StdSync::yield();
      for (int i = 0; i < round; ++i) StdSync::yield();  // more and more of them are asleep
      channel->close();
    });
    crowd.join();
    ASSERT_EQ(wrong.load(), 0);
  }
}

TEST_P(Closing, WakesEverySenderOfAFullChannelAndLeavesItTheMessage) {
  const std::size_t senders = senders_of(family(), 4);
  for (int round = 0; round < rounds(60); ++round) {
    const auto channel = family().make(1);
    ASSERT_EQ(channel->sender()->send(Token::make(9, 9)), SendStatus::ok);
    std::atomic<std::size_t> waiting{0};
    std::atomic<int> wrong{0};
    Crowd crowd(senders + 1);
    for (std::size_t s = 0; s < senders; ++s) {
      crowd.add([&, s] {
        const auto sender = channel->sender();
        Token token = Token::make(s, 0);
        ++waiting;
        if (sender->send(std::move(token)) != SendStatus::closed || !token.whole()) ++wrong;
      });
    }
    crowd.add([&] {
      while (waiting.load() < senders) StdSync::yield();
      for (int i = 0; i < round; ++i) StdSync::yield();
      channel->close();
    });
    crowd.join();
    ASSERT_EQ(wrong.load(), 0);
    Token token;
    const auto receiver = channel->receiver();
    ASSERT_EQ(receiver->recv(token), RecvStatus::ok) << "what was accepted before is delivered";
    ASSERT_EQ(receiver->recv(token), RecvStatus::closed);
  }
}

TEST_P(Closing, WhileAllAreBusyDeliversExactlyWhatWasAccepted) {
  std::mt19937_64 random(limit_.seed());
  const std::size_t senders = senders_of(family(), 3);
  const std::size_t receivers = receivers_of(family(), 3);
  for (int round = 0; round < rounds(60); ++round) {
    const std::size_t capacity = std::array{1U, 2U, 3U, 100U}[random() % 4];
    const std::uint64_t patience = random() % 60;
    const auto channel = family().make(capacity);
    std::vector<Got> got(receivers);
    std::vector<std::vector<std::uint64_t>> accepted(senders);
    std::atomic<int> wrong{0};
    // Two threads close, and each at its own time.
    Crowd crowd(senders + receivers + 2);
    for (std::size_t s = 0; s < senders; ++s) {
      crowd.add([&, s] {
        const auto sender = channel->sender();
        for (std::uint64_t i = 0;; ++i) {
          Token token = Token::make(s, i);
          const bool tries = i % 3 == 0;
          const SendStatus status =
              tries ? sender->try_send(std::move(token)) : sender->send(std::move(token));
          if (status == SendStatus::ok) {
            accepted[s].push_back(i);
            continue;
          }
          if (!token.whole()) ++wrong;
          if (status == SendStatus::closed) break;
          if (!tries) ++wrong;
        }
        if (sender->send(Token::make(s, 0xffffffff)) != SendStatus::closed) ++wrong;
      });
    }
    for (std::size_t r = 0; r < receivers; ++r) {
      crowd.add([&, r] {
        const auto receiver = channel->receiver();
        Token token;
        for (std::uint64_t i = r;; ++i) {
          const RecvStatus status = i % 3 == 0 ? receiver->try_recv(token) : receiver->recv(token);
          if (status == RecvStatus::ok) got[r].note(token);
          if (status == RecvStatus::closed) break;
        }
      });
    }
    for (const std::uint64_t yields : {patience, patience / 2 + random() % 30}) {
      crowd.add([&, yields] {
        for (std::uint64_t i = 0; i < yields; ++i) StdSync::yield();
        channel->close();
      });
    }
    crowd.join();
    ASSERT_EQ(wrong.load(), 0) << "round " << round;
    expect_delivery(accepted, got);
    ASSERT_FALSE(HasFailure()) << "round " << round << ", capacity " << capacity;
    Token token;
    ASSERT_EQ(channel->receiver()->try_recv(token), RecvStatus::closed);
  }
}

TEST_P(Closing, WhoeverSeesClosedSeesWhatTheCloserDidBefore) {
  for (int round = 0; round < rounds(60); ++round) {
    const auto channel = family().make(2);
    int plain = 0;  // ThreadSanitizer agrees only if close() publishes it
    std::atomic<int> wrong{0};
    Crowd crowd(3);
    crowd.add([&] {
      const auto sender = channel->sender();
      SendStatus status = SendStatus::full;
      while (status != SendStatus::closed) {
        status = sender->try_send(Token::make(0, 0));
        if (status == SendStatus::full) StdSync::yield();
      }
      if (plain != 1) ++wrong;
    });
    crowd.add([&] {
      const auto receiver = channel->receiver();
      Token token;
      while (receiver->recv(token) != RecvStatus::closed) {
      }
      if (plain != 1) ++wrong;
    });
    crowd.add([&] {
      for (int i = 0; i < round; ++i) StdSync::yield();
      plain = 1;
      channel->close();
    });
    crowd.join();
    ASSERT_EQ(wrong.load(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Own, Closing, testing::ValuesIn(own_families()), name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, Closing, testing::ValuesIn(delayed_families()), name_of_family);

}  // namespace
}  // namespace weir::test
