#include "harness/turns.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "harness/case_id.hpp"
#include "harness/child.hpp"
#include "harness/error.hpp"
#include "harness/freezer.hpp"
#include "harness/record.hpp"
#include "harness/registry.hpp"
#include "harness/trial.hpp"
#include "harness/work.hpp"

namespace weir {
namespace {

using std::chrono::milliseconds;

void say(const Json& line) { std::cout << line.dump() << std::endl; }

/// The case of an id, if it can take turns.
Case case_of(const std::string& id) {
  const Case spec = parse_id(id);
  const Workload& workload = *registry().find_workload(spec.workload);
  if (!workload.has_key("p") || workload.erased != nullptr)
    throw UsageError("'" + spec.workload + "' is no probe with roles, so it cannot take turns");
  return spec;
}

/// The coordinator's part: freezes the roles, and lets them run for a window at each line.
class Turns {
 public:
  Turns(const Trial& trial, const std::vector<pthread_t>& threads, Board& board)
      : trial_(trial), board_(board), freezer_(threads) {}

  /// Until the input ends, or a role does: then the trial says why. Where it was a receiver, its
  /// senders may wait in the full channel: that is called a hang.
  void take() {
    if (!freeze()) return;
    Json ready;
    ready["ready"] = true;
    ready["id"] = trial_.spec().id();
    say(ready);
    while (const std::size_t asked = lines_asked()) {
      for (std::size_t i = 0; i < asked; ++i) {
        const Json line = window();
        if (!freeze()) return;
        say(line);
      }
    }
  }

 private:
  struct Moment {
    std::int64_t ns;
    std::uint64_t messages;
  };

  bool freeze() {
    return freezer_.freeze([this] { return trial_.any_role_ended(); });
  }

  Moment now() const { return {MonotonicClock::now_ns(), trial_.received_so_far()}; }

  Json window() {
    constexpr auto kLeadIn = std::chrono::microseconds(500);  // until all are awake, caches warm
    freezer_.thaw();
    sys::sleep_for(kLeadIn);
    const Moment begin = now();
    sys::sleep_for(trial_.timing().window);
    const Moment end = now();
    Json line;
    line["messages"] = end.messages - begin.messages;
    line["ns"] = end.ns - begin.ns;
    return line;
  }

  /// Waits for input. How many lines there are; 0 at its end.
  std::size_t lines_asked() {
    constexpr int kTickMs = 500;
    std::array<char, 64> buffer;
    for (;;) {
      board_.heartbeat.fetch_add(1, std::memory_order_relaxed);  // read by the watchdog only
      pollfd ready{STDIN_FILENO, POLLIN, 0};
      if (::poll(&ready, 1, kTickMs) <= 0) continue;
      const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
      if (count <= 0) return 0;
      const auto lines = std::count(buffer.begin(), buffer.begin() + count, '\n');
      if (lines > 0) return static_cast<std::size_t>(lines);
    }
  }

  const Trial& trial_;
  Board& board_;
  Freezer freezer_;
};

Json verdict(std::string_view failure, std::string_view reason) {
  Json line;
  line["status"] = failure.empty() ? "ok" : "failed";
  line["failure"] = failure;
  line["reason"] = reason;
  return line;
}

Json play(const Case& spec, const TurnOptions& options, Board& board) {
  Trial trial(spec, 1, {milliseconds(options.warm_up_ms), milliseconds(options.window_ms)}, board);
  const auto kind = options.plant_at == "sender" ? Role::Kind::sender : Role::Kind::receiver;
  if (options.plant_steps > 0) trial.plant(kind, options.plant_steps);
  trial.use_window(
      [&](const std::vector<pthread_t>& threads) { Turns(trial, threads, board).take(); });
  const double before = canary_ghz();
  try {
    registry().find_run(spec)(trial);
  } catch (const std::exception& error) {
    trial.fail("error", error.what());
  }
  Json line = verdict(trial.failure(), trial.reason());
  line["accepted"] = trial.totals().accepted;
  line["received"] = trial.totals().received;
  line["canary_ghz"] = {rounded(before), rounded(canary_ghz())};
  return line;
}

}  // namespace

int take_turns(const TurnOptions& options) {
  const Case spec = case_of(options.id);
  const Limits limits{.hang_after = std::chrono::seconds(10), .at_most = std::chrono::hours(1)};
  const auto body = [&](Board& board) { return play(spec, options, board).dump(); };
  const ChildOutcome outcome = run_in_child(body, limits);
  if (interrupted) return 130;
  Json line = Json::parse(outcome.text, nullptr, false);
  if (!outcome.failure.empty()) line = verdict(outcome.failure, outcome.reason);
  if (line.is_discarded()) line = verdict("exit", "ended without a result");
  say(line);
  return line["status"] == "ok" ? 0 : 1;
}

}  // namespace weir
