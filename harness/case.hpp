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

  // Of scenarios; see harness/scenario/scenario.hpp.
  std::uint64_t rate = 0;             ///< messages a second over all senders
  int load = 0;                       ///< the rate as a percentage of the channel's own capacity
  std::string arrivals = "fixed";     ///< when messages are due
  std::string service = "0ns";        ///< what a receiver does with each
  std::string full = "block";         ///< what a sender does when the channel is full
  std::string take = "each";          ///< how a receiver takes what is there
  std::int64_t stall_ns = 0;          ///< how long the scenario's events last that do not say so
  int stages = 1;                     ///< channels in a row, each bounded
  int tokens = 1;                     ///< of a ring: messages that each task puts in
  std::uint64_t pollute = 0;          ///< bytes that each role touches between two messages
  std::int64_t bound_ns = 1'000'000;  ///< of the knee: what p99 must stay under
  std::string clock = "monotonic";    ///< which clock the roles read

  // Of databases; see workloads/db/db.hpp.
  std::string store = "array";   ///< which database
  std::uint64_t rows = 1024;     ///< in it
  std::string keys = "uniform";  ///< which of them are asked for
  std::string mix = "update";    ///< updates and reads
  int value_bytes = 8;           ///< of each row
  int window = 1;                ///< unanswered requests a task may have; 0: it gets no answers
  int group = 1;                 ///< requests that the owner puts into one transaction, at most
  std::int64_t linger_ns = 0;    ///< how long it waits for them
  int flush = 0;                 ///< requests after which a task asks for a commit

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
