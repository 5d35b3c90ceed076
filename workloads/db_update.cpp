#include "workloads/db_update.hpp"

#include <mutex>

#include "harness/registry.hpp"

namespace weir {

bool DbUpdate::check_table(Trial& trial, const Table& table) {
  Table replayed;
  for (const auto& role : trial.roles()) {
    if (role->kind() != Role::Kind::sender) continue;
    for (std::uint64_t i = 0; i < role->counts().messages; ++i) {
      replayed.apply(Update::of(MessageId{role->index(), i}.word()));
    }
  }
  if (table == replayed) return true;
  trial.fail("state",
             "the final table differs from that of a sequential replay of the accepted updates");
  return false;
}

void DbUpdate::run_shared_lock(Trial& trial) {
  Table table;
  alignas(128) std::mutex mutex;
  for (int i = 0; i < trial.spec().producers; ++i) {
    trial.add_sender([&](Role& role) {
      const std::uint64_t steps = role.steps_for(trial.spec().recv_work_ns);
      RoleCounts counts;
      role.wait_for_gate();
      while (role.checkpoint(counts.messages) != Phase::stopping) {
        for (int k = 0; k < Role::kBlock; ++k) {
          const Update update = Update::of(MessageId{role.index(), counts.messages}.word());
          {
            const std::lock_guard lock(mutex);
            table.apply(update);
            work(steps);
          }
          ++counts.messages;
          ++counts.offered;
        }
      }
      role.end(counts, nullptr);
    });
  }
  trial.play(nullptr);
  // Applied by the senders themselves: nothing is received, nothing can be left.
  if (check_table(trial, table)) {
    trial.report({"updates", "msg/s", Direction::higher, trial.rate_of(Role::Kind::sender)});
  }
}

void enter_shared_lock() {
  registry().add_channel(
      {.name = "shared_lock",
       .summary = "not a channel: every task updates the table itself, under one std::mutex",
       .contract = {.wait = Wait::park, .progress = Progress::lock},
       .own = true,
       .kind = EntryKind::rival});
  registry().add_run(DbUpdate::kName, "shared_lock", "", &DbUpdate::run_shared_lock);
}

}  // namespace weir
