// How fast the checker is, from 10^4 to 10^7 operations, and that it is no worse than n log n.
//
//   checker_speed [largest]
//
// Histories are those of a channel that does nothing wrong, of capacity 64, with `full` and
// `empty`; `rules` switches the exact checks off. Prints figures, asserts nothing.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "checker_simulate.hpp"
#include "harness/stress/checker.hpp"

namespace weir::test {
namespace {

constexpr std::uint64_t kSeed = 20260801;

double seconds_of(const stress::History& history, const Simulation& simulation,
                  const stress::CheckOptions& options, stress::Report& report) {
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    report = stress::check(history, simulation.contract, simulation.capacity, options);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    best = std::min(best, time.count());
  }
  return best;
}

void measure(const char* name, Simulation simulation, std::size_t largest,
             const stress::CheckOptions& options) {
  for (std::size_t operations = 10'000; operations <= largest; operations *= 10) {
    simulation.operations = operations;
    const stress::History history = history_of(simulate(simulation, kSeed), true);
    stress::Report report;
    const double seconds = seconds_of(history, simulation, options, report);
    const double count = static_cast<double>(history.operations().size());
    std::printf("%-22s %10.0f %9.1f ms %8.2f M op/s %7.1f ns/op %7.2f ns/(op log2 n)%s%s\n", name,
                count, seconds * 1e3, count / seconds / 1e6, seconds / count * 1e9,
                seconds / count * 1e9 / std::log2(count), report.violations.empty() ? "" : " ALARM",
                report.undecided > 0 ? " UNDECIDED" : "");
  }
}

int run(std::size_t largest) {
  const std::size_t less = std::min<std::size_t>(largest, 1'000'000);
  const stress::CheckOptions rules{.search = false};
  const Simulation one{.senders = 1, .receivers = 1, .capacity = 64};
  const Simulation unbounded{
      .senders = 4, .receivers = 4, .capacity = 64, .contract = {.bound = Bound::unbounded}};
  const Simulation small{.senders = 2, .receivers = 2, .capacity = 2};
  const Simulation bursts{.senders = 4, .receivers = 4, .capacity = 2, .burst = 200};
  std::printf("seed %llu; best of 3\n", static_cast<unsigned long long>(kSeed));
  measure("1x1", one, largest, {});
  measure("1x1 rules", one, largest, rules);
  measure("4x1", {.senders = 4, .receivers = 1, .capacity = 64}, less, {});
  measure("1x4", {.senders = 1, .receivers = 4, .capacity = 64}, less, {});
  measure("4x4 rules", {.senders = 4, .receivers = 4, .capacity = 64}, less, rules);
  measure("4x4 unbounded", unbounded, less, {});
  measure("2x2 capacity 2", small, less, {});
  measure("4x4 bursts, capacity 2", bursts, less, {});
  measure("4x4", {.senders = 4, .receivers = 4, .capacity = 64}, less, {});
  return 0;
}

}  // namespace
}  // namespace weir::test

int main(int argc, char** argv) {
  return weir::test::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000);
}
