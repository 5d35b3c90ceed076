#include "harness/stress/runner.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "harness/clock.hpp"
#include "harness/plan.hpp"
#include "harness/stress/delay_sync.hpp"

namespace weir::stress {
namespace {

Json describe(const Met& met, const std::string& failure) {
  return {
      {"operations", met.operations}, {"full", met.full},           {"empty", met.empty},
      {"blocked", met.blocked},       {"closed", met.closed},       {"timed_out", met.timed_out},
      {"histories", met.histories},   {"undecided", met.undecided}, {"failure", failure}};
}

Met met_of(const Json& text) {
  Met met;
  met.operations = text["operations"].get<std::uint64_t>();
  met.full = text["full"].get<std::uint64_t>();
  met.empty = text["empty"].get<std::uint64_t>();
  met.blocked = text["blocked"].get<std::uint64_t>();
  met.closed = text["closed"].get<std::uint64_t>();
  met.timed_out = text["timed_out"].get<std::uint64_t>();
  met.histories = text["histories"].get<std::uint64_t>();
  met.undecided = text["undecided"].get<std::uint64_t>();
  return met;
}

std::string run_here(const Case& one, const ChannelEntry& channel, std::uint64_t seed,
                     double seconds, Board& board) {
  Dice::seed(seed);
  Context context(channel, seed, static_cast<std::int64_t>(seconds * 1e9), board);
  try {
    one.run(context);
  } catch (const std::exception& error) {
    context.fail(error.what());
  }
  return describe(context.met, context.failure()).dump();
}

/// One try of a case, in a process of its own.
std::optional<Outcome> try_case(const Case& one, const ChannelEntry& channel, double seconds,
                                const RunOptions& options) {
  Outcome outcome;
  outcome.channel = channel.name;
  outcome.name = one.name;
  // The same seed for a case whatever else is run: a failure can be shown again alone.
  outcome.seed = trial_seed(options.seed, 0, channel.name + "/" + std::string(one.name));
  const std::int64_t start = MonotonicClock::now_ns();
  const ChildOutcome child = run_in_child(
      [&](Board& board) { return run_here(one, channel, outcome.seed, seconds, board); },
      options.limits);
  if (interrupted) return std::nullopt;
  outcome.seconds = static_cast<double>(MonotonicClock::now_ns() - start) * 1e-9;
  outcome.stacks = child.stacks;
  if (!child.failure.empty()) {
    outcome.verdict = Verdict::failed;
    outcome.reason = child.failure + ": " + child.reason;
    return outcome;
  }
  const Json text = Json::parse(child.text, nullptr, false);
  if (text.is_discarded()) {
    outcome.verdict = Verdict::failed;
    outcome.reason = "ended without a result";
    return outcome;
  }
  outcome.met = met_of(text);
  outcome.reason = text["failure"].get<std::string>();
  if (!outcome.reason.empty()) {
    outcome.verdict = Verdict::failed;
  } else if (const std::string_view missing =
                 one.about.missing(outcome.met, channel.any.operations.counts_waits);
             !missing.empty()) {
    outcome.verdict = Verdict::vacuous;
    outcome.reason = "vacuous: never met " + std::string(missing);
  }
  return outcome;
}

}  // namespace

std::optional<Outcome> run_case(const Case& one, const ChannelEntry& channel, double seconds,
                                const RunOptions& options) {
  // What a case must meet is a matter of chance where there is next to no time: one more try, with
  // enough of it, decides whether it proves nothing.
  constexpr double kEnough = 2.0;
  std::optional<Outcome> outcome = try_case(one, channel, seconds, options);
  if (outcome && outcome->verdict == Verdict::vacuous && seconds < kEnough)
    outcome = try_case(one, channel, kEnough, options);
  return outcome;
}

bool run_channel(const ChannelEntry& channel, const std::vector<const Case*>& cases,
                 const RunOptions& options, const std::function<void(const Outcome&)>& done) {
  std::vector<const Case*> applicable;
  for (const Case* one : cases) {
    const std::string_view reason = one->why_not(channel);
    if (reason.empty()) {
      applicable.push_back(one);
    } else {
      done({.channel = channel.name,
            .name = std::string(one->name),
            .verdict = Verdict::not_applicable,
            .reason = std::string(reason)});
    }
  }
  const double seconds = options.seconds_per_channel / static_cast<double>(applicable.size());
  for (const Case* one : applicable) {
    const std::optional<Outcome> outcome = run_case(*one, channel, seconds, options);
    if (!outcome) return false;
    done(*outcome);
  }
  return true;
}

}  // namespace weir::stress
