#include "harness/stress/checker_case.hpp"

#include <algorithm>
#include <utility>

#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {
namespace {

Act act_of_send(const Operation& operation, const Contract& contract) noexcept {
  if (operation.pending()) return Act::insert;
  switch (operation.send_status()) {
    case SendStatus::ok:
      return Act::insert;
    case SendStatus::evicted:
      return Act::replace;
    case SendStatus::closed:
      return Act::send_closed;
    case SendStatus::full:
    case SendStatus::timed_out:
    case SendStatus::dropped:
      break;
  }
  // In a rendezvous a partner may have arrived and not be visible yet.
  const bool promised = contract.full == Answer::exact && contract.bound != Bound::rendezvous;
  return promised ? Act::see_full : Act::nothing;
}

Act act_of_recv(const Operation& operation, const Contract& contract) noexcept {
  if (operation.pending()) return Act::take;
  switch (operation.recv_status()) {
    case RecvStatus::ok:
      return Act::take;
    case RecvStatus::closed:
      return Act::recv_closed;
    case RecvStatus::empty:
    case RecvStatus::timed_out:
      break;
  }
  const bool promised = contract.empty == Answer::exact && contract.bound != Bound::rendezvous;
  return promised ? Act::see_empty : Act::nothing;
}

}  // namespace

Act act_of(const Operation& operation, const Contract& contract) noexcept {
  if (operation.is_send()) return act_of_send(operation, contract);
  if (operation.is_recv()) return act_of_recv(operation, contract);
  return operation.kind == Kind::close ? Act::close : Act::nothing;
}

Shape shape_of(const History& history, const Contract& contract) noexcept {
  Shape shape;
  for (std::size_t thread = 0; thread < history.threads(); ++thread) {
    bool sends = false;
    bool receives = false;
    for (std::size_t i = history.begin_of(thread); i < history.end_of(thread); ++i) {
      const Operation& operation = history.operations()[i];
      sends = sends || operation.is_send();
      receives = receives || operation.is_recv();
      const Act act = act_of(operation, contract);
      if (act == Act::replace) ++shape.replaced;
      if (act == Act::see_full) ++shape.seen_full;
      if (act == Act::see_empty) ++shape.seen_empty;
      if (act == Act::send_closed || act == Act::recv_closed) ++shape.told_closed;
      if (act == Act::close) ++shape.closes;
      if (operation.pending()) ++shape.pending;
      const bool first = i == history.begin_of(thread) || operation.kind == Kind::evict;
      if (!first && operation.invoked <= history.operations()[i - 1].responded) ++shape.overlapping;
    }
    if (sends) {
      ++shape.senders;
      shape.sender = thread;
    }
    if (receives) {
      ++shape.receivers;
      shape.receiver = thread;
    }
  }
  return shape;
}

bool Case::wants(Rule rule) const noexcept {
  const auto same = [&](const Violation& violation) { return violation.rule == rule; };
  const auto found = std::count_if(report.violations.begin(), report.violations.end(), same);
  return static_cast<std::size_t>(found) < options.violations_per_rule;
}

void Case::violation(Rule rule, std::string words, const std::vector<Index>& witness) {
  Violation violation{rule, std::move(words), {}, {}};
  for (const Index index : witness) {
    if (index != kNone) violation.witness.push_back(at(index));
  }
  violation.picture = picture_of(violation.witness);
  report.violations.push_back(std::move(violation));
}

std::string Case::message_name(const Message& message) const {
  return message_in_words(at(message.send).value);
}

}  // namespace weir::stress::checker
