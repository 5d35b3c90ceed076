// A case: one workload over one channel with one set of parameters. Its id is the same in every
// run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir {

/// Where roles run. `one`: all on one core. `spread`: senders from the first core up, receivers
/// from the last down. `free`: wherever the kernel puts them.
enum class Place { one, spread, free };

struct Case {
  std::string workload;
  std::string channel;
  int producers = 1;
  int consumers = 1;
  std::size_t capacity = 1024;
  std::string message = "8";
  int send_work_ns = 0;  ///< dependent arithmetic before each send
  int recv_work_ns = 0;  ///< and after each receive
  int batch = 1;
  Place place = Place::spread;
  std::uint64_t min_messages = 0;  ///< the window stays open until this many were received

  /// `workload/channel/key:value/...` with the keys of the workload.
  [[nodiscard]] std::string id() const;
  [[nodiscard]] int roles() const noexcept { return producers + consumers; }
};

/// One parameter: how it is read from and written to a case. Optional ones are left out of the id
/// at their default.
struct ParamKey {
  std::string_view key;
  std::string_view meaning;
  bool optional;
  std::string (*get)(const Case&);
  /// Throws UsageError when the value makes no sense.
  void (*set)(Case&, std::string_view);
};

/// Every parameter there is, in the order of ids.
std::span<const ParamKey> param_keys();

/// nullptr when there is none of that name.
const ParamKey* find_param(std::string_view key);

}  // namespace weir
