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

namespace weir::test {
namespace {

/// Aligned to `kAlignment`, and knows when it is not.
template <std::size_t kAlignment>
struct alignas(kAlignment) Aligned {
  std::uint64_t value = 0;

  Aligned() = default;
  explicit Aligned(std::uint64_t v) : value(v) { check(); }
  Aligned(Aligned&& other) noexcept : value(other.value) { check(); }
  Aligned& operator=(Aligned&& other) noexcept {
    value = other.value;
    check();
    return *this;
  }
  ~Aligned() { check(); }
  void check() const noexcept {
    if (reinterpret_cast<std::uintptr_t>(this) % kAlignment != 0) misaligned = true;
  }
  static inline bool misaligned = false;
};

struct Page {
  std::array<std::uint64_t, 512> words{};
};

/// Counts those that hold something, and those that exist.
class Tracked {
 public:
  Tracked() noexcept { ++existing; }
  explicit Tracked(std::uint64_t value) noexcept : value_(value), holds_(true) {
    ++existing;
    ++holding;
  }
  Tracked(Tracked&& other) noexcept : value_(other.value_), holds_(other.holds_) {
    ++existing;
    other.holds_ = false;
  }
  Tracked& operator=(Tracked&& other) noexcept {
    if (holds_) --holding;
    value_ = other.value_;
    holds_ = std::exchange(other.holds_, false);
    return *this;
  }
  ~Tracked() {
    --existing;
    if (holds_) --holding;
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

  static inline int existing = 0;
  static inline int holding = 0;

 private:
  std::uint64_t value_ = 0;
  bool holds_ = false;
};

// How a test makes a message of a number, and gets the number back.
std::uint64_t number_of(int message) { return static_cast<std::uint64_t>(message); }
std::uint64_t number_of(const std::string& message) { return std::stoull(message); }
std::uint64_t number_of(const std::unique_ptr<std::uint64_t>& message) { return *message; }
std::uint64_t number_of(const std::shared_ptr<std::uint64_t>& message) { return *message; }
template <std::size_t kAlignment>
std::uint64_t number_of(const Aligned<kAlignment>& message) {
  return message.value;
}
std::uint64_t number_of(const Page& message) {
  for (const std::uint64_t word : message.words) EXPECT_EQ(word, message.words.front());
  return message.words.front();
}
std::uint64_t number_of(const Tracked& message) { return message.value(); }

template <class T>
T message_of(std::uint64_t number) {
  if constexpr (std::is_same_v<T, std::string>) {
    return std::to_string(number) + std::string(40, ' ');  // too long to live without the heap
  } else if constexpr (std::is_same_v<T, std::unique_ptr<std::uint64_t>>) {
    return std::make_unique<std::uint64_t>(number);
  } else if constexpr (std::is_same_v<T, std::shared_ptr<std::uint64_t>>) {
    return std::make_shared<std::uint64_t>(number);
  } else if constexpr (std::is_same_v<T, Page>) {
    Page page;
    page.words.fill(number);
    return page;
  } else {
    return static_cast<T>(number);
  }
}

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
