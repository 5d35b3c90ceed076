// weir-stress: says what is wrong with a channel, and how to see it again.
#include <fmt/chrono.h>
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "harness/error.hpp"
#include "harness/record.hpp"
#include "harness/result_file.hpp"
#include "harness/stress/explore/command.hpp"
#include "harness/stress/runner.hpp"
#include "harness/stress/subjects.hpp"
#include "harness/suite.hpp"
#include "weir_revision.hpp"

namespace weir::stress {
namespace {

void on_interrupt(int) { interrupted = true; }

struct Arguments {
  std::vector<std::string> channels;
  std::vector<std::string> cases;
  double seconds = 5;
  bool timed = false;  ///< --seconds was given
  std::uint64_t seed = 0;
  int hang_ms = 20'000;
  std::string out;
  std::string again;
  explore::Arguments explore;
  bool only_file = false;
  bool list = false;
  bool json = false;
};

/// Sums of one channel, for the table.
struct Row {
  std::string channel;
  int passed = 0;
  int applicable = 0;
  int failed = 0;
  int vacuous = 0;
  Met met{};

  void add(const Outcome& outcome) {
    if (outcome.verdict == Verdict::not_applicable) return;
    ++applicable;
    passed += outcome.verdict == Verdict::passed ? 1 : 0;
    failed += outcome.verdict == Verdict::failed ? 1 : 0;
    vacuous += outcome.verdict == Verdict::vacuous ? 1 : 0;
    met += outcome.met;
  }
};

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::vacuous:
      return "vacuous";
    case Verdict::not_applicable:
      return "not_applicable";
  }
  return "";
}

/// Each glob must match something.
void check_globs(std::string_view kind, const std::vector<std::string>& globs,
                 const std::vector<std::string>& names) {
  for (const std::string& glob : globs) {
    const std::string positive = glob.starts_with('!') ? glob.substr(1) : glob;
    const auto matches = [&](const std::string& name) { return matches_glob(name, positive); };
    if (std::none_of(names.begin(), names.end(), matches)) throw unknown(kind, glob, names);
  }
}

bool chosen(std::string_view name, const std::vector<std::string>& globs) {
  return globs.empty() || matches_any(name, globs);
}

/// A glob that matches a channel's name is about both its forms, with delays and without; so is
/// `!GLOB`.
bool chosen_channel(std::string_view name, const std::vector<std::string>& globs) {
  const auto matches = [&](std::string_view glob) {
    return matches_glob(name, glob) || matches_glob(measured_name(name), glob);
  };
  bool all = true;  // unless something was asked for
  bool asked_for = false;
  for (const std::string_view glob : globs) {
    if (glob.starts_with('!')) {
      if (matches(glob.substr(1))) return false;
    } else {
      all = false;
      asked_for = asked_for || matches(glob);
    }
  }
  return all || asked_for;
}

std::vector<const Case*> chosen_cases(const Arguments& arguments) {
  std::vector<std::string> names;
  for (const Case& one : all_cases()) names.emplace_back(one.name);
  check_globs("case", arguments.cases, names);
  std::vector<const Case*> cases;
  for (const Case& one : all_cases()) {
    if (chosen(one.name, arguments.cases)) cases.push_back(&one);
  }
  return cases;
}

std::vector<const ChannelEntry*> chosen_channels(const Arguments& arguments) {
  std::vector<std::string> names;
  std::vector<const ChannelEntry*> channels;
  for (const ChannelEntry& entry : subjects()) {
    names.push_back(entry.name);
    if (arguments.only_file && !entry.from_file) continue;
    if (chosen_channel(entry.name, arguments.channels)) channels.push_back(&entry);
  }
  check_globs("channel", arguments.channels, names);
  if (channels.empty()) throw UsageError("no channel is left");
  return channels;
}

/// Something must be left to do. Throws UsageError.
void check_that_one_applies(const std::vector<const Case*>& cases,
                            const std::vector<const ChannelEntry*>& channels) {
  std::string why;
  for (const ChannelEntry* channel : channels) {
    for (const Case* one : cases) {
      const std::string_view reason = one->why_not(*channel);
      if (reason.empty()) return;
      if (why.empty()) why = fmt::format(": {} with {}: {}", channel->name, one->name, reason);
    }
  }
  throw UsageError("none of these cases applies to any of these channels" + why);
}

