// Channels whose sends never wait: what becomes of a message that finds no room, and of the one
// that has to go for it.
#include "channels/overflow.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "channels/latest.hpp"
#include "channels/mpmc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/waiting.hpp"
#include "crowd.hpp"
#include "harness/stress/elements.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

using stress::Tracked;

template <Overflow kOverflow, class Sync>
struct OverMutex {
  template <class T>
  using Channel = Overflowing<MutexCondvar<T, Notify::waiters, Sync>, kOverflow>;
};
template <Overflow kOverflow, class Sync>
struct OverRing {
  template <class T>
  using Channel =
      Overflowing<Waiting<MpmcRing<T, Sync, kOverflow == Overflow::drop_oldest>, Park>, kOverflow>;
};
template <class Sync>
struct OverLatest {
  template <class T>
  using Channel = Waiting<Latest<T, Sync>, Park>;
};

template <class Family>
class OverflowTest : public testing::Test {
 protected:
  using Channel = typename Family::template Channel<Token>;
  static constexpr Contract kContract = Channel::kContract;

  static std::size_t capacity(std::size_t wanted) {
    return std::min(wanted, kContract.max_capacity);
  }
  /// What a send answers that finds the channel full.
  static SendStatus when_full() {
    if (kContract.overflow == Overflow::fail) return SendStatus::full;
    return kContract.overflow == Overflow::drop_newest ? SendStatus::dropped : SendStatus::evicted;
  }
  TimeLimit limit_;
};

using Families = testing::Types<
    OverMutex<Overflow::fail, StdSync>, OverMutex<Overflow::drop_newest, StdSync>,
    OverMutex<Overflow::drop_oldest, StdSync>, OverRing<Overflow::fail, StdSync>,
    OverRing<Overflow::drop_newest, StdSync>, OverRing<Overflow::drop_oldest, StdSync>,
    OverLatest<StdSync>, OverMutex<Overflow::fail, DelaySync>,
    OverMutex<Overflow::drop_newest, DelaySync>, OverMutex<Overflow::drop_oldest, DelaySync>,
    OverRing<Overflow::fail, DelaySync>, OverRing<Overflow::drop_newest, DelaySync>,
    OverRing<Overflow::drop_oldest, DelaySync>, OverLatest<DelaySync>>;
TYPED_TEST_SUITE(OverflowTest, Families);

TYPED_TEST(OverflowTest, EachFormOfSendAnswersWhatThePolicySaysAndLeavesTheRightMessage) {
  for (const std::size_t wanted : {1U, 2U, 3U, 8U}) {
    const std::size_t capacity = this->capacity(wanted);
    typename TestFixture::Channel channel(capacity);
    auto sender = channel.sender();
    auto receiver = channel.receiver();
    std::uint64_t next = 0;
    while (next < capacity) ASSERT_EQ(sender.send(Token::make(next++)), SendStatus::ok);
    std::uint64_t oldest = 0;
    for (int form = 0; form < 9; ++form) {
      Token token = Token::make(next);
      const SendStatus status = form % 3 == 0   ? sender.send(std::move(token))
                                : form % 3 == 1 ? sender.try_send(std::move(token))
                                                : sender.send_until(std::move(token), Deadline{});
      ASSERT_EQ(status, this->when_full());
      ASSERT_TRUE(token.whole());
      const bool taken = accepted(status);
      ASSERT_EQ(token.id, taken ? oldest++ : next) << "capacity " << capacity;
      next += taken ? 1 : 0;
    }
    Token token;
    for (; oldest < next; ++oldest) {
      ASSERT_EQ(receiver.try_recv(token), RecvStatus::ok);
      ASSERT_EQ(token.id, oldest);
    }
    ASSERT_EQ(receiver.try_recv(token), RecvStatus::empty);
  }
}

