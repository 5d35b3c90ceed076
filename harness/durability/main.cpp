// weir-durability: interrupts the proxy over a real database, again and again, and says whether
// anything that was promised is missing.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "harness/child.hpp"
#include "harness/durability/trials.hpp"
#include "harness/error.hpp"
#include "harness/suite.hpp"
#include "workloads/databases/folder.hpp"

namespace weir::durability {
namespace {

void on_interrupt(int) { interrupted = true; }

struct Arguments {
  int kills = 0;
  int power_losses = 0;
  std::vector<std::string> channels{"mutex_condvar", "mpmc_ring:park", "futex_ring", "swap_buffer"};
  std::string store = "sqlite-full";
  std::string file;
  std::string twin = "none";
  std::uint64_t seed = 0;
  bool json = false;
};

/// Many senders, nothing lost or refused, an end that can be told, groups.
bool can_carry(const ChannelEntry& entry) {
  const Operations& can = entry.any.operations;
  return entry.kind == EntryKind::channel && entry.contract.overflow == Overflow::block &&
         entry.contract.producers == Side::many && can.closes && (can.tries || can.timed);
}

std::vector<const ChannelEntry*> chosen_channels(const Arguments& arguments) {
  std::vector<std::string> names;
  std::vector<const ChannelEntry*> chosen;
  for (const ChannelEntry* entry : registry().channels()) {
    if (!can_carry(*entry)) continue;
    names.push_back(entry->name);
    if (matches_any(entry->name, arguments.channels)) chosen.push_back(entry);
  }
  for (const std::string& glob : arguments.channels) {
    const auto matches = [&](const std::string& name) {
      return matches_glob(name, glob.starts_with('!') ? glob.substr(1) : glob);
    };
    if (std::none_of(names.begin(), names.end(), matches))
      throw unknown("channel for many senders that blocks, closes and forms groups", glob, names);
  }
  if (chosen.empty()) throw UsageError("no channel is left");
  return chosen;
}

Twin parse_twin(const std::string& word) {
  if (word == "none") return Twin::none;
  if (word == "early-answer") return Twin::early_answer;
  if (word == "never-sync") return Twin::never_sync;
  throw unknown("twin", word, {"none", "early-answer", "never-sync"});
}

std::string parse_store(const Arguments& arguments) {
  std::vector<std::string> names;
  for (const db::Store& store : db::stores()) {
    if (store.in_memory) continue;
    names.emplace_back(store.name);
    if (store.name != arguments.store) continue;
    if (!store.missing.empty())
      throw UsageError(arguments.store + ": " + std::string(store.missing));
    const bool sqlite = store.name.starts_with("sqlite");
    if (!sqlite && (arguments.power_losses > 0 || !arguments.file.empty()))
      throw UsageError("--power-loss and --db are for SQLite");
    return arguments.store;
  }
  throw unknown("store", arguments.store, names);
}

Arguments parse(int argc, char** argv, bool& help) {
  Arguments arguments;
  CLI::App app{
      "weir-durability: interrupts the proxy over a real database, and looks for what is missing."};
  CLI::Option* kill =
      app.add_option("--kill", arguments.kills, "kills the process so often, in the middle")
          ->check(CLI::PositiveNumber);
  app.add_option("--power-loss", arguments.power_losses,
                 "lets the power of a simulated disk fail so often")
      ->check(CLI::PositiveNumber)
      ->excludes(kill);
  app.add_option("--channel", arguments.channels, "channels that match these globs take turns")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--store", arguments.store, "sqlite-full, sqlite-normal, lmdb or lmdb-nosync")
      ->capture_default_str();
  app.add_option("--db", arguments.file, "a new SQLite file, which is kept (default: temporary)");
  app.add_option("--seed", arguments.seed, "draws the same settings again (default: drawn)");
  app.add_option("--twin", arguments.twin,
                 "plants a fault: early-answer (before the commit) or never-sync");
  app.add_flag("--json", arguments.json, "one JSON line instead of text");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    help = true;
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  if (!help && arguments.kills + arguments.power_losses == 0)
    throw UsageError("say what to do: --kill N or --power-loss N");
  if (arguments.power_losses > 0 && !arguments.file.empty())
    throw UsageError("--db goes with --kill: a power loss is simulated over files of its own");
  if (arguments.twin == "never-sync" && !arguments.store.starts_with("sqlite"))
    throw UsageError("the twin never-sync is one of SQLite");
  if (arguments.seed == 0) arguments.seed = std::random_device{}() % 1'000'000 + 1;
  return arguments;
}

void print(const Arguments& arguments, const Options& options, const Result& result) {
  const bool kills = arguments.kills > 0;
  if (arguments.json) {
    const nlohmann::ordered_json line{{"what", kills ? "kill" : "power-loss"},
                                      {"store", options.store},
                                      {"seed", options.seed},
                                      {"tries", result.tries},
                                      {"acknowledged", result.acknowledged},
                                      {"found", result.found},
                                      {"lost", result.lost},
                                      {"torn", result.torn},
                                      {"wrong", result.wrong}};
    std::cout << line.dump() << "\n";
    return;
  }
  fmt::print("{} over {} channels, {}, seed {}\n", kills ? "kill" : "power loss",
             options.channels.size(), options.store, options.seed);
  fmt::print("tries {}  acknowledged {}  found {}  lost {}\n", result.tries, result.acknowledged,
             result.found, result.lost);
  if (!result.wrong.empty()) fmt::print("wrong: {}\n", result.wrong);
  if (kills) {
    fmt::print(
        "This is what a killed process leaves: what it gave to the kernel, synced or not. A "
        "power failure is another matter: --power-loss.\n");
  } else {
    fmt::print(
        "Power failed in a simulation: {} writes that were not synced were dropped or torn. "
        "No disk was asked.\n",
        result.torn);
  }
}

int run(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  bool help = false;
  const Arguments arguments = parse(argc, argv, help);
  if (help) return 0;
  const Options options{.channels = chosen_channels(arguments),
                        .store = parse_store(arguments),
                        .file = arguments.file,
                        .tries = std::max(arguments.kills, arguments.power_losses),
                        .seed = arguments.seed,
                        .twin = parse_twin(arguments.twin)};
  static_cast<void>(db::base_folder());
  const db::FolderKeeper keeper;
  const bool kills = arguments.kills > 0;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const auto on_try = [&](const Result& so_far) {
    if (!terminal) return;
    fmt::print(stderr, "\r\033[K{} of {}, lost {}", so_far.tries, options.tries, so_far.lost);
  };
  const Result result =
      kills ? kill_again_and_again(options, on_try) : lose_power_again_and_again(options, on_try);
  if (terminal) fmt::print(stderr, "\r\033[K");
  print(arguments, options, result);
  if (interrupted) fmt::print(stderr, "interrupted: {} of {} tries\n", result.tries, options.tries);
  return result.status(interrupted);
}

}  // namespace
}  // namespace weir::durability

int main(int argc, char** argv) {
  try {
    return weir::durability::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "weir-durability: " << error.what() << "\n";
    return 2;
  }
}
