// What a contract allows, what the registry says about a case, and the records' names for both.
#include "channels/contract.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/record.hpp"
#include "harness/registry.hpp"

namespace weir::test {
namespace {

TEST(Contracts, AllowAnyCapacityWithinTheirLimits) {
  constexpr Contract kContract{.min_capacity = 2, .max_capacity = 100};
  EXPECT_NE(kContract.why_not(0), "");
  EXPECT_NE(kContract.why_not(1), "");
  EXPECT_EQ(kContract.why_not(2), "");
  EXPECT_EQ(kContract.why_not(3), "");
  EXPECT_EQ(kContract.why_not(100), "");
  EXPECT_NE(kContract.why_not(101), "");
  EXPECT_NE(kContract.why_not(1), kContract.why_not(101)) << "below is not above";
}

TEST(Contracts, NeverChangeACapacitySilently) {
  constexpr Contract kContract{.capacity_rule = CapacityRule::power_of_two};
  for (const std::size_t capacity : {1U, 2U, 4U, 1024U, 65536U}) {
    EXPECT_EQ(kContract.why_not(capacity), "") << capacity;
  }
  for (const std::size_t capacity : {3U, 5U, 100U, 1000U}) {
    EXPECT_NE(kContract.why_not(capacity), "") << capacity;
  }
}

TEST(Contracts, WithoutABoundTakeAnyCapacity) {
  constexpr Contract kContract{.bound = Bound::unbounded, .max_capacity = 1};
  for (const std::size_t capacity : {0U, 1U, 100U}) EXPECT_EQ(kContract.why_not(capacity), "");
}

TEST(Contracts, OfARendezvousTakeAnyCapacity) {
  constexpr Contract kContract{.bound = Bound::rendezvous};
  for (const std::size_t capacity : {0U, 1U, 100U}) EXPECT_EQ(kContract.why_not(capacity), "");
}

TEST(Contracts, AreDescribedByTheNamesOfTheirWords) {
  constexpr Contract kContract{.producers = Side::one,
                               .consumers = Side::many,
                               .bound = Bound::at_least,
                               .overflow = Overflow::drop_oldest,
                               .order = Order::per_sender,
                               .empty = Answer::exact,
                               .full = Answer::spurious,
                               .close = Close::none,
                               .wait = Wait::park,
                               .timed = true,
                               .message = MessageRule::nonzero_word,
                               .progress = Progress::lock_free,
                               .capacity_rule = CapacityRule::power_of_two,
                               .min_capacity = 4,
                               .max_capacity = 64};
  const Json line = describe(kContract);
  const std::vector<std::pair<const char*, Json>> words{{"producers", "one"},
                                                        {"consumers", "many"},
                                                        {"bound", "at_least"},
                                                        {"overflow", "drop_oldest"},
                                                        {"order", "per_sender"},
                                                        {"empty", "exact"},
                                                        {"full", "spurious"},
                                                        {"close", "none"},
                                                        {"wait", "park"},
                                                        {"timed", true},
                                                        {"message", "nonzero_word"},
                                                        {"progress", "lock_free"},
                                                        {"capacity_rule", "power_of_two"},
                                                        {"min_capacity", 4},
                                                        {"max_capacity", 64}};
  for (const auto& [key, value] : words) EXPECT_EQ(line[key], value) << key;
  EXPECT_TRUE(describe(Contract{})["max_capacity"].is_null()) << "no limit is null, not a number";
}

/// A few channels and workloads of our own, with and without what a case may ask for.
class Registered : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Registry& all = registry();
    all.add_workload({"pass", "", {"p", "c", "cap", "msg", "batch"}});
    all.add_workload({"still", "", {"cap"}});
    all.add_workload({"wake_up", "", {"cap"}});
    all.add_workload({"uncontended", "", {"cap"}});
    all.add_workload({"db_update", "", {"cap"}});
    const RunFunction nothing = [](Trial&) {};
    const auto add = [&](const char* name, std::type_index type, Contract contract, bool batch) {
      all.add_channel(
          {.name = name, .summary = "", .contract = contract, .batch = batch, .type = type});
      all.add_run("pass", name, "8", nothing);
      for (const char* workload : {"wake_up", "uncontended", "db_update"}) {
        all.add_run(workload, name, "", nothing);
      }
    };
    add("all", typeid(char), {.wait = Wait::park}, true);
    add("narrow", typeid(short),
        {.producers = Side::one, .consumers = Side::one, .wait = Wait::spin}, false);
    add("words", typeid(int), {.message = MessageRule::nonzero_word}, false);
    add("copies", typeid(long), {.message = MessageRule::trivially_copyable}, false);
    add("rounds", typeid(float), {.capacity_rule = CapacityRule::power_of_two}, false);
    add("meets", typeid(unsigned), {.bound = Bound::rendezvous}, false);
    add("evicts", typeid(bool), {.overflow = Overflow::drop_oldest}, false);
    all.add_channel({.name = "rival", .summary = "", .contract = {}, .kind = EntryKind::rival});
  }
  static std::string why_not(
      std::string channel, std::string workload = "pass", void (*change)(Case&) = [](Case&) {}) {
    Case spec;
    spec.workload = std::move(workload);
    spec.channel = std::move(channel);
    change(spec);
    return registry().why_not(spec);
  }
};

