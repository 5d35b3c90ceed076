#include "harness/stress/explore/judge.hpp"

#include "harness/stress/checker.hpp"

namespace weir::explore {
namespace {

Contract without_time(Contract contract) {
  if (contract.order == Order::fifo) contract.order = Order::per_sender;
  contract.empty = Answer::spurious;
  contract.full = Answer::spurious;
  return contract;
}

}  // namespace

void Judge::operator()(World& world) {
  {
    const OwnMemory own;
    records_.clear(plan_.roles.size() + 1);
  }
  play_(world, plan_, records_);
  const OwnMemory own;
  if (!judged_.insert(mix(records_.hash(), world.read_stale() ? 1 : 0))) return;
  stress::History history;
  for (const auto& thread : records_.threads()) history.append(thread);
  history.set_drained(records_.drained);
  const Contract contract = world.read_stale() ? without_time(contract_) : contract_;
  stress::CheckOptions options;
  options.per_sender_across_receivers = !world.read_stale();
  const stress::Report report = stress::check(history, contract, plan_.capacity, options);
  if (!report.violations.empty()) world.fail(report.text());
}

}  // namespace weir::explore
