// A database as the workload `db` and the durability tests see it: numbered rows, changed in
// transactions. In memory, or a real one with real files.
//
//   Database --connect()--> Connection, one for each thread that uses it
//   Connection: begin, apply ..., commit | rollback
//
// What a commit promises depends on the kind, and `durable` says it: such a one has reached the
// disk when commit() returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::db {

/// "Add this amount to that row, and leave this value in it." The word is the number of the update.
struct Write {
  std::uint64_t key = 0;
  std::int64_t amount = 0;
  std::uint64_t word = 0;
  std::span<const std::byte> value = {};
};

struct Row {
  std::int64_t balance = 0;
  std::uint64_t version = 0;  ///< writes so far
  std::uint64_t last = 0;     ///< the word of the last of them
  std::vector<std::byte> value = {};
  friend bool operator==(const Row&, const Row&) = default;
};

/// Something that was asked for did not take place: a full disk, a commit that failed, a file that
/// is not ours. One line.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Connection {
 public:
  virtual ~Connection() = default;
  /// Throws DatabaseError when another connection holds the database for too long.
  virtual void begin() = 0;
  /// Within a transaction. After a DatabaseError only rollback() may follow.
  virtual void apply(const Write& write) = 0;
  /// Within a transaction or without. False when there is no such row.
  virtual bool read(std::uint64_t key, Row& row) = 0;
  /// Throws DatabaseError when nothing of the transaction took place; rollback() must follow.
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
  virtual void for_each(const std::function<void(std::uint64_t, const Row&)>& visit) = 0;
};

/// What a database asked of the file system so far.
struct DiskUse {
  std::uint64_t syncs = 0;
  std::uint64_t bytes_written = 0;
};

class Database {
 public:
  virtual ~Database() = default;
  /// Throws DatabaseError.
  [[nodiscard]] virtual std::unique_ptr<Connection> connect() = 0;
  /// Whether a commit has reached the disk when it returns.
  [[nodiscard]] virtual bool durable() const = 0;
  /// Empty where nobody counts.
  [[nodiscard]] virtual std::optional<DiskUse> disk_use() const { return std::nullopt; }
};

/// One kind of database, as ids name it.
struct Store {
  std::string_view name;
  std::string_view summary;
  bool in_memory = false;
  /// Why it is not here; empty when it is.
  std::string_view missing = {};
  /// `folder` is where its files go; in memory nobody looks at it.
  std::unique_ptr<Database> (*open)(const std::filesystem::path& folder) = nullptr;
};

std::span<const Store> stores();
/// nullptr when there is none of that name.
const Store* find_store(std::string_view name);

}  // namespace weir::db
