#include "harness/suite.hpp"

#include <fnmatch.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "harness/error.hpp"
#include "harness/registry.hpp"
#include "harness/scenario/scenario.hpp"

namespace weir {
namespace {

/// Where a word stands, for errors.
std::string at(std::string_view file, const toml::node& node) {
  return std::string(file) + ":" + std::to_string(node.source().begin.line) + ": ";
}

std::string to_text(const toml::node& node) {
  if (const auto text = node.value<std::string>()) return *text;
  if (const auto number = node.value<std::int64_t>()) return std::to_string(*number);
  throw UsageError("expected a number or a word");
}

std::vector<std::string> to_list(const toml::node& node) {
  std::vector<std::string> list;
  if (const toml::array* array = node.as_array()) {
    for (const toml::node& element : *array) list.push_back(to_text(element));
  } else {
    list.push_back(to_text(node));
  }
  return list;
}

int to_int(std::string_view file, const toml::table& table, std::string_view key, int fallback) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return fallback;
  const auto number = node->value<int>();
  if (!number || *number < 0)
    throw UsageError(at(file, *node) + "'" + std::string(key) + "' must be a whole number");
  return *number;
}

void set_topology(Case& spec, std::string_view text) {
  const std::size_t cross = text.find('x');
  if (cross == std::string_view::npos)
    throw UsageError("topology '" + std::string(text) + "' is not like 2x1");
  find_param("p")->set(spec, text.substr(0, cross));
  find_param("c")->set(spec, text.substr(cross + 1));
}

/// Every case of `specs` with every value of one key.
std::vector<Case> cross(const std::vector<Case>& specs, std::string_view key,
                        const std::vector<std::string>& values) {
  const ParamKey* param = find_param(key);
  std::vector<Case> result;
  for (const Case& spec : specs) {
    for (const std::string& value : values) {
      Case changed = spec;
      if (param == nullptr) {
        set_topology(changed, value);
      } else {
        param->set(changed, value);
      }
      result.push_back(std::move(changed));
    }
  }
  return result;
}

std::vector<std::string> names_of_workloads() {
  std::vector<std::string> names;
  for (const Workload& workload : registry().workloads()) names.emplace_back(workload.name);
  return names;
}

bool takes_part(const ChannelEntry& entry, const Workload& workload) {
  switch (entry.kind) {
    case EntryKind::limit:
      return workload.name == "machine";
    case EntryKind::rival: {
      Case spec;
      spec.workload = workload.name;
      spec.channel = entry.name;
      return registry().find_run(spec) != nullptr;
    }
    case EntryKind::channel:
      return workload.name != "machine";
  }
  return false;
}

/// Limits and rivals stay in, whatever channels are chosen: they are what the others are compared
/// with.
bool is_chosen(const ChannelEntry& entry, const Selection& selection) {
  return entry.kind != EntryKind::channel || selection.channels.empty() ||
         matches_any(entry.name, selection.channels);
}

/// As the build makes.
constexpr int kMostLayouts = 3;

class Reader {
 public:
  Reader(std::string_view file, const Selection& selection) : file_(file), selection_(selection) {
    if (!selection.filter.empty()) {
      try {
        filter_.assign(selection.filter, std::regex::extended);
      } catch (const std::regex_error&) {
        throw UsageError("filter '" + selection.filter + "' is not a regular expression");
      }
    }
    check_globs(selection.channels);
  }

  Suite read(const toml::table& table) {
    suite_.rounds = to_int(file_, table, "rounds", 1);
    suite_.layouts = to_int(file_, table, "layouts", 1);
    if (suite_.layouts < 1 || suite_.layouts > kMostLayouts) {
      throw UsageError(at(file_, *table.get("layouts")) + "'layouts' must be 1 to " +
                       std::to_string(kMostLayouts));
    }
    for (const auto& [key, node] : table) {
      static const std::vector<std::string> kKeys{"rounds", "layouts", "warm_up_ms", "window_ms",
                                                  "case"};
      if (std::find(kKeys.begin(), kKeys.end(), key.str()) == kKeys.end()) {
        throw UsageError(at(file_, node) + unknown("key", key.str(), kKeys).what());
      }
    }
    const Timing timing = read_timing(table, Timing{});
    const toml::node* blocks = table.get("case");
    if (blocks == nullptr) throw UsageError(std::string(file_) + ": no [[case]] in this suite");
    if (!blocks->is_array_of_tables()) {
      throw UsageError(at(file_, *blocks) + "each case is headed [[case]]");
    }
    for (const toml::node& block : *blocks->as_array()) read_block(*block.as_table(), timing);
    return std::move(suite_);
  }

 private:
  Timing read_timing(const toml::table& table, Timing timing) const {
    const auto ms = [&](std::string_view key, std::chrono::milliseconds fallback) {
      return std::chrono::milliseconds(
          to_int(file_, table, key, static_cast<int>(fallback.count())));
    };
    return {ms("warm_up_ms", timing.warm_up), ms("window_ms", timing.window)};
  }

  /// What one [[case]] says, key by key.
  struct Block {
    const Workload* workload = nullptr;
    std::vector<Case> specs;
    std::vector<std::string> globs{"*"};
    bool only_file = false;
  };

