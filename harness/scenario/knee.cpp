#include "harness/scenario/knee.hpp"

#include <algorithm>
#include <cmath>

namespace weir::scenario {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::optional<KneeSearch::Window> KneeSearch::next() const {
  if (above_ <= std::max(below_, least_) * kResolution) return std::nullopt;
  const double enough = kSamples / rate_ * 1.01e9;
  return Window{rate_, std::max(kWindowNs, static_cast<std::int64_t>(enough))};
}

void KneeSearch::tell(const Latency& window) {
  ++windows_;
  if (window.longest_gap_ns > bound_ns_) {
    if (repeated_here_ < kMostRepeated) {
      ++repeated_here_;
      ++repeated_;
      return;
    }
    ++disturbed_;
  }
  // Too many never arrived for a p99 to be known: then it is beyond any bound.
  const bool known = window.response.supports(0.99);
  p99s_.push_back(known ? static_cast<double>(window.response.quantile_ns(0.99)) : INFINITY);
  achieved_.push_back(window.achieved);
  saturated_ += window.saturated() ? 1 : 0;
  if (p99s_.size() == kWindows) end_step();
}

void KneeSearch::end_step() {
  const double p99 = median(p99s_);
  const bool held = p99 < static_cast<double>(bound_ns_) && 2 * saturated_ < kWindows;
  steps_.push_back({rate_, median(achieved_), p99, held});
  (held ? below_ : above_) = rate_;
  // Halves the logarithm once there is a rate that held: the resolution is relative.
  rate_ = below_ > 0 ? std::sqrt(below_ * above_) : std::max(above_ / 2, least_);
  p99s_.clear();
  achieved_.clear();
  saturated_ = 0;
  repeated_here_ = 0;
}

}  // namespace weir::scenario
