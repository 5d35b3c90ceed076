#include "harness/registry.hpp"

#include <algorithm>
#include <stdexcept>

namespace weir {

bool Workload::has_key(std::string_view key) const {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

Registry& registry() {
  static Registry instance;
  return instance;
}

void Registry::add_workload(Workload workload) {
  if (find_workload(workload.name) == nullptr) workloads_.push_back(std::move(workload));
}

void Registry::add_channel(ChannelEntry entry) {
  for (const auto& [name, known] : channels_) {
    if (name == entry.name) throw std::logic_error("two channels are called '" + name + "'");
    // One type under two names would mean that one of the two is not measured at all.
    if (entry.kind == EntryKind::channel && known.type == entry.type) {
      throw std::logic_error("'" + name + "' and '" + entry.name + "' are the same type");
    }
  }
  const std::string name = entry.name;
  channels_.emplace(name, std::move(entry));
}

void Registry::add_run(std::string_view workload, std::string_view channel,
                       std::string_view message, RunFunction run) {
  runs_[{std::string(workload), std::string(channel), std::string(message)}] = run;
}

std::vector<const ChannelEntry*> Registry::channels() const {
  std::vector<const ChannelEntry*> result;
  for (const auto& [name, entry] : channels_) result.push_back(&entry);
  return result;
}

const Workload* Registry::find_workload(std::string_view name) const {
  const auto found = std::find_if(workloads_.begin(), workloads_.end(),
                                  [&](const Workload& w) { return w.name == name; });
  return found == workloads_.end() ? nullptr : &*found;
}

const ChannelEntry* Registry::find_channel(std::string_view name) const {
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : &found->second;
}

NativeLoop Registry::find_native(std::string_view channel) const {
  const auto found = natives_.find(channel);
  return found == natives_.end() ? NativeLoop{} : found->second;
}

RunFunction Registry::find_run(const Case& spec) const {
  const Workload* workload = find_workload(spec.workload);
  const ChannelEntry* channel = find_channel(spec.channel);
  if (workload != nullptr && workload->erased != nullptr && channel != nullptr &&
      channel->kind == EntryKind::channel)
    return channel->makes(spec.message) ? workload->erased : nullptr;
  const bool by_message = workload != nullptr && workload->has_key("msg");
  const auto found =
      runs_.find({spec.workload, spec.channel, by_message ? spec.message : std::string()});
  return found == runs_.end() ? nullptr : found->second;
}

std::string Registry::why_not(const Case& spec) const {
  const ChannelEntry* channel = find_channel(spec.channel);
  const Workload* workload = find_workload(spec.workload);
  if (channel == nullptr || workload == nullptr) return "no such channel or workload";
  const Contract& contract = channel->contract;
  if (workload->has_key("p") && spec.producers > 1 && contract.producers == Side::one)
    return "one sender only";
  if (workload->has_key("c") && spec.consumers > 1 && contract.consumers == Side::one)
    return "one receiver only";
  if (workload->has_key("cap")) {
    if (const std::string_view reason = contract.why_not(spec.capacity); !reason.empty())
      return std::string(reason);
  }
  if (spec.batch > 1 && !channel->batch) return "no batches";
  if (spec.workload == "uncontended" && contract.bound == Bound::rendezvous)
    return "holds no message: one thread cannot send and then receive";
  if (spec.workload == "db_update" && contract.overflow == Overflow::drop_oldest)
    return "evicts updates that it had accepted: the table would lack them";
  if (spec.workload == "wake_up" && contract.wait != Wait::park)
    return "never sleeps: there is no wake-up to measure";
  if (find_run(spec) != nullptr) return "";
  if (channel->kind == EntryKind::channel) {
    switch (contract.message) {
      case MessageRule::nonzero_word:
        return "carries words of 8 bytes only";
      case MessageRule::trivially_copyable:
        return "carries trivially copyable messages only";
      case MessageRule::nothrow_movable:
        break;
    }
  }
  return channel->kind == EntryKind::channel ? "this workload does not apply to it"
                                             : "not a channel: it stands in one workload only";
}

}  // namespace weir
