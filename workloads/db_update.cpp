#include "workloads/db_update.hpp"

#include "harness/registry.hpp"
#include "workloads/databases/locks.hpp"

namespace weir {

bool DbUpdate::check_table(Trial& trial, const Table& table) {
  Table replayed(trial.spec().rows);
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

template <class Lock>
void DbUpdate::run_under_lock(Trial& trial) {
  Table table(trial.spec().rows);
  Lock lock;
  for (int i = 0; i < trial.spec().producers; ++i) {
    trial.add_sender([&](Role& role) {
      const std::uint64_t steps = role.steps_for(trial.spec().recv_work_ns);
      // A block of long updates, each of which waits for those of all other tasks, would outlast
      // the window; beside a microsecond, a look at the phase is nothing.
      const int block = trial.spec().recv_work_ns < 1000 ? Role::kBlock : 1;
      RoleCounts counts;
      role.wait_for_gate();
      while (role.checkpoint(counts.messages) != Phase::stopping) {
        for (int k = 0; k < block; ++k) {
          const Update update = Update::of(MessageId{role.index(), counts.messages}.word());
          {
            const typename Lock::Writing writing(lock, table.row_of(update));
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

void enter_locks() {
  const auto enter = [](std::string_view name, std::string_view summary, RunFunction run) {
    registry().add_channel({.name = std::string(name),
                            .summary = std::string(summary),
                            .contract = {.wait = Wait::park, .progress = Progress::lock},
                            .own = true,
                            .kind = EntryKind::rival});
    registry().add_run(DbUpdate::kName, name, "", run);
  };
  enter("shared_lock", "not a channel: every task updates the table itself, under one std::mutex",
        &DbUpdate::run_under_lock<SharedLock>);
  enter("rw_lock", "not a channel: the same under one std::shared_mutex, readers beside each other",
        &DbUpdate::run_under_lock<ReaderWriterLock>);
  enter("sharded_locks", "not a channel: the same with a std::mutex for every 64th row",
        &DbUpdate::run_under_lock<ShardedLocks>);
}

}  // namespace weir
