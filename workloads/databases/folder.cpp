#include "workloads/databases/folder.hpp"

#include <fmt/core.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "harness/error.hpp"

namespace weir::db {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "weir-db-";
constexpr std::uint64_t kXfs = 0x58465342;

/// The process that starts trials: set before it forks, so that its children know it.
std::atomic<int> keeper{0};

std::uint64_t magic_of(const fs::path& folder) {
  struct statfs found {};
  return ::statfs(folder.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.f_type) : 0;
}

fs::path folder_of(int process) {
  return base_folder() / (std::string(kPrefix) + std::to_string(process));
}

/// Of processes that are gone; errors are nobody's concern.
void sweep() {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(base_folder(), ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    int process = 0;
    const char* end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data() + kPrefix.size(), end, process);
    if (error != std::errc{} || at != end) continue;
    if (::kill(process, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), ignored);
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

FolderKeeper::FolderKeeper() : process_(::getpid()) {
  keeper = process_;
  try {
    sweep();
  } catch (const UsageError&) {
    // said when a database is wanted
  }
}

FolderKeeper::~FolderKeeper() {
  if (::getpid() != process_) return;  // a forked child took a copy with it
  try {
    std::error_code ignored;
    fs::remove_all(folder_of(process_), ignored);
  } catch (const UsageError&) {
  }
}

TemporaryFolder::TemporaryFolder() {
  static std::atomic<int> number{0};
  const int owner = keeper == 0 ? ::getpid() : keeper.load();
  path_ = folder_of(owner) / fmt::format("{}-{}", ::getpid(), number++);
  fs::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  fs::remove(path_.parent_path(), ignored);  // if it was the last
}

}  // namespace weir::db
