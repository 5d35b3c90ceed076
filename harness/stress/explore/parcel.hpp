// The message of explored runs: move-only, and counted, so that none is destroyed twice or never.
#pragma once

#include <cstdint>
#include <utility>

namespace weir::explore {

class Parcel {
 public:
  /// Those that hold something.
  static inline int alive = 0;

  Parcel() noexcept = default;
  explicit Parcel(std::uint64_t word) noexcept : word_(word) { ++alive; }
  Parcel(Parcel&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  Parcel& operator=(Parcel&& other) noexcept {
    if (this != &other) {
      drop();
      word_ = std::exchange(other.word_, 0);
    }
    return *this;
  }
  ~Parcel() { drop(); }

  /// 0: it holds nothing.
  [[nodiscard]] std::uint64_t word() const noexcept { return word_; }

 private:
  void drop() noexcept { alive -= word_ != 0 ? 1 : 0; }

  std::uint64_t word_ = 0;
};

}  // namespace weir::explore
