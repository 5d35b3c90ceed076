// Suites: what they say, and what they answer to those who write them wrong.
#include "harness/suite.hpp"

#include <gtest/gtest.h>

#include <set>

#include "harness/error.hpp"
#include "harness/plan.hpp"
#include "harness/registry.hpp"

namespace weir::test {
namespace {

class Suites : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Registry& all = registry();
    if (all.find_channel("condvar") != nullptr) return;  // once for all suites of tests
    all.add_workload({"throughput", "", {"p", "c", "cap", "msg", "batch", "place"}});
    all.add_workload({"ping_pong", "", {"cap"}});
    all.add_workload({"machine", "", {}});
    const RunFunction nothing = [](Trial&) {};
    const auto add = [&](const char* name, std::type_index type, bool from_file) {
      all.add_channel(
          {.name = name, .summary = "", .contract = {}, .from_file = from_file, .type = type});
      all.add_run("throughput", name, "8", nothing);
    };
    add("ring:park", typeid(char), false);
    add("ring:spin", typeid(short), false);
    add("condvar", typeid(int), false);
    add("mine", typeid(long), true);
    all.add_channel({.name = "lock", .summary = "", .contract = {}, .kind = EntryKind::rival});
    all.add_run("ping_pong", "lock", "", nothing);
    all.add_channel({.name = "clock", .summary = "", .contract = {}, .kind = EntryKind::limit});
    all.add_left_out({"absent", "its library was not found"});
  }

  static std::vector<std::string> ids(std::string_view toml, const Selection& selection = {}) {
    std::vector<std::string> found;
    for (const PlannedCase& planned : parse_suite(toml, "my.toml", selection).cases) {
      EXPECT_EQ(planned.id, planned.spec.id());
      found.push_back(planned.id);
    }
    return found;
  }

  static std::string error_of(std::string_view toml, const Selection& selection = {}) {
    try {
      parse_suite(toml, "my.toml", selection);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(Suites, CrossAllListsOfACase) {
  const auto found = ids(R"(
[[case]]
workload = "throughput"
channels = ["condvar"]
topology = ["1x1", "2x1"]
cap = [1, 100]
msg = ["8", "unique_ptr"]
place = "free"
)");
  std::set<std::string> wanted;
  for (const char* p : {"1", "2"}) {
    for (const char* cap : {"1", "100"}) {
      for (const char* msg : {"8", "unique_ptr"}) {
        wanted.insert(std::string("throughput/condvar/p:") + p + "/c:1/cap:" + cap + "/msg:" + msg +
                      "/place:free");
      }
    }
  }
  EXPECT_EQ(found.size(), 8U);
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), wanted);
}

TEST_F(Suites, HoldAnIdOnce) {
  EXPECT_EQ(ids(R"(
[[case]]
workload = "ping_pong"
channels = ["condvar", "cond*"]
cap = [1, 1]
[[case]]
workload = "ping_pong"
channels = ["condvar"]
cap = [1]
)"),
            std::vector<std::string>{"ping_pong/condvar/cap:1"});
}

TEST_F(Suites, TakeAllChannelsByDefaultAndTheRivalOfTheirWorkload) {
  EXPECT_EQ(ids("[[case]]\nworkload = \"ping_pong\"\n"),
            (std::vector<std::string>{"ping_pong/condvar/cap:1024", "ping_pong/lock/cap:1024",
                                      "ping_pong/mine/cap:1024", "ping_pong/ring:park/cap:1024",
                                      "ping_pong/ring:spin/cap:1024"}));
  EXPECT_EQ(ids("[[case]]\nworkload = \"machine\"\n"), std::vector<std::string>{"machine/clock"});
}

TEST_F(Suites, ChooseChannelsByGlobs) {
  EXPECT_EQ(
      ids("[[case]]\nworkload = \"ping_pong\"\nchannels = [\"*:park\", \"c?ndvar\"]\n"),
      (std::vector<std::string>{"ping_pong/condvar/cap:1024", "ping_pong/ring:park/cap:1024"}));
  EXPECT_EQ(ids("[[case]]\nworkload = \"ping_pong\"\nchannels = [\"*\", \"!ring:*\", \"!mine\"]\n"),
            (std::vector<std::string>{"ping_pong/condvar/cap:1024", "ping_pong/lock/cap:1024"}))
      << "the last glob that matches decides";
  EXPECT_EQ(ids("[[case]]\nworkload = \"ping_pong\"\nchannels = [\"ring:*\", \"!*:spin\"]\n"),
            (std::vector<std::string>{"ping_pong/ring:park/cap:1024"}));
  EXPECT_TRUE(matches_glob("mpmc_ring:park", "*:park"));
  EXPECT_TRUE(matches_glob("mpmc_ring:park", "mpmc_*"));
  EXPECT_FALSE(matches_glob("mpmc_ring:park", "mpmc"));
  EXPECT_FALSE(matches_glob("mpmc_ring", "mpmc_ring:*"));
  EXPECT_TRUE(matches_glob("x", "?"));
  EXPECT_FALSE(matches_glob("", "?"));
}

TEST_F(Suites, HaveCasesForTheUsersOwnFileOnly) {
  EXPECT_EQ(ids("[[case]]\nworkload = \"ping_pong\"\nonly = \"file\"\n"),
            std::vector<std::string>{"ping_pong/mine/cap:1024"});
}

TEST_F(Suites, KeepRivalsAndLimitsWhateverChannelsTheUserChooses) {
  const Selection selection{.channels = {"condvar"}, .filter = ""};
  EXPECT_EQ(
      ids("[[case]]\nworkload = \"ping_pong\"\n[[case]]\nworkload = \"machine\"\n", selection),
      (std::vector<std::string>{"ping_pong/condvar/cap:1024", "ping_pong/lock/cap:1024",
                                "machine/clock"}));
}

TEST_F(Suites, AreFilteredByARegularExpressionOverIds) {
  const Selection selection{.channels = {}, .filter = "ring:(park|spin)/.*cap:(1|2)$"};
  EXPECT_EQ(ids("[[case]]\nworkload = \"ping_pong\"\ncap = [1, 2, 12]\n", selection).size(), 4U);
}

TEST_F(Suites, TimesOfACaseGoBeforeThoseOfTheSuiteAndThoseBeforeTheDefaults) {
  const Suite suite = parse_suite(R"(
rounds = 7
window_ms = 50
[[case]]
workload = "ping_pong"
channels = ["condvar"]
[[case]]
workload = "ping_pong"
channels = ["ring:park"]
window_ms = 70
warm_up_ms = 1
)",
                                  "my.toml", {});
  EXPECT_EQ(suite.rounds, 7);
  ASSERT_EQ(suite.cases.size(), 2U);
  EXPECT_EQ(suite.cases[0].timing.window.count(), 50);
  EXPECT_EQ(suite.cases[0].timing.warm_up, Timing{}.warm_up);
  EXPECT_EQ(suite.cases[1].timing.window.count(), 70);
  EXPECT_EQ(suite.cases[1].timing.warm_up.count(), 1);
}

