#ifdef WEIR_HAS_SQLITE

#include "workloads/databases/sqlite.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <utility>

namespace weir::db {
namespace {

namespace fs = std::filesystem;

/// In the header of each file of ours: "Weir".
constexpr std::uint32_t kApplication = 0x57656972;

constexpr const char* kTable =
    "CREATE TABLE weir_rows(key INTEGER PRIMARY KEY, balance INTEGER NOT NULL, "
    "version INTEGER NOT NULL, last INTEGER NOT NULL, value BLOB NOT NULL)";
constexpr const char* kApply =
    "INSERT INTO weir_rows VALUES(?1, ?2, 1, ?3, ?4) ON CONFLICT(key) DO UPDATE SET "
    "balance = balance + excluded.balance, version = version + 1, last = excluded.last, "
    "value = excluded.value";
constexpr const char* kRead = "SELECT balance, version, last, value FROM weir_rows WHERE key = ?1";
constexpr const char* kAll = "SELECT balance, version, last, value, key FROM weir_rows";

struct Close {
  void operator()(sqlite3* handle) const noexcept { sqlite3_close(handle); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

[[noreturn]] void fail(sqlite3* handle, std::string_view what) {
  throw DatabaseError("SQLite: " + std::string(what) + ": " + sqlite3_errmsg(handle));
}

void execute(sqlite3* handle, const std::string& sql) {
  if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle, sql);
}

Handle open(const std::string& path, int flags, const char* vfs) {
  sqlite3* raw = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, vfs);
  Handle handle(raw);
  if (status != SQLITE_OK) {
    throw DatabaseError("cannot open the database '" + path +
                        "': " + (raw == nullptr ? "no memory" : sqlite3_errmsg(raw)));
  }
  return handle;
}

Statement prepare(sqlite3* handle, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    fail(handle, sql);
  return Statement(raw);
}

/// Without SQLite: it would already write when it opens the file.
void refuse_another_programs(const fs::path& file) {
  constexpr std::size_t kHeader = 100;
  constexpr std::size_t kApplicationAt = 68;
  std::array<unsigned char, kHeader> header{};
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(header.data()), kHeader);
  if (!in || std::memcmp(header.data(), "SQLite format 3", 16) != 0)
    throw DatabaseError("'" + file.string() + "' is not an SQLite database; it was left as it is");
  std::uint32_t application = 0;
  for (std::size_t i = 0; i < 4; ++i) application = application << 8 | header[kApplicationAt + i];
  if (application != kApplication) {
    throw DatabaseError("'" + file.string() +
                        "' is the database of another program; it was left as it is");
  }
}

/// A path as a part of a URI.
std::string escaped(const std::string& path) {
  std::string uri;
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    } else {
      uri += c;
    }
  }
  return uri;
}

