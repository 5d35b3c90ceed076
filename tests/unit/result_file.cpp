// Result files grow by whole lines only, whatever happens to the program or to the disk.
#include "harness/result_file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/error.hpp"

namespace weir::test {
namespace {

namespace fs = std::filesystem;

class ResultFiles : public testing::Test {
 protected:
  ResultFiles() {
    std::string pattern = (fs::temp_directory_path() / "weir-test-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ResultFiles() override { fs::remove_all(folder_); }

  fs::path path() const { return folder_ / "trials.jsonl"; }
  std::string content() const {
    std::ifstream in(path());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const { std::ofstream(path()) << text; }
  static Json record(const std::string& id, int round) {
    Json line;
    line["id"] = id;
    line["round"] = round;
    return line;
  }
  static std::string error_of(const fs::path& file) {
    try {
      const ResultFile opened(file);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(ResultFiles, GetOneLineForEachRecord) {
  ResultFile file(path());
  file.append(record("a", 0));
  file.append(record("b", 1));
  EXPECT_EQ(content(), "{\"id\":\"a\",\"round\":0}\n{\"id\":\"b\",\"round\":1}\n");
}

TEST_F(ResultFiles, HaveEachLineAsSoonAsItIsAppended) {
  ResultFile file(path());
  file.append(record("a", 0));
  EXPECT_EQ(content(), "{\"id\":\"a\",\"round\":0}\n") << "a crash now must not cost it";
}

TEST_F(ResultFiles, KnowWhatTheyHaveAlready) {
  write("{\"id\":\"a\",\"round\":0}\n{\"id\":\"a\",\"round\":2}\n");
  const ResultFile file(path());
  EXPECT_TRUE(file.has("a", 0));
  EXPECT_FALSE(file.has("a", 1));
  EXPECT_TRUE(file.has("a", 2));
  EXPECT_FALSE(file.has("b", 0));
}

TEST_F(ResultFiles, KeepWhatWasThere) {
  write("{\"id\":\"a\",\"round\":0}\n");
  ResultFile file(path());
  file.append(record("b", 0));
  EXPECT_EQ(content(), "{\"id\":\"a\",\"round\":0}\n{\"id\":\"b\",\"round\":0}\n");
}

TEST_F(ResultFiles, CutOffALastLineThatWasNotFinished) {
  const std::string whole = "{\"id\":\"a\",\"round\":0}\n";
  // Cut at every place, one that is a whole object without its newline included.
  const std::string last = "{\"id\":\"b\",\"round\":0}";
  for (std::size_t length = 1; length <= last.size(); ++length) {
    write(whole + last.substr(0, length));
    ResultFile file(path());
    EXPECT_TRUE(file.has("a", 0));
    EXPECT_FALSE(file.has("b", 0)) << "it must be run again";
    EXPECT_EQ(content(), whole);
    file.append(record("c", 0));
    EXPECT_EQ(content(), whole + "{\"id\":\"c\",\"round\":0}\n");
  }
}

TEST_F(ResultFiles, CutOffAnOnlyLineThatWasNotFinished) {
  write("{\"id\":");
  const ResultFile file(path());
  EXPECT_EQ(content(), "");
}

TEST_F(ResultFiles, MayBeEmptyAtFirst) {
  write("");
  const ResultFile file(path());
  EXPECT_FALSE(file.has("", 0));
}

TEST_F(ResultFiles, AreNotMadeOfOtherFiles) {
  write("hello\nworld\n");
  const std::string error = error_of(path());
  EXPECT_TRUE(error.starts_with("'" + path().string() + "' holds a line that is ")) << error;
  EXPECT_TRUE(error.ends_with(": not a result file")) << error;
  EXPECT_EQ(content(), "hello\nworld\n") << "nothing of it was touched";
  write("hello\nworld");
  EXPECT_NE(error_of(path()), "");
  EXPECT_EQ(content(), "hello\nworld");
}

TEST_F(ResultFiles, AreNotMadeOfJsonThatIsNoRecord) {
  write("5\n");
  EXPECT_NE(error_of(path()), "") << "JSON, but not a record: one line, and no surprise";
}

TEST_F(ResultFiles, SayWhenTheyCannotBeWritten) {
  EXPECT_EQ(error_of(folder_), "cannot write '" + folder_.string() + "': Is a directory");
  const fs::path nowhere = folder_ / "not" / "there" / "trials.jsonl";
  EXPECT_EQ(error_of(nowhere),
            "cannot write '" + nowhere.string() + "': No such file or directory");
}

TEST_F(ResultFiles, SayWhenTheFolderIsReadOnly) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  ::chmod(folder_.c_str(), 0500);
  EXPECT_EQ(error_of(path()), "cannot write '" + path().string() + "': Permission denied");
  ::chmod(folder_.c_str(), 0700);
}

/// A disk that is full after so many bytes: a limit on the size of files behaves the same, a short
/// write included.
class FullDisk {
 public:
  explicit FullDisk(std::size_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(ResultFiles, HoldNothingHalfWrittenWhenTheDiskIsFull) {
  const std::string line = record("a", 0).dump() + "\n";
  for (std::size_t room = 0; room < line.size(); ++room) {
    fs::remove(path());
    ResultFile file(path());
    file.append(record("a", 0));
    std::optional<std::string> error;
    {
      const FullDisk full(line.size() + room);
      try {
        file.append(record("b", 0));
      } catch (const UsageError& caught) {
        error = caught.what();
      }
    }
    ASSERT_TRUE(error.has_value()) << "with room for " << room << " bytes";
    EXPECT_TRUE(error->starts_with("cannot write '" + path().string() + "': ")) << *error;
    EXPECT_TRUE(error->ends_with("; the trials before are kept")) << *error;
    ASSERT_EQ(content(), line) << "with room for " << room << " bytes";
    // and it goes on when there is room again
    file.append(record("c", 0));
    ASSERT_EQ(content(), line + record("c", 0).dump() + "\n");
  }
}

}  // namespace
}  // namespace weir::test
