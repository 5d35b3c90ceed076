#include "harness/histogram.hpp"

#include <cmath>

namespace weir {

std::int64_t Histogram::upper_of(std::size_t index) noexcept {
  if (index < 2 * kHalf) return static_cast<std::int64_t>(index);
  const std::size_t shift = index / kHalf - 1;
  const std::size_t mantissa = index - shift * kHalf;
  return static_cast<std::int64_t>(((mantissa + 1) << shift) - 1);
}

std::int64_t Histogram::quantile_ns(double fraction) const noexcept {
  const auto total = static_cast<double>(count_ + overflow_);
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * total));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted && seen > 0) return upper_of(i);
  }
  return count_ == 0 ? 0 : kLimit;  // among the values beyond the range: "at least"
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> result;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] > 0) result.push_back({upper_of(i), counts_[i]});
  }
  return result;
}

}  // namespace weir
