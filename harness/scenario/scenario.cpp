#include "harness/scenario/scenario.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>

#include "harness/error.hpp"
#include "harness/registry.hpp"
#include "harness/scenario/driver.hpp"
#include "harness/scenario/files.hpp"

namespace weir::scenario {
namespace {

constexpr std::array<std::string_view, 16> kCaseKeys{
    "p",    "c",    "cap",   "msg",    "rate",    "load",  "arrivals", "service",
    "full", "take", "stall", "stages", "pollute", "bound", "clock",    "place"};

std::vector<std::string> with_case_keys(std::vector<std::string> words) {
  for (const std::string_view key : kCaseKeys) words.emplace_back(key);
  return words;
}

std::string text_of(const toml::node& node) {
  if (const auto text = node.value<std::string>()) return *text;
  if (const auto number = node.value<std::int64_t>()) return std::to_string(*number);
  throw UsageError("expected a number or a word");
}

class Reader {
 public:
  Reader(std::string_view file, std::string name) : file_(file) {
    scenario_.name = std::move(name);
    scenario_.base.workload = scenario_.name;
  }

  Scenario read(const toml::table& table) {
    for (const auto& [key, node] : table) {
      located(node, [&, word = std::string(key.str()), &value = node] { read_key(word, value); });
    }
    if (scenario_.summary.empty()) throw UsageError(std::string(file_) + ": needs a summary");
    return std::move(scenario_);
  }

 private:
  void read_key(const std::string& key, const toml::node& node) {
    if (key == "summary") {
      scenario_.summary = text_of(node);
    } else if (key == "measure") {
      scenario_.measure = measure_of(text_of(node));
    } else if (key == "event") {
      if (!node.is_array_of_tables()) throw UsageError("each event is headed [[event]]");
      for (const toml::node& event : *node.as_array())
        located(event, [&] { scenario_.stalls.push_back(event_of(*event.as_table())); });
    } else if (std::find(kCaseKeys.begin(), kCaseKeys.end(), key) != kCaseKeys.end()) {
      find_param(key)->set(scenario_.base, text_of(node));
    } else {
      throw unknown("key", key, with_case_keys({"summary", "measure", "event"}));
    }
  }

  static Measure measure_of(const std::string& word) {
    if (word == "latency") return Measure::latency;
    if (word == "knee") return Measure::knee;
    if (word == "round_trip") return Measure::round_trip;
    if (word == "backpressure") return Measure::backpressure;
    throw unknown("measure", word, {"latency", "knee", "round_trip", "backpressure"});
  }

  Stall event_of(const toml::table& table) const {
    Stall stall;
    bool whom = false;
    for (const auto& [key, node] : table) {
      const std::string value = text_of(node);
      if (key.str() == "stall") {
        set_role(stall, value);
        whom = true;
      } else if (key.str() == "at") {
        stall.at_ns = parse_duration(value);
      } else if (key.str() == "for") {
        stall.for_ns = parse_duration(value);
      } else if (key.str() == "every") {
        stall.every_ns = parse_duration(value);
      } else if (key.str() == "in") {
        stall.point = value;
      } else {
        throw unknown("key of an event", key.str(), {"stall", "at", "for", "every", "in"});
      }
    }
    if (!whom) throw UsageError("an event needs 'stall'");
    if (!stall.point.empty() && stall.kind != Role::Kind::sender)
      throw UsageError("only senders can stop in the middle of an operation");
    if (stall.every_ns != 0 && stall.every_ns <= stall.for_ns)
      throw UsageError("'every' must be longer than 'for'");
    return stall;
  }

  static void set_role(Stall& stall, const std::string& text) {
    const std::size_t space = text.find(' ');
    const std::string kind = text.substr(0, space);
    if (kind != "sender" && kind != "receiver") throw unknown("role", kind, {"sender", "receiver"});
    stall.kind = kind == "sender" ? Role::Kind::sender : Role::Kind::receiver;
    const std::string number = space == std::string::npos ? "" : text.substr(space + 1);
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos ||
        number.size() > 3)
      throw UsageError("role '" + text + "' is not like 'receiver 0'");
    stall.index = std::stoi(number);
  }

  /// Adds the place in the file to an error.
  template <class Read>
  void located(const toml::node& node, const Read& read) const {
    try {
      read();
    } catch (const UsageError& error) {
      const std::string text = error.what();
      const bool placed = text.starts_with(file_);
      throw UsageError(placed ? text
                              : std::string(file_) + ":" +
                                    std::to_string(node.source().begin.line) + ": " + text);
    }
  }

  std::string_view file_;
  Scenario scenario_;
};

/// By name; they never move.
std::map<std::string, Scenario, std::less<>>& known() {
  static std::map<std::string, Scenario, std::less<>> scenarios;
  return scenarios;
}

double extra_seconds(const Scenario& scenario) {
  return scenario.measure == Measure::knee ? 8.0 : 0.2;
}

void enter(Scenario scenario) {
  const auto [place, added] = known().try_emplace(scenario.name, std::move(scenario));
  if (!added) return;
  const Scenario& entered = place->second;
  std::vector<std::string_view> keys;
  for (const std::string_view key : kCaseKeys) {
    if (key != "bound" || entered.measure == Measure::knee) keys.push_back(key);
  }
  registry().add_workload({.name = entered.name,
                           .summary = entered.summary,
                           .keys = std::move(keys),
                           .base = entered.base,
                           .erased = run_scenario,
                           .extra_seconds = extra_seconds(entered)});
}

}  // namespace

Scenario parse_scenario(std::string_view text, std::string_view file) {
  try {
    const std::string stem = std::filesystem::path(file).stem().string();
    return Reader(file, stem).read(toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    throw UsageError(std::string(file) + ":" + std::to_string(error.source().begin.line) + ": " +
                     std::string(error.description()));
  }
}

void enter_scenarios() {
  for (const File& file : kFiles) enter(parse_scenario(file.text, file.name));
}

std::string enter_scenario_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw UsageError("cannot read scenario file '" + file.string() + "'");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Scenario scenario = parse_scenario(text, file.string());
  scenario.folder = file.parent_path();
  const std::string name = scenario.name;
  const Scenario* const there = find_scenario(name);
  if (there != nullptr && there->folder != scenario.folder)
    throw UsageError(file.string() + ": there is a scenario named '" + name + "' already");
  enter(std::move(scenario));
  return name;
}

const Scenario* find_scenario(std::string_view name) {
  const auto found = known().find(name);
  return found == known().end() ? nullptr : &found->second;
}

}  // namespace weir::scenario