TEST_F(Suites, WhatAChannelCannotDoIsPlannedAllTheSame) {
  // It becomes "not applicable" with its reason, and does not vanish.
  EXPECT_EQ(ids("[[case]]\nworkload = \"throughput\"\nchannels = [\"mine\"]\n").size(), 1U);
}

// --- errors: each says where, what is wrong, and what to write

struct Mistake {
  const char* name;
  const char* toml;
  const char* line;  ///< where it is
  const char* says;  ///< what the error must hold
};

std::ostream& operator<<(std::ostream& out, const Mistake& mistake) { return out << mistake.name; }

class Mistakes : public Suites, public testing::WithParamInterface<Mistake> {};

TEST_P(Mistakes, AreAnsweredWithThePlaceAndTheNearestWord) {
  const std::string error = error_of(GetParam().toml);
  EXPECT_TRUE(error.starts_with(std::string("my.toml:") + GetParam().line + ": ")) << error;
  EXPECT_NE(error.find(GetParam().says), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << "one line: " << error;
}

INSTANTIATE_TEST_SUITE_P(
    All, Mistakes,
    testing::Values(
        Mistake{"a_word_that_is_no_key", "rouns = 3\n", "1", "did you mean 'rounds'?"},
        Mistake{"a_workload_that_is_not_there", "\n[[case]]\nworkload = \"thruput\"\n", "3",
                "unknown workload 'thruput': did you mean 'throughput'?"},
        Mistake{"a_case_without_a_workload", "\n[[case]]\ncap = [1]\n", "2", "needs a workload"},
        Mistake{"a_parameter_that_the_workload_does_not_have",
                "[[case]]\nworkload = \"ping_pong\"\ncapp = [1]\n", "3",
                "unknown parameter 'capp': did you mean 'cap'?"},
        Mistake{"a_topology_for_a_workload_without_one",
                "[[case]]\nworkload = \"ping_pong\"\ntopology = [\"1x1\"]\n", "3", "topology"},
        Mistake{"a_topology_that_is_not_one",
                "[[case]]\nworkload = \"throughput\"\ntopology = [\"2\"]\n", "3",
                "topology '2' is not like 2x1"},
        Mistake{"a_topology_without_a_number",
                "[[case]]\nworkload = \"throughput\"\ntopology = [\"2x\"]\n", "3",
                "not a whole number"},
        Mistake{"a_value_that_is_not_a_number",
                "[[case]]\nworkload = \"ping_pong\"\ncap = [\"many\"]\n", "3",
                "'many' is not a whole number"},
        Mistake{"a_value_out_of_range", "[[case]]\nworkload = \"ping_pong\"\ncap = [0]\n", "3",
                "'0' is not a whole number from 1 on"},
        Mistake{"a_value_of_the_wrong_kind", "[[case]]\nworkload = \"ping_pong\"\ncap = [1.5]\n",
                "3", "expected a number or a word"},
        Mistake{"a_message_that_is_not_there",
                "[[case]]\nworkload = \"throughput\"\nmsg = [\"46\"]\n", "3", "did you mean"},
        Mistake{"a_place_that_is_not_there",
                "[[case]]\nworkload = \"throughput\"\nplace = \"spred\"\n", "3",
                "did you mean 'spread'?"},
        Mistake{"a_channel_that_is_not_there",
                "[[case]]\nworkload = \"ping_pong\"\nchannels = [\"condvra\"]\n", "3",
                "unknown channel 'condvra': did you mean 'condvar'?"},
        Mistake{"a_channel_that_is_not_there_to_be_taken_out",
                "[[case]]\nworkload = \"ping_pong\"\nchannels = [\"*\", \"!rnig:*\"]\n", "3",
                "unknown channel"},
        Mistake{"an_only_that_is_not_file", "[[case]]\nworkload = \"ping_pong\"\nonly = \"fiel\"\n",
                "3", "did you mean 'file'?"},
        Mistake{"rounds_that_are_no_number", "rounds = \"many\"\n[[case]]\n", "1",
                "'rounds' must be a whole number"},
        Mistake{"more_layouts_than_are_built", "layouts = 4\n[[case]]\n", "1",
                "'layouts' must be 1 to 3"},
        Mistake{"rounds_below_zero", "rounds = -1\n[[case]]\n", "1", "whole number"},
        Mistake{"a_window_below_zero", "[[case]]\nworkload = \"ping_pong\"\nwindow_ms = -5\n", "3",
                "'window_ms' must be a whole number"},
        Mistake{"a_text_that_is_not_toml", "[[case]]\nworkload =\n", "2", ""},
        Mistake{"cases_that_are_no_tables", "case = [1, 2]\n", "1", "[[case]]"},
        Mistake{"a_case_that_is_a_table", "\n[case]\nworkload = \"ping_pong\"\n", "2", "[[case]]"}),
    [](const auto& mistake) { return mistake.param.name; });

TEST_F(Suites, WithoutAnyCaseAreRefused) {
  EXPECT_EQ(error_of("rounds = 1\n"), "my.toml: no [[case]] in this suite");
}

TEST_F(Suites, AnswerAWrongChannelOfTheUserWithTheNearestOne) {
  const char* const toml = "[[case]]\nworkload = \"ping_pong\"\n";
  EXPECT_EQ(error_of(toml, {.channels = {"ring:prak"}, .filter = ""}),
            "unknown channel 'ring:prak': did you mean 'ring:park'?");
  EXPECT_EQ(error_of(toml, {.channels = {"absent"}, .filter = ""}), "")
      << "left out is not unknown: the reason is in the list";
}

TEST_F(Suites, AnswerAFilterThatIsNoExpression) {
  EXPECT_EQ(error_of("[[case]]\nworkload = \"ping_pong\"\n", {.channels = {}, .filter = "a(b"}),
            "filter 'a(b' is not a regular expression");
}

TEST_F(Suites, AnswerAFileThatCannotBeRead) {
  try {
    read_suite("/nowhere/at/all.toml", {});
    FAIL() << "it was read";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "cannot read suite file '/nowhere/at/all.toml'");
  }
}

// --- seeds

TEST(TrialSeeds, AreTheSameOnEveryMachineAndForEver) {
  // Pinned: a change here makes old runs impossible to repeat.
  EXPECT_EQ(trial_seed(1, 0, "throughput/mpmc_ring:park/p:1/c:1"), 7304520039436596861U);
  EXPECT_EQ(trial_seed(1, 1, "throughput/mpmc_ring:park/p:1/c:1"), 7360101098779186376U);
  EXPECT_EQ(trial_seed(42, 0, "ping_pong/futex_ring/cap:1024"), 2400340650861820016U);
  EXPECT_EQ(trial_seed(0, 0, ""), 765235257866619361U);
}

TEST(TrialSeeds, DifferByRunRoundAndCaseAndFitASignedNumber) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (int round = 0; round < 20; ++round) {
      for (const char* id :
           {"throughput/a/p:1", "throughput/b/p:1", "ping_pong/a", "ping_pong/b"}) {
        const std::uint64_t value = trial_seed(seed, round, id);
        EXPECT_LE(value, std::uint64_t{1} << 63);
        seen.insert(value);
      }
    }
  }
  EXPECT_EQ(seen.size(), 1600U);
}

}  // namespace
}  // namespace weir::test
