#include "harness/case_id.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "harness/error.hpp"
#include "harness/registry.hpp"

namespace weir {
namespace {

std::vector<std::string> split(const std::string& id) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= id.size();) {
    const std::size_t end = std::min(id.find('/', begin), id.size());
    parts.push_back(id.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

void set_param(Case& spec, const Workload& workload, const std::string& part) {
  const std::string key = part.substr(0, part.find(':'));
  const ParamKey* param = workload.has_key(key) ? find_param(key) : nullptr;
  if (param == nullptr || part.size() <= key.size()) {
    throw unknown("parameter", part, {workload.keys.begin(), workload.keys.end()});
  }
  param->set(spec, std::string_view(part).substr(key.size() + 1));
}

template <class Entries, class Name>
std::vector<std::string> names_of(const Entries& entries, const Name& name) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.emplace_back(name(entry));
  return names;
}

}  // namespace

Case parse_id(const std::string& id) {
  const std::vector<std::string> parts = split(id);
  const Workload* workload = registry().find_workload(parts.front());
  if (workload == nullptr) {
    throw unknown("workload", parts.front(),
                  names_of(registry().workloads(), [](const Workload& w) { return w.name; }));
  }
  const std::string channel = parts.size() < 2 ? "" : parts[1];
  if (registry().find_channel(channel) == nullptr) {
    throw unknown("channel", channel,
                  names_of(registry().channels(), [](const ChannelEntry* c) { return c->name; }));
  }
  Case spec = workload->base;
  spec.workload = parts[0];
  spec.channel = channel;
  for (std::size_t i = 2; i < parts.size(); ++i) set_param(spec, *workload, parts[i]);
  if (const std::string why = registry().why_not(spec); !why.empty())
    throw UsageError(id + " cannot be run: " + why);
  return spec;
}

}  // namespace weir
