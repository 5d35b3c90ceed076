// What one thread can see of a channel: fill, reject, drain, close, deadlines, batches.
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <stdexcept>
#include <vector>

#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "families.hpp"

namespace weir::test {
namespace {

constexpr std::array<std::size_t, 6> kCapacities{1, 2, 3, 5, 8, 100};
constexpr std::uint64_t kUntouched = 4711;
constexpr bool kSanitized = WEIR_SANITIZED;

/// Sends `count` tokens from `first` on, each of which must be taken.
void fill(AnySender<Token>& sender, std::uint64_t first, std::size_t count) {
  for (std::uint64_t id = first; id < first + count; ++id) {
    ASSERT_EQ(sender.try_send(Token::make(id)), SendStatus::ok) << "token " << id;
  }
}

/// Receives `count` tokens, which must be those from `first` on.
void drain(AnyReceiver<Token>& receiver, std::uint64_t first, std::size_t count) {
  for (std::uint64_t id = first; id < first + count; ++id) {
    Token token;
    ASSERT_EQ(receiver.try_recv(token), RecvStatus::ok) << "token " << id;
    ASSERT_TRUE(token.whole());
    ASSERT_EQ(token.id, id);
  }
}

class OneThread : public testing::TestWithParam<Family> {
 protected:
  static Deadline expired() { return Deadline::clock::now() - std::chrono::hours(1); }
  static Deadline soon() { return Deadline::clock::now() + std::chrono::milliseconds(1); }
  const Family& family() const { return GetParam(); }
};

using Timed = OneThread;
using Batched = OneThread;
using Sized = OneThread;

TEST_P(OneThread, AChannelFillsRejectsAndDrainsOverThreeLaps) {
  for (const std::size_t capacity : kCapacities) {
    SCOPED_TRACE("capacity " + std::to_string(capacity));
    const auto channel = family().make(capacity);
    const auto sender = channel->sender();
    const auto receiver = channel->receiver();
    std::uint64_t next = 0;
    for (int lap = 0; lap < 3; ++lap) {
      fill(*sender, next, capacity);
      for (int again = 0; again < 2; ++again) {
        ASSERT_EQ(sender->try_send(Token::make(kUntouched)), SendStatus::full);
      }
      drain(*receiver, next, capacity);
      Token nothing;
      for (int again = 0; again < 2; ++again) {
        ASSERT_EQ(receiver->try_recv(nothing), RecvStatus::empty);
      }
      next += capacity;
    }
  }
}

TEST_P(OneThread, EveryDepthWorksAtEveryPlaceOfTheRing) {
  constexpr std::size_t kCapacity = 5;
  const auto channel = family().make(kCapacity);
  const auto sender = channel->sender();
  const auto receiver = channel->receiver();
  std::uint64_t next = 0;
  for (int lap = 0; lap < 3; ++lap) {
    for (std::size_t depth = 1; depth <= kCapacity; ++depth) {
      fill(*sender, next, depth);
      drain(*receiver, next, depth);
      next += depth;
    }
  }
}

TEST_P(OneThread, AFailedSendLeavesTheMessageWithTheCaller) {
  const auto channel = family().make(1);
  const auto sender = channel->sender();
  fill(*sender, 0, 1);
  Token token = Token::make(kUntouched);
  ASSERT_EQ(sender->try_send(std::move(token)), SendStatus::full);
  EXPECT_TRUE(token.whole());
  if (family().contract.timed) {
    ASSERT_EQ(sender->send_until(std::move(token), expired()), SendStatus::timed_out);
    EXPECT_TRUE(token.whole());
    ASSERT_EQ(sender->send_until(std::move(token), soon()), SendStatus::timed_out);
    EXPECT_TRUE(token.whole());
  }
  channel->close();
  ASSERT_EQ(sender->try_send(std::move(token)), SendStatus::closed);
  EXPECT_TRUE(token.whole());
  ASSERT_EQ(sender->send(std::move(token)), SendStatus::closed);
  EXPECT_TRUE(token.whole());
  EXPECT_EQ(token.id, kUntouched);
}

TEST_P(OneThread, AFailedReceiveLeavesTheDestinationAlone) {
  const auto channel = family().make(3);
  const auto receiver = channel->receiver();
  Token token = Token::make(kUntouched);
  ASSERT_EQ(receiver->try_recv(token), RecvStatus::empty);
  EXPECT_TRUE(token.whole());
  if (family().contract.timed) {
    ASSERT_EQ(receiver->recv_until(token, expired()), RecvStatus::timed_out);
    EXPECT_TRUE(token.whole());
    ASSERT_EQ(receiver->recv_until(token, soon()), RecvStatus::timed_out);
    EXPECT_TRUE(token.whole());
  }
  channel->close();
  ASSERT_EQ(receiver->try_recv(token), RecvStatus::closed);
  EXPECT_TRUE(token.whole());
  ASSERT_EQ(receiver->recv(token), RecvStatus::closed);
  EXPECT_TRUE(token.whole());
  EXPECT_EQ(token.id, kUntouched);
}

TEST_P(OneThread, AClosedChannelTakesNothingAndDrains) {
  for (const std::size_t capacity : kCapacities) {
    const auto channel = family().make(capacity);
    const auto sender = channel->sender();
    const auto receiver = channel->receiver();
    fill(*sender, 0, capacity);
    channel->close();
    Token token = Token::make(kUntouched);
    ASSERT_EQ(sender->try_send(std::move(token)), SendStatus::closed) << "also when it is full";
    ASSERT_EQ(sender->send(std::move(token)), SendStatus::closed);
    for (std::uint64_t id = 0; id < capacity; ++id) {
      ASSERT_EQ(receiver->recv(token), RecvStatus::ok);
      ASSERT_EQ(token.id, id);
    }
    ASSERT_EQ(receiver->recv(token), RecvStatus::closed);
    ASSERT_EQ(receiver->try_recv(token), RecvStatus::closed);
    ASSERT_EQ(sender->try_send(std::move(token)), SendStatus::closed) << "also when it has room";
  }
}

TEST_P(OneThread, ClosingTwiceIsClosingOnce) {
  const auto channel = family().make(2);
  const auto sender = channel->sender();
  const auto receiver = channel->receiver();
  fill(*sender, 0, 1);
  channel->close();
  channel->close();
  drain(*receiver, 0, 1);
  channel->close();
  Token token;
  for (int again = 0; again < 3; ++again) {
    ASSERT_EQ(receiver->recv(token), RecvStatus::closed);
    ASSERT_EQ(sender->send(Token::make(0)), SendStatus::closed);
  }
}

TEST_P(OneThread, AHandleMadeAnewContinuesWhereTheOldOneStopped) {
  const auto channel = family().make(3);
  for (std::uint64_t id = 0; id < 20; ++id) {
    fill(*channel->sender(), id, 1);
    drain(*channel->receiver(), id, 1);
  }
}

TEST_P(OneThread, AHandleMayMove) {
  const auto channel = family().make(3);
  auto sender = channel->sender();
  auto receiver = channel->receiver();
  fill(*sender, 0, 2);
  auto other_sender = std::move(sender);
  auto other_receiver = std::move(receiver);
  drain(*other_receiver, 0, 2);
  fill(*other_sender, 2, 3);
  drain(*other_receiver, 2, 3);
}

TEST_P(OneThread, ACapacityOfZeroIsRefused) {
  EXPECT_THROW(family().make(0), std::invalid_argument);
  EXPECT_NE(family().contract.why_not(0), "");
}

TEST_P(OneThread, AnAbsurdCapacityIsRefused) {
  const std::size_t most = family().contract.max_capacity;
  if (most != kNoLimit) {
    EXPECT_THROW(family().make(most + 1), std::invalid_argument);
    EXPECT_NE(family().contract.why_not(most + 1), "");
  }
  // Where the allocator is what refuses: the sanitizers' own ends the program.
  if (most != kNoLimit || !kSanitized) {
    EXPECT_ANY_THROW(family().make(std::numeric_limits<std::size_t>::max()));
  }
}

INSTANTIATE_TEST_SUITE_P(Own, OneThread, testing::ValuesIn(own_families()), name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, OneThread, testing::ValuesIn(delayed_families()), name_of_family);

TEST_P(Timed, AnExpiredDeadlineStillTakesWhatIsThere) {
  const auto channel = family().make(1);
  const auto sender = channel->sender();
  const auto receiver = channel->receiver();
  Token token;
  for (const Deadline deadline : {expired(), Deadline{}, Deadline::min()}) {
    ASSERT_EQ(sender->send_until(Token::make(1), deadline), SendStatus::ok);
    ASSERT_EQ(sender->send_until(Token::make(2), deadline), SendStatus::timed_out);
    ASSERT_EQ(receiver->recv_until(token, deadline), RecvStatus::ok);
    ASSERT_EQ(token.id, 1U);
    ASSERT_EQ(receiver->recv_until(token, deadline), RecvStatus::timed_out);
  }
}

TEST_P(Timed, AMaximalDeadlineTakesWhatIsThere) {
  const auto channel = family().make(1);
  const auto sender = channel->sender();
  const auto receiver = channel->receiver();
  Token token;
  ASSERT_EQ(sender->send_until(Token::make(1), Deadline::max()), SendStatus::ok);
  ASSERT_EQ(receiver->recv_until(token, Deadline::max()), RecvStatus::ok);
  channel->close();
  ASSERT_EQ(sender->send_until(Token::make(1), Deadline::max()), SendStatus::closed);
  ASSERT_EQ(receiver->recv_until(token, Deadline::max()), RecvStatus::closed);
}

TEST_P(Timed, ATimeOutIsNeverEarly) {
  const auto channel = family().make(1);
  const auto sender = channel->sender();
  const auto receiver = channel->receiver();
  Token token;
  for (int round = 0; round < 10; ++round) {
    const Deadline deadline = soon();
    ASSERT_EQ(receiver->recv_until(token, deadline), RecvStatus::timed_out);
    ASSERT_GE(Deadline::clock::now(), deadline);
  }
  fill(*sender, 0, 1);
  for (int round = 0; round < 10; ++round) {
    const Deadline deadline = soon();
    ASSERT_EQ(sender->send_until(Token::make(1), deadline), SendStatus::timed_out);
    ASSERT_GE(Deadline::clock::now(), deadline);
  }
  drain(*receiver, 0, 1);
}

TEST_P(Timed, AClosedChannelAnswersClosedWhateverTheDeadline) {
  const auto channel = family().make(1);
  channel->close();
  Token token;
  EXPECT_EQ(channel->sender()->send_until(Token::make(1), expired()), SendStatus::closed);
  EXPECT_EQ(channel->receiver()->recv_until(token, expired()), RecvStatus::closed);
}

bool is_timed(const Family& family) { return family.contract.timed; }
INSTANTIATE_TEST_SUITE_P(Own, Timed, testing::ValuesIn(where(own_families(), is_timed)),
                         name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, Timed, testing::ValuesIn(where(delayed_families(), is_timed)),
                         name_of_family);

TEST_P(Sized, TheSizeFollowsTheDepth) {
  for (const std::size_t capacity : kCapacities) {
    const auto channel = family().make(capacity);
    const auto sender = channel->sender();
    const auto receiver = channel->receiver();
    for (int lap = 0; lap < 3; ++lap) {
      for (std::size_t depth = 0; depth < capacity; ++depth) {
        ASSERT_EQ(channel->size_hint(), depth);
        fill(*sender, depth, 1);
      }
      ASSERT_EQ(channel->size_hint(), capacity);
      ASSERT_EQ(sender->try_send(Token::make(0)), SendStatus::full);
      ASSERT_EQ(channel->size_hint(), capacity);
      drain(*receiver, 0, capacity);
    }
    channel->close();
    ASSERT_EQ(channel->size_hint(), 0U) << "closed is no message";
  }
}

bool is_sized(const Family& family) { return family.sized; }
INSTANTIATE_TEST_SUITE_P(Own, Sized, testing::ValuesIn(where(own_families(), is_sized)),
                         name_of_family);

std::vector<Token> tokens(std::uint64_t first, std::size_t count) {
  std::vector<Token> batch;
  for (std::uint64_t id = first; id < first + count; ++id) batch.push_back(Token::make(id));
  return batch;
}

TEST_P(Batched, ABatchOfReceivesTakesWhatIsThere) {
  for (const std::size_t capacity : kCapacities) {
    const auto channel = family().make(capacity);
    const auto sender = channel->sender();
    const auto receiver = channel->receiver();
    std::uint64_t next = 0;
    for (std::size_t depth = 1; depth <= capacity; ++depth) {
      std::vector<Token> sent = tokens(next, depth);
      const SentBatch in = sender->send_n(sent);
      ASSERT_EQ(in.count, depth);
      ASSERT_EQ(in.status, SendStatus::ok);
      std::vector<Token> got(capacity + 1);
      got.back() = Token::make(kUntouched);
      const ReceivedBatch out = receiver->recv_n(got);
      ASSERT_EQ(out.status, RecvStatus::ok);
      ASSERT_EQ(out.count, depth);
      for (std::size_t i = 0; i < depth; ++i) {
        ASSERT_TRUE(got[i].whole());
        ASSERT_EQ(got[i].id, next + i);
      }
      ASSERT_TRUE(got.back().whole()) << "what was not filled is left alone";
      next += depth;
    }
  }
}

TEST_P(Batched, ABatchSmallerThanTheDepthLeavesTheRest) {
  const auto channel = family().make(5);
  const auto sender = channel->sender();
  const auto receiver = channel->receiver();
  std::vector<Token> sent = tokens(0, 5);
  ASSERT_EQ(sender->send_n(sent).count, 5U);
  std::vector<Token> got(3);
  ASSERT_EQ(receiver->recv_n(got).count, 3U);
  EXPECT_EQ(got[2].id, 2U);
  drain(*receiver, 3, 2);
}

TEST_P(Batched, AClosedChannelTakesNothingOfABatchAndDrains) {
  const auto channel = family().make(5);
  const auto sender = channel->sender();
  const auto receiver = channel->receiver();
  std::vector<Token> sent = tokens(0, 2);
  ASSERT_EQ(sender->send_n(sent).count, 2U);
  channel->close();
  std::vector<Token> late = tokens(2, 3);
  const SentBatch refused = sender->send_n(late);
  EXPECT_EQ(refused.count, 0U);
  EXPECT_EQ(refused.status, SendStatus::closed);
  for (const Token& token : late) EXPECT_TRUE(token.whole());
  std::vector<Token> got(5);
  const ReceivedBatch drained = receiver->recv_n(got);
  EXPECT_EQ(drained.count, 2U);
  EXPECT_EQ(drained.status, RecvStatus::ok);
  const ReceivedBatch ended = receiver->recv_n(got);
  EXPECT_EQ(ended.count, 0U);
  EXPECT_EQ(ended.status, RecvStatus::closed);
}

TEST_P(Batched, AnEmptyBatchIsDoneAtOnce) {
  const auto channel = family().make(1);
  EXPECT_EQ(channel->sender()->send_n({}).count, 0U);
  EXPECT_EQ(channel->receiver()->recv_n({}).count, 0U);
}

bool is_batched(const Family& family) { return family.batch; }
INSTANTIATE_TEST_SUITE_P(Own, Batched, testing::ValuesIn(where(own_families(), is_batched)),
                         name_of_family);
INSTANTIATE_TEST_SUITE_P(Delayed, Batched, testing::ValuesIn(where(delayed_families(), is_batched)),
                         name_of_family);

// The try-forms of batches, which only the rings have.
template <class Ring>
class TryBatches : public testing::Test {};
using Rings = testing::Types<MpmcRing<Token>, MpscRing<Token>>;
TYPED_TEST_SUITE(TryBatches, Rings);

TYPED_TEST(TryBatches, APrefixIsMovedAndItsLengthReturnedAtEveryPlaceOfTheRing) {
  for (const std::size_t capacity : kCapacities) {
    TypeParam ring(capacity);
    auto sender = ring.sender();
    auto receiver = ring.receiver();
    for (std::uint64_t start = 0; start < 2 * capacity; ++start) {
      std::vector<Token> sent = tokens(start, capacity + 2);
      const SentBatch in = sender.try_send_n(sent);
      ASSERT_EQ(in.count, capacity);
      ASSERT_EQ(in.status, SendStatus::ok);
      ASSERT_TRUE(sent[capacity].whole()) << "what did not fit stays with the caller";
      const SentBatch rejected = sender.try_send_n(sent);
      ASSERT_EQ(rejected.count, 0U);
      ASSERT_EQ(rejected.status, SendStatus::full);
      std::vector<Token> got(capacity + 2);
      const ReceivedBatch out = receiver.try_recv_n(got);
      ASSERT_EQ(out.count, capacity);
      ASSERT_EQ(out.status, RecvStatus::ok);
      for (std::size_t i = 0; i < capacity; ++i) ASSERT_EQ(got[i].id, start + i);
      const ReceivedBatch nothing = receiver.try_recv_n(got);
      ASSERT_EQ(nothing.count, 0U);
      ASSERT_EQ(nothing.status, RecvStatus::empty);
      // one message more, so that the next round starts one place further
      ASSERT_EQ(sender.try_send(Token::make(start)), SendStatus::ok);
      ASSERT_EQ(receiver.try_recv(got.front()), RecvStatus::ok);
    }
  }
}

TYPED_TEST(TryBatches, APartlyFilledRingTakesWhatFits) {
  TypeParam ring(3);
  auto sender = ring.sender();
  auto receiver = ring.receiver();
  ASSERT_EQ(sender.try_send(Token::make(0)), SendStatus::ok);
  std::vector<Token> sent = tokens(1, 3);
  ASSERT_EQ(sender.try_send_n(sent).count, 2U);
  ASSERT_TRUE(sent[2].whole());
  std::vector<Token> got(2);
  ASSERT_EQ(receiver.try_recv_n(got).count, 2U);
  ASSERT_EQ(receiver.try_recv_n(got).count, 1U);
  ring.close();
  ASSERT_EQ(sender.try_send_n(sent).status, SendStatus::closed);
  ASSERT_EQ(receiver.try_recv_n(got).status, RecvStatus::closed);
}

}  // namespace
}  // namespace weir::test
