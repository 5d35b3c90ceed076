// The messages that trials send. Every byte is written by the sender and read by the receiver: the
// first word names sender and sequence number, the others are made from it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

namespace weir {

/// Who sent a message, and as which of its messages (from 0). Never encoded as zero: some queues
/// keep zero for themselves.
struct MessageId {
  static constexpr int kSequenceBits = 48;

  std::uint32_t sender = 0;
  std::uint64_t sequence = 0;

  [[nodiscard]] constexpr std::uint64_t word() const noexcept {
    return (std::uint64_t{sender} + 1) << kSequenceBits | sequence;
  }
  [[nodiscard]] static constexpr MessageId of(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word >> kSequenceBits) - 1,
            word & ((std::uint64_t{1} << kSequenceBits) - 1)};
  }
};

/// Tells a receiver to stop, where the channel has no close().
inline constexpr std::uint64_t kEndMark = ~std::uint64_t{0};

template <std::size_t kBytes>
struct Payload {
  static_assert(kBytes % 8 == 0 && kBytes >= 8);
  std::array<std::uint64_t, kBytes / 8> words{};

  friend bool operator==(const Payload&, const Payload&) = default;
};

using BoxedPayload = std::unique_ptr<Payload<8>>;

/// Spreads the first word over the others; odd, so that neighbours differ in every byte.
inline constexpr std::uint64_t kWordStep = 0x9e3779b97f4a7c15;

template <class T>
struct MessageTraits;

template <std::size_t kBytes>
struct MessageTraits<Payload<kBytes>> {
  static Payload<kBytes> make(std::uint64_t word) noexcept {
    Payload<kBytes> payload;
    for (std::size_t i = 0; i < payload.words.size(); ++i) payload.words[i] = word + i * kWordStep;
    return payload;
  }
  static std::uint64_t word(const Payload<kBytes>& payload) noexcept { return payload.words[0]; }
  /// Reads every byte.
  static bool intact(const Payload<kBytes>& payload) noexcept {
    std::uint64_t difference = 0;
    for (std::size_t i = 1; i < payload.words.size(); ++i) {
      difference |= payload.words[i] ^ (payload.words[0] + i * kWordStep);
    }
    return difference == 0;
  }
};

/// One allocation by the sender and one release by the receiver for each message.
template <>
struct MessageTraits<BoxedPayload> {
  static BoxedPayload make(std::uint64_t word) {
    return std::make_unique<Payload<8>>(MessageTraits<Payload<8>>::make(word));
  }
  static std::uint64_t word(const BoxedPayload& box) noexcept {
    return box == nullptr ? 0 : box->words[0];
  }
  static bool intact(const BoxedPayload& box) noexcept { return box != nullptr; }
};

template <class T>
inline constexpr std::string_view kMessageKey = "";
template <>
inline constexpr std::string_view kMessageKey<Payload<8>> = "8";
template <>
inline constexpr std::string_view kMessageKey<Payload<16>> = "16";
template <>
inline constexpr std::string_view kMessageKey<Payload<64>> = "64";
template <>
inline constexpr std::string_view kMessageKey<Payload<256>> = "256";
template <>
inline constexpr std::string_view kMessageKey<BoxedPayload> = "unique_ptr";

}  // namespace weir
