// Messages of every kind, small, owning, aligned, large, and what one thread can see of how a
// channel carries them: as they were sent, where their alignment asks, destroyed exactly once.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "channels/channel.hpp"

namespace weir::stress {

/// Aligned to `kAlignment`, and knows when it is not.
template <std::size_t kAlignment>
struct alignas(kAlignment) Aligned {
  std::uint64_t value = 0;

  Aligned() noexcept { check(); }
  explicit Aligned(std::uint64_t v) noexcept : value(v) { check(); }
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
  Tracked(Tracked&& other) noexcept
      : value_(other.value_), holds_(std::exchange(other.holds_, false)) {
    ++existing;
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

// How a message is made of a number, and how the number is read again. kDamaged: not a whole
// message.
inline constexpr std::uint64_t kDamaged = ~std::uint64_t{0};

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

inline std::uint64_t number_of(int message) { return static_cast<std::uint64_t>(message); }
inline std::uint64_t number_of(const std::string& message) {
  return message.size() > 40 ? std::stoull(message) : kDamaged;
}
inline std::uint64_t number_of(const std::unique_ptr<std::uint64_t>& message) {
  return message ? *message : kDamaged;
}
inline std::uint64_t number_of(const std::shared_ptr<std::uint64_t>& message) {
  return message && message.use_count() == 1 ? *message : kDamaged;
}
template <std::size_t kAlignment>
std::uint64_t number_of(const Aligned<kAlignment>& message) {
  return message.value;
}
inline std::uint64_t number_of(const Page& message) {
  const auto& words = message.words;
  const bool whole = std::count(words.begin(), words.end(), words.front()) == std::ssize(words);
  return whole ? words.front() : kDamaged;
}
inline std::uint64_t number_of(const Tracked& message) { return message.value(); }

/// What came of carrying one type of message: what was wrong, or nothing.
struct Carried {
  std::string failure{};
  std::uint64_t messages = 0;
};

/// How a channel carries messages of one type. One thread, capacity as given.
struct Element {
  std::string_view type;
  /// Sends and receives over more than three laps.
  Carried (*laps)(std::size_t capacity);
  /// Destroys the channel with messages in every place and at every depth.
  Carried (*leftovers)(std::size_t capacity);
};

namespace detail {

template <class C>
Carried laps(std::size_t capacity) {
  using T = typename C::value_type;
  C channel(capacity);
  auto sender = channel.sender();
  auto receiver = channel.receiver();
  const std::uint64_t together = std::min<std::size_t>(capacity, 3);
  Carried carried;
  for (std::uint64_t lap = 0; lap < 4 * capacity / together; ++lap) {
    for (std::uint64_t i = 0; i < together; ++i) {
      if (sender.send(message_of<T>(carried.messages + i)) != SendStatus::ok) {
        carried.failure = "a send with room was refused";
        return carried;
      }
    }
    for (std::uint64_t i = 0; i < together; ++i, ++carried.messages) {
      T message{};
      if (receiver.recv(message) != RecvStatus::ok || number_of(message) != carried.messages) {
        carried.failure = "message " + std::to_string(carried.messages) + " came out damaged";
        return carried;
      }
    }
  }
  if constexpr (requires { T::misaligned; }) {
    if (T::misaligned) carried.failure = "a message lay where its alignment does not allow it";
  }
  return carried;
}

template <class C>
Carried leftovers(std::size_t capacity) {
  using T = typename C::value_type;
  constexpr std::size_t kMost = 16;  // beyond it, only all places at once
  Carried carried;
  for (std::size_t passed = 0; passed < std::min(2 * capacity, kMost); ++passed) {
    for (std::size_t left = 0; left <= capacity; ++left) {
      if (left > kMost) left = capacity;
      {
        C channel(capacity);
        auto sender = channel.sender();
        auto receiver = channel.receiver();
        for (std::size_t i = 0; i < passed; ++i) {
          sender.send(message_of<T>(i));
          T message{};
          receiver.recv(message);
        }
        for (std::size_t i = 0; i < left; ++i) sender.send(message_of<T>(i));
        carried.messages += passed + left;
        if constexpr (std::is_same_v<T, Tracked>) {
          if (T::holding != static_cast<int>(left)) {
            carried.failure = std::to_string(T::holding) + " messages exist with " +
                              std::to_string(left) + " inside";
            return carried;
          }
        }
      }
      if constexpr (std::is_same_v<T, Tracked>) {
        if (T::holding != 0 || T::existing != 0) {
          carried.failure = "of " + std::to_string(left) + " messages left inside, " +
                            std::to_string(T::existing) +
                            " outlived the channel (negative: " + "destroyed twice)";
          return carried;
        }
      }
    }
  }
  return carried;
}

}  // namespace detail

/// How `Family::Channel` carries each type that its contract allows. No type of a word only: the
/// other cases send those.
template <class Family, MessageRule kRule>
std::vector<Element> elements_of() {
  std::vector<Element> elements;
  const auto add = [&]<class T>(std::string_view type, std::type_identity<T>) {
    using C = typename Family::template Channel<T>;
    elements.push_back({type, &detail::laps<C>, &detail::leftovers<C>});
  };
  if constexpr (kRule != MessageRule::nonzero_word) {
    add("int", std::type_identity<int>{});
    add("4 KiB", std::type_identity<Page>{});
  }
  if constexpr (kRule == MessageRule::nothrow_movable) {
    add("string", std::type_identity<std::string>{});
    add("unique_ptr", std::type_identity<std::unique_ptr<std::uint64_t>>{});
    add("shared_ptr", std::type_identity<std::shared_ptr<std::uint64_t>>{});
    add("aligned to 64", std::type_identity<Aligned<64>>{});
    add("aligned to 128", std::type_identity<Aligned<128>>{});
    add("counted", std::type_identity<Tracked>{});
  }
  return elements;
}

}  // namespace weir::stress
