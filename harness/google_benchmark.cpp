#include "harness/google_benchmark.hpp"

#include <benchmark/benchmark.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "harness/build_info.hpp"
#include "harness/error.hpp"
#include "harness/registry.hpp"
#include "harness/run_trial.hpp"
#include "harness/suite.hpp"

namespace weir {
namespace {

/// What this front runs: the heart of the suite `quick`, small enough to be run whole.
constexpr std::string_view kCases = R"(
[[case]]
workload = "throughput"
topology = ["1x1", "2x1", "1x2", "2x2", "4x4"]
cap = [1024]
msg = ["8", "64"]

[[case]]
workload = "db_update"
p = [2]
cap = [100]

[[case]]
workload = "ping_pong"

[[case]]
workload = "uncontended"
msg = ["8", "64"]

[[case]]
workload = "wake_up"

[[case]]
workload = "machine"
)";

/// One for the whole process: Google Benchmark reports errors in its output only.
bool any_failed = false;

void skip(benchmark::State& state, const std::string& reason) {
  any_failed = true;
  // In the loop: before it, SkipWithError can abort in a library built without NDEBUG.
  for ([[maybe_unused]] auto _ : state) {
    state.SkipWithError(reason.c_str());
    break;
  }
}

std::uint64_t fresh_seed() {
  static std::uint64_t seed = 0;
  return ++seed;
}

/// Time of one operation in seconds, from the primary metric.
double seconds_an_operation(const Json& metric) {
  const double value = metric["value"].get<double>();
  if (metric["unit"] == "msg/s") return value > 0 ? 1.0 / value : 0.0;
  return value * 1e-9;
}

void run_one_trial(benchmark::State& state, const PlannedCase& planned) {
  const std::optional<Json> record =
      run_trial(planned.spec, fresh_seed(), planned.timing, Limits{});
  if (!record) return skip(state, "interrupted");
  const Json& result = *record;
  if (result["status"] == "failed") return skip(state, result["reason"].get<std::string>());
  if (result["status"] == "not_applicable") {
    state.SetLabel("not applicable: " + result["reason"].get<std::string>());
    for ([[maybe_unused]] auto _ : state) state.SetIterationTime(0);
    return;
  }
  const Json& primary = result["metrics"].front();
  for ([[maybe_unused]] auto _ : state) state.SetIterationTime(seconds_an_operation(primary));
  if (primary["unit"] == "msg/s") state.SetItemsProcessed(state.iterations());
  for (const Json& metric : result["metrics"]) {
    const std::string name =
        metric["metric"].get<std::string>() + "_" + metric["unit"].get<std::string>();
    if (metric["unit"] == "ns") state.counters[name] = metric["value"].get<double>();
  }
  if (result["cpu"]["ns_per_message"].is_number()) {
    state.counters["cpu_ns_per_message"] = result["cpu"]["ns_per_message"].get<double>();
  }
  state.SetLabel(result["regime"].get<std::string>());
}

/// Google Benchmark's own loop over the workload's inner pass, in this process, after one verified
/// trial in a child.
void run_native_loop(benchmark::State& state, const PlannedCase& planned) {
  static std::set<std::string> verified;
  if (!verified.contains(planned.id)) {
    const std::optional<Json> record =
        run_trial(planned.spec, fresh_seed(), planned.timing, Limits{});
    if (!record) return skip(state, "interrupted");
    if ((*record)["status"] != "ok") return skip(state, (*record)["reason"].get<std::string>());
    verified.insert(planned.id);
  }
  Board board{};
  Trial trial(planned.spec, fresh_seed(), planned.timing, board);
  trial.use_loop([&](Trial&, const std::function<void(std::uint64_t)>& pass) {
    constexpr std::int64_t kBatch = 256;
    while (state.KeepRunningBatch(kBatch)) pass(kBatch);
  });
  registry().find_run(planned.spec)(trial);
  if (!trial.failure().empty()) return skip(state, trial.reason());
  state.SetItemsProcessed(state.iterations());
}

void register_all(const Suite& suite) {
  for (const PlannedCase& planned : suite.cases) {
    if (!registry().why_not(planned.spec).empty()) continue;
    if (planned.spec.workload == "uncontended") {
      benchmark::RegisterBenchmark(planned.id.c_str(), run_native_loop, planned);
    } else {
      benchmark::RegisterBenchmark(planned.id.c_str(), run_one_trial, planned)
          ->UseManualTime()
          ->Iterations(1);
    }
  }
}

/// The flags of version 1.7.1, for the nearest valid word.
const std::vector<std::string> kFlagNames{"--benchmark_list_tests",
                                          "--benchmark_filter",
                                          "--benchmark_min_time",
                                          "--benchmark_repetitions",
                                          "--benchmark_enable_random_interleaving",
                                          "--benchmark_report_aggregates_only",
                                          "--benchmark_display_aggregates_only",
                                          "--benchmark_format",
                                          "--benchmark_out",
                                          "--benchmark_out_format",
                                          "--benchmark_color",
                                          "--benchmark_counters_tabular",
                                          "--benchmark_perf_counters",
                                          "--benchmark_context",
                                          "--benchmark_time_unit",
                                          "--v",
                                          "--help",
                                          "list",
                                          "env",
                                          "plan",
                                          "turns",
                                          "pairs"};

}  // namespace

int run_google_benchmark(int argc, char** argv) {
  register_all(parse_suite(kCases, "built-in cases", Selection{}));
  bool lists = false;
  for (int i = 1; i < argc; ++i)
    lists = lists || std::string_view(argv[i]).starts_with("--benchmark_list_tests");
  benchmark::Initialize(&argc, argv);
  if (argc > 1)
    throw unknown("flag or command",
                  std::string_view(argv[1]).substr(0, std::string_view(argv[1]).find('=')),
                  kFlagNames);
  benchmark::AddCustomContext("weir_version", std::string(kWeirVersion));
  for (const Library& library : kLibraries) {
    benchmark::AddCustomContext("version of " + std::string(library.name),
                                std::string(library.version));
  }
  if (lists) {
    benchmark::RunSpecifiedBenchmarks();
    return 0;
  }
  if (benchmark::RunSpecifiedBenchmarks() == 0)
    throw UsageError("the filter matches no benchmark; see --benchmark_list_tests");
  benchmark::Shutdown();
  if (interrupted) return 130;
  return any_failed ? 1 : 0;
}

}  // namespace weir
