// A trial as a workload sees it, in the process that was forked for it: roles, phases,
// verification, figures.
//
//   add roles -> play: spawn and place | gate | warm-up | window | senders stop | close | receivers
//   drain | join -> verify
//
// Not thread-safe: one thread, the coordinator, owns it; roles get their own Role.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/case.hpp"
#include "harness/histogram.hpp"
#include "harness/ledger.hpp"
#include "harness/registry.hpp"
#include "harness/role.hpp"

namespace weir {

/// Thrown by a workload that cannot run on this machine; the text says why.
class NotApplicable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Direction { higher, lower };

struct Metric {
  std::string name;
  std::string unit;
  Direction direction;
  double value;
};

/// How long the phases of a trial take.
struct Timing {
  std::chrono::milliseconds warm_up{20};
  std::chrono::milliseconds window{100};
};

/// Messages of a whole trial, summed over its roles.
struct Totals {
  std::uint64_t offered = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t received = 0;
  std::uint64_t evicted = 0;
  std::uint64_t left = 0;
};

class Trial {
 public:
  /// Runs `pass(n)` repeatedly, n operations each, and measures: a front supplies its own way.
  using Loop = std::function<void(Trial&, const std::function<void(std::uint64_t)>& pass)>;

  /// What the coordinator does between the warm-up and the stop, with the roles' threads running.
  using Window = std::function<void(const std::vector<std::thread::native_handle_type>& threads)>;

  Trial(Case spec, std::uint64_t seed, Timing timing, Board& board);
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  [[nodiscard]] const Case& spec() const noexcept { return spec_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  [[nodiscard]] const Timing& timing() const noexcept { return timing_; }

  // --- roles and phases
  /// Overrides the length of the phases, before play().
  void set_timing(Timing timing) noexcept { timing_ = timing; }
  /// Overrides the place of the case, before roles are added.
  void place_roles(Place place) noexcept { spec_.place = place; }
  void add_sender(std::function<void(Role&)> body);
  void add_receiver(std::function<void(Role&)> body);
  /// Keeps the window open until so many messages were received in it, however long that takes:
  /// roles that look at the phase once a block would miss the window of a very slow trial.
  void hold_open_for(std::uint64_t messages) noexcept { least_in_window_ = messages; }
  /// Instead of one window of the usual length. Before play().
  void use_window(Window window) { window_ = std::move(window); }
  /// Slows each role of that kind down by so many steps of work() after every Role::kBlock
  /// messages. Before roles are added.
  void plant(Role::Kind kind, std::uint64_t steps) noexcept {
    planted_kind_ = kind;
    planted_steps_ = steps;
  }
  /// What receivers have said so far, to the last checkpoint of each.
  [[nodiscard]] std::uint64_t received_so_far() const;
  /// Whether a role has returned: before the stop only one that failed does.
  [[nodiscard]] bool any_role_ended() const;
  /// Runs all roles. `close` is called when the senders have been joined; then the receivers must
  /// end.
  void play(const std::function<void()>& close);
  [[nodiscard]] const std::vector<std::unique_ptr<Role>>& roles() const noexcept { return roles_; }

  // --- verification
  /// One ledger for each receiver, as the contract asks; to be called after the roles were added,
  /// before play().
  void keep_ledgers(const Contract& contract);
  /// For messages that the coordinator drains itself, or that were evicted. Made by keep_ledgers().
  [[nodiscard]] Ledger& own_ledger() noexcept { return *ledgers_.back(); }
  void add_left(std::uint64_t messages) noexcept { left_ += messages; }
  /// Judges all ledgers and the counts of all roles. True when all is well.
  bool verify();
  /// Keeps the first failure of the trial.
  void fail(std::string_view failure, std::string reason);
  [[nodiscard]] Totals totals() const;

  // --- figures
  /// Messages per second of the window that the roles of one kind saw. For receivers the last
  /// message ends it.
  [[nodiscard]] double rate_of(Role::Kind kind) const;
  void report(Metric metric) { metrics_.push_back(std::move(metric)); }
  /// For a workload that was built on another one, whose figures are not its own.
  void replace_figures(std::vector<Metric> metrics) {
    metrics_ = std::move(metrics);
    histograms_.clear();
  }
  void report(std::string name, const Histogram& histogram) {
    histograms_.emplace_back(std::move(name), histogram);
  }
  /// A single-threaded loop over `pass`, which must run that many operations: nanoseconds an
  /// operation, median of the slices of a window. In the Google Benchmark front its own loop runs
  /// instead, and this returns 0.
  double loop(const std::function<void(std::uint64_t)>& pass);
  void use_loop(Loop loop) { loop_ = std::move(loop); }
  /// The library's own loop for this channel, where its catalogue file has one and it is to be
  /// measured here.
  [[nodiscard]] NativePass native_loop() const;
  /// By how much an operation of `pass` takes longer than one of `reference`, percent: both take
  /// turns, median of the ratios.
  double loop_excess_percent(const std::function<void(std::uint64_t)>& pass,
                             const std::function<void(std::uint64_t)>& reference);

  /// What a workload says beside its figures: a JSON object, as text, under a name of its own.
  void report_more(std::string name, std::string json) {
    more_.emplace_back(std::move(name), std::move(json));
  }

  // --- for the record
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& more() const noexcept {
    return more_;
  }
  [[nodiscard]] const std::vector<Metric>& metrics() const noexcept { return metrics_; }
  [[nodiscard]] const std::vector<std::pair<std::string, Histogram>>& histograms() const noexcept {
    return histograms_;
  }
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  /// All roles' samples together.
  [[nodiscard]] DepthSamples depth() const;

 private:
  void add_role(Role::Kind kind, int index, std::function<void(Role&)> body);
  [[nodiscard]] int cpu_for(Role::Kind kind, int index) const;
  void open_window(std::vector<std::thread>& threads);
  void hold_window_open();

  Case spec_;
  std::uint64_t seed_;
  Timing timing_;
  Board& board_;
  std::vector<int> cpus_;
  alignas(128) std::atomic<Phase> phase_{Phase::starting};
  alignas(128) std::vector<std::unique_ptr<Role>> roles_;
  std::vector<std::function<void(Role&)>> bodies_;
  std::uint64_t least_in_window_ = 0;
  Window window_;
  Role::Kind planted_kind_ = Role::Kind::sender;
  std::uint64_t planted_steps_ = 0;
  int senders_ = 0;
  int receivers_ = 0;
  std::vector<std::unique_ptr<Ledger>> ledgers_;
  bool must_drain_ = false;
  std::uint64_t left_ = 0;
  std::string failure_;
  std::string reason_;
  std::vector<Metric> metrics_;
  std::vector<std::pair<std::string, Histogram>> histograms_;
  std::vector<std::pair<std::string, std::string>> more_;
  Loop loop_;
};

}  // namespace weir
