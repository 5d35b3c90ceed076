// Messages of every kind: small, owning, aligned, large. Each is delivered as it was sent, lies
// where its alignment asks, and is destroyed exactly once.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "any_channel.hpp"
#include "channels/atomic_wait.hpp"
#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/semaphore_ring.hpp"
#include "channels/spsc_ring.hpp"
#include "channels/swap_buffer.hpp"
#include "channels/waiting.hpp"
#include "harness/stress/elements.hpp"

namespace weir::test {
namespace {

using stress::Aligned;
using stress::message_of;
using stress::number_of;
using stress::Page;
using stress::Tracked;

template <class T>
using Make = std::unique_ptr<AnyChannel<T>> (*)(std::size_t);

template <class C>
std::unique_ptr<AnyChannel<typename C::value_type>> make(std::size_t capacity) {
  return std::make_unique<Erased<C>>(capacity);
}

/// How a channel waits has nothing to do with its messages: one of each kind is enough.
template <class T>
constexpr std::array<std::pair<const char*, Make<T>>, 7> kChannels{{
    {"mutex_condvar", &make<MutexCondvar<T>>},
    {"swap_buffer", &make<SwapBuffer<T>>},
    {"atomic_wait", &make<AtomicWait<T>>},
    {"semaphore_ring", &make<SemaphoreRing<T>>},
    {"mpmc_ring", &make<Waiting<MpmcRing<T>, Park>>},
    {"futex_ring", &make<Waiting<MpscRing<T>, Park>>},
    {"spsc_ring", &make<Waiting<SpscRing<T>, Park>>},
}};

template <class T>
class Messages : public testing::Test {};
using Types =
    testing::Types<int, std::string, std::unique_ptr<std::uint64_t>, std::shared_ptr<std::uint64_t>,
                   Aligned<64>, Aligned<128>, Page, Tracked>;
TYPED_TEST_SUITE(Messages, Types);

TYPED_TEST(Messages, ArriveAsTheyWereSentOverThreeLaps) {
  for (const auto& [name, make_channel] : kChannels<TypeParam>) {
    for (const std::size_t capacity : {1U, 2U, 3U, 8U}) {
      SCOPED_TRACE(std::string(name) + ", capacity " + std::to_string(capacity));
      const auto channel = make_channel(capacity);
      const auto sender = channel->sender();
      const auto receiver = channel->receiver();
      std::uint64_t sent = 0;
      std::uint64_t received = 0;
      for (int lap = 0; lap < 3; ++lap) {
        TypeParam message = message_of<TypeParam>(sent);
        while (sender->try_send(std::move(message)) == SendStatus::ok) {
          message = message_of<TypeParam>(++sent);
        }
        EXPECT_EQ(number_of(message), sent) << "the rejected one is still the caller's";
        while (receiver->try_recv(message) == RecvStatus::ok) {
          ASSERT_EQ(number_of(message), received);
          ++received;
        }
        ASSERT_EQ(received, sent);
      }
      ASSERT_EQ(received, 3 * capacity);
    }
  }
  if constexpr (requires { TypeParam::misaligned; }) {
    EXPECT_FALSE(TypeParam::misaligned);
  }
}

TYPED_TEST(Messages, LeftInAChannelAreDestroyedWithIt) {
  for (const auto& [name, make_channel] : kChannels<TypeParam>) {
    const auto channel = make_channel(5);
    const auto sender = channel->sender();
    const auto receiver = channel->receiver();
    TypeParam message{};
    for (int i = 0; i < 4; ++i) {
      ASSERT_EQ(sender->send(message_of<TypeParam>(1)), SendStatus::ok) << name;
      ASSERT_EQ(receiver->recv(message), RecvStatus::ok) << name;
    }
    for (int i = 0; i < 3; ++i) sender->send(message_of<TypeParam>(1));
  }  // the sanitizers count
}

TEST(TrackedMessages, AreDestroyedExactlyOnceAtEveryDepthAndPlace) {
  for (const auto& [name, make_channel] : kChannels<Tracked>) {
    for (const std::size_t capacity : {1U, 2U, 3U, 5U}) {
      for (std::size_t passed = 0; passed < 2 * capacity; ++passed) {
        for (std::size_t left = 0; left <= capacity; ++left) {
          for (const bool closed : {false, true}) {
            {
              auto channel = make_channel(capacity);
              const auto sender = channel->sender();
              const auto receiver = channel->receiver();
              for (std::size_t i = 0; i < passed; ++i) {
                sender->send(Tracked(i));
                Tracked message;
                receiver->recv(message);
              }
              for (std::size_t i = 0; i < left; ++i) sender->send(Tracked(i));
              if (closed) channel->close();
              ASSERT_EQ(Tracked::holding, static_cast<int>(left)) << name;
            }
            ASSERT_EQ(Tracked::holding, 0) << name;
            ASSERT_EQ(Tracked::existing, 0) << name;
          }
        }
      }
    }
  }
}

TEST(ThrowingMessages, AreRefusedByTheCompiler) {
  struct Throwing {
    Throwing() = default;
    Throwing(Throwing&&) noexcept(false) {}
    Throwing& operator=(Throwing&&) noexcept(false) { return *this; }
  };
  EXPECT_FALSE(Message<Throwing>);
  EXPECT_TRUE(Message<Tracked>);
  EXPECT_TRUE(Message<std::string>);
}

}  // namespace
}  // namespace weir::test