void list_cases(bool json) {
  Json cases = Json::array();
  for (const Case& one : all_cases()) {
    cases.push_back({{"name", one.name}, {"sentence", one.sentence}});
    if (!json) fmt::print("{:<30} {}\n", one.name, one.sentence);
  }
  if (json) std::cout << cases.dump(1) << "\n";
}

bool is_finding(const Outcome& outcome) {
  return outcome.verdict == Verdict::failed || outcome.verdict == Verdict::vacuous;
}

/// The command that shows a finding again.
std::string again(const Outcome& outcome, const Arguments& arguments) {
  return fmt::format("{} --channel '{}' --case {} --seconds {} --seed {}", arguments.again,
                     outcome.channel, outcome.name, arguments.seconds, arguments.seed);
}

void print_finding(const Outcome& outcome, const Arguments& arguments) {
  fmt::print("\n{} {}: {}\n{}\n", outcome.channel,
             outcome.verdict == Verdict::vacuous ? "proves nothing in" : "FAILED", outcome.name,
             outcome.reason);
  if (!outcome.stacks.empty()) fmt::print("stacks:\n{}", outcome.stacks);
  fmt::print("again: {}\n\n", again(outcome, arguments));
  std::fflush(stdout);
}

Json describe(const Outcome& outcome, const Arguments& arguments) {
  return {{"schema", kSchema},
          {"channel", outcome.channel},
          {"case", outcome.name},
          {"verdict", name_of(outcome.verdict)},
          {"reason", outcome.reason},
          {"stacks", outcome.stacks},
          {"again", is_finding(outcome) ? again(outcome, arguments) : ""},
          {"seed", outcome.seed},
          {"seconds", outcome.seconds},
          {"met",
           {{"operations", outcome.met.operations},
            {"full", outcome.met.full},
            {"empty", outcome.met.empty},
            {"blocked", outcome.met.blocked},
            {"closed", outcome.met.closed},
            {"timed_out", outcome.met.timed_out},
            {"histories", outcome.met.histories},
            {"undecided", outcome.met.undecided}}}};
}

/// The first line of a file: where its outcomes come from, and of what there will be one.
Json head_line(const Arguments& arguments, const std::vector<const Case*>& cases,
               const std::vector<const ChannelEntry*>& channels) {
  Json line = {{"schema", kSchema},
               {"started", fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)))},
               {"revision", kRevision},
               {"dirty", kDirty},
               {"seed", arguments.seed},
               {"seconds", arguments.seconds},
               {"channels", Json::array()},
               {"cases", Json::array()}};
  for (const ChannelEntry* channel : channels) line["channels"].push_back(channel->name);
  for (const Case* one : cases) {
    line["cases"].push_back({{"name", one->name}, {"sentence", one->sentence}});
  }
  return line;
}

/// A new file; nothing is overwritten. Throws UsageError.
std::unique_ptr<ResultFile> new_file(const std::string& path) {
  if (path.empty()) return nullptr;
  if (std::filesystem::exists(path)) {
    throw UsageError("'" + path + "' exists, and nothing is overwritten");
  }
  return std::make_unique<ResultFile>(path);
}

