// A disk that loses power. Until a file is synced, each write to it since the last sync may be on
// the platter, or not, or in part: any sector of it, in any order with the others. That is what
// SQLite says it is prepared for (https://www.sqlite.org/atomiccommit.html), and more than most
// disks do.
#pragma once

#ifdef WEIR_HAS_SQLITE

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harness/scenario/schedule.hpp"
#include "workloads/databases/sqlite_vfs.hpp"

namespace weir::durability {

/// Takes note of all that SQLite does to its files, from their creation on. Any thread.
class FailingDisk final : public db::DiskFaults {
 public:
  static constexpr std::size_t kSector = 512;

  /// From now on power fails with the operation of that number (from 1): that one and all after it
  /// fail. A write with which it fails may be on the platter, in part.
  void cut_power_at(std::uint64_t operation);
  [[nodiscard]] bool dark() const;

  /// Writes into `folder` what is found when power is back: the same for the same seed. Returns how
  /// many unsynced operations were dropped or torn.
  std::uint64_t write_what_is_left(const std::filesystem::path& folder, std::uint64_t seed) const;

  int on_write(std::string_view file, std::int64_t at, std::span<const std::byte> data) override;
  int on_truncate(std::string_view file, std::int64_t size) override;
  int on_sync(std::string_view file) override;
  int on_delete(std::string_view file) override;

 private:
  using Bytes = std::vector<std::byte>;
  struct Change {
    std::size_t at = 0;  ///< of a truncation: the new size
    Bytes data = {};
    bool truncates = false;
  };
  struct File {
    Bytes synced;
    std::vector<Change> pending;
  };

  bool power_is_left();
  static void carry_out(const Change& change, Bytes& bytes);
  static bool tear(const Change& change, scenario::Random& random, Bytes& bytes);

  mutable std::mutex mutex_;
  std::map<std::string, File, std::less<>> files_;
  std::uint64_t operations_ = 0;
  std::uint64_t cut_at_ = UINT64_MAX;
};

}  // namespace weir::durability

#endif
