// Databases in memory. They have no protection of their own and nothing to roll back to: who shares
// one brings a lock. Rows are made by the first write to them; writes to different rows that are
// already there touch nothing in common.
#pragma once

#include <unordered_map>
#include <vector>

#include "workloads/databases/database.hpp"

namespace weir::db {

namespace detail {

inline void put(Row& row, const Write& write) {
  row.balance += write.amount;
  ++row.version;
  row.last = write.word;
  row.value.assign(write.value.begin(), write.value.end());
}

struct ArrayRows {
  std::vector<Row> rows;

  Row& at(std::uint64_t key) {
    if (key >= rows.size()) rows.resize(key + 1);
    return rows[key];
  }
  [[nodiscard]] const Row* find(std::uint64_t key) const {
    return key < rows.size() && rows[key].version > 0 ? &rows[key] : nullptr;
  }
  void for_each(const std::function<void(std::uint64_t, const Row&)>& visit) const {
    for (std::uint64_t key = 0; key < rows.size(); ++key) {
      if (rows[key].version > 0) visit(key, rows[key]);
    }
  }
};

struct HashRows {
  std::unordered_map<std::uint64_t, Row> rows;

  Row& at(std::uint64_t key) { return rows[key]; }
  [[nodiscard]] const Row* find(std::uint64_t key) const {
    const auto found = rows.find(key);
    return found == rows.end() ? nullptr : &found->second;
  }
  void for_each(const std::function<void(std::uint64_t, const Row&)>& visit) const {
    for (const auto& [key, row] : rows) visit(key, row);
  }
};

}  // namespace detail

template <class Rows>
class MemoryDatabase final : public Database {
 public:
  std::unique_ptr<Connection> connect() override { return std::make_unique<Handle>(rows_); }
  [[nodiscard]] bool durable() const override { return false; }

 private:
  class Handle final : public Connection {
   public:
    explicit Handle(Rows& rows) : rows_(rows) {}
    void begin() override {}
    void apply(const Write& write) override { detail::put(rows_.at(write.key), write); }
    bool read(std::uint64_t key, Row& row) override {
      const Row* found = rows_.find(key);
      if (found != nullptr) row = *found;
      return found != nullptr;
    }
    void commit() override {}
    void rollback() noexcept override {}
    void for_each(const std::function<void(std::uint64_t, const Row&)>& visit) override {
      rows_.for_each(visit);
    }

   private:
    Rows& rows_;
  };

  Rows rows_;
};

using ArrayDatabase = MemoryDatabase<detail::ArrayRows>;
using HashDatabase = MemoryDatabase<detail::HashRows>;

}  // namespace weir::db
