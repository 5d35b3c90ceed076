// The oracle accepts a replay in any meeting order, and nothing else.
#include "workloads/db/oracle.hpp"

#include <gtest/gtest.h>

#include "workloads/databases/memory.hpp"

namespace weir::db::test {
namespace {

constexpr std::uint64_t kRows = 20;
constexpr std::size_t kBytes = 16;
const std::vector<std::uint64_t> kAccepted{100, 100};

Case spec() {
  Case spec;
  spec.rows = kRows;
  return spec;
}

struct Db {
  HashDatabase database;
  std::unique_ptr<Connection> connection = database.connect();
  Requests requests{spec(), 3};
  std::vector<std::byte> value = std::vector<std::byte>(kBytes);

  Db() { load(*connection, kRows, kBytes); }

  void apply(std::uint64_t word) {
    const Request request = requests.of(word);
    fill_value(word, value);
    connection->apply({request.key, request.amount, word, value});
  }
  void apply(std::uint32_t task, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i < to; ++i) apply(MessageId{task, i}.word());
  }
  std::string judge() { return differences(*connection, kRows, requests, kAccepted); }
};

TEST(Oracle, AcceptsAReplayInAnyMeetingOrder) {
  Db one_after_the_other;
  one_after_the_other.apply(0, 0, 100);
  one_after_the_other.apply(1, 0, 100);
  EXPECT_EQ(one_after_the_other.judge(), "");
  Db in_turns;
  for (std::uint64_t i = 0; i < 100; ++i) {
    in_turns.apply(1, i, i + 1);
    in_turns.apply(0, i, i + 1);
  }
  EXPECT_EQ(in_turns.judge(), "");
}

TEST(Oracle, SeesAnUpdateThatIsMissing) {
  Db db;
  db.apply(0, 0, 100);
  db.apply(1, 0, 50);
  db.apply(1, 51, 100);
  EXPECT_NE(db.judge().find("a replay has"), std::string::npos) << db.judge();
}

TEST(Oracle, SeesAnUpdateThatWasAppliedTwice) {
  Db db;
  db.apply(0, 0, 100);
  db.apply(0, 99, 100);
  db.apply(1, 0, 100);
  EXPECT_NE(db.judge().find("a replay has"), std::string::npos) << db.judge();
}

TEST(Oracle, SeesThatATasksUpdatesWereSwapped) {
  Db db;
  db.apply(0, 0, 100);
  for (std::uint64_t i = 100; i > 0; --i) db.apply(1, i - 1, i);
  EXPECT_NE(db.judge().find("its last update is not"), std::string::npos) << db.judge();
}

TEST(Oracle, SeesAValueOfAnotherUpdate) {
  Db db;
  db.apply(0, 0, 100);
  db.apply(1, 0, 99);
  const std::uint64_t word = MessageId{1, 99}.word();
  fill_value(word + 1, db.value);
  const Request request = db.requests.of(word);
  db.connection->apply({request.key, request.amount, word, db.value});
  EXPECT_NE(db.judge().find("its value"), std::string::npos) << db.judge();
}

TEST(Oracle, SeesARowThatNobodyMade) {
  Db db;
  db.apply(0, 0, 100);
  db.apply(1, 0, 100);
  fill_value(9, db.value);
  db.connection->apply({kRows, 0, 9, db.value});
  EXPECT_NE(db.judge().find("never made"), std::string::npos) << db.judge();
}

}  // namespace
}  // namespace weir::db::test