TYPED_TEST(OverflowTest, AClosedChannelTakesNothingAndEvictsNothing) {
  const std::size_t capacity = this->capacity(3);
  typename TestFixture::Channel channel(capacity);
  auto sender = channel.sender();
  auto receiver = channel.receiver();
  for (std::uint64_t id = 0; id < capacity; ++id) {
    ASSERT_EQ(sender.send(Token::make(id)), SendStatus::ok);
  }
  channel.close();
  Token token = Token::make(99);
  ASSERT_EQ(sender.send(std::move(token)), SendStatus::closed);
  ASSERT_TRUE(token.whole());
  ASSERT_EQ(token.id, 99U);
  for (std::uint64_t id = 0; id < capacity; ++id) {
    ASSERT_EQ(receiver.recv(token), RecvStatus::ok);
    ASSERT_EQ(token.id, id);
  }
  ASSERT_EQ(receiver.recv(token), RecvStatus::closed);
}

/// What one sender has to show for its messages.
struct Sent {
  std::vector<std::uint64_t> accepted;
  Got evicted;
  std::uint64_t refused = 0;
};

/// Each message was received, evicted or refused, and only one of these. An eviction is in its
/// sender's order too, so that a sender's evicted messages count as those of another receiver.
template <class Channel>
void race(std::size_t capacity, bool closing) {
  constexpr std::size_t kThreads = 3;
  constexpr std::uint64_t kEach = 1500;
  Channel channel(capacity);
  std::vector<Sent> sent(kThreads);
  std::vector<Got> got(kThreads);
  std::atomic<std::size_t> sending{kThreads};
  Crowd crowd(2 * kThreads);
  for (std::size_t s = 0; s < kThreads; ++s) {
    crowd.add([&, s] {
      auto sender = channel.sender();
      for (std::uint64_t i = 0; i < kEach; ++i) {
        Token token = Token::make(s, i);
        const SendStatus status = sender.send(std::move(token));
        if (status == SendStatus::closed) break;
        if (accepted(status)) sent[s].accepted.push_back(i);
        if (status == SendStatus::evicted) sent[s].evicted.note(token);
        if (!accepted(status)) ++sent[s].refused;
        if (closing && s == 0 && i == kEach / 2) channel.close();
      }
      if (sending.fetch_sub(1) == 1) channel.close();
    });
  }
  for (std::size_t r = 0; r < kThreads; ++r) {
    crowd.add([&, r] {
      auto receiver = channel.receiver();
      Token token;
      while (receiver.recv(token) == RecvStatus::ok) got[r].note(token);
    });
  }
  crowd.join();
  std::vector<std::vector<std::uint64_t>> accepted;
  for (const Sent& one : sent) {
    accepted.push_back(one.accepted);
    got.push_back(one.evicted);
    if (!closing) {
      EXPECT_EQ(one.accepted.size() + one.refused, kEach);
    }
  }
  expect_delivery(accepted, got);
}

TYPED_TEST(OverflowTest, EachMessageIsReceivedEvictedOrRefused) {
  for (const std::size_t wanted : {1U, 2U, 3U, 64U}) {
    SCOPED_TRACE("capacity " + std::to_string(wanted));
    race<typename TestFixture::Channel>(this->capacity(wanted), false);
    race<typename TestFixture::Channel>(this->capacity(wanted), true);
  }
}

TYPED_TEST(OverflowTest, MessagesAreDestroyedExactlyOnce) {
  using Counted = typename TypeParam::template Channel<Tracked>;
  for (const std::size_t wanted : {1U, 2U, 3U}) {
    const std::size_t capacity = this->capacity(wanted);
    for (std::uint64_t sends = 0; sends < 3 * capacity + 1; ++sends) {
      {
        Counted channel(capacity);
        auto sender = channel.sender();
        for (std::uint64_t i = 0; i < sends; ++i) sender.send(Tracked(i));
        ASSERT_EQ(Tracked::holding, static_cast<int>(std::min<std::size_t>(sends, capacity)));
      }
      ASSERT_EQ(Tracked::holding, 0);
      ASSERT_EQ(Tracked::existing, 0);
    }
  }
}

TEST(LatestChannel, HasOnePlace) {
  using Channel = Latest<Token>;
  EXPECT_THROW(Channel(0), std::invalid_argument);
  EXPECT_THROW(Channel(2), std::invalid_argument);
  EXPECT_NE(Channel::kContract.why_not(0), "");
  EXPECT_NE(Channel::kContract.why_not(2), "");
  EXPECT_EQ(Channel(1).size_hint(), 0U);
}

}  // namespace
}  // namespace weir::test
