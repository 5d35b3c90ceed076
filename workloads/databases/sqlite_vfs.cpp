#ifdef WEIR_HAS_SQLITE

#include "workloads/databases/sqlite_vfs.hpp"

#include <new>

namespace weir::db {

namespace {

/// SQLite gives memory for this one and, behind it, for the real VFS's own.
struct File {
  sqlite3_file base;
  SqliteVfs* vfs;
  const char* name;  ///< SQLite keeps it as long as the file is open; nullptr: a temporary file
  [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  [[nodiscard]] std::string_view path() const { return name == nullptr ? "" : name; }
};
static_assert(sizeof(File) % 8 == 0);

File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return of(file).real(); }

/// Passes a call on to the real file, whatever it is.
template <auto kCall>
struct PassOn;
template <class... Args, int (*sqlite3_io_methods::*kCall)(sqlite3_file*, Args...)>
struct PassOn<kCall> {
  static int call(sqlite3_file* file, Args... args) {
    return (real(file)->pMethods->*kCall)(real(file), args...);
  }
};
template <auto kCall>
constexpr auto pass_on = &PassOn<kCall>::call;

void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

}  // namespace

struct VfsCalls {
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* got) {
    SqliteVfs& self = *static_cast<SqliteVfs*>(vfs->pAppData);
    File& mine = *new (file) File{{nullptr}, &self, name};
    const int status = self.real_->xOpen(self.real_, name, mine.real(), flags, got);
    if (mine.real()->pMethods != nullptr) mine.base.pMethods = methods();
    return status;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    SqliteVfs& self = *static_cast<SqliteVfs*>(vfs->pAppData);
    if (self.faults_ != nullptr) {
      if (const int refused = self.faults_->on_delete(name); refused != SQLITE_OK) return refused;
    }
    return self.real_->xDelete(self.real_, name, sync_folder);
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    File& mine = of(file);
    if (DiskFaults* faults = mine.vfs->faults_) {
      const std::span bytes(static_cast<const std::byte*>(data), static_cast<std::size_t>(size));
      const int refused = faults->on_write(mine.path(), at, bytes);
      if (refused != SQLITE_OK) return refused;
    }
    // relaxed: a counter
    mine.vfs->bytes_.fetch_add(static_cast<std::uint64_t>(size), std::memory_order_relaxed);
    return real(file)->pMethods->xWrite(real(file), data, size, at);
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    File& mine = of(file);
    if (DiskFaults* faults = mine.vfs->faults_) {
      if (const int refused = faults->on_truncate(mine.path(), size); refused != SQLITE_OK)
        return refused;
    }
    return real(file)->pMethods->xTruncate(real(file), size);
  }

  static int sync(sqlite3_file* file, int flags) {
    File& mine = of(file);
    mine.vfs->syncs_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a counter
    // A disk that is only pretended needs no sync of the real one.
    if (DiskFaults* faults = mine.vfs->faults_) return faults->on_sync(mine.path());
    return real(file)->pMethods->xSync(real(file), flags);
  }

  static const sqlite3_io_methods* methods() {
    using Io = sqlite3_io_methods;
    static const Io kMethods{.iVersion = 2,  // without memory-mapped reads: SQLite's default
                             .xClose = pass_on<&Io::xClose>,
                             .xRead = pass_on<&Io::xRead>,
                             .xWrite = &write,
                             .xTruncate = &truncate,
                             .xSync = &sync,
                             .xFileSize = pass_on<&Io::xFileSize>,
                             .xLock = pass_on<&Io::xLock>,
                             .xUnlock = pass_on<&Io::xUnlock>,
                             .xCheckReservedLock = pass_on<&Io::xCheckReservedLock>,
                             .xFileControl = pass_on<&Io::xFileControl>,
                             .xSectorSize = pass_on<&Io::xSectorSize>,
                             .xDeviceCharacteristics = pass_on<&Io::xDeviceCharacteristics>,
                             .xShmMap = pass_on<&Io::xShmMap>,
                             .xShmLock = pass_on<&Io::xShmLock>,
                             .xShmBarrier = &barrier,
                             .xShmUnmap = pass_on<&Io::xShmUnmap>,
                             .xFetch = nullptr,
                             .xUnfetch = nullptr};
    return &kMethods;
  }
};

SqliteVfs::SqliteVfs(DiskFaults* faults)
    : faults_(faults),
      name_("weir-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))),
      real_(sqlite3_vfs_find(nullptr)),
      vfs_(*real_) {
  // All but the files is the real VFS's own; its other calls do not look at pAppData.
  vfs_.zName = name_.c_str();
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
  vfs_.pAppData = this;
  vfs_.xOpen = &VfsCalls::open;
  vfs_.xDelete = &VfsCalls::remove;
  if (sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK)
    throw DatabaseError("SQLite does not take a VFS");
}

SqliteVfs::~SqliteVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace weir::db

#endif
