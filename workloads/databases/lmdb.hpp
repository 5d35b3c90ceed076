// LMDB as its manual advises: one environment, one writing transaction at a time (LMDB makes the
// others wait), durable commits.
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

  /// Makes the folder or takes one that Weir made. `map_bytes` is the most that the database may
  /// grow to: beyond it writes fail. Throws DatabaseError.
  explicit Lmdb(const std::filesystem::path& folder, std::size_t map_bytes = kMapBytes);
  Lmdb(const Lmdb&) = delete;
  Lmdb& operator=(const Lmdb&) = delete;
  ~Lmdb() override;

  std::unique_ptr<Connection> connect() override;
  [[nodiscard]] bool durable() const override { return true; }

 private:
  MDB_env* env_ = nullptr;
  unsigned table_ = 0;
};

}  // namespace weir::db

#endif
