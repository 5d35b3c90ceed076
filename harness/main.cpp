// weir-bench: two fronts over the same trials.
//
//   weir-bench [--benchmark_...]   Google Benchmark's flags and output
//   weir-bench plan ...            one round of a suite, one JSON line a trial
//   weir-bench turns ID            one case in short windows, one for each line on stdin
//   weir-bench pairs ID N          so many sends and receives, for tools that count instructions
//   weir-bench list | env          what there is; where it runs
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <iostream>
#include <system_error>

#include "harness/error.hpp"
#include "harness/google_benchmark.hpp"
#include "harness/left_out.hpp"
#include "harness/listing.hpp"
#include "harness/machine.hpp"
#include "harness/pairs.hpp"
#include "harness/plan.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/turns.hpp"
#include "workloads/cycle.hpp"
#include "workloads/databases/folder.hpp"
#include "workloads/db/db.hpp"
#include "workloads/db_update.hpp"
#include "workloads/idle.hpp"
#include "workloads/opaque.hpp"

namespace weir {
namespace {

void on_interrupt(int) { interrupted = true; }

/// The first flag that the command does not have, with the nearest one that it has; else CLI11's
/// own words.
std::string explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands()) {
    for (const CLI::Option* option : command->get_options()) names.push_back(option->get_name());
  }
  for (int i = 2; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    if (word.starts_with("-") && std::find(names.begin(), names.end(), word) == names.end()) {
      return unknown("flag", word, names).what();
    }
  }
  return error.what();
}

CLI::App* add_turns(CLI::App& app, TurnOptions& options) {
  CLI::App* turns =
      app.add_subcommand("turns", "one case in short windows, one for each line on stdin");
  turns->add_option("id", options.id, "workload/channel/key:value/..., as in results")->required();
  turns->add_option("--window-ms", options.window_ms, "length of a window")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  turns->add_option("--warm-up-ms", options.warm_up_ms, "before the first window")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  turns->add_option("--plant-steps", options.plant_steps,
                    "dependent multiplications in every 64 messages, to slow it down on purpose");
  turns->add_option("--plant-at", options.plant_at, "which roles those are in")
      ->capture_default_str()
      ->check(CLI::IsMember({"sender", "receiver"}));
  return turns;
}

CLI::App* add_pairs(CLI::App& app, PairOptions& options) {
  CLI::App* pairs =
      app.add_subcommand("pairs", "so many sends and receives on one thread, for tools that count");
  pairs->add_option("id", options.id, "uncontended/channel/key:value/..., as in results")
      ->required();
  pairs->add_option("count", options.pairs, "how many")
      ->required()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  return pairs;
}

int run_command(int argc, char** argv) {
  CLI::App app{
      "weir-bench: channels under load. Without a command it takes Google Benchmark's flags."};
  app.require_subcommand(1);
  bool json = false;
  CLI::App* list = app.add_subcommand("list", "channels with their contracts, and workloads");
  list->add_flag("--json", json, "as JSON");
  CLI::App* env =
      app.add_subcommand("env", "machine, compiler, flags, revision, library versions, as JSON");

  PlanOptions options;
  bool dry = false;
  int hang_ms = static_cast<int>(options.limits.hang_after.count());
  CLI::App* plan = app.add_subcommand(
      "plan", "run one round of a suite; one JSON line a trial is appended to --out");
  plan->add_option("--suite", options.suite, "TOML file with the cases")->required();
  plan->add_option("--out", options.out,
                   "file of JSON lines; what it has already is not run again");
  plan->add_option("--seed", options.seed, "order and trials are drawn from it")
      ->capture_default_str();
  plan->add_option("--round", options.round, "number of the round, from 0")->capture_default_str();
  plan->add_option("--channels", options.selection.channels, "only channels that match these globs")
      ->delimiter(',');
  plan->add_option("--filter", options.selection.filter,
                   "only ids that this extended regular expression finds");
  plan->add_option("--hang-after-ms", hang_ms, "without progress for so long, a trial hangs")
      ->capture_default_str();
  plan->add_flag("--dry", dry, "only say what would be run");

  TurnOptions turn;
  CLI::App* turns = add_turns(app, turn);
  PairOptions pair;
  CLI::App* pairs = add_pairs(app, pair);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    throw UsageError(explain(app, error, argc, argv));
  }
  if (*list) return print_list(json);
  if (*env) return print_environment();
  if (*turns) return take_turns(turn);
  if (*pairs) return run_pairs(pair);
  options.limits.hang_after = std::chrono::milliseconds(hang_ms);
  if (dry) return describe_round(options);
  if (options.out.empty()) throw UsageError("plan needs --out FILE for the results");
  static_cast<void>(
      db::base_folder());  // a folder that cannot be written is said before an hour's work
  const db::FolderKeeper keeper;
  return run_round(options);
}

int run(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  enter_machine();
  enter_locks();
  enter_cycle();
  enter_idle();
  enter_opaque();
  db::enter_db();
  scenario::enter_scenarios();
  for (const LeftOut& left_out : kLeftOut) registry().add_left_out(left_out);
  const std::string_view first = argc > 1 ? argv[1] : "";
  constexpr std::array<std::string_view, 5> kCommands{"list", "env", "plan", "turns", "pairs"};
  const bool command = std::find(kCommands.begin(), kCommands.end(), first) != kCommands.end();
  return command ? run_command(argc, argv) : run_google_benchmark(argc, argv);
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  try {
    return weir::run(argc, argv);
  } catch (const weir::UsageError& error) {
    std::cerr << "weir-bench: " << error.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "weir-bench: " << error.what() << "\n";
    return 2;
  }
}
