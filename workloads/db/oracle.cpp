#include "workloads/db/oracle.hpp"

#include <fmt/core.h>

namespace weir::db {
namespace {

struct Expected {
  std::int64_t balance = 0;
  std::uint64_t version = 1;
  bool seen = false;        ///< the row is in the database
  bool last_found = false;  ///< its last word was replayed, and nothing of that task after it
};

/// Reads the database: which word each row ends in, and whether its value is that word's.
std::string read_all(Connection& connection, std::vector<Row>& rows,
                     std::vector<Expected>& expected) {
  std::string wrong;
  connection.for_each([&](std::uint64_t key, const Row& row) {
    if (!wrong.empty()) return;
    if (key >= rows.size()) {
      wrong = fmt::format("row {} was never made", key);
    } else if (!value_intact(row.last, row.value)) {
      wrong = fmt::format("row {}: its value is not that of its last update", key);
    } else {
      rows[key] = row;
      expected[key].seen = true;
      expected[key].last_found = row.last == key;  // as it was loaded
    }
  });
  return wrong;
}

void replay(const Requests& requests, const std::vector<std::uint64_t>& accepted,
            const std::vector<Row>& rows, std::vector<Expected>& expected) {
  for (std::uint32_t task = 0; task < accepted.size(); ++task) {
    for (std::uint64_t i = 0; i < accepted[task]; ++i) {
      const std::uint64_t word = MessageId{task, i}.word();
      const Request request = requests.of(word);
      if (request.op != Op::update) continue;
      Expected& row = expected[request.key];
      row.balance += request.amount;
      ++row.version;
      const std::uint64_t last = rows[request.key].last;
      if (as_loaded(last)) {
        row.last_found = false;
      } else if (MessageId::of(last).sender == task) {
        row.last_found = last == word;
      }
    }
  }
}

}  // namespace

void load(Connection& connection, std::uint64_t rows, std::size_t value_bytes) {
  std::vector<std::byte> value(value_bytes);
  connection.begin();
  for (std::uint64_t key = 0; key < rows; ++key) {
    fill_value(key, value);
    connection.apply({key, 0, key, value});
  }
  connection.commit();
}

std::string differences(Connection& connection, std::uint64_t count, const Requests& requests,
                        const std::vector<std::uint64_t>& accepted) {
  std::vector<Row> rows(count);
  std::vector<Expected> expected(count);
  if (std::string wrong = read_all(connection, rows, expected); !wrong.empty()) return wrong;
  replay(requests, accepted, rows, expected);
  for (std::uint64_t key = 0; key < count; ++key) {
    const Expected& wanted = expected[key];
    const Row& row = rows[key];
    if (!wanted.seen) return fmt::format("row {} is gone", key);
    if (row.version != wanted.version || row.balance != wanted.balance) {
      return fmt::format("row {}: {} writes and a balance of {}; a replay has {} and {}", key,
                         row.version, row.balance, wanted.version, wanted.balance);
    }
    if (!wanted.last_found)
      return fmt::format("row {}: its last update is not the last that its task sent", key);
  }
  return "";
}

}  // namespace weir::db
