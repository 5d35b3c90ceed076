#include "harness/stress/explore/search.hpp"

#include <chrono>
#include <memory>

namespace weir::explore {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// How long the runs of this body are: where preemptions of PCT can fall.
std::uint64_t usual_steps(const Report& report) {
  return report.schedules == 0 ? 100 : report.steps / report.schedules + 1;
}

}  // namespace

Report explore(const World::Body& body, const Options& options) {
  World world;
  Report report;
  const auto begun = SteadyClock::now();
  const auto deadline = begun + std::chrono::duration_cast<SteadyClock::duration>(
                                    std::chrono::duration<double>(options.seconds));
  BoundedChooser bounded(options.bounds);
  while (!report.found() && report.schedules < options.most_runs) {
    if (report.schedules % 64 == 63 && SteadyClock::now() >= deadline) break;
    const std::uint64_t seed = options.seed + report.schedules;
    if (options.search == Search::bounded) {
      report.finding = world.run(body, bounded, options.most_steps);
    } else if (options.search == Search::random) {
      RandomChooser chooser(seed * 0x9e3779b97f4a7c15);
      report.finding = world.run(body, chooser, options.most_steps);
    } else {
      PctChooser chooser(seed, 3, usual_steps(report));
      report.finding = world.run(body, chooser, options.most_steps);
    }
    ++report.schedules;
    report.steps += report.finding.steps;
    if (options.search == Search::bounded && !report.found() && !bounded.next()) {
      report.exhausted = true;
      break;
    }
  }
  report.states = bounded.states();
  report.choices = world.choices();
  report.seconds = std::chrono::duration<double>(SteadyClock::now() - begun).count();
  return report;
}

}  // namespace weir::explore
