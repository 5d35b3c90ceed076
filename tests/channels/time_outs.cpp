// Deadlines against messages and wakes: whatever comes first, nothing is lost, and no wake is
// swallowed.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>

#include "crowd.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

using std::chrono::microseconds;

Deadline in(std::uint64_t us) { return Deadline::clock::now() + microseconds(us); }

class TimeOuts : public testing::TestWithParam<Family> {
 protected:
  const Family& family() const { return GetParam(); }
  bool spins() const { return family().contract.wait == Wait::spin; }
  TimeLimit limit_;
};

TEST_P(TimeOuts, ThatRaceMessagesLoseNothing) {
  const std::size_t senders = senders_of(family(), 2);
  const std::size_t receivers = receivers_of(family(), 2);
  for (const std::size_t capacity : {1U, 3U}) {
    const std::uint64_t each = scaled(family(), 300, senders + receivers);
    const auto channel = family().make(capacity);
    std::vector<Got> got(receivers);
    std::atomic<std::size_t> sending{senders};
    std::atomic<int> wrong{0};
    Crowd crowd(senders + receivers);
    for (std::size_t s = 0; s < senders; ++s) {
      crowd.add([&, s] {
        const auto sender = channel->sender();
        std::mt19937_64 random(limit_.seed() + s);
        for (std::uint64_t i = 0; i < each; ++i) {
          Token token = Token::make(s, i);
          SendStatus status = SendStatus::timed_out;
          while (status == SendStatus::timed_out) {
            status = sender->send_until(std::move(token), in(random() % 100));
            if (status == SendStatus::timed_out && !token.whole()) ++wrong;
          }
          if (status != SendStatus::ok) ++wrong;
        }
        if (sending.fetch_sub(1) == 1) channel->close();
      });
    }
    for (std::size_t r = 0; r < receivers; ++r) {
      crowd.add([&, r] {
        const auto receiver = channel->receiver();
        std::mt19937_64 random(limit_.seed() + 100 + r);
        for (;;) {
          Token token;
          const RecvStatus status = receiver->recv_until(token, in(random() % 100));
          if (status == RecvStatus::ok) got[r].note(token);
          if (status == RecvStatus::timed_out && token.box != nullptr) ++wrong;
          if (status == RecvStatus::empty) ++wrong;
          if (status == RecvStatus::closed) return;
        }
      });
    }
    crowd.join();
    EXPECT_EQ(wrong.load(), 0);
    expect_delivery(all_of(senders, each), got);
  }
}

// One receiver waits for ever, another one for a moment only. A message comes at about the end of
// that moment. Where the impatient one leaves without it, the patient one must have been woken.
TEST_P(TimeOuts, OfOneReceiverDoNotSwallowTheWakeOfAnother) {
  if (!family().many_receivers()) return;
  const auto channel = family().make(2);
  const auto sender = channel->sender();
  std::mt19937_64 random(limit_.seed());
  const int rounds = spins() ? 20 : 300;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t moment = random() % 150;
    std::atomic<int> answer{-1};
    Crowd crowd(3);
    crowd.add([&] {
      Token token;
      EXPECT_EQ(channel->receiver()->recv(token), RecvStatus::ok);
    });
    crowd.add([&] {
      Token token;
      answer = static_cast<int>(channel->receiver()->recv_until(token, in(moment)));
    });
    crowd.add([&] {
      const Deadline until = in(moment);
      while (Deadline::clock::now() < until) StdSync::yield();
      sender->send(Token::make(0, 0));
      while (answer.load() < 0) StdSync::yield();
      if (answer.load() == static_cast<int>(RecvStatus::ok)) sender->send(Token::make(0, 1));
    });
    crowd.join();  // or the time limit says that somebody sleeps beside a message
  }
}

TEST_P(TimeOuts, OfOneSenderDoNotSwallowTheWakeOfAnother) {
  if (!family().many_senders()) return;
  const auto channel = family().make(1);
  const auto receiver = channel->receiver();
  std::mt19937_64 random(limit_.seed());
  const int rounds = spins() ? 20 : 300;
  for (int round = 0; round < rounds; ++round) {
    ASSERT_EQ(channel->sender()->send(Token::make(0, 0)), SendStatus::ok);
    const std::uint64_t moment = random() % 150;
    std::atomic<int> answer{-1};
    Crowd crowd(3);
    crowd.add([&] { EXPECT_EQ(channel->sender()->send(Token::make(1, 0)), SendStatus::ok); });
    crowd.add([&] {
      answer = static_cast<int>(channel->sender()->send_until(Token::make(2, 0), in(moment)));
    });
    crowd.add([&] {
      const Deadline until = in(moment);
      while (Deadline::clock::now() < until) StdSync::yield();
      Token token;
      EXPECT_EQ(receiver->recv(token), RecvStatus::ok);
      EXPECT_EQ(receiver->recv(token), RecvStatus::ok);
      while (answer.load() < 0) StdSync::yield();
      if (answer.load() == static_cast<int>(SendStatus::ok)) {
        EXPECT_EQ(receiver->recv(token), RecvStatus::ok);
      }
    });
    crowd.join();
  }
}

TEST_P(TimeOuts, ThatNeverComeWaitForTheMessageAndForTheRoom) {
  for (int round = 0; round < (spins() ? 5 : 50); ++round) {
    const auto channel = family().make(1);
    Crowd crowd(2);
    crowd.add([&] {
      const auto sender = channel->sender();
      for (int i = 0; i < round; ++i) StdSync::yield();
      for (std::uint64_t i = 0; i < 3; ++i) {
        EXPECT_EQ(sender->send_until(Token::make(0, i), Deadline::max()), SendStatus::ok);
      }
    });
    crowd.add([&] {
      const auto receiver = channel->receiver();
      Token token;
      for (std::uint64_t i = 0; i < 3; ++i) {
        EXPECT_EQ(receiver->recv_until(token, Deadline::max()), RecvStatus::ok);
        EXPECT_EQ(token.sequence(), i);
      }
    });
    crowd.join();
  }
}

bool is_timed(const Family& family) { return family.contract.timed; }
INSTANTIATE_TEST_SUITE_P(Own, TimeOuts, testing::ValuesIn(where(own_families(), is_timed)),
                         name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, TimeOuts, testing::ValuesIn(where(delayed_families(), is_timed)),
                         name_of_family);

}  // namespace
}  // namespace weir::test
