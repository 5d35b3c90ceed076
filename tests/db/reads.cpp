// A read brings the row that was asked for, whole, and no older than what its task was told: twins
// of a database that do otherwise are caught.
#include "workloads/db/reads.hpp"

#include <gtest/gtest.h>

#include <map>

#include "stand.hpp"
#include "workloads/db/oracle.hpp"
#include "workloads/db/stage.hpp"

namespace weir::db::test {
namespace {

using weir::test::TimeLimit;

class ReadsTheNextKey final : public PassesOn {
 public:
  using PassesOn::PassesOn;
  bool read(std::uint64_t key, Row& row) override {
    return PassesOn::read((key + 1) % Stand::kRows, row);
  }
};

/// Keeps each row as the first read of it found it.
class ReadsFromACache final : public PassesOn {
 public:
  using PassesOn::PassesOn;
  bool read(std::uint64_t key, Row& row) override {
    if (cache_.contains(key)) {
      row = cache_[key];
      return true;
    }
    const bool found = PassesOn::read(key, row);
    cache_[key] = row;
    return found;
  }

 private:
  std::map<std::uint64_t, Row> cache_;
};

class CutsValuesShort final : public PassesOn {
 public:
  using PassesOn::PassesOn;
  bool read(std::uint64_t key, Row& row) override {
    const bool found = PassesOn::read(key, row);
    row.value.pop_back();
    return found;
  }
};

/// What two tasks, which read and update by turns, find wrong.
template <class Twin>
std::string wrong_reads_of() {
  HashDatabase database;
  const auto connection = database.connect();
  load(*connection, Stand::kRows, Stand::kBytes);
  Twin twin(*connection);
  Case spec;
  spec.mix = "a";
  Stand stand(2, 8, {.most = 8}, spec);
  stand.run(twin, 2000);
  EXPECT_EQ(stand.fates[0].wrong_reads.empty(), stand.fates[1].wrong_reads.empty());
  return stand.fates[0].wrong_reads;
}

TEST(Reads, OfAnHonestDatabaseAreAllRight) {
  const TimeLimit limit;
  EXPECT_EQ(wrong_reads_of<PassesOn>(), "");
}

TEST(Reads, OfTheNextKeyAreCaught) {
  const TimeLimit limit;
  EXPECT_NE(wrong_reads_of<ReadsTheNextKey>().find("another row"), std::string::npos);
}

TEST(Reads, OfACacheThatIsNeverRenewedAreCaught) {
  const TimeLimit limit;
  EXPECT_NE(wrong_reads_of<ReadsFromACache>().find("as it was before"), std::string::npos);
}

TEST(Reads, OfValuesThatWereCutShortAreCaught) {
  const TimeLimit limit;
  EXPECT_NE(wrong_reads_of<CutsValuesShort>().find("damaged"), std::string::npos);
}

/// One row, whose requests are updates and reads, and what task 0 makes of what it reads.
struct OneRow {
  Case spec;
  std::unique_ptr<Requests> requests;
  std::unique_ptr<ReadCheck> reads;

  OneRow() {
    spec.mix = "a";
    spec.rows = 1;
    requests = std::make_unique<Requests>(spec, 1);
    reads = std::make_unique<ReadCheck>(*requests, 0, spec);
  }
  /// The word of that task's n-th request of a kind.
  [[nodiscard]] std::uint64_t nth(std::uint32_t task, Op op, int n) const {
    for (std::uint64_t i = 0;; ++i) {
      const std::uint64_t word = MessageId{task, i}.word();
      if (requests->of(word).op == op && n-- == 0) return word;
    }
  }
  /// The row after `version` writes, the last of which was that word's.
  [[nodiscard]] Row row(std::uint64_t version, std::uint64_t last) const {
    Row row{0, version, last, std::vector<std::byte>(8)};
    fill_value(last, row.value);
    return row;
  }
  std::string found(const Row& row) {
    reads->done(nth(0, Op::read, 0), &row);
    return reads->wrong();
  }
};

TEST(Reads, MayFindTheUpdatesOfOthersAtAnyTime) {
  OneRow one;
  one.reads->done(one.nth(0, Op::update, 0), nullptr);
  EXPECT_EQ(one.found(one.row(2, one.nth(0, Op::update, 0))), "");
  EXPECT_EQ(one.found(one.row(3, one.nth(1, Op::update, 5))), "");
  EXPECT_EQ(one.found(one.row(9, one.nth(1, Op::update, 9))), "");
}

TEST(Reads, FindNoOlderUpdateOfTheirOwnHoweverManyOthersThereWere) {
  OneRow one;
  one.reads->done(one.nth(0, Op::update, 0), nullptr);
  one.reads->done(one.nth(0, Op::update, 1), nullptr);
  EXPECT_NE(one.found(one.row(50, one.nth(0, Op::update, 0))), "");
}

TEST(Reads, FindNoRowThatIsOlderThanTheOneBefore) {
  OneRow one;
  EXPECT_EQ(one.found(one.row(9, one.nth(1, Op::update, 9))), "");
  EXPECT_NE(one.found(one.row(8, one.nth(1, Op::update, 8))), "");
}

TEST(Reads, FindTheirUpdateInsteadOfTheLoadedRow) {
  OneRow one;
  EXPECT_EQ(one.found(one.row(1, 0)), "");
  one.reads->done(one.nth(0, Op::update, 0), nullptr);
  EXPECT_NE(one.found(one.row(2, 0)), "");
}

TEST(Reads, ThatAreWrongFailTheirTrial) {
  const TimeLimit limit;
  Case spec;
  spec.mix = "a";
  Board board{};
  Trial trial(spec, 1, {}, board);
  DbStage stage(trial);
  trial.add_sender([&](Role& role) {
    std::uint64_t number = 0;
    while (stage.requests().of(MessageId{0, number}.word()).op != Op::read) ++number;
    role.wait_for_gate();
    const std::uint64_t word = MessageId{0, number}.word();
    Row row;
    stage.database().connect()->read((stage.requests().of(word).key + 1) % spec.rows, row);
    stage.log(role).reads.done(word, &row);
    role.end({}, nullptr);
  });
  stage.play(nullptr);
  EXPECT_FALSE(stage.check());
  EXPECT_EQ(trial.failure(), "corrupt");
  EXPECT_NE(trial.reason().find("another row"), std::string::npos) << trial.reason();
}

}  // namespace
}  // namespace weir::db::test
