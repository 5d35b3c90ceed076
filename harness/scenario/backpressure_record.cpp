#include "harness/scenario/backpressure_record.hpp"

#include <nlohmann/json.hpp>
#include <numeric>

#include "harness/record.hpp"

namespace weir::scenario {
namespace {

double ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

Json ms_or_null(std::int64_t ns) { return ns < 0 ? Json(nullptr) : Json(rounded(ms(ns))); }

/// What decides when there is no room: the channel's own policy, or else the case's.
std::string policy_of(const Case& spec, const Contract& contract) {
  return contract.overflow == Overflow::block ? spec.full : std::string(name_of(contract.overflow));
}

/// Of a pipeline: of its channels together, and a message in the hands of each stage.
std::size_t capacity_of(const Case& spec, const Contract& contract) {
  const auto stages = static_cast<std::size_t>(spec.stages);
  const std::size_t each = contract.bound == Bound::rendezvous ? 0 : spec.capacity;
  return stages * each + stages - 1;
}

Json describe(const Recovery& recovery, const Case& spec) {
  Json stood = Json::object();
  for (std::size_t i = 0; i < recovery.stood_ns.size(); ++i) {
    const auto senders = static_cast<std::size_t>(spec.producers);
    const std::string who =
        i < senders ? "sender " + std::to_string(i) : "receiver " + std::to_string(i - senders);
    stood[who] = rounded(ms(recovery.stood_ns[i]));
  }
  return {{"what", recovery.what},
          {"begin_ms", rounded(ms(recovery.begin_ns))},
          {"length_ms", rounded(ms(recovery.length_ns))},
          {"backlog", recovery.backlog},
          {"baseline_depth", recovery.baseline_depth},
          {"peak_depth", recovery.peak_depth},
          {"depth_back_ms", ms_or_null(recovery.depth_ns)},
          {"response_back_ms", ms_or_null(recovery.response_ns)},
          {"drain_rate", rounded(recovery.drain_rate)},
          {"lost", recovery.lost},
          {"blocked_ms", rounded(ms(recovery.blocked_ns))},
          {"stood_ms", std::move(stood)}};
}

Json describe_moments(const Backpressure& found, const Memory& memory) {
  Json line{{"step_ms", ms(found.step_ns)}};
  for (const auto& [name, what] :
       {std::pair{"depth", &Moment::deepest}, std::pair{"accepted", &Moment::accepted},
        std::pair{"received", &Moment::received}, std::pair{"lost", &Moment::lost}}) {
    Json values = Json::array();
    for (const Moment& moment : found.moments) values.push_back(moment.*what);
    line[name] = std::move(values);
  }
  Json blocked = Json::array();
  for (const Moment& moment : found.moments) blocked.push_back(rounded(moment.blocked));
  line["blocked"] = std::move(blocked);
  line["resident_kib"] = memory.steps_kib;
  return line;
}

Json describe_runs(const std::vector<std::uint64_t>& runs) {
  const auto at = [&runs](std::size_t percent) {
    return runs.empty() ? 0 : runs[(runs.size() - 1) * percent / 100];
  };
  return {{"count", runs.size()}, {"p50", at(50)}, {"p90", at(90)}, {"max", at(100)}};
}

Json describe(const Turns& turns) {
  return {{"send_runs", describe_runs(turns.send_runs)},
          {"receive_runs", describe_runs(turns.receive_runs)},
          {"first_receive_ns",
           turns.first_receive_ns < 0 ? Json(nullptr) : Json(turns.first_receive_ns)},
          {"before_first_receive", turns.before_first_receive},
          {"accepted_ns", turns.accepted_ns},
          {"received_ns", turns.received_ns}};
}

Json describe_counts(const Backpressure& found) {
  return {{"offered", found.offered},
          {"accepted", found.accepted},
          {"refused",
           {{"full", found.full}, {"dropped", found.dropped}, {"timed_out", found.timed_out}}},
          {"evicted", found.evicted},
          {"received", found.received}};
}

Json describe(const Costs& costs) {
  return {{"senders", rounded(costs.cores(costs.senders_ns))},
          {"receivers", rounded(costs.cores(costs.receivers_ns))},
          {"waiting", rounded(costs.waiting())}};
}

Json describe(const Memory& memory) {
  return {{"before_kib", memory.before_kib},
          {"peak_kib", memory.peak_kib},
          {"after_kib", memory.after_kib},
          {"sampler_share", rounded(memory.sampler_share)}};
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

void report_figures(Trial& trial, const Backpressure& found, const Costs& costs) {
  trial.report({"goodput", "msg/s", Direction::higher, found.goodput});
  trial.report({"lost", "percent", Direction::lower,
                percent(found.refused() + found.evicted, found.accepted + found.refused())});
  const double blocked =
      std::accumulate(found.blocked_share.begin(), found.blocked_share.end(), 0.0);
  trial.report({"blocked", "percent", Direction::lower,
                100 * blocked / static_cast<double>(found.blocked_share.size())});
  trial.report({"waiting", "cores", Direction::lower, costs.waiting()});
  trial.report({"jain", "index", Direction::higher, found.fairness.jain});
  trial.report("send", found.sends);
  trial.report("staleness", found.staleness);
}

}  // namespace

void report(Trial& trial, const Contract& contract, const Backpressure& found, const Costs& costs,
            const Memory& memory) {
  report_figures(trial, found, costs);
  const Case& spec = trial.spec();
  const double window_ms = ms(found.step_ns) * static_cast<double>(found.moments.size());
  Json line{{"policy", policy_of(spec, contract)}, {"capacity", nullptr}};
  if (contract.bound != Bound::unbounded) line["capacity"] = capacity_of(spec, contract);
  line["window_ms"] = rounded(window_ms);
  line.update(describe_counts(found));
  line["offered_rate"] = rounded(static_cast<double>(found.offered) / window_ms * 1e3);
  line["goodput"] = rounded(found.goodput);
  line["blocked_share"] = Json::array();
  for (const double share : found.blocked_share) line["blocked_share"].push_back(rounded(share));
  line["depth"] = {{"max", found.deepest}, {"mean", rounded(found.mean_depth)}};
  line["fairness"] = {{"accepted", found.fairness.accepted},
                      {"jain", rounded(found.fairness.jain)},
                      {"starved_ns", found.fairness.starved_ns}};
  line["cpu"] = describe(costs);
  line["memory"] = describe(memory);
  line["stalls"] = Json::array();
  for (const Recovery& recovery : found.recoveries)
    line["stalls"].push_back(describe(recovery, spec));
  line["moments"] = describe_moments(found, memory);
  line["turns"] = describe(found.turns);
  trial.report_more("backpressure", line.dump());
}

}  // namespace weir::scenario
