#include "harness/stress/explore/command.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "harness/child.hpp"
#include "harness/error.hpp"
#include "harness/registry.hpp"
#include "harness/stress/explore/judge.hpp"
#include "harness/stress/explore/search.hpp"
#include "harness/suite.hpp"

namespace weir::explore {
namespace {

constexpr double kSampledSeconds =
    10;  // a search without an end of its own gets so much for a plan

std::vector<const ChannelEntry*> chosen(const Arguments& arguments, const Common& common) {
  std::vector<std::string> names;
  std::vector<const ChannelEntry*> found;
  for (const ChannelEntry* entry : registry().channels()) {
    if (entry->kind != EntryKind::channel || entry->explored == nullptr) continue;
    if (common.only_file && !entry->from_file) continue;
    names.push_back(entry->name);
    if (matches_any(entry->name, arguments.channels)) found.push_back(entry);
  }
  for (const std::string& glob : arguments.channels) {
    const std::string positive = glob.starts_with('!') ? glob.substr(1) : glob;
    const auto matches = [&](const std::string& name) { return matches_glob(name, positive); };
    if (std::none_of(names.begin(), names.end(), matches)) {
      throw unknown("channel that can be explored", glob, names);
    }
  }
  return found;
}

std::vector<Plan> plans_of(const ChannelEntry& channel, const Arguments& arguments) {
  if (arguments.plan.empty()) return plans_for(channel.contract);
  Plan plan = read_plan(arguments.plan);
  if (const std::string reason = why_not(plan, channel.contract); !reason.empty()) {
    throw UsageError(fmt::format("{} cannot play '{}': {}", channel.name, plan.text(), reason));
  }
  std::vector<Plan> plans;
  plans.push_back(std::move(plan));
  return plans;
}

Options options_of(const Arguments& arguments, const Common& common) {
  Options options;
  options.search = arguments.search == "random" ? Search::random
                   : arguments.search == "pct"  ? Search::pct
                                                : Search::bounded;
  options.bounds = {arguments.bound, arguments.stale, arguments.surprises};
  options.seed = common.seed;
  options.most_runs = arguments.runs;
  const bool ends = options.search == Search::bounded || arguments.runs != UINT64_MAX;
  options.seconds = common.seconds.value_or(ends ? 1e9 : kSampledSeconds);
  return options;
}

std::string replay_command(const ChannelEntry& channel, const Plan& plan, const Choices& choices,
                           const Common& common) {
  return fmt::format("{} --explore '{}' --plan '{}' --replay {}", common.again, channel.name,
                     plan.text(), written(choices));
}

void print_row(const Plan& plan, const Report& report) {
  const char* const how = report.found() ? "FOUND" : report.exhausted ? "all seen" : "ended";
  fmt::print("  {:<48} {:>11} {:>12} {:>11}   {}\n", plan.text(), report.schedules, report.steps,
             report.states, how);
  std::fflush(stdout);
}

nlohmann::json described(const ChannelEntry& channel, const Plan& plan, const Report& report,
                         const Common& common) {
  return {{"channel", channel.name},
          {"plan", plan.text()},
          {"schedules", report.schedules},
          {"steps", report.steps},
          {"states", report.states},
          {"exhausted", report.exhausted},
          {"seconds", report.seconds},
          {"finding", report.found() ? name_of(report.finding.trouble) : ""},
          {"reason", report.finding.words},
          {"again", report.found() ? replay_command(channel, plan, report.choices, common) : ""}};
}

/// Sums over all plans.
struct Totals {
  Report sums;
  int findings = 0;

  void add(const Report& report) {
    sums.schedules += report.schedules;
    sums.steps += report.steps;
    sums.states += report.states;
    sums.seconds += report.seconds;
    findings += report.found() ? 1 : 0;
  }
  void print() const {
    fmt::print(
        "\nschedules {}, steps {}, states {}, findings {} ({:.1f} s, {:.1f} million steps/s)\n",
        sums.schedules, sums.steps, sums.states, findings, sums.seconds,
        static_cast<double>(sums.steps) / std::max(sums.seconds, 1e-9) / 1e6);
  }
};

int replay(const ChannelEntry& channel, const Plan& plan, const Choices& choices) {
  Judge judge(channel.explored, plan, channel.contract);
  const Traced traced = trace(std::ref(judge), choices, Options{}.most_steps);
  fmt::print("{}", traced.text);
  return traced.ending.trouble == Trouble::none ? 0 : 1;
}

void search_channel(const ChannelEntry& channel, const Arguments& arguments, const Common& common,
                    Totals& totals) {
  const Options options = options_of(arguments, common);
  if (!common.json) {
    fmt::print("\n{:<50} {:>11} {:>12} {:>11}\n", channel.name, "schedules", "steps", "states");
  }
  for (const Plan& plan : plans_of(channel, arguments)) {
    if (interrupted) return;
    Judge judge(channel.explored, plan, channel.contract);
    const Report report = explore(std::ref(judge), options);
    totals.add(report);
    if (common.json) {
      std::cout << described(channel, plan, report, common).dump() << std::endl;
    } else {
      print_row(plan, report);
    }
    if (!report.found()) continue;
    if (!common.json) {
      fmt::print("\n{}: {}\n\n", name_of(report.finding.trouble), report.finding.words);
      replay(channel, plan, report.choices);
      fmt::print("again: {}\n", replay_command(channel, plan, report.choices, common));
    }
    return;  // what is wrong once is wrong in most plans
  }
}

}  // namespace

void add_flags(CLI::App& app, Arguments& arguments) {
  app.add_option("--explore", arguments.channels,
                 "search the schedules of channels that match these globs, on simulated primitives")
      ->delimiter(',');
  app.add_option("--plan", arguments.plan, "explore: what the roles do, as '1: send send | drain'");
  app.add_option("--bound", arguments.bound, "explore: preemptions in a run")
      ->capture_default_str();
  app.add_option("--stale", arguments.stale, "explore: loads in a run that read an older store")
      ->capture_default_str();
  app.add_option("--surprises", arguments.surprises,
                 "explore: spurious wakes, signals, time-outs, failed exchanges in a run")
      ->capture_default_str();
  app.add_option("--search", arguments.search, "explore: bounded, random or pct")
      ->check(CLI::IsMember({"bounded", "random", "pct"}))
      ->capture_default_str();
  app.add_option("--runs", arguments.runs, "explore: ends after so many runs of a plan")
      ->check(CLI::PositiveNumber);
  app.add_option("--replay", arguments.replay,
                 "explore: one run again, by its choices, in columns");
}

int command(const Arguments& arguments, const Common& common) {
  const std::vector<const ChannelEntry*> channels = chosen(arguments, common);
  if (!arguments.replay.empty()) {
    if (channels.size() != 1 || arguments.plan.empty()) {
      throw UsageError("--replay needs one channel and its --plan");
    }
    return replay(*channels.front(), plans_of(*channels.front(), arguments).front(),
                  read_choices(arguments.replay));
  }
  Totals totals;
  for (const ChannelEntry* channel : channels) search_channel(*channel, arguments, common, totals);
  if (!common.json) totals.print();
  if (interrupted) return 130;
  return totals.findings > 0 ? 1 : 0;
}

}  // namespace weir::explore
