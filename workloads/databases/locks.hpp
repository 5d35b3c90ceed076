// The locks that people put around a table in memory. Each has `Writing` and `Reading`, which hold
// it for one request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <shared_mutex>

namespace weir {

/// One mutex for all.
class SharedLock {
 public:
  class Writing {
   public:
    Writing(SharedLock& lock, std::uint64_t) : guard_(lock.mutex_) {}

   private:
    std::lock_guard<std::mutex> guard_;
  };
  using Reading = Writing;

 private:
  alignas(128) std::mutex mutex_;
};

/// Many readers or one writer.
class ReaderWriterLock {
 public:
  class Writing {
   public:
    Writing(ReaderWriterLock& lock, std::uint64_t) : guard_(lock.mutex_) {}

   private:
    std::lock_guard<std::shared_mutex> guard_;
  };
  class Reading {
   public:
    Reading(ReaderWriterLock& lock, std::uint64_t) : guard_(lock.mutex_) {}

   private:
    std::shared_lock<std::shared_mutex> guard_;
  };

 private:
  alignas(128) std::shared_mutex mutex_;
};

/// A mutex for every 64th row.
class ShardedLocks {
 public:
  static constexpr std::size_t kShards = 64;

  class Writing {
   public:
    Writing(ShardedLocks& locks, std::uint64_t key) : guard_(locks.shards_[key % kShards].mutex) {}

   private:
    std::lock_guard<std::mutex> guard_;
  };
  using Reading = Writing;

 private:
  struct alignas(128) Shard {
    std::mutex mutex;
  };
  std::array<Shard, kShards> shards_;
};

}  // namespace weir
