#include "harness/scenario/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include "harness/error.hpp"

namespace weir::scenario {
namespace {

std::int64_t whole(double ns) noexcept { return static_cast<std::int64_t>(ns); }

std::vector<std::int64_t> fixed(const Demand& demand, Random random) {
  const double gap = 1e9 / demand.rate;
  const double phase = random.uniform() * gap;
  std::vector<std::int64_t> due;
  // Each from its number, not from the one before: rounding must not add up.
  for (double i = 0; phase + i * gap < static_cast<double>(demand.length_ns); ++i)
    due.push_back(whole(phase + i * gap));
  return due;
}

std::vector<std::int64_t> exponential(const Demand& demand, Random random) {
  const double gap = 1e9 / demand.rate;
  std::vector<std::int64_t> due;
  for (double at = random.exponential() * gap; at < static_cast<double>(demand.length_ns);
       at += random.exponential() * gap)
    due.push_back(whole(at));
  return due;
}

/// The time in which nothing is sent is put between messages that come at a higher rate.
std::vector<std::int64_t> bursts(const Demand& demand, Random random) {
  const auto on = static_cast<double>(demand.arrivals.on_ns);
  const double period = on + static_cast<double>(demand.arrivals.off_ns);
  const double gap = 1e9 / demand.rate * on / period;
  const double phase = random.uniform() * on;
  const double offset = phase + random.uniform() * gap;
  std::vector<std::int64_t> due;
  for (double i = 0;; ++i) {
    const double active = offset + i * gap;
    const double at = std::floor(active / on) * period + std::fmod(active, on) - phase;
    if (at >= static_cast<double>(demand.length_ns)) return due;
    due.push_back(whole(at));
  }
}

std::vector<std::int64_t> frames(const Demand& demand, Random random) {
  const auto period = static_cast<double>(demand.arrivals.on_ns);
  const double each = demand.rate * period / 1e9;
  const double phase = random.uniform() * period;
  std::vector<std::int64_t> due;
  double owed = random.uniform();  // a fraction of a message is carried to the next frame
  for (double at = phase; at < static_cast<double>(demand.length_ns); at += period) {
    for (owed += each; owed >= 1; --owed) due.push_back(whole(at));
  }
  return due;
}

std::vector<std::int64_t> trace(const Demand& demand) {
  const std::filesystem::path path = demand.folder / demand.arrivals.file;
  std::ifstream in(path);
  if (!in) throw UsageError("cannot read the trace '" + path.string() + "'");
  std::vector<std::int64_t> due;
  std::int64_t last = 0;
  std::string line;
  for (int number = 0; std::getline(in, line); ++number) {
    std::size_t end = 0;
    std::int64_t at = -1;
    try {
      at = std::stoll(line, &end);
    } catch (const std::exception&) {
    }
    if (at < last || end != line.size()) {
      throw UsageError(path.string() + ":" + std::to_string(number + 1) +
                       ": expected a time in ns that is not before the one above");
    }
    last = at;
    if (at >= demand.length_ns) break;
    if (number % demand.senders == demand.sender) due.push_back(at);
  }
  return due;
}

}  // namespace

double Random::exponential() noexcept { return -std::log1p(-uniform()); }

std::vector<std::int64_t> schedule(const Demand& demand, std::uint64_t seed) {
  const Random random(seed * 0x2545f4914f6cdd1d + static_cast<std::uint64_t>(demand.sender));
  switch (demand.arrivals.kind) {
    case Arrivals::Kind::fixed:
      return fixed(demand, random);
    case Arrivals::Kind::exponential:
      return exponential(demand, random);
    case Arrivals::Kind::bursts:
      return bursts(demand, random);
    case Arrivals::Kind::frames:
      return frames(demand, random);
    case Arrivals::Kind::trace:
      return trace(demand);
    case Arrivals::Kind::asap:
      break;
  }
  return {};
}

}  // namespace weir::scenario
