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
  std::uint64_t id = 0;
  std::uint32_t row = 0;
  std::int32_t amount = 0;

  static constexpr Update of(std::uint64_t id) noexcept {
    const std::uint64_t spread = id * 0xd6e8feb86659fd93;
    return {id, static_cast<std::uint32_t>(spread >> 40),
            static_cast<std::int32_t>((spread >> 8) & 0xffff) - 0x8000};
  }
  friend bool operator==(const Update&, const Update&) = default;
};

class Table {
 public:
  static constexpr std::size_t kRows = 1024;

  struct Row {
    std::int64_t balance = 0;
    std::uint64_t version = 0;  ///< updates applied
    friend bool operator==(const Row&, const Row&) = default;
  };

  void apply(const Update& update) noexcept {
    Row& row = rows_[update.row % kRows];
    row.balance += update.amount;
    ++row.version;
  }

  friend bool operator==(const Table&, const Table&) = default;

 private:
  std::vector<Row> rows_ = std::vector<Row>(kRows);
};

}  // namespace weir
