// LMDB as its manual advises: one environment, one writing transaction at a time (LMDB makes the
// others wait); each commit synced, or none.
//
// http://www.lmdb.tech/doc/
#pragma once

#ifdef WEIR_HAS_LMDB

#include "workloads/databases/database.hpp"

struct MDB_env;

namespace weir::db {

class Lmdb final : public Database {
 public:
  static constexpr std::size_t kMapBytes = std::size_t{1} << 30;

  enum class Syncs { each_commit, never };

  /// Makes the folder or takes one that Weir made. `map_bytes` is the most that the database may
  /// grow to: beyond it writes fail. Throws DatabaseError.
  explicit Lmdb(const std::filesystem::path& folder, std::size_t map_bytes = kMapBytes,
                Syncs syncs = Syncs::each_commit);
  Lmdb(const Lmdb&) = delete;
  Lmdb& operator=(const Lmdb&) = delete;
  ~Lmdb() override;

  std::unique_ptr<Connection> connect() override;
  /// As LMDB itself says how it was opened.
  [[nodiscard]] bool durable() const override;

 private:
  MDB_env* env_ = nullptr;
  unsigned table_ = 0;
};

}  // namespace weir::db

#endif
