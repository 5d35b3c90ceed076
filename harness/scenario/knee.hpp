// The knee: the highest rate at which p99 of the response stays under a bound. Bisection; a rate
// holds when the median p99 of five windows is under the bound and all that was offered came
// through. A window in which the host was away for longer than the bound says nothing about the
// channel: it is repeated, a few times, and counted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/scenario/latency.hpp"

namespace weir::scenario {

struct KneeStep {
  double rate = 0;
  double achieved = 0;  ///< median of the windows
  double p99_ns = 0;    ///< median of the windows
  bool held = false;
};

class KneeSearch {
 public:
  static constexpr int kWindows = 5;
  static constexpr std::int64_t kWindowNs = 200'000'000;
  static constexpr int kMostRepeated = 5;      ///< windows of one rate
  static constexpr double kResolution = 1.05;  ///< between the last rate that held and one above
  static constexpr double kSamples = 10'000;   ///< that p99 needs
  static constexpr double kLeastRate = 5'000;  ///< below, such a window takes over two seconds
  static constexpr double kLeastShare = 1.0 / 32;  ///< of the capacity: below, it is the machine

  struct Window {
    double rate = 0;
    std::int64_t length_ns = 0;
  };

  /// `capacity`: messages a second that go through at most, about.
  KneeSearch(double capacity, std::int64_t bound_ns)
      : bound_ns_(bound_ns),
        least_(std::max(kLeastRate, kLeastShare * capacity)),
        above_(1.2 * capacity),
        rate_(0.8 * capacity) {}

  /// What to measure next; nothing when it is found.
  [[nodiscard]] std::optional<Window> next() const;
  void tell(const Latency& window);

  /// It is not looked for below.
  [[nodiscard]] double least() const noexcept { return least_; }
  /// Messages a second; 0 when no rate held.
  [[nodiscard]] double knee() const noexcept { return below_; }
  [[nodiscard]] const std::vector<KneeStep>& steps() const noexcept { return steps_; }
  [[nodiscard]] int windows() const noexcept { return windows_; }
  /// How often a window was repeated because of the host.
  [[nodiscard]] int repeated() const noexcept { return repeated_; }
  /// Windows that counted although the host was away for longer than the bound: repeating did not
  /// help.
  [[nodiscard]] int disturbed() const noexcept { return disturbed_; }

 private:
  void end_step();

  std::int64_t bound_ns_;
  double least_;
  double below_ = 0;  // held
  double above_;      // did not
  double rate_;
  std::vector<double> p99s_;
  std::vector<double> achieved_;
  std::vector<KneeStep> steps_;
  int saturated_ = 0;
  int repeated_here_ = 0;
  int windows_ = 0;
  int repeated_ = 0;
  int disturbed_ = 0;
};

}  // namespace weir::scenario
