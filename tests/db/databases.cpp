// What every database does with rows and transactions, and which files it refuses.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <utility>

#include "workloads/databases/database.hpp"
#include "workloads/databases/folder.hpp"
#include "workloads/databases/lmdb.hpp"
#include "workloads/databases/sqlite.hpp"

namespace weir::db::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> bytes(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

class Databases : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    const Store& store = *find_store(GetParam());
    if (!store.missing.empty()) GTEST_SKIP() << store.missing;
    in_memory_ = store.in_memory;
    database_ = store.open(folder_.path());
  }
  TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
  bool in_memory_ = false;
};

INSTANTIATE_TEST_SUITE_P(Each, Databases,
                         testing::Values("array", "hash", "sqlite-full", "sqlite-normal", "lmdb",
                                         "lmdb-nosync"),
                         [](const auto& each) {
                           std::string name(each.param);
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(Databases, AreDurableWhereEachCommitIsSyncedAndNowhereElse) {
  EXPECT_EQ(database_->durable(), GetParam() == "sqlite-full" || GetParam() == "lmdb");
  const bool says_so =
      find_store(GetParam())->summary.find("not durable") != std::string_view::npos;
  EXPECT_EQ(says_so, !in_memory_ && !database_->durable());
}

TEST_P(Databases, AddAmountsAndKeepTheLastValue) {
  const auto connection = database_->connect();
  connection->begin();
  connection->apply({7, 100, 11, bytes("first")});
  connection->apply({7, -30, 12, bytes("and then another")});
  connection->apply({8, 1, 13, bytes("")});
  connection->commit();
  Row row;
  ASSERT_TRUE(connection->read(7, row));
  EXPECT_EQ(row, (Row{70, 2, 12, bytes("and then another")}));
  EXPECT_FALSE(connection->read(9, row));
  std::map<std::uint64_t, std::int64_t> balances;
  connection->for_each([&](std::uint64_t key, const Row& each) { balances[key] = each.balance; });
  EXPECT_EQ(balances, (std::map<std::uint64_t, std::int64_t>{{7, 70}, {8, 1}}));
}

TEST_P(Databases, ATransactionReadsItsOwnWritesAndTakesThemBack) {
  if (in_memory_) GTEST_SKIP() << "nothing to roll back to";
  const auto connection = database_->connect();
  connection->begin();
  connection->apply({1, 5, 1, bytes("x")});
  Row row;
  EXPECT_TRUE(connection->read(1, row));
  connection->rollback();
  EXPECT_FALSE(connection->read(1, row));
  connection->begin();
  connection->apply({1, 6, 2, bytes("y")});
  connection->commit();
  ASSERT_TRUE(connection->read(1, row));
  EXPECT_EQ(row.balance, 6);
}

TEST_P(Databases, WhatWasCommittedIsThereWhenItIsOpenedAgain) {
  if (in_memory_) GTEST_SKIP() << "in memory nothing stays";
  {
    const auto connection = database_->connect();
    connection->begin();
    connection->apply({3, 33, 4, bytes("kept")});
    connection->commit();
    connection->begin();
    connection->apply({5, 55, 5, bytes("never committed")});
  }
  database_.reset();
  database_ = find_store(GetParam())->open(folder_.path());
  const auto connection = database_->connect();
  Row row;
  ASSERT_TRUE(connection->read(3, row));
  EXPECT_EQ(row.balance, 33);
  EXPECT_FALSE(connection->read(5, row));
}

#ifdef WEIR_HAS_SQLITE

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string refusal(const fs::path& file) {
  try {
    const Sqlite database(file);
    return "";
  } catch (const DatabaseError& error) {
    return error.what();
  }
}

/// Refused, in one line that says why, and left as it was, with nothing beside it.
void expect_untouched(const fs::path& file, std::string_view why) {
  const std::string before = contents(file);
  const std::string said = refusal(file);
  EXPECT_NE(said.find(why), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  EXPECT_EQ(contents(file), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), {}), 1);
}

TEST(SqliteFiles, OfAnotherProgramAreLeftAsTheyAre) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "theirs.sqlite";
  sqlite3* theirs = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &theirs), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(theirs, "CREATE TABLE weir_rows(other TEXT)", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(theirs);
  expect_untouched(file, "another program");
}

TEST(SqliteFiles, ThatAreNoDatabaseAreLeftAsTheyAre) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "letter.txt";
  std::ofstream(file) << std::string(5000, 'x');
  expect_untouched(file, "not an SQLite database");
}

TEST(SqliteFiles, ThatAreDamagedAreLeftAsTheyAre) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "weir.sqlite";
  {
    Sqlite database(file);
    const auto connection = database.connect();
    connection->begin();
    for (std::uint64_t i = 0; i < 2000; ++i) connection->apply({i, 1, 1, bytes("0123456789")});
    connection->commit();
  }
  ASSERT_EQ(refusal(file), "");
  std::string text = contents(file);
  ASSERT_GT(text.size(), 5 * 4096U);
  text.replace(4096 * 2, 4096, std::string(4096, '\x5a'));
  std::ofstream(file, std::ios::binary) << text;
  expect_untouched(file, "damaged");
}

TEST(SqliteFiles, InAFolderThatIsNotThereAreRefused) {
  const TemporaryFolder folder;
  const std::string said = refusal(folder.path() / "no" / "such" / "weir.sqlite");
  EXPECT_NE(said.find("cannot open"), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), std::string::npos);
}

