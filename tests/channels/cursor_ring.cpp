// The ring with a cursor a side: batches across its end, and when the lazy one gives room back.
#include "channels/cursor_ring.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "channels/waiting.hpp"
#include "crowd.hpp"
#include "harness/stress/elements.hpp"
#include "time_limit.hpp"
#include "token.hpp"

namespace weir::test {
namespace {

using stress::Tracked;

TEST(CursorRings, PassBatchesAcrossTheEndOfTheRing) {
  for (std::size_t capacity = 1; capacity <= 9; ++capacity) {
    for (std::size_t size = 1; size <= capacity + 2; ++size) {
      CursorRing<Token> ring(capacity);
      auto sender = ring.sender();
      auto receiver = ring.receiver();
      std::uint64_t sent = 0;
      std::uint64_t received = 0;
      std::vector<Token> batch(size);
      std::vector<Token> got(size);
      for (int lap = 0; lap < 40; ++lap) {
        for (std::size_t i = 0; i < size; ++i) batch[i] = Token::make(sent + i);
        const SentBatch in = sender.try_send_n(batch);
        ASSERT_EQ(in.count, std::min(size, capacity - (sent - received)));
        ASSERT_EQ(in.status, in.count > 0 ? SendStatus::ok : SendStatus::full);
        sent += in.count;
        ASSERT_EQ(ring.size_hint(), sent - received);
        // One less than there is now and then, so that places wander.
        const std::size_t wanted = lap % 3 == 0 && size > 1 ? size - 1 : size;
        const ReceivedBatch out = receiver.try_recv_n(std::span(got).first(wanted));
        ASSERT_EQ(out.count, std::min<std::size_t>(wanted, sent - received));
        for (std::size_t i = 0; i < out.count; ++i) {
          ASSERT_TRUE(got[i].whole());
          ASSERT_EQ(got[i].id, received++);
        }
      }
    }
  }
}

TEST(CursorRings, DestroyWhatIsLeftExactlyOnce) {
  for (std::size_t passed = 0; passed < 12; ++passed) {
    for (std::size_t left = 0; left <= 5; ++left) {
      {
        CursorRing<Tracked, StdSync, Freed::lazily> ring(5);
        auto sender = ring.sender();
        auto receiver = ring.receiver();
        Tracked message;
        for (std::size_t i = 0; i < passed; ++i) {
          ASSERT_EQ(sender.try_send(Tracked(i)), SendStatus::ok);
          ASSERT_EQ(receiver.try_recv(message), RecvStatus::ok);
        }
        for (std::size_t i = 0; i < left; ++i) {
          ASSERT_EQ(sender.try_send(Tracked(i)), SendStatus::ok);
        }
      }
      ASSERT_EQ(Tracked::existing, 0) << passed << " passed, " << left << " left";
    }
  }
}

TEST(CursorRings, ALazyReceiverGivesRoomBackInEighthsAndWhenItFindsNothing) {
  CursorRing<Token, StdSync, Freed::lazily> ring(64);
  auto sender = ring.sender();
  Token token;
  {
    auto receiver = ring.receiver();
    for (std::uint64_t i = 0; i < 64; ++i) {
      ASSERT_EQ(sender.try_send(Token::make(i)), SendStatus::ok);
    }
    for (int i = 0; i < 7; ++i) {
      ASSERT_EQ(receiver.try_recv(token), RecvStatus::ok);
      ASSERT_EQ(sender.try_send(Token::make(64)), SendStatus::full) << "after " << i + 1;
    }
    ASSERT_EQ(receiver.try_recv(token), RecvStatus::ok);
    ASSERT_EQ(sender.try_send(Token::make(64)), SendStatus::ok) << "an eighth was given back";
    while (receiver.try_recv(token) == RecvStatus::ok) {
    }
    for (std::uint64_t i = 0; i < 64; ++i) {
      ASSERT_EQ(sender.try_send(Token::make(i)), SendStatus::ok) << "it found nothing";
    }
    ASSERT_EQ(receiver.try_recv(token), RecvStatus::ok);
    ASSERT_EQ(sender.try_send(Token::make(64)), SendStatus::full);
  }
  ASSERT_EQ(sender.try_send(Token::make(64)), SendStatus::ok) << "a handle that ends owes nothing";
}

/// Room that is given back late must not be given back without a wake where somebody sleeps for it.
template <class Sync>
void pass_lazily_between_sleepers() {
  constexpr std::uint64_t kMessages = 20'000;
  Waiting<CursorRing<Token, Sync, Freed::lazily>, Park> channel(64);
  const TimeLimit limit;
  Crowd crowd(2);
  crowd.add([&] {
    auto sender = channel.sender();
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      ASSERT_EQ(sender.send(Token::make(i)), SendStatus::ok);
      if (i % 700 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  });
  crowd.add([&] {
    auto receiver = channel.receiver();
    Token token;
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      ASSERT_EQ(receiver.recv(token), RecvStatus::ok);
      ASSERT_EQ(token.id, i);
      if (i % 500 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  });
  crowd.join();
}
TEST(CursorRings, PassLazilyBetweenSleepers) { pass_lazily_between_sleepers<StdSync>(); }
TEST(CursorRings, PassLazilyBetweenSleepersWithDelays) {
  pass_lazily_between_sleepers<DelaySync>();
}

TEST(CursorRings, AHandleThatMovedGivesBackOnce) {
  CursorRing<Token, StdSync, Freed::lazily> ring(64);
  auto sender = ring.sender();
  for (std::uint64_t i = 0; i < 64; ++i) {
    ASSERT_EQ(sender.try_send(Token::make(i)), SendStatus::ok);
  }
  {
    Token token;
    auto first = ring.receiver();
    ASSERT_EQ(first.try_recv(token), RecvStatus::ok);
    auto second = std::move(first);
    ASSERT_EQ(second.try_recv(token), RecvStatus::ok);
    ASSERT_EQ(token.id, 1U);
    auto third = ring.receiver();  // an end for `second` to be moved into
    third = std::move(second);
    ASSERT_EQ(third.try_recv(token), RecvStatus::ok);
    ASSERT_EQ(token.id, 2U);
  }
  for (std::uint64_t i = 0; i < 3; ++i) {
    ASSERT_EQ(sender.try_send(Token::make(64 + i)), SendStatus::ok) << "three were taken";
  }
  ASSERT_EQ(sender.try_send(Token::make(67)), SendStatus::full);
}

}  // namespace
}  // namespace weir::test
