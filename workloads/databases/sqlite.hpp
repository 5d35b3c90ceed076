// SQLite as its manual advises for one writer and many readers: a write-ahead log, one connection
// for each thread, BEGIN IMMEDIATE for transactions that write, a busy time-out instead of an
// error.
//
// https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
#pragma once

#ifdef WEIR_HAS_SQLITE

#include <chrono>

#include "workloads/databases/database.hpp"
#include "workloads/databases/sqlite_vfs.hpp"

namespace weir::db {

/// When the log is synced: at each commit; at checkpoints only; never.
enum class Synchronous { full, normal, off };

struct SqliteOptions {
  Synchronous synchronous = Synchronous::full;
  std::chrono::milliseconds busy_timeout{10'000};
  int checkpoint_pages = 1000;   ///< SQLite's own default
  DiskFaults* faults = nullptr;  ///< what is to go wrong with the files; nothing
};

class Sqlite final : public Database {
 public:
  /// Makes the file or takes one that Weir made. Throws DatabaseError, and leaves the file as it
  /// is, when it cannot be written, holds the tables of another program, or is damaged.
  explicit Sqlite(std::filesystem::path file, SqliteOptions options = {});
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  std::unique_ptr<Connection> connect() override;
  [[nodiscard]] bool durable() const override { return options_.synchronous == Synchronous::full; }
  [[nodiscard]] std::optional<DiskUse> disk_use() const override { return vfs_.disk_use(); }

 private:
  std::filesystem::path file_;
  SqliteOptions options_;
  SqliteVfs vfs_;
};

}  // namespace weir::db

#endif
