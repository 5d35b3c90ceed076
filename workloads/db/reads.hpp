// What a task may expect of a row that it reads: the one that it asked for, whole, and no older
// than what it was told of it before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/databases/database.hpp"
#include "workloads/db/requests.hpp"

namespace weir::db {

enum class ReadFault { none, damaged, another_row, too_old };

/// One task's. What was told is: its own updates that were committed, and the rows that it read.
///
/// A row is too old when it has fewer writes than that, or was last written by this task, or by
/// nobody, before the task's last update of it. Nothing is kept where the mix has no reads.
class ReadCheck {
 public:
  ReadCheck(const Requests& requests, std::uint32_t task, const Case& spec);

  /// A request of the task that was done, in the order in which it sent them; the row of a read,
  /// nullptr where there was none.
  void done(std::uint64_t word, const Row* row) noexcept;

  /// What was wrong, in one line; empty when nothing was.
  [[nodiscard]] std::string wrong() const;

 private:
  struct Known {
    std::uint64_t version = 1;  ///< at least; 1 is the loaded row
    std::uint64_t updated = 0;  ///< the word of the task's last update; 0: none
  };

  [[nodiscard]] ReadFault fault_of(std::uint64_t key, const Row* row) const noexcept;

  const Requests& requests_;
  std::uint32_t task_;
  std::size_t value_bytes_;
  std::vector<Known> known_;  ///< by row
  std::array<std::uint64_t, 4> faults_{};
};

}  // namespace weir::db