/// Reads all of it. Where no log waits to be recovered, SQLite is told that nobody writes the file,
/// and makes no other file beside it.
void refuse_damaged(const fs::path& file) {
  const bool has_log = fs::exists(file.string() + "-wal");
  const std::string uri =
      "file:" + escaped(file.string()) + (has_log ? "?mode=ro" : "?immutable=1");
  std::string found;
  const auto keep = [](void* text, int, char** values, char**) {
    *static_cast<std::string*>(text) = values[0] == nullptr ? "" : values[0];
    return 0;
  };
  const Handle handle = open(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  const int status = sqlite3_exec(handle.get(), "PRAGMA integrity_check(1)", keep, &found, nullptr);
  if (status != SQLITE_OK) found = sqlite3_errmsg(handle.get());
  if (found == "ok") return;
  for (char& c : found) c = c == '\n' ? ' ' : c;
  throw DatabaseError("'" + file.string() + "' is damaged (" + found + "); it was left as it is");
}

const char* word_of(Synchronous synchronous) {
  switch (synchronous) {
    case Synchronous::full:
      return "FULL";
    case Synchronous::normal:
      return "NORMAL";
    case Synchronous::off:
      return "OFF";
  }
  return "";
}

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(Handle handle)
      : handle_(std::move(handle)),
        begin_(prepare(handle_.get(), "BEGIN IMMEDIATE")),
        commit_(prepare(handle_.get(), "COMMIT")),
        apply_(prepare(handle_.get(), kApply)),
        read_(prepare(handle_.get(), kRead)),
        all_(prepare(handle_.get(), kAll)) {}

  void begin() override { run(begin_, "BEGIN"); }
  void commit() override { run(commit_, "COMMIT"); }

  void apply(const Write& write) override {
    sqlite3_stmt* statement = apply_.get();
    sqlite3_bind_int64(statement, 1, static_cast<sqlite3_int64>(write.key));
    sqlite3_bind_int64(statement, 2, write.amount);
    sqlite3_bind_int64(statement, 3, static_cast<sqlite3_int64>(write.word));
    // Of a null pointer SQLite makes a NULL.
    const void* bytes = write.value.empty() ? "" : static_cast<const void*>(write.value.data());
    sqlite3_bind_blob(statement, 4, bytes, static_cast<int>(write.value.size()), SQLITE_STATIC);
    run(apply_, "a write");
  }

  bool read(std::uint64_t key, Row& row) override {
    sqlite3_bind_int64(read_.get(), 1, static_cast<sqlite3_int64>(key));
    const int status = sqlite3_step(read_.get());
    if (status == SQLITE_ROW) take(read_.get(), row);
    if (sqlite3_reset(read_.get()) != SQLITE_OK) fail(handle_.get(), "a read");
    return status == SQLITE_ROW;
  }

  void rollback() noexcept override {
    // After some errors SQLite has rolled back by itself.
    if (sqlite3_get_autocommit(handle_.get()) == 0)
      sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  void for_each(const std::function<void(std::uint64_t, const Row&)>& visit) override {
    Row row;
    while (sqlite3_step(all_.get()) == SQLITE_ROW) {
      take(all_.get(), row);
      visit(static_cast<std::uint64_t>(sqlite3_column_int64(all_.get(), 4)), row);
    }
    if (sqlite3_reset(all_.get()) != SQLITE_OK) fail(handle_.get(), "reading all rows");
  }

 private:
  void run(const Statement& statement, std::string_view what) {
    sqlite3_step(statement.get());
    // The reset says the error that the step ended in.
    if (sqlite3_reset(statement.get()) != SQLITE_OK) fail(handle_.get(), what);
  }

  static void take(sqlite3_stmt* statement, Row& row) {
    row.balance = sqlite3_column_int64(statement, 0);
    row.version = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 1));
    row.last = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 2));
    const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement, 3));
    row.value.assign(bytes, bytes + sqlite3_column_bytes(statement, 3));
  }

  Handle handle_;
  Statement begin_, commit_, apply_, read_, all_;
};

Handle connect_to(const fs::path& file, const SqliteOptions& options, const SqliteVfs& vfs) {
  Handle handle = open(file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs.name());
  sqlite3_busy_timeout(handle.get(), static_cast<int>(options.busy_timeout.count()));
  execute(handle.get(), std::string("PRAGMA synchronous=") + word_of(options.synchronous));
  execute(handle.get(), "PRAGMA wal_autocheckpoint=" + std::to_string(options.checkpoint_pages));
  return handle;
}

}  // namespace

Sqlite::Sqlite(fs::path file, SqliteOptions options)
    : file_(std::move(file)), options_(options), vfs_(options.faults) {
  std::error_code ignored;
  if (fs::exists(file_, ignored) && fs::file_size(file_, ignored) != 0) {
    refuse_another_programs(file_);
    refuse_damaged(file_);
    return;
  }
  const Handle handle = connect_to(file_, options_, vfs_);
  // The table and the mark in one transaction, and before there is a log: what lies in a log is not
  // seen by those who look at the file alone.
  execute(handle.get(), std::string("BEGIN;") + kTable +
                            ";PRAGMA application_id=" + std::to_string(kApplication) + ";COMMIT");
  execute(handle.get(), "PRAGMA journal_mode=WAL");
}

std::unique_ptr<Connection> Sqlite::connect() {
  return std::make_unique<SqliteConnection>(connect_to(file_, options_, vfs_));
}

}  // namespace weir::db

#endif
