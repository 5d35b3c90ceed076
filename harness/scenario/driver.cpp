#include "harness/scenario/driver.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/record.hpp"
#include "harness/registry.hpp"
#include "harness/scenario/backpressure_record.hpp"
#include "harness/scenario/erasure.hpp"
#include "harness/scenario/knee.hpp"
#include "harness/scenario/pipeline.hpp"
#include "harness/scenario/skew.hpp"
#include "harness/scenario/stage.hpp"

namespace weir::scenario {
namespace {

constexpr int kMostIdleLegs = 3;          // in which the machine let nobody run
constexpr std::size_t kCapacityLegs = 3;  // the median of them: the host may take the time of one
// Short: what an unbounded channel takes meanwhile must all be served before the next.
constexpr std::int64_t kCapacityNs = 20'000'000;
constexpr std::int64_t kCapacityWarmUpNs = 5'000'000;

/// `stops`: threads are to stop inside its operations.
template <class T>
AnyFactoryOf<T> factory_of(const ChannelEntry& entry, bool stops) {
  if constexpr (sizeof(T) == 8) {
    return stops ? entry.delayed : entry.any;
  } else if constexpr (sizeof(T) == 64) {
    return entry.any_64;
  } else {
    return entry.any_256;
  }
}

std::int64_t ns(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

template <class T>
class Driver {
 public:
  Driver(Trial& trial, const Scenario& scenario, const ChannelEntry& entry)
      : trial_(trial), scenario_(scenario), entry_(entry), spec_(trial.spec()) {}

  void run() {
    const AnyFactoryOf<T> factory = factory_of<T>(entry_, scenario_.pauses_inside());
    if (factory.make == nullptr)
      throw NotApplicable("has no named points at which a thread could stop");
    check_operations(factory.operations);
    DelaySync::calm();
    choose_clock();
    erasure_ = erasure_of(factory, entry_.contract, spec_.capacity);
    if (!needs_capacity()) check_rate(static_cast<double>(spec_.rate));
    const auto channel = make_channel(factory);
    Stage<T> stage(trial_, scenario_, *channel, factory.operations, entry_.contract);
    crowded_ = stage.crowded();
    stretch_phases();
    const bool sound =
        stage.play([this](const Latency* last) { return direct(last); }, most_messages());
    if (!refusal_.empty()) throw NotApplicable(refusal_);
    if (DelaySync::stopped() < stage.stops_wanted())
      throw NotApplicable("its senders do not come by a point of that name");
    if (sound) report(stage);
  }

 private:
  [[nodiscard]] std::unique_ptr<AnyChannelOf<T>> make_channel(
      const AnyFactoryOf<T>& factory) const {
    if (spec_.stages == 1) return factory.make(spec_.capacity);
    return std::make_unique<Pipeline<T>>(factory, spec_.capacity, spec_.stages);
  }

  [[nodiscard]] bool needs_capacity() const {
    return spec_.load > 0 || scenario_.measure == Measure::knee;
  }

  void check_operations(const Operations& operations) const {
    for (const Stall& stall : scenario_.stalls) {
      const bool sends = stall.kind == Role::Kind::sender;
      if (stall.index >= (sends ? spec_.producers : spec_.consumers))
        throw NotApplicable(
            fmt::format("there is no {} {} to stall", sends ? "sender" : "receiver", stall.index));
    }
    if (scenario_.pauses_inside() && sizeof(T) != 8)
      throw NotApplicable("threads stop inside operations with messages of 8 bytes only");
    const OnFull::Kind full = parse_on_full(spec_.full).kind;
    if (full == OnFull::Kind::drop && !operations.tries)
      throw NotApplicable("has no try_send: it cannot drop what it has no room for");
    if (full == OnFull::Kind::timeout && !operations.timed)
      throw NotApplicable("has no send_until: it cannot give up after a time");
    if (parse_take(spec_.take).kind != Take::Kind::each && !operations.tries)
      throw NotApplicable("has no try_recv: a receiver cannot take just what is there");
    if (spec_.stages > 1 && entry_.contract.overflow != Overflow::block)
      throw NotApplicable("drops by itself: nobody could say what a stage of a pipeline lost");
    if (spec_.stages > 1 && !operations.closes)
      throw NotApplicable("has no close: nobody can end the stages of a pipeline");
  }

  void choose_clock() {
    if (spec_.clock == "tsc") {
      if (const std::string why = RealTime::use_tsc(); !why.empty()) throw NotApplicable(why);
    }
    if (spec_.place != Place::one) skew_ = measure_skew(sys::allowed_cpus());
  }

  /// What a sender can do, and what the erasure may cost of the time of a message.
  void check_rate(double rate) const {
    if (const std::string why = why_not(rate); !why.empty()) throw NotApplicable(why);
  }

  [[nodiscard]] std::string why_not(double rate) const {
    const double each = rate / spec_.producers;
    if (each > kMostPerSender) {
      return fmt::format("{:.3g} messages/s a sender are beyond the pacer: at most {:.3g}", each,
                         kMostPerSender);
    }
    return erasure_.why_not(rate, spec_.producers, spec_.consumers);
  }

  /// The phases of the trial are those of the leg that counts.
  void stretch_phases() {
    Timing timing = trial_.timing();
    if (needs_capacity()) {
      timing.warm_up += std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::nanoseconds(kCapacityLegs * (kCapacityNs + kCapacityWarmUpNs)));
    }
    window_ns_ = ns(trial_.timing().window);
    warm_up_ns_ = ns(trial_.timing().warm_up);
    trial_.set_timing(timing);
  }

  [[nodiscard]] std::size_t most_messages() const {
    const double seconds =
        static_cast<double>(std::max(window_ns_ + warm_up_ns_, kCapacityNs + kCapacityWarmUpNs)) *
        1e-9;
    const double rate =
        spec_.rate > 0 ? 1.2 * static_cast<double>(spec_.rate) : kMostPerSender * spec_.producers;
    return static_cast<std::size_t>(rate * seconds) + 100'000;
  }

  std::optional<Request> direct(const Latency* last) {
    if (needs_capacity() && capacity_ == 0) {
      if (last != nullptr) capacities_.push_back(last->achieved);
      if (capacities_.size() < kCapacityLegs) return capacity_leg();
      std::sort(capacities_.begin(), capacities_.end());
      capacity_ = capacities_[kCapacityLegs / 2];
      if (capacity_ == 0) refusal_ = "nothing came through when its capacity was measured";
      if (scenario_.measure == Measure::knee) {
        search_.emplace(capacity_, spec_.bound_ns);
      } else if (refusal_.empty()) {
        refusal_ = why_not(rate());
      }
      if (!refusal_.empty()) return std::nullopt;
      return search_ ? window_of_search() : main_leg();
    }
    if (search_) {
      search_->tell(*last);
      latency_ = *last;
      return window_of_search();
    }
    if (last != nullptr && (last->arrived > 0 || ++idle_legs_ == kMostIdleLegs)) {
      latency_ = *last;
      return std::nullopt;
    }
    return main_leg();
  }

  static Request capacity_leg() {
    return {.arrivals = {.kind = Arrivals::Kind::asap},
            .warm_up_ns = kCapacityWarmUpNs,
            .window_ns = kCapacityNs};
  }

  [[nodiscard]] Request main_leg() const {
    return {.arrivals = parse_arrivals(spec_.arrivals),
            .rate = rate(),
            .warm_up_ns = warm_up_ns_,
            .window_ns = window_ns_,
            .counts = true};
  }

  std::optional<Request> window_of_search() {
    constexpr std::int64_t kWarmUpNs = 10'000'000;
    const std::optional<KneeSearch::Window> window = search_->next();
    if (!window) return std::nullopt;
    refusal_ = why_not(window->rate);
    if (!refusal_.empty()) return std::nullopt;
    return Request{.arrivals = parse_arrivals(spec_.arrivals),
                   .rate = window->rate,
                   .warm_up_ns = kWarmUpNs,
                   .window_ns = window->length_ns,
                   .counts = true};
  }

  [[nodiscard]] double rate() const {
    return spec_.load > 0 ? capacity_ * spec_.load / 100 : static_cast<double>(spec_.rate);
  }

  // --- what came of it

  void report(const Stage<T>& stage) {
    if (const std::string why = clock_is_wrong(); !why.empty()) return trial_.fail("error", why);
    if (search_) return report_knee();
    const Latency& l = *latency_;
    // The roles are verified: it is the machine that gave them no time.
    if (l.arrived == 0) throw NotApplicable("the machine kept the roles from running");
    if (stage.backpressure()) {
      weir::scenario::report(trial_, entry_.contract, *stage.backpressure(), stage.costs(),
                             stage.memory());
    }
    const auto time = [&](const char* name, const Histogram& of, double fraction) {
      // Of what never came nobody knows how late it was.
      const auto beyond = (1 - fraction) * static_cast<double>(of.count());
      if (!of.supports(fraction) || static_cast<double>(of.overflow()) >= beyond) return;
      trial_.report({name, "ns", Direction::lower, static_cast<double>(of.quantile_ns(fraction))});
    };
    time("response_p50", l.response, 0.5);
    time("response_p99", l.response, 0.99);
    time("response_p99.9", l.response, 0.999);
    time("transit_p50", l.transit, 0.5);
    time("lag_p50", l.lag, 0.5);
    trial_.report({"achieved", "msg/s", Direction::higher, l.achieved});
    trial_.report("response", l.response);
    trial_.report("transit", l.transit);
    trial_.report("lag", l.lag);
    trial_.report("disturbed", l.disturbed);
    trial_.report_more("latency", describe(l).dump());
  }

  [[nodiscard]] std::string clock_is_wrong() const {
    if (static_cast<double>(latency_->smallest_transit_ns) < -skew_.uncertainty_ns) {
      return fmt::format(
          "a message was received {} ns before it was sent, and the clocks of the processors "
          "differ "
          "by at most {:.0f} ns",
          -latency_->smallest_transit_ns, skew_.uncertainty_ns);
    }
    const double drift = RealTime::uses_tsc() ? TscClock::drift_ppm() : 0;
    if (std::fabs(drift) <= TscClock::kMostPpm) return "";
    return fmt::format("the time stamp counter went {:.0f} ppm from CLOCK_MONOTONIC_RAW", drift);
  }

  void report_knee() {
    const auto held = std::find_if(search_->steps().rbegin(), search_->steps().rend(),
                                   [](const KneeStep& step) { return step.held; });
    if (held == search_->steps().rend()) {
      throw NotApplicable(fmt::format("no rate from {:.3g} messages/s on keeps p99 under {} here",
                                      search_->least(), duration_text(spec_.bound_ns)));
    }
    trial_.report({"knee", "msg/s", Direction::higher, search_->knee()});
    trial_.report({"p99_at_knee", "ns", Direction::lower, held->p99_ns});
    trial_.report({"capacity", "msg/s", Direction::higher, capacity_});
    Json line = describe(*latency_);
    Json steps = Json::array();
    for (const KneeStep& step : search_->steps()) {
      const bool finite = std::isfinite(step.p99_ns);
      steps.push_back({{"rate", step.rate},
                       {"achieved", step.achieved},
                       {"p99_ns", finite ? Json(step.p99_ns) : Json(nullptr)},
                       {"held", step.held}});
    }
    line["knee"] = {{"bound_ns", spec_.bound_ns},
                    {"windows", search_->windows()},
                    {"repeated", search_->repeated()},
                    {"disturbed", search_->disturbed()},
                    {"steps", std::move(steps)}};
    trial_.report_more("latency", line.dump());
  }

  [[nodiscard]] Json describe(const Latency& l) const {
    Json line;
    line["loop"] = spec_.arrivals == "asap" ? "closed" : "open";
    line["offered"] = l.offered;
    line["achieved"] = l.achieved;
    line["saturated"] = l.saturated();
    line["capacity"] = capacity_ > 0 ? Json(capacity_) : Json(nullptr);
    line["scheduled"] = l.scheduled;
    line["arrived"] = l.arrived;
    line["refused"] = l.refused;
    line["undelivered"] = l.undelivered;
    line["smallest_transit_ns"] = l.smallest_transit_ns;
    line["host"] = nullptr;
    if (!crowded_) {
      line["host"] = {{"gaps", l.gaps},
                      {"gap_ns", l.gap_ns},
                      {"longest_ns", l.longest_gap_ns},
                      {"disturbed", l.disturbed.count()}};
    }
    line["clock"] = {{"source", RealTime::uses_tsc() ? "tsc" : "monotonic"},
                     {"skew_ns", rounded(skew_.skew_ns)},
                     {"uncertainty_ns", rounded(skew_.uncertainty_ns)},
                     {"half_round_trip_ns", rounded(skew_.half_round_trip_ns)},
                     {"drift_ppm", nullptr}};
    if (RealTime::uses_tsc()) line["clock"]["drift_ppm"] = rounded(TscClock::drift_ppm());
    line["erasure"] = erasure_.json();
    Json intervals = Json::array();
    for (const Interval& interval : l.intervals) {
      const Histogram& h = interval.response;
      intervals.push_back(
          {{"at_ms", static_cast<double>(interval.begin - l.intervals[0].begin) / 1e6},
           {"length_ms", static_cast<double>(interval.length) / 1e6},
           {"count", h.count()},
           {"p50", h.quantile_ns(0.5)},
           {"p99", h.supports(0.99) ? Json(h.quantile_ns(0.99)) : Json(nullptr)},
           {"max", h.max_ns()},
           {"buckets", describe_buckets(h)}});
    }
    line["intervals"] = std::move(intervals);
    return line;
  }

  Trial& trial_;
  const Scenario& scenario_;
  const ChannelEntry& entry_;
  const Case& spec_;
  Erasure erasure_;
  Skew skew_;
  bool crowded_ = false;
  std::int64_t window_ns_ = 0;
  std::int64_t warm_up_ns_ = 0;
  std::vector<double> capacities_;
  double capacity_ = 0;
  int idle_legs_ = 0;
  std::string refusal_;
  std::optional<KneeSearch> search_;
  std::optional<Latency> latency_;
};

}  // namespace

void run_scenario(Trial& trial) {
  const Scenario& scenario = *find_scenario(trial.spec().workload);
  const ChannelEntry& entry = *registry().find_channel(trial.spec().channel);
  if (trial.spec().message == "64") return Driver<Payload<64>>(trial, scenario, entry).run();
  if (trial.spec().message == "256") return Driver<Payload<256>>(trial, scenario, entry).run();
  Driver<Payload<8>>(trial, scenario, entry).run();
}

}  // namespace weir::scenario
