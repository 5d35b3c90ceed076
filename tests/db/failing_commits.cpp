// A disk that is full, a sync that fails: senders get an error for exactly the updates that did not
// commit, and the owner goes on.
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "stand.hpp"
#include "workloads/databases/folder.hpp"
#include "workloads/databases/lmdb.hpp"
#include "workloads/databases/sqlite.hpp"
#include "workloads/db/oracle.hpp"

namespace weir::db::test {
namespace {

using weir::test::TimeLimit;

/// Each row's balance and version must be those of the updates whose senders were told `committed`.
void expect_exactly_the_committed(Connection& connection, const Stand& stand) {
  std::map<std::uint64_t, std::pair<std::int64_t, std::uint64_t>> expected;
  std::uint64_t committed = 0;
  std::uint64_t failed = 0;
  for (const Fate& fate : stand.fates) {
    EXPECT_EQ(fate.committed.size() + fate.failed.size(), fate.sent);
    committed += fate.committed.size();
    failed += fate.failed.size();
    for (const std::uint64_t word : fate.committed) {
      const Request request = stand.requests->of(word);
      expected[request.key].first += request.amount;
      ++expected[request.key].second;
    }
  }
  EXPECT_GT(committed, 0U) << "nothing was committed: this proves nothing";
  EXPECT_GT(failed, 0U) << "nothing failed: this proves nothing";
  EXPECT_EQ(stand.failed, failed);
  std::map<std::uint64_t, std::pair<std::int64_t, std::uint64_t>> found;
  connection.for_each([&](std::uint64_t key, const Row& row) {
    found[key] = {row.balance, row.version};
    EXPECT_TRUE(value_intact(row.last, row.value));
  });
  EXPECT_EQ(found, expected);
}

#ifdef WEIR_HAS_SQLITE

/// Every n-th sync fails.
class BadSyncs final : public DiskFaults {
 public:
  int on_write(std::string_view, std::int64_t, std::span<const std::byte>) override {
    return SQLITE_OK;
  }
  int on_truncate(std::string_view, std::int64_t) override { return SQLITE_OK; }
  int on_delete(std::string_view) override { return SQLITE_OK; }
  int on_sync(std::string_view) override {
    return armed && ++syncs % 5 == 0 ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  }
  std::atomic<bool> armed{false};
  std::atomic<int> syncs{0};
};

TEST(FailingCommits, OfASyncThatFailsAreSaidToThoseWhoseUpdatesTheyHeld) {
  const TimeLimit limit;
  const TemporaryFolder folder;
  BadSyncs faults;
  Sqlite database(folder.path() / "weir.sqlite", {.faults = &faults});
  const auto connection = database.connect();
  faults.armed = true;
  Stand stand(2, 16, {.most = 8});
  stand.run(*connection, 400);
  faults.armed = false;
  expect_exactly_the_committed(*connection, stand);
}

/// The disk has room for so many bytes in all.
class FullDisk final : public DiskFaults {
 public:
  explicit FullDisk(std::int64_t room) : room_(room) {}
  int on_write(std::string_view, std::int64_t at, std::span<const std::byte> data) override {
    return at + static_cast<std::int64_t>(data.size()) > room_ ? SQLITE_FULL : SQLITE_OK;
  }
  int on_truncate(std::string_view, std::int64_t) override { return SQLITE_OK; }
  int on_delete(std::string_view) override { return SQLITE_OK; }
  int on_sync(std::string_view) override { return SQLITE_OK; }

 private:
  std::int64_t room_;
};

TEST(FailingCommits, OnAFullDiskAreSaidToThoseWhoseUpdatesTheyHeld) {
  const TimeLimit limit;
  const TemporaryFolder folder;
  FullDisk faults(300'000);
  // No checkpoint makes room again.
  Sqlite database(folder.path() / "weir.sqlite", {.checkpoint_pages = 0, .faults = &faults});
  const auto connection = database.connect();
  Stand stand(2, 16, {.most = 4});
  stand.run(*connection, 400);
  expect_exactly_the_committed(*connection, stand);
}

#endif

#ifdef WEIR_HAS_LMDB

TEST(FailingCommits, OfAMapThatIsFullAreSaidToThoseWhoseUpdatesTheyHeld) {
  const TimeLimit limit;
  const TemporaryFolder folder;
  constexpr std::size_t kSmallMap = 48 * 1024;
  Lmdb database(folder.path() / "lmdb", kSmallMap);
  const auto connection = database.connect();
  // Rows of their own, until there is no room for another.
  class Growing final : public PassesOn {
   public:
    using PassesOn::PassesOn;
    void apply(const Write& write) override {
      PassesOn::apply({write.word, write.amount, write.word, write.value});
    }
  } growing(*connection);
  Stand stand(2, 8, {.most = 8});
  stand.run(growing, 400);
  std::set<std::uint64_t> committed;
  std::uint64_t failed = 0;
  for (const Fate& fate : stand.fates) {
    committed.insert(fate.committed.begin(), fate.committed.end());
    failed += fate.failed.size();
  }
  std::set<std::uint64_t> found;
  connection->for_each([&](std::uint64_t key, const Row&) { found.insert(key); });
  EXPECT_GT(failed, 0U);
  EXPECT_GT(committed.size(), 0U);
  EXPECT_EQ(found, committed);
}

#endif

}  // namespace
}  // namespace weir::db::test
