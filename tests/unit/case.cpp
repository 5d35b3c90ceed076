// Ids and parameters of cases, and the errors that a wrong one gets.
#include "harness/case.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "harness/error.hpp"
#include "harness/registry.hpp"

namespace weir::test {
namespace {

/// A workload with every parameter there is, and one with two.
class Cases : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::vector<std::string_view> all;
    for (const ParamKey& param : param_keys()) all.push_back(param.key);
    registry().add_workload({"all_keys", "every parameter", all});
    registry().add_workload({"two_keys", "two parameters", {"cap", "place"}});
  }
};

std::string error_of(std::string_view key, std::string_view value) {
  Case spec;
  try {
    find_param(key)->set(spec, value);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST_F(Cases, HaveAnIdOfWorkloadChannelAndKeysInOneOrder) {
  Case spec;
  spec.workload = "all_keys";
  spec.channel = "mpmc_ring:park";
  spec.producers = 2;
  spec.message = "16";
  EXPECT_EQ(spec.id(),
            "all_keys/mpmc_ring:park/p:2/c:1/cap:1024/msg:16/work:0/store:array/place:spread");
}

TEST_F(Cases, LeaveOptionalKeysOutOfTheIdAtTheirDefault) {
  Case spec;
  spec.workload = "all_keys";
  spec.channel = "x";
  const std::string plain = spec.id();
  for (const char* key : {"rwork", "batch", "min"}) {
    EXPECT_EQ(plain.find("/" + std::string(key) + ":"), std::string::npos) << plain;
    Case changed = spec;
    find_param(key)->set(changed, "7");
    EXPECT_NE(changed.id().find("/" + std::string(key) + ":7"), std::string::npos) << changed.id();
  }
}

TEST_F(Cases, HaveOnlyTheKeysOfTheirWorkloadInTheId) {
  Case spec;
  spec.workload = "two_keys";
  spec.channel = "x";
  spec.producers = 3;
  spec.place = Place::one;
  EXPECT_EQ(spec.id(), "two_keys/x/cap:1024/place:one");
}

/// A valid value that is not the default.
std::string another_value(std::string_view key) {
  static const std::map<std::string, std::string, std::less<>> kWords{
      {"place", "free"},   {"msg", "unique_ptr"},   {"arrivals", "exponential"},
      {"service", "20us"}, {"full", "drop"},        {"bound", "2ms"},
      {"clock", "tsc"},    {"take", "frames-16ms"}, {"stall", "5ms"},
      {"store", "hash"},   {"keys", "zipfian"},     {"mix", "a"},
      {"linger", "2ms"}};
  const auto word = kWords.find(key);
  return word == kWords.end() ? "9" : word->second;
}

TEST_F(Cases, DifferInTheIdWheneverTheyDifferInAKey) {
  std::set<std::string> ids;
  Case spec;
  spec.workload = "all_keys";
  spec.channel = "x";
  ids.insert(spec.id());
  for (const ParamKey& param : param_keys()) {
    Case changed = spec;
    param.set(changed, another_value(param.key));
    EXPECT_TRUE(ids.insert(changed.id()).second) << param.key;
  }
}

TEST_F(Cases, ReadEveryParameterBackAsItWasWritten) {
  for (const ParamKey& param : param_keys()) {
    Case spec;
    const std::string value = another_value(param.key);
    param.set(spec, value);
    EXPECT_EQ(param.get(spec), value) << param.key;
    EXPECT_FALSE(param.meaning.empty());
  }
}

TEST_F(Cases, KnowNoOtherKey) {
  EXPECT_EQ(find_param("capacity"), nullptr);
  EXPECT_EQ(find_param(""), nullptr);
}

TEST_F(Cases, SayWhatIsWrongWithANumber) {
  EXPECT_EQ(error_of("cap", "0"), "parameter 'cap': '0' is not a whole number from 1 on");
  for (const char* key : {"p", "c", "cap", "batch"}) {
    for (const char* value : {"0", "-1", "", "x", "1x", "1.5", " 1", "99999999999999999999999"}) {
      EXPECT_NE(error_of(key, value), "") << key << ":" << value;
    }
    EXPECT_EQ(error_of(key, "1"), "");
  }
  for (const char* key : {"work", "rwork", "min"}) {
    for (const char* value : {"-1", "", "x", "1e3"}) {
      EXPECT_NE(error_of(key, value), "") << key << ":" << value;
    }
    EXPECT_EQ(error_of(key, "0"), "");
  }
}

TEST_F(Cases, SayTheNearestWordForAWrongOne) {
  EXPECT_EQ(error_of("place", "spred"), "unknown place 'spred': did you mean 'spread'?");
  EXPECT_EQ(error_of("msg", "unique_pointer"),
            "unknown message 'unique_pointer': did you mean 'unique_ptr'?");
  EXPECT_EQ(error_of("msg", "2566"), "unknown message '2566': did you mean '256'?");
}

TEST_F(Cases, LeaveTheCaseAloneWhenTheValueIsWrong) {
  Case spec;
  EXPECT_THROW(find_param("cap")->set(spec, "many"), UsageError);
  EXPECT_EQ(spec.capacity, Case{}.capacity);
}

// --- nearest words

TEST(NearestWords, HaveTheSmallestEditDistance) {
  const std::vector<std::string> words{"mpmc_ring:park", "mutex_condvar", "spsc_ring:spin", "lock"};
  EXPECT_EQ(nearest("mpmc_rng:park", words), "mpmc_ring:park");
  EXPECT_EQ(nearest("mutexcondvar", words), "mutex_condvar");
  EXPECT_EQ(nearest("lokc", words), "lock");
  EXPECT_EQ(nearest("", words), "lock") << "the shortest";
  for (const std::string& word : words) EXPECT_EQ(nearest(word, words), word);
}

TEST(NearestWords, AreTheFirstAmongEquals) {
  EXPECT_EQ(nearest("ab", {"ax", "xb"}), "ax");
  EXPECT_EQ(nearest("ab", {"xb", "ax"}), "xb");
}

TEST(NearestWords, AreNoneWhereThereAreNone) {
  EXPECT_EQ(nearest("anything", {}), "");
  EXPECT_STREQ(unknown("channel", "x", {}).what(), "unknown channel 'x'");
}

/// The textbook recursion, for short words.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  if (a.empty()) return b.size();
  if (b.empty()) return a.size();
  const std::size_t change =
      edit_distance(a.substr(1), b.substr(1)) + (a.front() == b.front() ? 0U : 1U);
  return std::min({change, edit_distance(a.substr(1), b) + 1, edit_distance(a, b.substr(1)) + 1});
}

TEST(NearestWords, AgreeWithTheTextbookOnAllShortWords) {
  std::vector<std::string> words;
  for (int n = 0; n < 40; ++n) {
    std::string word;
    for (int rest = n; rest > 0; rest /= 3) word += static_cast<char>('a' + rest % 3);
    words.push_back(word);
  }
  for (const std::string& word : words) {
    const std::vector<std::string> valid{"abc", "ca", "bbbb", "a"};
    std::size_t best = 100;
    for (const std::string& candidate : valid)
      best = std::min(best, edit_distance(word, candidate));
    EXPECT_EQ(edit_distance(word, nearest(word, valid)), best) << word;
  }
}

}  // namespace
}  // namespace weir::test
