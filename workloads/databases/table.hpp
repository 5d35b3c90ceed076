// The smallest database: a table in memory. It has no protection of its own; that is what the
// workload is about.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/message.hpp"

namespace weir {

/// "Add this amount to that account." All of it follows from the id, so that anyone can replay it.
struct Update {
  static constexpr int kRowBits = 24;

  std::uint64_t id = 0;
  std::uint32_t row = 0;  ///< below 2^kRowBits; a table has as many rows as it has
  std::int32_t amount = 0;

  static constexpr Update of(std::uint64_t id) noexcept {
    const std::uint64_t spread = id * 0xd6e8feb86659fd93;
    return {id, static_cast<std::uint32_t>(spread >> (64 - kRowBits)),
            static_cast<std::int32_t>((spread >> 8) & 0xffff) - 0x8000};
  }
  friend bool operator==(const Update&, const Update&) = default;
};

class Table {
 public:
  static constexpr std::uint64_t kRows = 1024;

  explicit Table(std::uint64_t rows = kRows) : rows_(rows) {}

  struct Row {
    std::int64_t balance = 0;
    std::uint64_t version = 0;  ///< updates applied
    friend bool operator==(const Row&, const Row&) = default;
  };

  /// Which row an update is about. (A modulo of a number that the compiler does not know would take
  /// longer than the update.)
  [[nodiscard]] std::uint64_t row_of(const Update& update) const noexcept {
    return update.row * rows_.size() >> Update::kRowBits;
  }

  void apply(const Update& update) noexcept {
    Row& row = rows_[row_of(update)];
    row.balance += update.amount;
    ++row.version;
  }

  friend bool operator==(const Table&, const Table&) = default;

 private:
  std::vector<Row> rows_;
};

}  // namespace weir
