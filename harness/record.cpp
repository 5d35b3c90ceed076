#include "harness/record.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/registry.hpp"

namespace weir {
namespace {

// Names of enumerators, in their order.
constexpr std::array kSides{"one", "many"};
constexpr std::array kBounds{"exact", "at_least", "unbounded", "rendezvous"};
constexpr std::array kOverflows{"block", "fail", "drop_newest", "drop_oldest"};
constexpr std::array kOrders{"fifo", "per_sender", "none"};
constexpr std::array kAnswers{"exact", "spurious"};
constexpr std::array kCloses{"drain", "none"};
constexpr std::array kWaits{"none", "spin", "yield", "park"};
constexpr std::array kMessageRules{"nothrow_movable", "trivially_copyable", "nonzero_word"};
constexpr std::array kProgress{"lock", "claim", "lock_free"};
constexpr std::array kCapacityRules{"any", "power_of_two"};

template <class Names, class Enum>
constexpr std::string_view pick(const Names& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

Json number_or_text(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  return text;
}

Json base(const Case& spec) {
  Json record;
  record["id"] = spec.id();
  record["workload"] = spec.workload;
  record["channel"] = spec.channel;
  Json params = Json::object();
  const Case defaults;
  const Workload* workload = registry().find_workload(spec.workload);
  for (const ParamKey& param : param_keys()) {
    if (workload == nullptr || !workload->has_key(param.key)) continue;
    const std::string value = param.get(spec);
    if (param.optional && value == param.get(defaults)) continue;
    params[std::string(param.key)] = number_or_text(value);
  }
  record["params"] = std::move(params);
  return record;
}

struct SlowPaths {
  bool senders_know = false;
  bool receivers_know = false;
  std::uint64_t full_hits = 0;
  std::uint64_t empty_hits = 0;
  std::uint64_t failed_tries = 0;
  std::uint64_t parks = 0;
};

SlowPaths slow_paths(const Trial& trial) {
  SlowPaths sum;
  for (const auto& role : trial.roles()) {
    const WaitStats* waits = role->waits();
    if (waits == nullptr) continue;
    const bool sends = role->kind() == Role::Kind::sender;
    (sends ? sum.senders_know : sum.receivers_know) = true;
    (sends ? sum.full_hits : sum.empty_hits) += waits->waited_operations;
    sum.failed_tries += waits->failed_tries;
    sum.parks += waits->parks;
  }
  return sum;
}

/// What the operations met: mostly a full channel, mostly an empty one, or both.
std::string_view regime(const SlowPaths& slow, const DepthSamples& depth, std::size_t capacity) {
  constexpr std::uint64_t kMostly = 4;
  if (slow.senders_know && slow.receivers_know && slow.full_hits + slow.empty_hits > 0) {
    if (slow.full_hits > kMostly * slow.empty_hits) return "full";
    if (slow.empty_hits > kMostly * slow.full_hits) return "empty";
    return "mixed";
  }
  if (depth.count == 0) return "unknown";
  const double mean = depth.sum / static_cast<double>(depth.count);
  const auto whole = static_cast<double>(capacity);
  if (mean >= 0.75 * whole) return "full";
  return mean <= 0.25 * whole ? "empty" : "mixed";
}

Json describe_roles(const Trial& trial) {
  Json roles = Json::array();
  for (const auto& role : trial.roles()) {
    Json line;
    line["role"] = std::string(role->name());
    line["cpu"] = role->cpu();
    line["messages"] = role->window().messages;
    line["blocked_ms"] = nullptr;
    if (role->waits() != nullptr) {
      line["blocked_ms"] = rounded(static_cast<double>(role->waits()->parked_ns) / 1e6);
    }
    roles.push_back(std::move(line));
  }
  return roles;
}

Json describe_cpu(const Trial& trial, const Surroundings& around) {
  std::int64_t cpu_ns = 0;
  std::int64_t voluntary = 0;
  std::int64_t involuntary = 0;
  std::uint64_t received = 0;
  for (const auto& role : trial.roles()) {
    cpu_ns += role->window().cpu_ns;
    voluntary += role->window().voluntary_switches;
    involuntary += role->window().involuntary_switches;
    if (role->kind() == Role::Kind::receiver) received += role->window().messages;
  }
  Json cpu;
  cpu["ns_per_message"] = nullptr;
  if (received > 0)
    cpu["ns_per_message"] = rounded(static_cast<double>(cpu_ns) / static_cast<double>(received));
  cpu["voluntary_switches"] = voluntary;
  cpu["involuntary_switches"] = involuntary;
  cpu["steal_ms"] = rounded(around.steal_ms);
  return cpu;
}

Json describe(const Histogram& histogram) {
  Json line;
  line["unit"] = "ns";
  line["count"] = histogram.count();
  line["overflow"] = histogram.overflow();
  line["min"] = histogram.min_ns();
  line["max"] = histogram.max_ns();
  line["mean"] = rounded(histogram.mean_ns());
  Json percentiles = Json::object();
  for (const auto& [name, fraction] : {std::pair{"50", 0.5},
                                       {"90", 0.9},
                                       {"99", 0.99},
                                       {"99.9", 0.999},
                                       {"99.99", 0.9999},
                                       {"99.999", 0.99999}}) {
    if (histogram.supports(fraction)) percentiles[name] = histogram.quantile_ns(fraction);
  }
  line["percentiles"] = std::move(percentiles);
  line["buckets"] = describe_buckets(histogram);
  return line;
}

template <class Value>
Json known(bool is_known, Value value) {
  return is_known ? Json(value) : Json(nullptr);
}

}  // namespace

double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, 6 - std::ceil(std::log10(std::fabs(value))));
  return std::round(value * scale) / scale;
}

