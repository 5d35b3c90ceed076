// The owner forms groups, answers after the commit, and leaves nobody waiting, whatever becomes of
// it.
#include "workloads/db/owner.hpp"

#include <gtest/gtest.h>

#include "stand.hpp"
#include "workloads/db/oracle.hpp"

namespace weir::db::test {
namespace {

using std::chrono::milliseconds;
using weir::test::TimeLimit;

/// A connection that passes on, and that tests make stumble.
class Watched : public Connection {
 public:
  explicit Watched(Connection& inner) : inner_(inner) {}
  void begin() override { inner_.begin(); }
  void apply(const Write& write) override {
    ++applied;
    inner_.apply(write);
  }
  bool read(std::uint64_t key, Row& row) override { return inner_.read(key, row); }
  void commit() override {
    inner_.commit();
    ++commits;
  }
  void rollback() noexcept override { inner_.rollback(); }
  void for_each(const std::function<void(std::uint64_t, const Row&)>& visit) override {
    inner_.for_each(visit);
  }
  std::uint64_t applied = 0;
  std::uint64_t commits = 0;

 private:
  Connection& inner_;
};

class OwnerTest : public testing::Test {
 protected:
  TimeLimit limit_;
  HashDatabase database_;
  std::unique_ptr<Connection> connection_ = database_.connect();
};

TEST_F(OwnerTest, AnswersEachRequestAndLeavesWhatAReplayLeaves) {
  for (const std::size_t group : {1U, 7U, 64U}) {
    HashDatabase database;
    const auto connection = database.connect();
    load(*connection, Stand::kRows, Stand::kBytes);
    Stand stand(3, 16, {.most = group});
    stand.run(*connection, 2000);
    for (const Fate& fate : stand.fates) EXPECT_EQ(fate.committed.size(), 2000U);
    EXPECT_EQ(differences(*connection, Stand::kRows, *stand.requests, {2000, 2000, 2000}), "");
    EXPECT_LE(stand.groups.max_ns(), static_cast<std::int64_t>(group));
  }
}

TEST_F(OwnerTest, CommitsOnceForAGroup) {
  Watched watched(*connection_);
  Stand stand(2, 32, {.most = 8});
  // All that the channel holds is there before the owner begins: each group is full.
  stand.run_when_full(watched);
  EXPECT_EQ(watched.applied, 64U);
  EXPECT_EQ(watched.commits, 8U);
  EXPECT_EQ(stand.groups.count(), 8U);
  for (const Fate& fate : stand.fates) EXPECT_EQ(fate.committed.size(), 32U);
}

TEST_F(OwnerTest, EndsAGroupThatIsNotFullWhenItsTimeIsOver) {
  Stand stand(1, 1, {.most = 100, .linger = milliseconds(5)});
  const std::int64_t start = MonotonicClock::now_ns();
  stand.run(*connection_, 4);
  // One request under way at a time: a group of a hundred never fills.
  EXPECT_EQ(stand.groups.max_ns(), 1);
  EXPECT_GE(MonotonicClock::now_ns() - start, 4 * 5'000'000);
  EXPECT_EQ(stand.fates[0].committed.size(), 4U);
}

TEST_F(OwnerTest, EndsAGroupAtAFlush) {
  Case spec;
  spec.flush = 3;
  Watched watched(*connection_);
  // Four requests, the last a flush. Without it the group would wait for longer than the test may.
  Stand stand(1, 8, {.most = 100, .linger = std::chrono::minutes(10)}, spec);
  stand.run(watched, 8);
  EXPECT_EQ(watched.commits, 2U);
  EXPECT_EQ(watched.applied, 6U);
  EXPECT_EQ(stand.groups.max_ns(), 4);
}

TEST_F(OwnerTest, ServesWithoutAnswersAndDrainsWhenItIsClosed) {
  load(*connection_, Stand::kRows, Stand::kBytes);
  Stand stand(2, 0, {.most = 16});
  stand.run(*connection_, 5000);
  EXPECT_TRUE(stand.fates[0].committed.empty());
  EXPECT_EQ(differences(*connection_, Stand::kRows, *stand.requests, {5000, 5000}), "");
}

TEST_F(OwnerTest, BringsRowsToThoseWhoRead) {
  Case spec;
  spec.mix = "a";
  load(*connection_, Stand::kRows, Stand::kBytes);
  Stand stand(2, 4, {.most = 4}, spec);
  stand.run(*connection_, 1000);
  for (int task = 0; task < 2; ++task) {
    EXPECT_EQ(stand.fates[static_cast<std::size_t>(task)].committed.size(), 1000U);
    EXPECT_EQ(stand.fates[static_cast<std::size_t>(task)].wrong_reads, "");
    for (std::uint64_t i = 996; i < 1000; ++i) {
      const std::uint64_t word = MessageId{static_cast<std::uint32_t>(task), i}.word();
      if (stand.requests->of(word).op != Op::read) continue;
      const Row& row = stand.desk.of(word).row;
      EXPECT_EQ(row.value.size(), Stand::kBytes);
      EXPECT_TRUE(value_intact(row.last, row.value));
    }
  }
}

/// Dies at its n-th commit, as an owner does whose code throws.
class Mortal final : public Watched {
 public:
  Mortal(Connection& inner, std::uint64_t last) : Watched(inner), last_(last) {}
  void commit() override {
    if (commits == last_) throw std::logic_error("the owner is dead");
    Watched::commit();
  }

