#include "harness/stress/checker.hpp"

#include <algorithm>
#include <array>

#include "harness/stress/checker_case.hpp"
#include "harness/stress/checker_precedence.hpp"

namespace weir::stress {
namespace {

constexpr std::array<std::string_view, kRules> kNames{
    "fresh", "repeat", "loss", "order", "per_sender", "empty", "bound", "full", "close", "exact"};

using namespace checker;  // the parts; only here

class Check {
 public:
  Check(const History& history, const Contract& contract, std::size_t capacity,
        const CheckOptions& options)
      : it_{.history = history,
            .contract = contract,
            .capacity = capacity,
            .options = options,
            .report = report_,
            .shape = shape_of(history, contract)} {
    report_.operations = history.operations().size();
  }

  Report run() {
    applied(Rule::fresh);
    applied(Rule::repeat);
    if (it_.history.drained()) applied(Rule::loss);
    match_messages(it_);
    applied(Rule::close);
    check_close(it_);
    // One sender and one receiver: one pass decides all. Only if it objects, the rules are asked
    // which of them it is.
    const bool sound_so_far = it_.matched && report_.violations.empty();
    if (sound_so_far && searchable() && Precedence(it_).run() == Verdict::explained) {
      report_.complete = true;
      applied(Rule::exact);
      return std::move(report_);
    }
    apply_rules();
    if (sound_so_far && report_.violations.empty()) decide();
    return std::move(report_);
  }

 private:
  /// With one sender and one receiver, order within each sender is order.
  [[nodiscard]] bool fifo() const {
    const bool alone = it_.shape.senders <= 1 && it_.shape.receivers <= 1;
    return it_.contract.order == Order::fifo || (it_.contract.order == Order::per_sender && alone);
  }
  [[nodiscard]] bool rendezvous() const { return it_.contract.bound == Bound::rendezvous; }
  [[nodiscard]] bool searchable() const { return fifo() && !rendezvous() && it_.options.search; }

  void applied(Rule rule) { report_.rules.push_back(rule); }

  void apply_rules() {
    if (fifo()) {
      applied(Rule::order);
      check_order(it_);
    } else if (it_.contract.order == Order::per_sender) {
      applied(Rule::per_sender);
      check_per_sender(it_);
    }
    const Bound bound = it_.contract.bound;
    if (it_.contract.empty == Answer::exact && !rendezvous()) applied(Rule::empty);
    if (bound == Bound::exact || bound == Bound::rendezvous) applied(Rule::bound);
    check_presence(it_);
    // A message that is not accounted for may have been what filled the channel.
    if (it_.contract.full == Answer::exact && !rendezvous() && it_.matched) {
      applied(Rule::full);
      check_full(it_);
    }
  }

  /// The rules found nothing: whether there is an explanation.
  void decide() {
    report_.complete = fifo() && rendezvous();
    if (!searchable()) return;
    report_.complete = true;
    applied(Rule::exact);
    Precedence precedence(it_);
    Verdict verdict = precedence.run();
    if (verdict == Verdict::impossible) {
      it_.violation(precedence.rule(), precedence.words(), precedence.witness());
    }
    if (verdict == Verdict::not_applicable) verdict = check_known_order(it_);
    // What stays undecided there may still have an explanation that a search finds.
    if (verdict == Verdict::not_applicable || verdict == Verdict::undecided) check_episodes(it_);
  }

  Report report_{};
  Case it_;
};

}  // namespace

std::string_view name_of(Rule rule) noexcept { return kNames[static_cast<std::size_t>(rule)]; }

bool Report::violates(Rule rule) const noexcept {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const Violation& violation) { return violation.rule == rule; });
}

std::string Report::text() const {
  std::string text;
  for (const Violation& violation : violations) {
    text += std::string(name_of(violation.rule)) + ": " + violation.words + "\n";
    text += violation.picture;
  }
  if (!violations.empty()) return text;
  text = std::to_string(operations) + " operations, no violation";
  if (undecided > 0) text += ", " + std::to_string(undecided) + " episodes undecided";
  return text + "\n";
}

Report check(const History& history, const Contract& contract, std::size_t capacity,
             const CheckOptions& options) {
  return Check(history, contract, capacity, options).run();
}

}  // namespace weir::stress
