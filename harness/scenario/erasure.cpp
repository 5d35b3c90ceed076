#include "harness/scenario/erasure.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace weir::scenario {

double Erasure::share(double rate, int producers, int consumers) const noexcept {
  return 1e-9 * rate * std::max(send_ns() / producers, recv_ns() / consumers);
}

std::string Erasure::why_not(double rate, int producers, int consumers) const {
  const double found = share(rate, producers, consumers);
  if (found <= kMostErasure) return "";
  return fmt::format(
      "the driver's erasure costs {:.2f} ns a send and {:.2f} ns a receive, {:.1f} % of the "
      "time of a message: more than {:.0f} %",
      send_ns(), recv_ns(), 100 * found, 100 * kMostErasure);
}

Json Erasure::json() const {
  const auto sides = [](const SideTimes& times) {
    return Json{{"send_ns", rounded(times.send)}, {"recv_ns", rounded(times.recv)}};
  };
  return {{"direct", sides(direct)}, {"erased", sides(erased)}};
}

}  // namespace weir::scenario
