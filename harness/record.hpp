// Records: what a trial leaves behind, as JSON. The schema is in results/README.md.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "harness/trial.hpp"

namespace weir {

using Json = nlohmann::ordered_json;

inline constexpr int kSchema = 1;

/// What the machine did around a trial.
struct Surroundings {
  double canary_before_ghz = 0;
  double canary_after_ghz = 0;
  double steal_ms = 0;
  std::int64_t resident_before_kib = 0;
  std::int64_t peak_kib = 0;
};

/// The record of a trial that came to its end, verified or not.
Json describe(const Trial& trial, const Surroundings& around);

/// The record of a case without figures: `status` is failed or not_applicable.
Json describe_without_figures(const Case& spec, std::string_view status, std::string_view failure,
                              std::string_view reason);

/// A contract as `list --json` and the report have it.
Json describe(const Contract& contract);

/// The buckets that are not empty: largest value, count.
Json describe_buckets(const Histogram& histogram);

/// Figures carry four to six significant digits at best; more would only make the files longer.
double rounded(double value);

/// "park" and so on, for the terminal's list.
std::string_view name_of(Wait wait);
std::string_view name_of(Side side);
std::string_view name_of(Bound bound);
std::string_view name_of(Order order);
std::string_view name_of(Overflow overflow);
std::string_view name_of(Close close);

}  // namespace weir