/// How far it is, on stderr: each case on a terminal, elsewhere a line now and then.
class Progress {
 public:
  void done(const std::string& words) {
    if (terminal_) fmt::print(stderr, "\r\033[K{}", words);
    if (terminal_ || Clock::now() < said_ + kEvery) return;
    said_ = Clock::now();
    fmt::print(stderr, "{}\n", words);
  }
  void clear() const {
    if (terminal_) fmt::print(stderr, "\r\033[K");
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kEvery{15};
  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  Clock::time_point said_ = Clock::now();
};

void print_table(const std::vector<Row>& rows) {
  fmt::print("\n{:<26} {:>7} {:>12} {:>10} {:>10} {:>9} {:>7}\n", "channel", "cases", "operations",
             "histories", "undecided", "vacuous", "failed");
  for (const Row& row : rows) {
    fmt::print("{:<26} {:>3}/{:<3} {:>12} {:>10} {:>10} {:>9} {:>7}\n", row.channel, row.passed,
               row.applicable, row.met.operations, row.met.histories, row.met.undecided,
               row.vacuous, row.failed == 0 ? "-" : std::to_string(row.failed));
  }
}

Arguments parse(int argc, char** argv, bool& help) {
  Arguments arguments;
  CLI::App app{"weir-stress: attacks channels case by case and says what is wrong with them."};
  app.add_option("--channel", arguments.channels,
                 "only channels that match these globs; !GLOB takes some out again")
      ->delimiter(',');
  app.add_option("--case", arguments.cases, "only cases that match these globs")->delimiter(',');
  const CLI::Option* const seconds =
      app.add_option("--seconds", arguments.seconds, "for each channel, over all its cases")
          ->check(CLI::PositiveNumber)
          ->capture_default_str();
  app.add_option("--seed", arguments.seed, "shows a finding again (default: drawn)");
  app.add_option("--hang-after-ms", arguments.hang_ms, "without progress for so long, a case hangs")
      ->capture_default_str();
  app.add_option("--out", arguments.out, "a new file for one JSON line a case, beside the text");
  app.add_option("--again", arguments.again, "what the command of a finding begins with");
  app.add_flag("--only-file", arguments.only_file, "only channels of the user's own file");
  app.add_flag("--list", arguments.list, "the cases, each with its sentence");
  app.add_flag("--json", arguments.json, "one JSON line for each case instead of text");
  explore::add_flags(app, arguments.explore);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    help = true;
  } catch (const CLI::ParseError& error) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
      std::vector<std::string> names;
      for (const CLI::Option* option : app.get_options()) names.push_back(option->get_name());
      if (word.starts_with("-") && std::find(names.begin(), names.end(), word) == names.end()) {
        throw unknown("flag", word, names);
      }
    }
    throw UsageError(error.what());
  }
  arguments.timed = seconds->count() > 0;
  if (arguments.again.empty()) arguments.again = argv[0];
  if (arguments.seed == 0) arguments.seed = std::random_device{}() % 1'000'000 + 1;
  return arguments;
}

int explore_channels(const Arguments& arguments) {
  explore::Common common;
  if (arguments.timed) common.seconds = arguments.seconds;
  common.seed = arguments.seed;
  common.again = arguments.again;
  common.only_file = arguments.only_file;
  common.json = arguments.json;
  return explore::command(arguments.explore, common);
}

int run(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  bool help = false;
  const Arguments arguments = parse(argc, argv, help);
  if (help) return 0;
  if (arguments.list) {
    list_cases(arguments.json);
    return 0;
  }
  if (!arguments.explore.channels.empty()) return explore_channels(arguments);
  const std::vector<const Case*> cases = chosen_cases(arguments);
  const std::vector<const ChannelEntry*> channels = chosen_channels(arguments);
  check_that_one_applies(cases, channels);
  RunOptions options;
  options.seconds_per_channel = arguments.seconds;
  options.seed = arguments.seed;
  options.limits.hang_after = std::chrono::milliseconds(arguments.hang_ms);
  const std::unique_ptr<ResultFile> file = new_file(arguments.out);
  if (file) file->append(head_line(arguments, cases, channels));
  if (!arguments.json) {
    fmt::print("{} cases over {} channels, seed {}\n", cases.size(), channels.size(),
               arguments.seed);
    std::fflush(stdout);
  }
  std::vector<Row> rows;
  Progress progress;
  for (const ChannelEntry* channel : channels) {
    rows.push_back({.channel = channel->name});
    Row& row = rows.back();
    const bool whole = run_channel(*channel, cases, options, [&](const Outcome& outcome) {
      row.add(outcome);
      if (file) file->append(describe(outcome, arguments));
      if (arguments.json) {
        std::cout << describe(outcome, arguments).dump() << std::endl;
      } else if (is_finding(outcome)) {
        print_finding(outcome, arguments);
      }
      progress.done(
          fmt::format("[{}/{}] {} {}", rows.size(), channels.size(), channel->name, outcome.name));
    });
    progress.clear();
    if (!whole) break;
  }
  if (!arguments.json) print_table(rows);
  if (interrupted) {
    fmt::print(stderr, "interrupted: the table is incomplete\n");
    return 130;
  }
  const auto bad = [](const Row& row) { return row.failed > 0 || row.vacuous > 0; };
  return std::any_of(rows.begin(), rows.end(), bad) ? 1 : 0;
}

}  // namespace
}  // namespace weir::stress

int main(int argc, char** argv) {
  try {
    return weir::stress::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "weir-stress: " << error.what() << "\n";
    return 2;
  }
}
