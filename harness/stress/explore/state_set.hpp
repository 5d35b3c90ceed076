// A set of hashes: open addressing, 8 bytes a state. Two states with one hash are taken for one; in
// a search of 10^8 states that happens with a chance of 1 in 3000.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace weir::explore {

class StateSet {
 public:
  /// False if it was there.
  bool insert(std::uint64_t state) {
    if (state == 0) state = 1;  // 0 is an empty place
    if ((size_ + 1) * 2 > places_.size()) grow();
    std::uint64_t& place = find(state);
    if (place == state) return false;
    place = state;
    ++size_;
    return true;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::uint64_t& find(std::uint64_t state) noexcept {
    std::size_t index = state & (places_.size() - 1);
    while (places_[index] != 0 && places_[index] != state) {
      index = (index + 1) & (places_.size() - 1);
    }
    return places_[index];
  }
  void grow() {
    std::vector<std::uint64_t> old(places_.empty() ? 1024 : places_.size() * 2);
    old.swap(places_);
    for (const std::uint64_t state : old) {
      if (state != 0) find(state) = state;
    }
  }

  std::vector<std::uint64_t> places_;
  std::size_t size_ = 0;
};

}  // namespace weir::explore
