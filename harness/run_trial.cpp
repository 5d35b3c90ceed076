#include "harness/run_trial.hpp"

#include <unistd.h>

#include <exception>
#include <nlohmann/json.hpp>

#include "harness/registry.hpp"
#include "harness/work.hpp"

namespace weir {
namespace {

Json run_here(const Case& spec, std::uint64_t seed, const Timing& timing, Board& board) {
  const RunFunction run = registry().find_run(spec);
  if (run == nullptr) {
    return describe_without_figures(spec, "not_applicable", "", registry().why_not(spec));
  }
  Surroundings around;
  Trial trial(spec, seed, timing, board);
  around.canary_before_ghz = canary_ghz();
  around.resident_before_kib = sys::resident_kib(::getpid());
  const double steal_before = sys::steal_ms();
  try {
    run(trial);
  } catch (const NotApplicable& reason) {
    return describe_without_figures(spec, "not_applicable", "", reason.what());
  } catch (const std::exception& error) {
    trial.fail("error", error.what());
  }
  around.steal_ms = sys::steal_ms() - steal_before;
  around.canary_after_ghz = canary_ghz();
  around.peak_kib = sys::peak_resident_kib();
  return describe(trial, around);
}

}  // namespace

std::optional<Json> run_trial(const Case& spec, std::uint64_t seed, const Timing& timing,
                              const Limits& limits) {
  const auto body = [&](Board& board) { return run_here(spec, seed, timing, board).dump(); };
  const ChildOutcome outcome = run_in_child(body, limits);
  if (interrupted) return std::nullopt;
  if (!outcome.failure.empty()) {
    return describe_without_figures(spec, "failed", outcome.failure, outcome.reason);
  }
  Json record = Json::parse(outcome.text, nullptr, false);
  if (record.is_discarded()) {
    return describe_without_figures(spec, "failed", "exit", "ended without a result");
  }
  return record;
}

}  // namespace weir
