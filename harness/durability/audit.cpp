#include "harness/durability/audit.hpp"

#include <fmt/core.h>

#include <array>
#include <set>

namespace weir::durability {
namespace {

struct Account {
  std::int64_t balance = 0;
  std::uint64_t version = 0;
  bool operator==(const Account&) const = default;
};

class Auditor {
 public:
  Auditor(const db::Requests& requests, const Runs& runs) : requests_(requests), runs_(runs) {}

  void look_at(std::uint64_t key, const db::Row& row) {
    if (!db::value_intact(row.last, row.value))
      return wrong(fmt::format("row {}: its value is not that of its last update", key));
    if (key < kAccounts) {
      found_accounts_[key] = {row.balance, row.version};
      return;
    }
    const MessageId id = MessageId::of(key);
    const db::Request request = requests_.of(key);
    if (id.sender >= kTasks || !was_sent(id)) return wrong(name(id) + " was never sent");
    if (row.version != 1)
      return wrong(fmt::format("{} was applied {} times", name(id), row.version));
    if (row.last != key || row.balance != request.amount)
      return wrong(name(id) + " is not what was sent");
    found_[id.sender].insert(id.sequence);
    Account& account = accounts_[request.key];
    account.balance += request.amount;
    ++account.version;
  }

  Audit finish() {
    for (std::uint64_t key = 0; key < kAccounts; ++key) {
      if (found_accounts_[key] == accounts_[key]) continue;
      wrong(fmt::format(
          "account {} had {} updates, and {} of them have a row: some are there by half", key,
          found_accounts_[key].version, accounts_[key].version));
    }
    for (const std::vector<Span>& run : runs_) {
      for (std::uint32_t task = 0; task < kTasks; ++task) count(task, run[task]);
    }
    return audit_;
  }

 private:
  static std::string name(MessageId id) {
    return fmt::format("update {} of task {}", id.sequence, id.sender);
  }

  void wrong(std::string what) {
    if (audit_.wrong.empty()) audit_.wrong = std::move(what);
  }

  [[nodiscard]] bool was_sent(MessageId id) const {
    for (const std::vector<Span>& run : runs_) {
      const Span& span = run[id.sender];
      if (id.sequence >= span.first && id.sequence < span.sent) return true;
    }
    return false;
  }

  /// A task's updates are committed in their order: what is there is the beginning of what was
  /// sent.
  void count(std::uint32_t task, const Span& span) {
    bool gap = false;
    for (std::uint64_t i = span.first; i < span.sent; ++i) {
      const bool there = found_[task].contains(i);
      const bool promised = i < span.acknowledged;
      audit_.acknowledged += promised ? 1 : 0;
      audit_.found += there ? 1 : 0;
      audit_.lost += promised && !there ? 1 : 0;
      if (there && gap) wrong(name({task, i}) + " is there, and one before it is not");
      gap = gap || !there;
    }
  }

  const db::Requests& requests_;
  const Runs& runs_;
  std::array<std::set<std::uint64_t>, kTasks> found_;
  std::array<Account, kAccounts> accounts_{};
  std::array<Account, kAccounts> found_accounts_{};
  Audit audit_;
};

}  // namespace

Audit audit(db::Connection& connection, const db::Requests& requests, const Runs& runs) {
  Auditor auditor(requests, runs);
  connection.for_each([&](std::uint64_t key, const db::Row& row) { auditor.look_at(key, row); });
  return auditor.finish();
}

}  // namespace weir::durability
