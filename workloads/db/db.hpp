// db: the lesson's system in full, over real databases. Tasks never touch the database; they send
// requests to the one task that owns it, and it commits them in groups and answers.
//
//   task_a --+                                           +--> begin, apply ..., commit
//            +--> channel --> task_c: a group of requests
//   task_b --+                                           +--> answers, to those who wait for one
//
// The rivals do the same updates without a channel: under a lock where the database is in memory,
// by a connection and a transaction of their own where it is a real one.
//
// For a database in memory whose updates take nanoseconds, `db_update` is the measure: there all is
// inlined. Here channel and database are erased, one virtual call an operation.
#pragma once

namespace weir {
class Trial;
}

namespace weir::db {

/// The workload over a channel. Case keys: p, cap, rate, rwork (in the service of each request),
/// store, rows, keys, mix, value, window, group, linger, flush, place.
void run_proxy(Trial& trial);

/// Enters the workload and its rivals into the registry.
void enter_db();

}  // namespace weir::db
