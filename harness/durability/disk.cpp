#ifdef WEIR_HAS_SQLITE

#include "harness/durability/disk.hpp"

#include <algorithm>
#include <fstream>

namespace weir::durability {

void FailingDisk::cut_power_at(std::uint64_t operation) {
  const std::lock_guard lock(mutex_);
  cut_at_ = operations_ + operation;
}

bool FailingDisk::dark() const {
  const std::lock_guard lock(mutex_);
  return operations_ >= cut_at_;
}

/// With the lock held.
bool FailingDisk::power_is_left() {
  if (operations_ >= cut_at_) return false;
  return ++operations_ < cut_at_;
}

int FailingDisk::on_write(std::string_view file, std::int64_t at, std::span<const std::byte> data) {
  const std::lock_guard lock(mutex_);
  const bool was_dark = operations_ >= cut_at_;
  const bool goes_on = power_is_left();
  if (!was_dark) {
    files_[std::string(file)].pending.push_back(
        {static_cast<std::size_t>(at), Bytes(data.begin(), data.end())});
  }
  return goes_on ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int FailingDisk::on_truncate(std::string_view file, std::int64_t size) {
  const std::lock_guard lock(mutex_);
  if (!power_is_left()) return SQLITE_IOERR_TRUNCATE;
  files_[std::string(file)].pending.push_back({static_cast<std::size_t>(size), {}, true});
  return SQLITE_OK;
}

int FailingDisk::on_sync(std::string_view file) {
  const std::lock_guard lock(mutex_);
  if (!power_is_left()) return SQLITE_IOERR_FSYNC;
  File& synced = files_[std::string(file)];
  for (const Change& change : synced.pending) carry_out(change, synced.synced);
  synced.pending.clear();
  return SQLITE_OK;
}

int FailingDisk::on_delete(std::string_view file) {
  const std::lock_guard lock(mutex_);
  if (!power_is_left()) return SQLITE_IOERR_DELETE;
  if (const auto found = files_.find(file); found != files_.end()) files_.erase(found);
  return SQLITE_OK;
}

void FailingDisk::carry_out(const Change& change, Bytes& bytes) {
  if (change.truncates) return bytes.resize(change.at);
  if (bytes.size() < change.at + change.data.size()) bytes.resize(change.at + change.data.size());
  std::copy(change.data.begin(), change.data.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(change.at));
}

/// Some sectors of a write, each or not. True when one was left out.
bool FailingDisk::tear(const Change& change, scenario::Random& random, Bytes& bytes) {
  bool harmed = change.truncates;
  for (std::size_t at = 0; at < change.data.size(); at += kSector) {
    if (random.next() % 2 == 0) {
      harmed = true;
      continue;
    }
    const auto from = change.data.begin() + static_cast<std::ptrdiff_t>(at);
    const auto size = static_cast<std::ptrdiff_t>(std::min(kSector, change.data.size() - at));
    carry_out({change.at + at, Bytes(from, from + size)}, bytes);
  }
  return harmed;
}

std::uint64_t FailingDisk::write_what_is_left(const std::filesystem::path& folder,
                                              std::uint64_t seed) const {
  const std::lock_guard lock(mutex_);
  scenario::Random random(seed);
  std::uint64_t harmed = 0;
  for (const auto& [name, file] : files_) {
    Bytes bytes = file.synced;
    for (const Change& change : file.pending) {
      enum { kept, dropped, torn };
      const std::uint64_t fate = random.next() % 3;
      if (fate == kept) carry_out(change, bytes);
      if (fate == dropped || (fate == torn && tear(change, random, bytes))) ++harmed;
    }
    std::ofstream out(folder / std::filesystem::path(name).filename(), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
  }
  return harmed;
}

}  // namespace weir::durability

#endif
