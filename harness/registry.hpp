// Which channels and workloads there are. Catalogue files enter their channels before main()
// starts; each entry holds one erased function per workload and message type, called once a trial.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <typeindex>
#include <vector>

#include "channels/contract.hpp"
#include "harness/any_channel.hpp"
#include "harness/case.hpp"
#include "harness/stress/elements.hpp"
#include "harness/stress/explore/play_function.hpp"

namespace weir {

class Trial;

/// Runs one trial: makes the channel, adds roles, plays them, reports. Called in the trial's own
/// process.
using RunFunction = void (*)(Trial&);

/// Runs that many send-receive pairs by a library's own calls and returns how many messages did not
/// come back.
using NativePass = std::function<std::uint64_t(std::uint64_t pairs)>;
/// Makes the library's queue with a capacity, and a pass over it.
using NativeLoop = std::function<NativePass(std::size_t capacity)>;

/// A workload as the registry sees it.
struct Workload {
  std::string_view name;
  std::string_view summary;
  /// The parameters that are part of its ids.
  std::vector<std::string_view> keys;
  /// What a case has before its suite says more.
  Case base = {};
  /// Runs it over any channel, whatever its type; nullptr for a probe, which is instantiated for
  /// each.
  RunFunction erased = nullptr;
  /// How long a trial takes beside its warm-up and window, seconds.
  double extra_seconds = 0;

  [[nodiscard]] bool has_key(std::string_view key) const;
};

/// What stands in the channel part of an id.
enum class EntryKind {
  channel,
  rival,  ///< what people would use instead, in one workload
  limit   ///< a limit of the machine itself, in the workload `machine`
};

struct ChannelEntry {
  std::string name;
  std::string summary;
  Contract contract;
  bool batch = false;
  bool sized = false;
  bool own = false;
  bool from_file = false;  ///< from a file of the user's own
  EntryKind kind = EntryKind::channel;
  std::type_index type = typeid(void);    ///< what it is made of: no two channels are the same
  AnyFactory any = {};                    ///< makes one whose type is not known; channels only
  AnyFactory delayed = {};                ///< the same under DelaySync, if the channel takes a Sync
  explore::Play explored = nullptr;       ///< plays it under ExploreSync, if it takes a Sync
  AnyFactoryOf<Payload<64>> any_64 = {};  ///< with larger messages; empty where it has words only
  AnyFactoryOf<Payload<256>> any_256 = {};
  std::vector<stress::Element> elements = {};  ///< how it carries messages of other types

  /// Whether it can be made without its type being known, with messages of that size.
  [[nodiscard]] bool makes(std::string_view message) const {
    if (message == "8") return any.make != nullptr;
    if (message == "64") return any_64.make != nullptr;
    return message == "256" && any_256.make != nullptr;
  }
  [[nodiscard]] std::string_view family() const {
    return std::string_view(name).substr(0, name.find(':'));
  }
};

/// A channel that was not built, and why.
struct LeftOut {
  std::string name;
  std::string reason;
};

class Registry {
 public:
  void add_workload(Workload workload);
  void add_channel(ChannelEntry entry);
  void add_run(std::string_view workload, std::string_view channel, std::string_view message,
               RunFunction run);
  /// The hand-written loop against which the adapter of `channel` is measured (messages of 8
  /// bytes).
  void add_native(std::string_view channel, NativeLoop loop) {
    natives_[std::string(channel)] = std::move(loop);
  }
  void add_left_out(LeftOut left_out) { left_out_.push_back(std::move(left_out)); }

  [[nodiscard]] const std::vector<Workload>& workloads() const { return workloads_; }
  /// Sorted by name.
  [[nodiscard]] std::vector<const ChannelEntry*> channels() const;
  [[nodiscard]] const std::vector<LeftOut>& left_out() const { return left_out_; }
  [[nodiscard]] const Workload* find_workload(std::string_view name) const;
  [[nodiscard]] const ChannelEntry* find_channel(std::string_view name) const;

  /// Empty when the channel has none.
  [[nodiscard]] NativeLoop find_native(std::string_view channel) const;

  /// What runs the case; nullptr when `why_not` says why it does not apply.
  [[nodiscard]] RunFunction find_run(const Case& spec) const;
  /// Why the case does not apply to its channel, in words; empty when it does.
  [[nodiscard]] std::string why_not(const Case& spec) const;

 private:
  std::vector<Workload> workloads_;
  std::map<std::string, ChannelEntry, std::less<>> channels_;
  std::vector<LeftOut> left_out_;
  std::map<std::string, NativeLoop, std::less<>> natives_;
  std::map<std::tuple<std::string, std::string, std::string>, RunFunction> runs_;
};

Registry& registry();

}  // namespace weir
