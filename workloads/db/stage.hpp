// What proxy and rivals of `db` have in common: the database with its rows, the requests, when they
// are due, what is counted, the check at the end and the record.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/erasure.hpp"
#include "harness/trial.hpp"
#include "workloads/databases/database.hpp"
#include "workloads/databases/folder.hpp"
#include "workloads/db/reads.hpp"
#include "workloads/db/requests.hpp"

namespace weir::db {

/// When the requests of one task are due: at even distances from the gate on, or each as soon as
/// the one before was sent.
class Pace {
 public:
  Pace(const Case& spec, std::uint32_t task);
  /// Waits until the next is due, and says when that was. Never skips one.
  std::int64_t next() noexcept;

 private:
  std::int64_t distance_ns_;
  std::int64_t phase_ns_;
  std::int64_t due_ns_ = 0;
};

/// What one task saw of its own requests.
struct TaskLog {
  explicit TaskLog(ReadCheck check) : reads(std::move(check)) {}

  ReadCheck reads;
  Histogram responses;  ///< of what was asked in the window, whenever it was answered
  std::uint64_t not_committed = 0;

  void response(const Role& role, std::int64_t start_ns, std::int64_t done_ns) noexcept {
    const std::int64_t opened_ns = role.window().start_ns;
    if (opened_ns != 0 && start_ns >= opened_ns) responses.record(done_ns - start_ns);
  }
};

/// What only the proxy has to say.
struct OwnersReport {
  const Histogram& commits;  ///< ns each
  const Histogram& groups;   ///< requests each
  const scenario::Erasure& erasure;
  double erasure_share;  ///< of the time of a message
};

class DbStage {
 public:
  /// Opens and loads the database. Throws NotApplicable where there is none of that name here, and
  /// where its files would lie in memory.
  explicit DbStage(Trial& trial);

  [[nodiscard]] Trial& trial() noexcept { return trial_; }
  [[nodiscard]] const Case& spec() const noexcept { return trial_.spec(); }
  [[nodiscard]] const Store& store() const noexcept { return store_; }
  [[nodiscard]] Database& database() noexcept { return *database_; }
  [[nodiscard]] const Requests& requests() const noexcept { return requests_; }
  [[nodiscard]] TaskLog& log(const Role& role) noexcept { return *logs_[role.index()]; }

  void play(const std::function<void()>& close);
  /// Whether all is as a replay of what the tasks' roles accepted has it. Else the trial has
  /// failed.
  bool check();
  void report(Role::Kind applies, const std::optional<OwnersReport>& owner);

 private:
  Trial& trial_;
  const Store& store_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<Database> database_;
  Requests requests_;
  std::vector<std::unique_ptr<TaskLog>> logs_;
  std::optional<DiskUse> used_;
};

}  // namespace weir::db