TEST_F(Registered, CasesThatApplyHaveNoReasonNotTo) {
  for (const char* channel : {"all", "narrow", "words", "copies", "rounds"}) {
    EXPECT_EQ(why_not(channel), "") << channel;
  }
  for (const char* workload : {"wake_up", "uncontended", "db_update"}) {
    EXPECT_EQ(why_not("all", workload), "") << workload;
  }
}

TEST_F(Registered, CasesThatDoNotApplySayWhy) {
  EXPECT_EQ(why_not("narrow", "pass", [](Case& c) { c.producers = 2; }), "one sender only");
  EXPECT_EQ(why_not("narrow", "pass", [](Case& c) { c.consumers = 2; }), "one receiver only");
  EXPECT_EQ(why_not("narrow", "pass", [](Case& c) { c.batch = 8; }), "no batches");
  EXPECT_EQ(why_not("rounds", "pass", [](Case& c) { c.capacity = 100; }),
            "this channel rounds the capacity up to a power of two");
  EXPECT_EQ(why_not("words", "pass", [](Case& c) { c.message = "64"; }),
            "carries words of 8 bytes only");
  EXPECT_EQ(why_not("copies", "pass", [](Case& c) { c.message = "unique_ptr"; }),
            "carries trivially copyable messages only");
  EXPECT_EQ(why_not("narrow", "wake_up"), "never sleeps: there is no wake-up to measure");
  EXPECT_EQ(why_not("meets", "uncontended"),
            "holds no message: one thread cannot send and then receive");
  EXPECT_EQ(why_not("evicts", "db_update"),
            "evicts updates that it had accepted: the table would lack them");
  EXPECT_NE(why_not("all", "still"), "") << "nothing runs it";
  EXPECT_NE(why_not("rival"), "");
  EXPECT_NE(why_not("nobody"), "");
  EXPECT_NE(why_not("all", "nothing"), "");
}

TEST_F(Registered, AWorkloadWithoutAKeyDoesNotMindItsValue) {
  registry().add_run("still", "narrow", "", [](Trial&) {});
  EXPECT_EQ(why_not("narrow", "still", [](Case& c) { c.producers = 2; }), "");
}

TEST_F(Registered, NoTwoChannelsHaveOneName) {
  EXPECT_THROW(registry().add_channel(
                   {.name = "all", .summary = "", .contract = {}, .type = typeid(double)}),
               std::logic_error);
}

TEST_F(Registered, NoTwoChannelsAreOneType) {
  EXPECT_THROW(
      registry().add_channel({.name = "new", .summary = "", .contract = {}, .type = typeid(char)}),
      std::logic_error);
  EXPECT_EQ(registry().find_channel("new"), nullptr);
}

TEST_F(Registered, ChannelsAreSortedAndKnowTheirFamily) {
  std::string last;
  for (const ChannelEntry* entry : registry().channels()) {
    EXPECT_LT(last, entry->name);
    last = entry->name;
  }
  EXPECT_EQ((ChannelEntry{.name = "ring:park", .summary = "", .contract = {}}.family()), "ring");
  EXPECT_EQ((ChannelEntry{.name = "ring", .summary = "", .contract = {}}.family()), "ring");
}

}  // namespace
}  // namespace weir::test
