#include "workloads/databases/folder.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "harness/error.hpp"

namespace weir::db {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "weir-db-";
constexpr std::string_view kLock = "lock";
constexpr std::string_view kFiles = "files";
constexpr int kMostTries = 100;
constexpr std::uint64_t kXfs = 0x58465342;

std::uint64_t magic_of(const fs::path& folder) {
  struct statfs found {};
  return ::statfs(folder.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.f_type) : 0;
}

/// Opens the lock of a folder and takes it, for as long as the descriptor or a copy of it in a
/// forked child is open. -1: it is somebody else's, or it is not there.
int take_lock(const fs::path& folder, int flags) {
  const int lock = ::open((folder / kLock).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
  if (lock < 0) return -1;
  struct stat found {};
  // Between the two calls somebody may have swept it away.
  if (::flock(lock, LOCK_EX | LOCK_NB) == 0 && ::fstat(lock, &found) == 0 && found.st_nlink > 0)
    return lock;
  ::close(lock);
  return -1;
}

/// The lock last: what is left half-way can still be swept.
void clear_away(const fs::path& folder) {
  std::error_code ignored;
  fs::remove_all(folder / kFiles, ignored);
  fs::remove_all(folder, ignored);
}

/// A folder, not a link to one, and of this user.
bool may_be_swept(const fs::path& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
         found.st_uid == ::geteuid();
}

/// Removes what nobody holds the lock of; errors are nobody's concern. One without a lock is not
/// touched unless it is empty: whoever has just made it finds that out, and makes another.
void sweep() {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(base_folder(), ignored)) {
    if (!entry.path().filename().string().starts_with(kPrefix)) continue;
    if (!may_be_swept(entry.path())) continue;
    const int lock = take_lock(entry.path(), 0);
    if (lock >= 0) {
      clear_away(entry.path());
      ::close(lock);
    } else {
      ::rmdir(entry.path().c_str());
    }
  }
}

void sweep_if_there_is_one() noexcept {
  try {
    sweep();
  } catch (const std::exception&) {
    // said when a database is wanted
  }
}

}  // namespace

fs::path base_folder() {
  if (const char* chosen = std::getenv("WEIR_DB_FOLDER"); chosen != nullptr && *chosen != '\0') {
    std::error_code ignored;
    if (!fs::is_directory(chosen, ignored))
      throw UsageError(fmt::format("WEIR_DB_FOLDER: '{}' is no folder", chosen));
    if (::access(chosen, W_OK | X_OK) != 0)
      throw UsageError(fmt::format("WEIR_DB_FOLDER: '{}' cannot be written", chosen));
    return chosen;
  }
  const fs::path usual = fs::temp_directory_path();
  return in_memory(usual) ? fs::path("/var/tmp") : usual;
}

std::string file_system_of(const fs::path& folder) {
  switch (const std::uint64_t magic = magic_of(folder)) {
    case EXT4_SUPER_MAGIC:
      return "ext4";
    case BTRFS_SUPER_MAGIC:
      return "btrfs";
    case OVERLAYFS_SUPER_MAGIC:
      return "overlay";
    case kXfs:
      return "xfs";
    case TMPFS_MAGIC:
      return "tmpfs";
    default:
      return fmt::format("{:#x}", magic);
  }
}

bool in_memory(const fs::path& folder) {
  const std::uint64_t magic = magic_of(folder);
  return magic == TMPFS_MAGIC || magic == RAMFS_MAGIC;
}

FolderKeeper::FolderKeeper() : process_(::getpid()) { sweep_if_there_is_one(); }

FolderKeeper::~FolderKeeper() {
  if (::getpid() == process_) sweep_if_there_is_one();  // a forked child took a copy with it
}

TemporaryFolder::TemporaryFolder() {
  const std::string name = base_folder() / (std::string(kPrefix) + "XXXXXX");
  // Who sweeps at this very moment may be quicker than its lock.
  for (int i = 0; lock_ < 0 && i < kMostTries; ++i) {
    std::string unique = name;
    if (::mkdtemp(unique.data()) == nullptr) break;
    own_ = unique;
    lock_ = take_lock(own_, O_CREAT);
  }
  if (lock_ < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot make a folder for databases, '" + name + "'");
  }
  path_ = own_ / kFiles;
  fs::create_directory(path_);
}

TemporaryFolder::~TemporaryFolder() {
  clear_away(own_);
  ::close(lock_);
}

}  // namespace weir::db
