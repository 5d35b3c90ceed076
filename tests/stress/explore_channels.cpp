// Parking, claiming and closing of each own channel, over all schedules with one preemption, one
// stale read and one surprise, and over random ones with more. `weir-stress --explore` goes
// further.
#include <gtest/gtest.h>

#include "channels/atomic_wait.hpp"
#include "channels/block_list.hpp"
#include "channels/cursor_ring.hpp"
#include "channels/latest.hpp"
#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/overflow.hpp"
#include "channels/rendezvous.hpp"
#include "channels/semaphore_ring.hpp"
#include "channels/spsc_ring.hpp"
#include "channels/swap_buffer.hpp"
#include "channels/waiting.hpp"
#include "harness/stress/explore/judge.hpp"
#include "harness/stress/explore/search.hpp"

namespace weir::explore {
namespace {

using P = Parcel;
using S = ExploreSync;

template <class Channel>
class OwnChannel : public testing::Test {};

using OwnChannels =
    testing::Types<Waiting<SpscRing<P, S>, Park>, Waiting<SpscRing<P, S>, Yield>,
                   Waiting<CursorRing<P, S>, Park>, Waiting<CursorRing<P, S, Freed::lazily>, Yield>,
                   Waiting<MpscRing<P, S>, Park>, Waiting<MpmcRing<P, S>, Park>,
                   Waiting<MpmcRing<P, S>, Spin>,
                   Overflowing<Waiting<MpmcRing<P, S, true>, Park>, Overflow::drop_oldest>,
                   MutexCondvar<P, Notify::waiters, S>, MutexCondvar<P, Notify::always, S>,
                   SwapBuffer<P, S>, Rendezvous<P, S>, Waiting<BlockList<P, S>, Park>,
                   Waiting<Latest<P, S>, Park>, AtomicWait<P, S>, SemaphoreRing<P, S>>;
TYPED_TEST_SUITE(OwnChannel, OwnChannels);

template <class Channel>
void expect_nothing(const Options& options) {
  for (const Plan& plan : plans_for(Channel::kContract)) {
    Judge judge(&play<Channel>, plan, Channel::kContract);
    const Report report = explore(std::ref(judge), options);
    EXPECT_TRUE(report.exhausted || options.search != Search::bounded) << plan.text();
    if (!report.found()) continue;
    Judge again(&play<Channel>, plan, Channel::kContract);
    FAIL() << plan.text() << ", choices " << written(report.choices) << "\n"
           << trace(std::ref(again), report.choices, options.most_steps).text;
  }
}

TYPED_TEST(OwnChannel, HoldsWithinBounds) {
  Options options;
  options.bounds = {.preemptions = 1, .stale = 1, .surprises = 1};
  options.seconds = 60;
  expect_nothing<TypeParam>(options);
}

TYPED_TEST(OwnChannel, HoldsInRandomSchedules) {
  Options options;
  options.seconds = 60;
  options.most_runs = 1500;
  for (const Search search : {Search::random, Search::pct}) {
    options.search = search;
    expect_nothing<TypeParam>(options);
  }
}

}  // namespace
}  // namespace weir::explore
