// The words of scenarios: times, sizes, arrivals and services, as files and ids write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::scenario {

/// "250us" in nanoseconds; units ns, us, ms, s. Throws UsageError, with the nearest valid unit.
std::int64_t parse_duration(std::string_view text);
/// The same in the largest unit that divides it.
std::string duration_text(std::int64_t ns);

/// "256KiB" in bytes; units none, KiB, MiB. Throws UsageError.
std::uint64_t parse_bytes(std::string_view text);

/// When messages of one sender are due.
struct Arrivals {
  enum class Kind {
    fixed,        ///< `fixed`: one interval after the other, random phase
    exponential,  ///< `exponential`: a Poisson process, drawn from the trial's seed
    bursts,       ///< `bursts-ON-OFF`: the mean rate, all of it in the ON part of each period
    frames,       ///< `frames-PERIOD`: all messages of a period at its tick
    trace,        ///< `trace-FILE`: times in ns, ascending, one a line; the rate is the file's
    asap          ///< `asap`: each as soon as the one before is sent. A closed loop
  };
  Kind kind = Kind::fixed;
  std::int64_t on_ns = 0;
  std::int64_t off_ns = 0;  ///< of bursts; on_ns is the period of frames
  std::string file = {};
};
/// Throws UsageError.
Arrivals parse_arrivals(std::string_view text);
std::string check_arrivals(std::string_view text);

/// What a receiver does with each message: dependent arithmetic for so long.
struct Service {
  enum class Kind {
    fixed,       ///< `20us`
    exponential  ///< `exponential-20us`: the mean, drawn from the trial's seed
  };
  Kind kind = Kind::fixed;
  std::int64_t mean_ns = 0;
};
/// Throws UsageError.
Service parse_service(std::string_view text);
std::string check_service(std::string_view text);

/// What a sender does when the channel is full; a channel with a policy of its own goes by that.
struct OnFull {
  enum class Kind {
    block,   ///< `block`: waits
    drop,    ///< `drop`: tries once
    timeout  ///< `timeout-200us`: waits for so long at most
  };
  Kind kind = Kind::block;
  std::int64_t patience_ns = 0;
};
/// Throws UsageError.
OnFull parse_on_full(std::string_view text);
std::string check_on_full(std::string_view text);

/// How a receiver takes what is there.
struct Take {
  enum class Kind {
    each,    ///< `each`: one after the other
    frames,  ///< `frames-16ms`: at each tick all that is there, and sleeps until the next
    batches  ///< `batches-64-100us`: up to so many, then a flush that takes so long
  };
  Kind kind = Kind::each;
  std::int64_t period_ns = 0;
  int most = 0;
  std::int64_t flush_ns = 0;
};
/// Throws UsageError.
Take parse_take(std::string_view text);
std::string check_take(std::string_view text);

}  // namespace weir::scenario
