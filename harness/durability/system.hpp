// The proxy as `db` has it, made to be interrupted: tasks, channel, owner, database; every update
// leaves two rows in one transaction, and each task notes what was promised to it where the
// interruption does not reach.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/registry.hpp"
#include "workloads/databases/database.hpp"
#include "workloads/db/requests.hpp"

namespace weir::durability {

inline constexpr std::uint64_t kAccounts = 64;
inline constexpr std::uint32_t kTasks = 2;

/// A fault of the system itself, planted to see whether it is found.
enum class Twin {
  none,
  early_answer,  ///< answers before it commits
  never_sync     ///< commits without syncing
};

struct System {
  const ChannelEntry* channel = nullptr;
  std::size_t capacity = 1024;
  std::size_t window = 64;
  std::size_t group = 64;
  std::uint64_t most = UINT64_MAX;  ///< updates of a task
  Twin twin = Twin::none;
};

/// What one task did. Numbers are those of its updates, which go on from one run to the next.
struct Span {
  std::uint64_t first = 0;
  std::uint64_t sent = 0;          ///< those below may have been sent
  std::uint64_t acknowledged = 0;  ///< those from first up to here were promised
};

/// The same as it is written, by each task for itself. May lie in memory that processes share.
struct alignas(128) Progress {
  std::atomic<std::uint64_t> first;
  std::atomic<std::uint64_t> sent;
  std::atomic<std::uint64_t> acknowledged;

  void begin_at(std::uint64_t number) noexcept;
  [[nodiscard]] Span span() const noexcept;
};

/// The requests of all runs over one database.
db::Requests requests_of(std::uint64_t seed);

/// Runs until all updates were answered, or one was not committed. `progress` has kTasks elements.
void play(const System& system, db::Database& database, const db::Requests& requests,
          Progress* progress);

}  // namespace weir::durability
