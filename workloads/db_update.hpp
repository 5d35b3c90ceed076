// db_update: the heart. Tasks never touch the database; they send updates to the one task that owns
// it.
//
//   task_a --+
//            +--> channel (capacity 100) --> task_c: table
//   task_b --+
//
// The rivals are what people would write instead: the same tasks, the same table, one mutex, a
// reader-writer lock, or a lock for every 64th row.
//
//   task_a --+
//            +--> lock --> table
//   task_b --+
//
// Verified: accepted = applied, per-sender order, and the final table equals that of a sequential
// replay.
#pragma once

#include "harness/probe.hpp"
#include "harness/work.hpp"
#include "workloads/databases/table.hpp"
#include "workloads/transfer.hpp"

namespace weir {

template <>
struct MessageTraits<Update> {
  static Update make(std::uint64_t word) noexcept { return Update::of(word); }
  static std::uint64_t word(const Update& update) noexcept { return update.id; }
  static bool intact(const Update& update) noexcept { return update == Update::of(update.id); }
};

struct DbUpdate {
  static constexpr std::string_view kName = "db_update";
  static constexpr std::string_view kSummary =
      "tasks send updates to the one task that owns the table; the rivals are locks";
  static constexpr std::array<std::string_view, 5> kKeys{"p", "cap", "rwork", "rows", "place"};
  using Messages = Types<Update>;

  template <class C>
  static void run(Trial& trial) {
    C channel(trial.spec().capacity);
    Table table(trial.spec().rows);
    for (int i = 0; i < trial.spec().producers; ++i) {
      trial.add_sender(
          [&](Role& role) { send_until_stopped(role, channel, [](std::uint64_t) noexcept {}); });
    }
    trial.add_receiver([&](Role& role) {
      const std::uint64_t steps = role.steps_for(trial.spec().recv_work_ns);
      recv_until_ended(role, channel, [&table, steps](const Update& update) noexcept {
        table.apply(update);
        work(steps);
      });
    });
    const auto apply = [&table](const Update& update) noexcept { table.apply(update); };
    if (play_over(trial, channel, apply) && check_table(trial, table)) {
      trial.report({"updates", "msg/s", Direction::higher, trial.rate_of(Role::Kind::receiver)});
    }
  }

  /// A rival. Each task applies its own updates under the lock; a sender here does both.
  template <class Lock>
  static void run_under_lock(Trial& trial);

 private:
  static bool check_table(Trial& trial, const Table& table);
};

/// Enters the rivals into the registry.
void enter_locks();

}  // namespace weir
