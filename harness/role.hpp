// A role: one thread of a trial, and what it tells the others. The message loops of workloads run
// on it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "channels/channel.hpp"
#include "harness/clock.hpp"
#include "harness/ledger.hpp"
#include "harness/system.hpp"

namespace weir {

enum class Phase : std::uint32_t { starting, warming, timed, stopping };

enum class RoleState : std::uint32_t { starting, ready, running, ended };

/// A role's line on the board that the watching process reads: it outlives the trial's process.
struct alignas(128) BoardLine {
  char name[32];
  std::atomic<RoleState> state;
  std::atomic<std::uint64_t> progress;
};

struct Board {
  static constexpr std::size_t kMaxRoles = 256;
  std::atomic<std::uint32_t> roles;
  /// Counted up by a coordinator whose roles rest because they were told to: that is no hang.
  std::atomic<std::uint64_t> heartbeat;
  BoardLine lines[kMaxRoles];
};

/// What a role counted. For senders `messages` are those accepted, for receivers those received.
struct RoleCounts {
  std::uint64_t messages = 0;
  std::uint64_t offered = 0;
  std::uint64_t refused = 0;
  std::uint64_t evicted = 0;
};

struct DepthSamples {
  std::uint64_t count = 0;
  std::uint64_t max = 0;
  double sum = 0;
};

class alignas(128) Role {
 public:
  enum class Kind { sender, receiver };
  /// Messages between two looks at the phase: the look costs one load of a line that hardly ever
  /// changes.
  static constexpr int kBlock = 64;

  Role(Kind kind, int index, int cpu, const std::atomic<Phase>& phase, BoardLine& line)
      : kind_(kind), index_(index), cpu_(cpu), phase_(&phase), line_(&line) {}

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  /// Number among the senders, or among the receivers.
  [[nodiscard]] std::uint32_t index() const noexcept { return static_cast<std::uint32_t>(index_); }
  [[nodiscard]] int cpu() const noexcept { return cpu_; }
  [[nodiscard]] std::string_view name() const noexcept { return line_->name; }

  /// Waits at the gate until all roles are there.
  void wait_for_gate() noexcept;

  /// To be called after every kBlock messages: publishes progress, notices the start and the end of
  /// the window.
  Phase checkpoint(std::uint64_t messages) noexcept {
    line_->progress.store(messages, std::memory_order_relaxed);  // read by the watchdog only
    // relaxed: nothing is published by a phase; roles may see it a little late, and take their own
    // time stamps
    const Phase phase = phase_->load(std::memory_order_relaxed);
    if (phase != seen_) [[unlikely]]
      cross(phase, messages);
    return phase;
  }

  /// Takes note of the channel's depth as this role sees it.
  void sample_depth(std::size_t depth) noexcept {
    ++depth_.count;
    depth_.sum += static_cast<double>(depth);
    if (depth > depth_.max) depth_.max = depth;
  }

  /// Takes the time of the last message; receivers do so for each message once senders have
  /// stopped.
  void stamp_last_message() noexcept { last_ns_ = MonotonicClock::now_ns(); }

  /// Ends the role's measuring. The last stamp is the end of its window; without one, now is.
  void end(RoleCounts counts, const WaitStats* waits) noexcept;

  /// Keeps the first failure of the role.
  void fail(std::string_view failure, std::string reason);

  /// Runs so many steps of work() at every checkpoint: a slowdown of known place. Before the gate.
  void plant(std::uint64_t steps) noexcept { planted_steps_ = steps; }

  /// Steps of work() for `ns` nanoseconds on this role's core, measured here and now.
  [[nodiscard]] std::uint64_t steps_for(int ns) const noexcept;

  [[nodiscard]] Ledger* ledger() noexcept { return ledger_; }
  void keep(Ledger& ledger) noexcept { ledger_ = &ledger; }
  /// True in the window itself: for samples that are taken one by one.
  [[nodiscard]] bool in_window() const noexcept { return seen_ == Phase::timed; }

  // Read after the role has been joined.
  struct Window {
    std::uint64_t messages = 0;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    std::int64_t cpu_ns = 0;
    std::int64_t voluntary_switches = 0;
    std::int64_t involuntary_switches = 0;
  };
  [[nodiscard]] const Window& window() const noexcept { return window_; }
  [[nodiscard]] const RoleCounts& counts() const noexcept { return counts_; }
  [[nodiscard]] const WaitStats* waits() const noexcept {
    return counts_waits_ ? &waits_ : nullptr;
  }
  [[nodiscard]] const DepthSamples& depth() const noexcept { return depth_; }
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  void cross(Phase phase, std::uint64_t messages) noexcept;
  void open_window(std::uint64_t messages) noexcept;

  Kind kind_;
  int index_;
  int cpu_;
  const std::atomic<Phase>* phase_;
  BoardLine* line_;
  Ledger* ledger_ = nullptr;
  Phase seen_ = Phase::starting;
  std::uint64_t planted_steps_ = 0;
  bool opened_ = false;
  std::uint64_t opened_at_ = 0;
  sys::ThreadUsage opened_usage_;
  std::int64_t last_ns_ = 0;
  Window window_;
  RoleCounts counts_;
  bool counts_waits_ = false;
  WaitStats waits_;
  DepthSamples depth_;
  std::string failure_;
  std::string reason_;
};

}  // namespace weir
