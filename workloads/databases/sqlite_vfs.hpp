// What SQLite does to its files, counted; and what is to go wrong with them, where a test wants it.
// A layer over SQLite's own VFS, which does the work: https://www.sqlite.org/vfs.html
#pragma once

#ifdef WEIR_HAS_SQLITE

#include <sqlite3.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "workloads/databases/database.hpp"

namespace weir::db {

/// Asked before each operation that changes a file; any thread. The answer is SQLITE_OK, or the
/// error that the operation ends in without having touched the file.
class DiskFaults {
 public:
  virtual ~DiskFaults() = default;
  virtual int on_write(std::string_view file, std::int64_t at, std::span<const std::byte> data) = 0;
  virtual int on_truncate(std::string_view file, std::int64_t size) = 0;
  virtual int on_sync(std::string_view file) = 0;
  virtual int on_delete(std::string_view file) = 0;
};

/// Registered while it lives, under a name of its own. Connections must be closed before it ends.
class SqliteVfs {
 public:
  /// Throws DatabaseError.
  explicit SqliteVfs(DiskFaults* faults);
  SqliteVfs(const SqliteVfs&) = delete;
  SqliteVfs& operator=(const SqliteVfs&) = delete;
  ~SqliteVfs();

  [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }
  [[nodiscard]] DiskUse disk_use() const noexcept {
    // relaxed: two counters, read when nothing runs
    return {syncs_.load(std::memory_order_relaxed), bytes_.load(std::memory_order_relaxed)};
  }

 private:
  friend struct VfsCalls;

  DiskFaults* faults_;
  std::string name_;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  std::atomic<std::uint64_t> syncs_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace weir::db

#endif