TEST(SqliteFiles, SyncAtEachCommitUnderFullAndNotUnderNormal) {
  for (const Synchronous synchronous : {Synchronous::full, Synchronous::normal}) {
    const TemporaryFolder folder;
    Sqlite database(folder.path() / "weir.sqlite", {.synchronous = synchronous});
    const auto connection = database.connect();
    const DiskUse before = *database.disk_use();
    for (std::uint64_t i = 0; i < 50; ++i) {
      connection->begin();
      connection->apply({i, 1, 1, bytes("value")});
      connection->commit();
    }
    const DiskUse after = *database.disk_use();
    EXPECT_GT(after.bytes_written - before.bytes_written, 50 * 4096U);
    if (synchronous == Synchronous::full) {
      EXPECT_GE(after.syncs - before.syncs, 50U);
    } else {
      EXPECT_LT(after.syncs - before.syncs, 5U);
    }
  }
}

#endif

#ifdef WEIR_HAS_LMDB

TEST(LmdbFiles, ThatAreNoDatabaseAreRefused) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "data.mdb") << std::string(8192, 'x');
  EXPECT_THROW(Lmdb(folder.path()), DatabaseError);
  EXPECT_EQ(contents(folder.path() / "data.mdb"), std::string(8192, 'x'));
}

#endif

/// In a folder of the test's own: other tests, at the same time, sweep the usual one.
class Folders : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::path(fs::temp_directory_path()) / "weir-folders-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base_ = name;
    ::setenv("WEIR_DB_FOLDER", base_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("WEIR_DB_FOLDER");
    fs::remove_all(base_);
  }
  fs::path base_;
};

TEST_F(Folders, AreGoneWhenTheirTrialIsOver) {
  fs::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    std::ofstream(path / "file") << "x";
    EXPECT_TRUE(fs::exists(path / "file"));
  }
  EXPECT_FALSE(fs::exists(path));
}

/// A process that makes a folder, and ends at once or, waiting, when it is told to.
class Neighbour {
 public:
  enum class Then { ends, waits };
  explicit Neighbour(Then then) {
    std::array<int, 2> said{};
    std::array<int, 2> told{};
    if (::pipe(said.data()) != 0 || ::pipe(told.data()) != 0) std::abort();
    child_ = ::fork();
    if (child_ == 0) {
      ::close(told[1]);
      const TemporaryFolder folder;
      std::ofstream(folder.path() / "weir.sqlite") << "x";
      const std::string path = folder.path();
      char end = 0;
      if (::write(said[1], path.data(), path.size()) > 0 && then == Then::waits)
        static_cast<void>(::read(told[0], &end, 1));
      ::_exit(0);
    }
    ::close(said[1]);
    ::close(told[0]);
    std::array<char, 4096> text{};
    const ssize_t size = ::read(said[0], text.data(), text.size());
    ::close(said[0]);
    path_ = std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    tell_ = told[1];
    if (then == Then::ends) end();
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  ~Neighbour() { end(); }

  void end() {
    if (tell_ < 0) return;
    ::close(std::exchange(tell_, -1));
    ::waitpid(child_, nullptr, 0);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  pid_t child_ = -1;
  int tell_ = -1;
  fs::path path_;
};

TEST_F(Folders, OfEndedProcessesAreSweptAway) {
  const Neighbour gone(Neighbour::Then::ends);
  ASSERT_TRUE(fs::exists(gone.path() / "weir.sqlite"));
  const FolderKeeper keeper;
  EXPECT_FALSE(fs::exists(gone.path().parent_path()));
}

TEST_F(Folders, OfLivingProcessesAreLeftUntilTheyEnd) {
  const TemporaryFolder own;
  Neighbour living(Neighbour::Then::waits);
  {
    const FolderKeeper keeper;
    EXPECT_TRUE(fs::exists(own.path()));
    EXPECT_TRUE(fs::exists(living.path() / "weir.sqlite"));
    living.end();
  }
  EXPECT_TRUE(fs::exists(own.path()));
  EXPECT_FALSE(fs::exists(living.path()));
}

TEST_F(Folders, WhoseLockIsHeldAreLeftWhateverNumberTheirNamesEndIn) {
  // The largest process number there can be: nobody whom this process sees has it.
  const fs::path theirs = base_folder() / "weir-db-4194305";
  fs::create_directories(theirs / "files");
  const int lock = ::open((theirs / "lock").c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  { const FolderKeeper keeper; }
  EXPECT_TRUE(fs::exists(theirs / "files"));
  ::close(lock);
  { const FolderKeeper keeper; }
  EXPECT_FALSE(fs::exists(theirs));
}

TEST_F(Folders, ThatAreLinksToSomebodysAreNotFollowed) {
  const fs::path theirs = base_ / "project";
  fs::create_directories(theirs / "files");
  std::ofstream(theirs / "lock") << "";
  fs::create_directory_symlink(theirs, base_ / "weir-db-abcdef");
  { const FolderKeeper keeper; }
  EXPECT_TRUE(fs::exists(theirs / "files"));
}

TEST_F(Folders, WithoutALockAreLeftUnlessTheyAreEmpty) {
  const fs::path full = base_folder() / "weir-db-test-full";
  const fs::path empty = base_folder() / "weir-db-test-empty";
  fs::create_directories(full / "files");
  fs::create_directories(empty);
  { const FolderKeeper keeper; }
  EXPECT_TRUE(fs::exists(full / "files"));
  EXPECT_FALSE(fs::exists(empty));
  fs::remove_all(full);
}

}  // namespace
}  // namespace weir::db::test
