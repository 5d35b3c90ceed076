#include <algorithm>
#include <array>

#include "workloads/databases/database.hpp"
#include "workloads/databases/lmdb.hpp"
#include "workloads/databases/memory.hpp"
#include "workloads/databases/sqlite.hpp"

namespace weir::db {
namespace {

#ifdef WEIR_HAS_SQLITE
constexpr std::string_view kNoSqlite;
template <Synchronous kSynchronous>
std::unique_ptr<Database> open_sqlite(const std::filesystem::path& folder) {
  return std::make_unique<Sqlite>(folder / "weir.sqlite",
                                  SqliteOptions{.synchronous = kSynchronous});
}
constexpr auto kOpenFull = &open_sqlite<Synchronous::full>;
constexpr auto kOpenNormal = &open_sqlite<Synchronous::normal>;
#else
constexpr std::string_view kNoSqlite = "libsqlite3-dev was not found when Weir was built";
constexpr std::unique_ptr<Database> (*kOpenFull)(const std::filesystem::path&) = nullptr;
constexpr auto kOpenNormal = kOpenFull;
#endif

#ifdef WEIR_HAS_LMDB
constexpr std::string_view kNoLmdb;
template <Lmdb::Syncs kSyncs>
std::unique_ptr<Database> open_lmdb(const std::filesystem::path& folder) {
  return std::make_unique<Lmdb>(folder / "lmdb", Lmdb::kMapBytes, kSyncs);
}
constexpr auto kOpenLmdb = &open_lmdb<Lmdb::Syncs::each_commit>;
constexpr auto kOpenLmdbNoSync = &open_lmdb<Lmdb::Syncs::never>;
#else
constexpr std::string_view kNoLmdb = "liblmdb-dev was not found when Weir was built";
constexpr std::unique_ptr<Database> (*kOpenLmdb)(const std::filesystem::path&) = nullptr;
constexpr auto kOpenLmdbNoSync = kOpenLmdb;
#endif

const std::array kStores{
    Store{"array",
          "an array in memory",
          true,
          {},
          [](const std::filesystem::path&) -> std::unique_ptr<Database> {
            return std::make_unique<ArrayDatabase>();
          }},
    Store{"hash",
          "a hash map in memory",
          true,
          {},
          [](const std::filesystem::path&) -> std::unique_ptr<Database> {
            return std::make_unique<HashDatabase>();
          }},
    Store{"sqlite-full", "SQLite, write-ahead log, synchronous FULL: each commit is on the disk",
          false, kNoSqlite, kOpenFull},
    Store{"sqlite-normal",
          "SQLite, write-ahead log, synchronous NORMAL: not durable, a power failure may take the "
          "last commits",
          false, kNoSqlite, kOpenNormal},
    Store{"lmdb", "LMDB: each commit is on the disk", false, kNoLmdb, kOpenLmdb},
    Store{"lmdb-nosync", "LMDB, never synced: not durable, a power failure may take all of it",
          false, kNoLmdb, kOpenLmdbNoSync},
};

}  // namespace

std::span<const Store> stores() { return kStores; }

const Store* find_store(std::string_view name) {
  const auto found = std::find_if(kStores.begin(), kStores.end(),
                                  [&](const Store& store) { return store.name == name; });
  return found == kStores.end() ? nullptr : &*found;
}

}  // namespace weir::db
