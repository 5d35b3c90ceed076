// Where databases put their files: a folder of its own for each trial, in a folder that can be
// chosen, and gone when the trial is over.
//
//   BASE/weir-db-XXXXXX/lock            held for as long as a process lives that uses the folder
//                      /files/...       XXXXXX: what makes the name a new one
//
// Who holds a lock, the kernel knows: a process number may be another's by now, or one of another
// name space.
//
// BASE is what the environment variable WEIR_DB_FOLDER says, else the system's temporary folder, or
// /var/tmp where that lies in memory: what is never written to a disk cannot be synced to one.
#pragma once

#include <filesystem>
#include <string>

namespace weir::db {

/// Throws UsageError when the one that was chosen is no folder, or cannot be written.
std::filesystem::path base_folder();

/// The file system of a folder, by the name that Linux gives to it; "0x..." for others.
std::string file_system_of(const std::filesystem::path& folder);
/// Whether what is in that file system is never on a disk.
bool in_memory(const std::filesystem::path& folder);

/// For the process that starts trials: clears what ended processes left behind, and in the end what
/// its own trials did, killed ones too: every folder whose lock nobody holds.
class FolderKeeper {
 public:
  FolderKeeper();
  FolderKeeper(const FolderKeeper&) = delete;
  FolderKeeper& operator=(const FolderKeeper&) = delete;
  ~FolderKeeper();

 private:
  int process_;
};

/// A new, empty folder; removed by the destructor. A forked child holds it too, and must not run
/// that.
class TemporaryFolder {
 public:
  /// Throws UsageError or std::filesystem::filesystem_error.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path own_;
  std::filesystem::path path_;  ///< in it
  int lock_ = -1;
};

}  // namespace weir::db
