#ifdef WEIR_HAS_LMDB

#include "workloads/databases/lmdb.hpp"

#include <lmdb.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::db {
namespace {

constexpr const char* kTable = "weir_rows";

void check(int status, std::string_view what) {
  if (status != MDB_SUCCESS)
    throw DatabaseError("LMDB: " + std::string(what) + ": " + mdb_strerror(status));
}

/// What lies before the value's bytes.
struct Head {
  std::int64_t balance = 0;
  std::uint64_t version = 0;
  std::uint64_t last = 0;
};

void take(const MDB_val& data, Row& row) {
  Head head;
  std::memcpy(&head, data.mv_data, sizeof head);
  row.balance = head.balance;
  row.version = head.version;
  row.last = head.last;
  const auto* bytes = static_cast<const std::byte*>(data.mv_data);
  row.value.assign(bytes + sizeof head, bytes + data.mv_size);
}

class LmdbConnection final : public Connection {
 public:
  LmdbConnection(MDB_env* env, MDB_dbi table) : env_(env), table_(table) {}
  LmdbConnection(const LmdbConnection&) = delete;
  LmdbConnection& operator=(const LmdbConnection&) = delete;
  ~LmdbConnection() override { rollback(); }

  void begin() override { check(mdb_txn_begin(env_, nullptr, 0, &writing_), "begin"); }

  void apply(const Write& write) override {
    MDB_val key = key_of(write.key);
    MDB_val old{};
    Head head;
    const int found = mdb_get(writing_, table_, &key, &old);
    if (found != MDB_NOTFOUND) {
      check(found, "a read");
      std::memcpy(&head, old.mv_data, sizeof head);
    }
    head.balance += write.amount;
    ++head.version;
    head.last = write.word;
    MDB_val data{sizeof head + write.value.size(), nullptr};
    check(mdb_put(writing_, table_, &key, &data, MDB_RESERVE), "a write");
    auto* bytes = static_cast<std::byte*>(data.mv_data);
    std::memcpy(bytes, &head, sizeof head);
    std::copy(write.value.begin(), write.value.end(), bytes + sizeof head);
  }

  bool read(std::uint64_t number, Row& row) override {
    MDB_val key = key_of(number);
    MDB_val data{};
    if (writing_ != nullptr) return got(mdb_get(writing_, table_, &key, &data), data, row);
    const Reading reading(env_);
    return got(mdb_get(reading.transaction, table_, &key, &data), data, row);
  }

  void commit() override { check(mdb_txn_commit(std::exchange(writing_, nullptr)), "commit"); }

  void rollback() noexcept override {
    if (writing_ != nullptr) mdb_txn_abort(std::exchange(writing_, nullptr));
  }

  void for_each(const std::function<void(std::uint64_t, const Row&)>& visit) override {
    const Reading reading(env_);
    MDB_cursor* cursor = nullptr;
    check(mdb_cursor_open(reading.transaction, table_, &cursor), "a cursor");
    MDB_val key{};
    MDB_val data{};
    Row row;
    while (mdb_cursor_get(cursor, &key, &data, MDB_NEXT) == MDB_SUCCESS) {
      std::uint64_t number = 0;
      std::memcpy(&number, key.mv_data, sizeof number);
      take(data, row);
      visit(number, row);
    }
    mdb_cursor_close(cursor);
  }

 private:
  struct Reading {
    explicit Reading(MDB_env* env) {
      check(mdb_txn_begin(env, nullptr, MDB_RDONLY, &transaction), "begin");
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { mdb_txn_abort(transaction); }
    MDB_txn* transaction = nullptr;
  };

  static bool got(int status, const MDB_val& data, Row& row) {
    if (status == MDB_NOTFOUND) return false;
    check(status, "a read");
    take(data, row);
    return true;
  }

  MDB_val key_of(std::uint64_t number) {
    key_ = number;
    return {sizeof key_, &key_};
  }

  MDB_env* env_;
  MDB_dbi table_;
  MDB_txn* writing_ = nullptr;
  std::uint64_t key_ = 0;
};

}  // namespace

Lmdb::Lmdb(const std::filesystem::path& folder, std::size_t map_bytes, Syncs syncs) {
  const unsigned flags = syncs == Syncs::never ? MDB_NOSYNC : 0;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  try {
    check(mdb_env_create(&env_), "an environment");
    check(mdb_env_set_mapsize(env_, map_bytes), "the size of the map");
    check(mdb_env_set_maxdbs(env_, 1), "tables");
    check(mdb_env_open(env_, folder.c_str(), flags, 0644), "cannot open '" + folder.string() + "'");
    MDB_txn* transaction = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &transaction), "begin");
    const int opened = mdb_dbi_open(transaction, kTable, MDB_CREATE | MDB_INTEGERKEY, &table_);
    if (opened != MDB_SUCCESS) mdb_txn_abort(transaction);
    check(opened, "a table");
    check(mdb_txn_commit(transaction), "commit");
  } catch (const DatabaseError&) {
    mdb_env_close(env_);
    throw;
  }
}

Lmdb::~Lmdb() { mdb_env_close(env_); }

bool Lmdb::durable() const {
  unsigned flags = 0;
  check(mdb_env_get_flags(env_, &flags), "the flags");
  return (flags & (MDB_NOSYNC | MDB_NOMETASYNC | MDB_MAPASYNC)) == 0;
}

std::unique_ptr<Connection> Lmdb::connect() {
  return std::make_unique<LmdbConnection>(env_, table_);
}

}  // namespace weir::db

#endif
