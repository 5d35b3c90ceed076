#include "harness/listing.hpp"

#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "harness/build_info.hpp"
#include "harness/record.hpp"
#include "harness/registry.hpp"
#include "weir_revision.hpp"

namespace weir {
namespace {

Json describe_source(const Source& source) {
  const bool own = source.name == "Weir";
  return {{"name", source.name},
          {"version", own ? std::string_view(kWeirVersion) : source.version},
          {"licence", source.licence},
          {"url", source.url}};
}

Json describe(const ChannelEntry& entry) {
  const std::size_t colon = entry.name.find(':');
  Json line;
  line["name"] = entry.name;
  line["family"] = entry.family();
  line["variant"] = colon == std::string::npos ? "" : entry.name.substr(colon + 1);
  line["own"] = entry.own;
  line["file"] = entry.from_file;
  line["available"] = true;
  line["reason"] = nullptr;
  line["summary"] = entry.summary;
  line["contract"] = weir::describe(entry.contract);
  line["contract"]["batch"] = entry.batch;
  line["source"] = describe_source(entry.contract.source);
  return line;
}

Json describe(const LeftOut& left_out) {
  Json line;
  line["name"] = left_out.name;
  line["family"] = left_out.name;
  line["variant"] = "";
  line["own"] = false;
  line["file"] = false;
  line["available"] = false;
  line["reason"] = left_out.reason;
  line["summary"] = "";
  line["contract"] = nullptr;
  line["source"] = nullptr;
  return line;
}

/// The value of the first line `key : value` of a file like /proc/cpuinfo.
std::string field_of(const char* path, std::string_view key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || !line.starts_with(key)) continue;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "";
}

std::string first_line_of(const char* path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The name of the hypervisor, or null on bare metal, as far as the kernel knows.
Json hypervisor() {
  const std::string flags = " " + field_of("/proc/cpuinfo", "flags") + " ";
  if (flags.find(" hypervisor ") == std::string::npos) return nullptr;
  const std::string product = first_line_of("/sys/class/dmi/id/sys_vendor");
  return product.empty() ? "a hypervisor" : product;
}

template <class Read>
double cost_ns(const Read& read) {
  constexpr int kReads = 100'000;
  const std::int64_t start = MonotonicClock::now_ns();
  for (int i = 0; i < kReads; ++i) read();
  return static_cast<double>(MonotonicClock::now_ns() - start) / kReads;
}

}  // namespace

int print_list(bool json) {
  Json channels = Json::array();
  for (const ChannelEntry* entry : registry().channels()) {
    if (entry->kind == EntryKind::channel) channels.push_back(describe(*entry));
  }
  for (const LeftOut& left_out : registry().left_out()) channels.push_back(describe(left_out));
  Json workloads = Json::array();
  for (const Workload& workload : registry().workloads()) {
    workloads.push_back(
        {{"name", workload.name}, {"summary", workload.summary}, {"params", workload.keys}});
  }
  if (json) {
    std::cout << Json{{"channels", channels}, {"workloads", workloads}}.dump(1) << "\n";
    return 0;
  }
  for (const Json& channel : channels) {
    fmt::print("{:<28} {}\n", channel["name"].get<std::string>(),
               channel["available"].get<bool>()
                   ? channel["summary"].get<std::string>()
                   : "not built: " + channel["reason"].get<std::string>());
  }
  return 0;
}

int print_environment() {
  utsname kernel{};
  ::uname(&kernel);
  Json libraries = Json::object();
  for (const Library& library : kLibraries) libraries[std::string(library.name)] = library.version;
  Json environment;
  environment["schema"] = kSchema;
  environment["cpu_model"] = field_of("/proc/cpuinfo", "model name");
  environment["cpus"] = ::sysconf(_SC_NPROCESSORS_ONLN);
  environment["allowed_cpus"] = sys::allowed_cpus();
  environment["virtualized"] = hypervisor();
  environment["kernel"] = std::string(kernel.sysname) + " " + kernel.release;
  environment["architecture"] = kernel.machine;
  environment["memory_mib"] = ::sysconf(_SC_PHYS_PAGES) / 1024 * (::sysconf(_SC_PAGESIZE) / 1024);
  environment["governor"] = first_line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  environment["compiler"] = kCompiler;
  environment["flags"] = kFlags;
  environment["build_type"] = kBuildType;
  environment["revision"] = kRevision;
  environment["dirty"] = kDirty;
  environment["libraries"] = libraries;
  environment["clock"] = {{"source", "CLOCK_MONOTONIC"},
                          {"cost_ns", cost_ns([] { return MonotonicClock::now_ns(); })},
                          {"tsc_cost_ns", cost_ns([] { return read_tsc(); })}};
  std::cout << environment.dump(1) << "\n";
  return 0;
}

}  // namespace weir
