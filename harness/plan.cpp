#include "harness/plan.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "harness/registry.hpp"
#include "harness/result_file.hpp"

namespace weir {
namespace {

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(ms));
  return text;
}

/// FNV-1a, then mixed: the same on every machine, which std::hash is not.
std::uint64_t hash(std::string_view text, std::uint64_t start) {
  std::uint64_t value = start ^ 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  value ^= value >> 31;
  value *= 0x9e3779b97f4a7c15;
  return value ^ (value >> 29);
}

struct Sorted {
  std::vector<PlannedCase> to_run;
  std::vector<PlannedCase> not_applicable;
};

Sorted sort(Suite suite) {
  Sorted sorted;
  for (PlannedCase& planned : suite.cases) {
    const bool runs = registry().why_not(planned.spec).empty();
    (runs ? sorted.to_run : sorted.not_applicable).push_back(std::move(planned));
  }
  return sorted;
}

class Round {
 public:
  explicit Round(const PlanOptions& options) : options_(options), file_(options.out) {}

  int run() {
    Sorted cases = sort(read_suite(options_.suite, options_.selection));
    // Not std::shuffle: its order differs between standard libraries.
    std::mt19937_64 random(
        hash("order", options_.seed + static_cast<std::uint64_t>(options_.round)));
    for (std::size_t i = cases.to_run.size(); i > 1; --i)
      std::swap(cases.to_run[i - 1], cases.to_run[random() % i]);
    of_ = cases.to_run.size();
    if (options_.round == 0) note_not_applicable(cases.not_applicable);
    bool failed = false;
    for (const PlannedCase& planned : cases.to_run) {
      ++done_;
      if (file_.has(planned.id, options_.round)) continue;
      const std::uint64_t seed = trial_seed(options_.seed, options_.round, planned.id);
      const std::string start = utc_now();
      const std::int64_t start_ns = MonotonicClock::now_ns();
      std::optional<Json> record = run_trial(planned.spec, seed, planned.timing, options_.limits);
      if (!record) return 130;
      const double elapsed_ms =
          static_cast<double>((MonotonicClock::now_ns() - start_ns) / 1000) / 1000.0;
      failed = failed || (*record)["status"] == "failed";
      append(*record, seed, start, elapsed_ms);
      if (interrupted) return 130;
    }
    return failed ? 1 : 0;
  }

 private:
  void note_not_applicable(const std::vector<PlannedCase>& cases) {
    for (const PlannedCase& planned : cases) {
      if (file_.has(planned.id, options_.round)) continue;
      const Json record = describe_without_figures(planned.spec, "not_applicable", "",
                                                   registry().why_not(planned.spec));
      file_.append(complete(record, 0, utc_now(), 0));
    }
  }

  /// The fields that only the round knows, first.
  Json complete(const Json& record, std::uint64_t seed, const std::string& start,
                double elapsed_ms) const {
    Json line;
    line["schema"] = kSchema;
    line["seq"] = done_;
    line["round"] = options_.round;
    line["seed"] = seed;
    line["start"] = start;
    line["elapsed_ms"] = elapsed_ms;
    line.update(record);
    return line;
  }

  void append(const Json& record, std::uint64_t seed, const std::string& start, double elapsed_ms) {
    file_.append(complete(record, seed, start, elapsed_ms));
    Json progress;
    progress["done"] = done_;
    progress["of"] = of_;
    for (const char* key : {"id", "status", "reason"}) progress[key] = record[key];
    progress["elapsed_ms"] = elapsed_ms;
    std::cout << progress.dump() << std::endl;  // flushed: somebody draws a progress bar of it
  }

  const PlanOptions& options_;
  ResultFile file_;
  std::size_t done_ = 0;
  std::size_t of_ = 0;
};

}  // namespace

std::uint64_t trial_seed(std::uint64_t seed, int round, const std::string& id) {
  return hash(id, seed * 1'000'003 + static_cast<std::uint64_t>(round)) >>
         1;  // fits a signed number, as JSON readers want
}

int run_round(const PlanOptions& options) { return Round(options).run(); }

int describe_round(const PlanOptions& options) {
  const Suite suite = read_suite(options.suite, options.selection);
  constexpr double kOverheadSeconds = 0.015;  // fork, canaries, verification
  double seconds = 0;
  const Sorted cases = sort(suite);
  for (const PlannedCase& planned : cases.to_run) {
    seconds +=
        std::chrono::duration<double>(planned.timing.warm_up + planned.timing.window).count() +
        kOverheadSeconds + registry().find_workload(planned.spec.workload)->extra_seconds;
  }
  Json plan;
  plan["rounds"] = suite.rounds;
  plan["layouts"] = suite.layouts;
  plan["trials_per_round"] = cases.to_run.size();
  plan["seconds_per_round"] = seconds;
  plan["not_applicable"] = cases.not_applicable.size();
  std::cout << plan.dump() << "\n";
  return 0;
}

}  // namespace weir