 private:
  std::uint64_t last_;
};

TEST_F(OwnerTest, TellsClosedToAllWhenItDiesAndNobodyHangs) {
  Mortal mortal(*connection_, 20);
  Stand stand(4, 32, {.most = 5});
  stand.run(mortal, 100'000);
  EXPECT_EQ(stand.died_of, "the owner is dead");
  std::uint64_t committed = 0;
  for (const Fate& fate : stand.fates) {
    EXPECT_EQ(fate.last_send, SendStatus::closed);
    EXPECT_EQ(fate.committed.size() + fate.closed.size(), fate.sent);
    EXPECT_TRUE(fate.failed.empty());
    committed += fate.committed.size();
  }
  EXPECT_GE(committed, 20U);
  EXPECT_LE(committed, 100U);
}

/// Every third commit fails.
class Stumbling final : public Watched {
 public:
  using Watched::Watched;
  void commit() override {
    if (++tried_ % 3 == 0) throw DatabaseError("the commit failed");
    Watched::commit();
  }

 private:
  int tried_ = 0;
};

/// Answers before it commits, as no owner should.
class TooEarly final : public Owner {
 public:
  using Owner::Owner;

 private:
  void settle() override {
    answer(Outcome::committed);
    commit();
  }
};

TEST_F(OwnerTest, AnswersOnceWhateverBecomesOfAGroupAfterwards) {
  Stumbling stumbling(*connection_);
  Stand stand(2, 4, {.most = 4});
  // Promised too early, and never taken back: a second answer would go to the next request.
  stand.run<TooEarly>(stumbling, 3000);
  for (const Fate& fate : stand.fates) {
    EXPECT_EQ(fate.committed.size(), 3000U);
    EXPECT_TRUE(fate.failed.empty());
  }
  EXPECT_GT(stand.failed, 0U);
}

TEST_F(OwnerTest, NeedsAChannelThatCanTakeWhatIsThere) {
  const GroupRule alone{.most = 1};
  const GroupRule group{.most = 2};
  const GroupRule lingers{.most = 2, .linger = milliseconds(1)};
  EXPECT_EQ(Owner::why_no_groups({}, alone), "");
  EXPECT_NE(Owner::why_no_groups({}, group), "");
  EXPECT_EQ(Owner::why_no_groups({.tries = true}, group), "");
  EXPECT_NE(Owner::why_no_groups({.tries = true}, lingers), "");
  EXPECT_EQ(Owner::why_no_groups({.timed = true}, lingers), "");
}

}  // namespace
}  // namespace weir::db::test
