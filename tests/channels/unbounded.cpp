// The list of blocks: across the ends of blocks, its memory, and what it does without any.
#include <gtest/gtest.h>

#include <atomic>
#include <new>

#include "channels/block_list.hpp"
#include "channels/overflow.hpp"
#include "channels/waiting.hpp"
#include "crowd.hpp"
#include "harness/stress/elements.hpp"
#include "time_limit.hpp"

namespace weir::test {
namespace {

using stress::Tracked;

template <class T, class Sync = StdSync>
using Unbounded = Overflowing<Waiting<BlockList<T, Sync>, Park>, Overflow::fail>;

constexpr std::uint64_t kBlock = 63;

TEST(BlockLists, DeliverInOrderAcrossTheEndsOfBlocks) {
  for (std::uint64_t depth = 1; depth < 3 * kBlock + 2; ++depth) {
    Unbounded<Token> channel(0);
    auto sender = channel.sender();
    Token token;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (int lap = 0; lap < 3; ++lap) {
      auto receiver = channel.receiver();  // goes on where the one before stopped
      for (std::uint64_t i = 0; i < depth; ++i) {
        ASSERT_EQ(channel.size_hint(), i);
        ASSERT_EQ(sender.send(Token::make(sent++)), SendStatus::ok);
      }
      for (std::uint64_t i = 0; i < depth; ++i) {
        ASSERT_EQ(receiver.recv(token), RecvStatus::ok);
        ASSERT_EQ(token.id, received++);
      }
      ASSERT_EQ(receiver.try_recv(token), RecvStatus::empty);
      ASSERT_EQ(channel.size_hint(), 0U);
    }
  }
}

TEST(BlockLists, DestroyWhatIsLeftExactlyOnce) {
  for (const std::uint64_t passed : {std::uint64_t{0}, kBlock - 1, kBlock, kBlock + 1}) {
    for (std::uint64_t left = 0; left < 2 * kBlock + 3; ++left) {
      {
        Unbounded<Tracked> channel(0);
        auto sender = channel.sender();
        auto receiver = channel.receiver();
        Tracked message;
        for (std::uint64_t i = 0; i < passed; ++i) {
          sender.send(Tracked(i));
          receiver.recv(message);
        }
        message = Tracked();
        for (std::uint64_t i = 0; i < left; ++i) sender.send(Tracked(i));
        ASSERT_EQ(Tracked::holding, static_cast<int>(left));
      }
      ASSERT_EQ(Tracked::holding, 0);
      ASSERT_EQ(Tracked::existing, 0);
    }
  }
}

/// StdSync that counts blocks, and has no more of them when told so.
struct ScarceSync : StdSync {
  static inline int allocated = 0;
  static inline bool exhausted = false;

  template <class T>
  [[nodiscard]] static std::unique_ptr<T[]> allocate(std::size_t count) {
    if (exhausted) throw std::bad_alloc();
    ++allocated;
    return StdSync::allocate<T>(count);
  }
};

TEST(BlockLists, KeepOneSpareBlockAfterABurst) {
  constexpr int kBlocks = 20;
  ScarceSync::allocated = 0;
  Unbounded<Token, ScarceSync> channel(0);
  auto sender = channel.sender();
  auto receiver = channel.receiver();
  Token token;
  const auto burst = [&] {
    for (std::uint64_t i = 0; i < kBlocks * kBlock; ++i) sender.send(Token::make(i));
    for (std::uint64_t i = 0; i < kBlocks * kBlock; ++i) receiver.recv(token);
    return std::exchange(ScarceSync::allocated, 0);
  };
  EXPECT_EQ(burst(), kBlocks + 1) << "one more than is full, for the next message";
  EXPECT_EQ(burst(), kBlocks - 1) << "the spare one is used again, the others had gone";
}

TEST(BlockLists, InASteadyStateAllocateNothing) {
  Unbounded<Token, ScarceSync> channel(0);
  auto sender = channel.sender();
  auto receiver = channel.receiver();
  Token token;
  for (std::uint64_t i = 0; i < 100 * kBlock; ++i) {
    if (i == 2 * kBlock) ScarceSync::allocated = 0;
    ASSERT_EQ(sender.send(Token::make(i)), SendStatus::ok);
    ASSERT_EQ(receiver.recv(token), RecvStatus::ok);
  }
  EXPECT_EQ(ScarceSync::allocated, 0);
}

TEST(BlockLists, WithoutMemoryFailTheSendAndGoOnWhenThereIsSome) {
  Unbounded<Token, ScarceSync> channel(0);
  auto sender = channel.sender();
  auto receiver = channel.receiver();
  for (std::uint64_t i = 0; i + 1 < kBlock; ++i) {
    ASSERT_EQ(sender.send(Token::make(i)), SendStatus::ok);
  }
  ScarceSync::exhausted = true;
  Token token = Token::make(kBlock - 1);
  ASSERT_EQ(sender.send(std::move(token)), SendStatus::full);
  ASSERT_TRUE(token.whole());
  ScarceSync::exhausted = false;
  ASSERT_EQ(sender.send(std::move(token)), SendStatus::ok);
  ASSERT_EQ(sender.send(Token::make(kBlock)), SendStatus::ok);
  for (std::uint64_t i = 0; i <= kBlock; ++i) {
    ASSERT_EQ(receiver.recv(token), RecvStatus::ok);
    ASSERT_EQ(token.id, i);
  }
}

template <class Sync>
void many_to_one() {
  constexpr std::size_t kSenders = 4;
  constexpr std::uint64_t kEach = 2000;
  Unbounded<Token, Sync> channel(0);
  std::vector<Got> got(1);
  std::atomic<std::size_t> sending{kSenders};
  std::atomic<int> refused{0};
  Crowd crowd(kSenders + 1);
  for (std::size_t s = 0; s < kSenders; ++s) {
    crowd.add([&, s] {
      auto sender = channel.sender();
      for (std::uint64_t i = 0; i < kEach; ++i) {
        if (sender.send(Token::make(s, i)) != SendStatus::ok) ++refused;
      }
      if (sending.fetch_sub(1) == 1) channel.close();
    });
  }
  crowd.add([&] {
    auto receiver = channel.receiver();
    Token token;
    while (receiver.recv(token) == RecvStatus::ok) got[0].note(token);
  });
  crowd.join();
  EXPECT_EQ(refused.load(), 0);
  expect_delivery(all_of(kSenders, kEach), got);
}

TEST(BlockLists, DeliverEachMessageOfManySendersOnce) {
  const TimeLimit limit;
  for (int round = 0; round < 5; ++round) many_to_one<StdSync>();
  many_to_one<DelaySync>();
}

}  // namespace
}  // namespace weir::test