Json describe_buckets(const Histogram& histogram) {
  Json buckets = Json::array();
  for (const Histogram::Bucket& bucket : histogram.buckets())
    buckets.push_back({bucket.upper_ns, bucket.count});
  return buckets;
}

std::string_view name_of(Wait wait) { return pick(kWaits, wait); }
std::string_view name_of(Side side) { return pick(kSides, side); }
std::string_view name_of(Bound bound) { return pick(kBounds, bound); }
std::string_view name_of(Overflow overflow) { return pick(kOverflows, overflow); }
std::string_view name_of(Order order) { return pick(kOrders, order); }
std::string_view name_of(Close close) { return pick(kCloses, close); }

Json describe(const Contract& contract) {
  Json line;
  line["producers"] = pick(kSides, contract.producers);
  line["consumers"] = pick(kSides, contract.consumers);
  line["bound"] = pick(kBounds, contract.bound);
  line["overflow"] = pick(kOverflows, contract.overflow);
  line["order"] = pick(kOrders, contract.order);
  line["empty"] = pick(kAnswers, contract.empty);
  line["full"] = pick(kAnswers, contract.full);
  line["close"] = pick(kCloses, contract.close);
  line["wait"] = pick(kWaits, contract.wait);
  line["timed"] = contract.timed;
  line["message"] = pick(kMessageRules, contract.message);
  line["progress"] = pick(kProgress, contract.progress);
  line["min_capacity"] = contract.min_capacity;
  line["max_capacity"] =
      contract.max_capacity == kNoLimit ? Json(nullptr) : Json(contract.max_capacity);
  line["capacity_rule"] = pick(kCapacityRules, contract.capacity_rule);
  return line;
}

Json describe_without_figures(const Case& spec, std::string_view status, std::string_view failure,
                              std::string_view reason) {
  Json record = base(spec);
  record["status"] = status;
  record["failure"] = failure.empty() ? Json(nullptr) : Json(failure);
  record["reason"] = reason;
  record["metrics"] = Json::array();
  return record;
}

Json describe(const Trial& trial, const Surroundings& around) {
  Json record = base(trial.spec());
  const bool failed = !trial.failure().empty();
  record["status"] = failed ? "failed" : "ok";
  record["failure"] = failed ? Json(trial.failure()) : Json(nullptr);
  record["reason"] = failed ? Json(trial.reason()) : Json(nullptr);
  record["metrics"] = Json::array();
  if (!failed) {
    for (const Metric& metric : trial.metrics()) {
      record["metrics"].push_back(
          {{"metric", metric.name},
           {"unit", metric.unit},
           {"direction", metric.direction == Direction::higher ? "higher" : "lower"},
           {"value", rounded(metric.value)}});
    }
  }
  const SlowPaths slow = slow_paths(trial);
  const DepthSamples depth = trial.depth();
  const Totals totals = trial.totals();
  SlowPaths met = slow;
  met.full_hits += totals.refused + totals.evicted;  // who does not wait met a full channel too
  record["regime"] = regime(met, depth, trial.spec().capacity);
  const auto stages = static_cast<std::size_t>(trial.spec().stages - 1);
  record["oversubscribed"] = trial.roles().size() + stages > sys::allowed_cpus().size();
  record["counts"] = {
      {"offered", totals.offered},
      {"accepted", totals.accepted},
      {"refused", totals.refused},
      {"received", totals.received},
      {"evicted", totals.evicted},
      {"left", totals.left},
      {"full_hits", known(slow.senders_know, slow.full_hits)},
      {"empty_hits", known(slow.receivers_know, slow.empty_hits)},
      {"failed_tries", known(slow.senders_know || slow.receivers_know, slow.failed_tries)},
      {"parks", known(slow.senders_know || slow.receivers_know, slow.parks)}};
  record["cpu"] = describe_cpu(trial, around);
  record["depth"] = nullptr;
  if (depth.count > 0) {
    record["depth"] = {{"max", depth.max},
                       {"mean", rounded(depth.sum / static_cast<double>(depth.count))}};
  }
  record["memory"] = {
      {"peak_kib", around.peak_kib},
      {"growth_kib", std::max<std::int64_t>(around.peak_kib - around.resident_before_kib, 0)}};
  record["canary_ghz"] = {rounded(around.canary_before_ghz), rounded(around.canary_after_ghz)};
  record["roles"] = describe_roles(trial);
  record["histograms"] = Json::object();
  for (const auto& [name, histogram] : trial.histograms())
    record["histograms"][name] = describe(histogram);
  for (const auto& [name, json] : trial.more()) record[name] = Json::parse(json);
  return record;
}

}  // namespace weir
