// The message of most tests: move-only, with plain fields and memory of its own, so that
// ThreadSanitizer and AddressSanitizer judge how it was handed over.
#pragma once

#include <cstdint>
#include <memory>

namespace weir::test {

struct Token {
  std::uint64_t id = 0;
  std::uint64_t complement = 0;
  std::unique_ptr<std::uint64_t> box;

  static Token make(std::uint64_t id) { return {id, ~id, std::make_unique<std::uint64_t>(id)}; }
  static Token make(std::size_t sender, std::uint64_t sequence) {
    return make(std::uint64_t{sender} << 32 | sequence);
  }

  [[nodiscard]] std::size_t sender() const noexcept { return static_cast<std::size_t>(id >> 32); }
  [[nodiscard]] std::uint64_t sequence() const noexcept { return id & 0xffffffff; }
  /// Reads all of it.
  [[nodiscard]] bool whole() const noexcept {
    return complement == ~id && box != nullptr && *box == id;
  }
};

}  // namespace weir::test