  void read_block(const toml::table& table, const Timing& suite_timing) {
    const toml::node* name = table.get("workload");
    if (name == nullptr) throw UsageError(at(file_, table) + "a [[case]] needs a workload");
    Block block;
    located(*name, [&] { block.workload = &workload_of(to_text(*name)); });
    Case base = block.workload->base;
    base.workload = block.workload->name;
    block.specs.push_back(base);
    for (const auto& [key, node] : table) {
      located(node, [&, word = key.str(), &value = node] { read_key(block, word, value); });
    }
    for (const Case& spec : block.specs) located(*name, [&] { check_rate(*block.workload, spec); });
    const Timing timing = read_timing(table, suite_timing);
    for (const ChannelEntry* entry : registry().channels()) {
      if (!takes_part(*entry, *block.workload) || !matches_any(entry->name, block.globs)) continue;
      if ((block.only_file && !entry->from_file) || !is_chosen(*entry, selection_)) continue;
      for (Case spec : block.specs) {
        spec.channel = entry->name;
        add(std::move(spec), timing);
      }
    }
  }

  void read_key(Block& block, std::string_view key, const toml::node& node) const {
    if (key == "workload" || key == "warm_up_ms" || key == "window_ms") return;
    if (key == "channels") {
      block.globs = to_list(node);
      check_globs(block.globs);
    } else if (key == "only") {
      block.only_file = to_text(node) == "file";
      if (!block.only_file) throw unknown("value of 'only'", to_text(node), {"file"});
    } else {
      check_param(*block.workload, key);
      block.specs = cross(block.specs, key, to_list(node));
    }
  }

  /// A scenario has a rate, unless it finds or needs none.
  static void check_rate(const Workload& workload, const Case& spec) {
    if (!workload.has_key("rate") || workload.has_key("bound")) return;
    const bool own_times = spec.arrivals == "asap" || spec.arrivals.starts_with("trace-");
    if (!own_times && spec.rate == 0 && spec.load == 0)
      throw UsageError("'" + spec.workload + "' needs a rate (messages/s) or a load (percent)");
    if (spec.rate != 0 && spec.load != 0)
      throw UsageError("'" + spec.workload + "' takes a rate or a load, not both");
  }

  /// Adds the place in the file to an error of `read`.
  template <class Read>
  void located(const toml::node& node, const Read& read) const {
    try {
      read();
    } catch (const UsageError& error) {
      throw UsageError(at(file_, node) + error.what());
    }
  }

  /// A name that ends in .toml is that of a scenario's file beside the suite.
  const Workload& workload_of(const std::string& word) const {
    const std::string name =
        word.ends_with(".toml")
            ? scenario::enter_scenario_file(std::filesystem::path(file_).parent_path() / word)
            : word;
    const Workload* workload = registry().find_workload(name);
    if (workload == nullptr) throw unknown("workload", name, names_of_workloads());
    return *workload;
  }

  static void check_param(const Workload& workload, std::string_view key) {
    const bool topology = key == "topology" && workload.has_key("p") && workload.has_key("c");
    if (topology || workload.has_key(key)) return;
    std::vector<std::string> valid{"channels", "only", "warm_up_ms", "window_ms"};
    if (workload.has_key("c")) valid.emplace_back("topology");
    for (const std::string_view word : workload.keys) valid.emplace_back(word);
    throw unknown("parameter", key, valid);
  }

  void check_globs(const std::vector<std::string>& globs) const {
    std::vector<std::string> names;
    for (const ChannelEntry* entry : registry().channels()) names.push_back(entry->name);
    for (const LeftOut& left_out : registry().left_out()) names.push_back(left_out.name);
    for (const std::string& glob : globs) {
      const std::string positive = glob.starts_with('!') ? glob.substr(1) : glob;
      const auto matches = [&](const std::string& name) { return matches_glob(name, positive); };
      if (std::none_of(names.begin(), names.end(), matches)) throw unknown("channel", glob, names);
    }
  }

  void add(Case spec, const Timing& timing) {
    std::string id = spec.id();
    if (!selection_.filter.empty() && !std::regex_search(id, filter_)) return;
    if (seen_.insert(id).second) suite_.cases.push_back({std::move(spec), std::move(id), timing});
  }

  std::string_view file_;
  const Selection& selection_;
  std::regex filter_;
  std::set<std::string> seen_;
  Suite suite_;
};

}  // namespace

bool matches_any(std::string_view text, const std::vector<std::string>& globs) {
  bool in = false;
  for (const std::string& glob : globs) {
    const bool out = glob.starts_with('!');
    if (matches_glob(text, out ? glob.substr(1) : glob)) in = !out;
  }
  return in;
}

bool matches_glob(std::string_view text, std::string_view glob) {
  return ::fnmatch(std::string(glob).c_str(), std::string(text).c_str(), 0) == 0;
}

Suite parse_suite(std::string_view text, std::string_view name, const Selection& selection) {
  toml::table table;
  try {
    table = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw UsageError(std::string(name) + ":" + std::to_string(error.source().begin.line) + ": " +
                     std::string(error.description()));
  }
  return Reader(name, selection).read(table);
}

Suite read_suite(const std::filesystem::path& file, const Selection& selection) {
  std::ifstream in(file);
  if (!in) throw UsageError("cannot read suite file '" + file.string() + "'");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_suite(text, file.string(), selection);
}

}  // namespace weir
