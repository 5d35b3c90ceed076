#include "harness/stress/explore/judge.hpp"

#include <algorithm>

#include "harness/stress/checker.hpp"

namespace weir::explore {
namespace {

Contract without_time(Contract contract) {
  if (contract.order == Order::fifo) contract.order = Order::per_sender;
  contract.empty = Answer::spurious;
  contract.full = Answer::spurious;
  return contract;
}

bool got(const stress::Operation& operation, RecvStatus status) {
  return operation.is_recv() && operation.recv_status() == status;
}

/// Whether some receiver was told `closed`, which says that everything accepted was received, and a
/// message was found inside when all roles had ended. True or not whenever each happened.
bool left_behind(const Records& records) {
  const auto any = [](const auto& thread, RecvStatus status) {
    return std::any_of(thread.begin(), thread.end(),
                       [&](const stress::Operation& operation) { return got(operation, status); });
  };
  const auto& threads = records.threads();
  const bool told = std::any_of(threads.begin(), threads.end() - 1, [&](const auto& thread) {
    return any(thread, RecvStatus::closed);
  });
  return told && any(threads.back(), RecvStatus::ok);
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
  if (left_behind(records_)) world.fail("a receiver got closed, and a message was left inside");
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
