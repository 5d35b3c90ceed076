// The explorer finds each fault of a twin, says what it is, and shows it again; sound twins raise
// no alarm.
#include <gtest/gtest.h>

#include "channels/waiting.hpp"
#include "explore_twins.hpp"
#include "harness/stress/explore/judge.hpp"
#include "harness/stress/explore/search.hpp"

namespace weir::explore {
namespace {

template <Fault kFault>
struct Twin {
  template <class T, class Sync>
  using Channel = Waiting<OnePlace<T, Sync, kFault>, Park>;
};
template <bool kFlag>
struct Flagged {
  template <class T, class Sync>
  using Channel = FlaggedParking<T, Sync, kFlag>;
};

struct Searched {
  Report report;
  Plan plan;
  std::string trace;
};

/// All plans of the channel, until something is found. Ended by a count: machines differ.
template <class Family>
Searched search(Search how, std::uint64_t most_runs = 200'000) {
  const Contract contract = Family::template Channel<Parcel, ExploreSync>::kContract;
  Searched searched;
  Options options;
  options.search = how;
  options.seconds = 60;
  options.most_runs = most_runs;
  for (Plan& plan : plans_for(contract)) {
    Judge judge(play_of<Family>(), plan, contract);
    searched.report = explore(std::ref(judge), options);
    if (!searched.report.found()) continue;
    Judge again(play_of<Family>(), plan, contract);
    const Traced traced = trace(std::ref(again), searched.report.choices, options.most_steps);
    EXPECT_EQ(traced.ending.trouble, searched.report.finding.trouble) << traced.text;
    searched.trace = traced.text;
    searched.plan = std::move(plan);
    break;
  }
  return searched;
}

template <class Family>
void expect_found(Trouble trouble, std::string_view in_trace) {
  for (const Search how : {Search::bounded, Search::random, Search::pct}) {
    const Searched searched = search<Family>(how);
    EXPECT_EQ(searched.report.finding.trouble, trouble)
        << name_of(searched.report.finding.trouble) << ": " << searched.report.finding.words;
    EXPECT_NE(searched.trace.find(in_trace), std::string::npos) << searched.trace;
    EXPECT_LT(searched.report.seconds, 10);
  }
}

TEST(Explorer, FindsNothingInASoundTwin) {
  for (const Search how : {Search::bounded, Search::random, Search::pct}) {
    EXPECT_FALSE(search<Twin<Fault::none>>(how, 5000).report.found());
    EXPECT_FALSE(search<Flagged<false>>(how, 5000).report.found());
  }
}

TEST(Explorer, FindsAMessageThatIsPublishedWithoutAnOrder) {
  expect_found<Twin<Fault::relaxed_publish>>(Trouble::race, "rlx");
}

TEST(Explorer, FindsAClaimThatIsTwoOperations) {
  const Report report = search<Twin<Fault::claim_in_two>>(Search::bounded).report;
  EXPECT_TRUE(report.found());
}

TEST(Explorer, FindsAPlaceThatIsFreeTooEarly) {
  expect_found<Twin<Fault::freed_first>>(Trouble::race, "take");
}

// The two faults that a prototype of the parking protocol had.

TEST(Explorer, FindsASleeperThatLookedAtTheStampAndNotAtTheTail) {
  expect_found<Twin<Fault::looks_at_the_stamp>>(Trouble::lost_wakeup, "STALE");
}

TEST(Explorer, FindsAFlagThatALateWakerLeavesSet) {
  expect_found<Flagged<true>>(Trouble::lost_wakeup, ":= 1 sc");
}

}  // namespace
}  // namespace weir::explore
