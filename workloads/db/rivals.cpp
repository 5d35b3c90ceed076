// What people would write instead of the proxy: tasks that change the database themselves.
#include <memory>

#include "harness/registry.hpp"
#include "harness/work.hpp"
#include "workloads/databases/locks.hpp"
#include "workloads/db/db.hpp"
#include "workloads/db/stage.hpp"

namespace weir::db {
namespace {

/// One task of a rival. `serve(request, word)` does a request and returns when it is done, and, for
/// a read, what it brought.
template <class Serve>
void ask_oneself(DbStage& stage, Role& role, const Serve& serve) {
  TaskLog& log = stage.log(role);
  Pace pace(stage.spec(), role.index());
  RoleCounts counts;
  role.wait_for_gate();
  while (role.checkpoint(counts.messages) != Phase::stopping) {
    const std::int64_t start_ns = pace.next();
    const std::uint64_t word = MessageId{role.index(), counts.messages}.word();
    const Request request = stage.requests().of(word);
    ++counts.offered;
    ++counts.messages;
    const Row* row = nullptr;
    try {
      row = serve(request, word);
    } catch (const DatabaseError& error) {
      role.fail("error", error.what());
      break;
    }
    // The check is ours, and no part of the response; the proxy's answers are stamped before it,
    // too.
    log.response(role, start_ns, MonotonicClock::now_ns());
    log.reads.done(word, row);
  }
  role.end(counts, nullptr);
}

void finish(DbStage& stage) {
  stage.play(nullptr);
  // Applied by the tasks themselves: nothing is received, nothing can be left.
  if (stage.check()) stage.report(Role::Kind::sender, std::nullopt);
}

void refuse_flush(const Case& spec) {
  if (spec.flush != 0)
    throw NotApplicable("has each request done when it returns: nothing to flush");
}

/// One database in memory for all tasks, with a lock around each request.
template <class Lock>
void run_under_lock(Trial& trial) {
  refuse_flush(trial.spec());
  DbStage stage(trial);
  if (!stage.store().in_memory)
    throw NotApplicable("a real database has locks of its own: see own_connection");
  Lock lock;
  for (int i = 0; i < trial.spec().producers; ++i) {
    trial.add_sender([&](Role& role) {
      const auto connection = stage.database().connect();
      std::vector<std::byte> value(static_cast<std::size_t>(trial.spec().value_bytes));
      const std::uint64_t steps = role.steps_for(trial.spec().recv_work_ns);
      Row row;
      ask_oneself(stage, role, [&](const Request& request, std::uint64_t word) -> const Row* {
        if (request.op == Op::read) {
          const typename Lock::Reading reading(lock, request.key);
          const bool found = connection->read(request.key, row);
          work(steps);
          return found ? &row : nullptr;
        }
        fill_value(word, value);
        const typename Lock::Writing writing(lock, request.key);
        connection->apply({request.key, request.amount, word, value});
        work(steps);
        return nullptr;
      });
    });
  }
  finish(stage);
}

/// A real database with a connection for each task, and a transaction for each update.
void run_own_connection(Trial& trial) {
  refuse_flush(trial.spec());
  DbStage stage(trial);
  if (stage.store().in_memory) throw NotApplicable("in memory there are no connections");
  for (int i = 0; i < trial.spec().producers; ++i) {
    trial.add_sender([&](Role& role) {
      const auto connection = stage.database().connect();
      std::vector<std::byte> value(static_cast<std::size_t>(trial.spec().value_bytes));
      const std::uint64_t steps = role.steps_for(trial.spec().recv_work_ns);
      Row row;
      ask_oneself(stage, role, [&](const Request& request, std::uint64_t word) -> const Row* {
        if (request.op == Op::read) {
          const bool found = connection->read(request.key, row);
          work(steps);
          return found ? &row : nullptr;
        }
        fill_value(word, value);
        connection->begin();
        connection->apply({request.key, request.amount, word, value});
        work(steps);
        connection->commit();
        return nullptr;
      });
    });
  }
  finish(stage);
}

}  // namespace

void enter_db() {
  Case base;
  base.workload = "db";
  base.arrivals = "asap";  // unless the case has a rate
  registry().add_workload(
      {.name = "db",
       .summary = "tasks send requests to the one task that owns a database, which commits them in "
                  "groups; the rivals are locks and a connection for each task",
       .keys = {"p", "cap", "rate", "rwork", "store", "rows", "keys", "mix", "value", "window",
                "group", "linger", "flush", "place"},
       .base = std::move(base),
       .erased = run_proxy,
       .extra_seconds = 0.05});
  registry().add_run("db", "shared_lock", "", &run_under_lock<SharedLock>);
  registry().add_run("db", "rw_lock", "", &run_under_lock<ReaderWriterLock>);
  registry().add_run("db", "sharded_locks", "", &run_under_lock<ShardedLocks>);
  registry().add_channel(
      {.name = "own_connection",
       .summary = "not a channel: every task has a connection to the database and commits each "
                  "update itself",
       .contract = {.wait = Wait::park, .progress = Progress::lock},
       .own = true,
       .kind = EntryKind::rival});
  registry().add_run("db", "own_connection", "", &run_own_connection);
}

}  // namespace weir::db
