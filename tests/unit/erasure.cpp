// How much of a message's time the erasure costs, and from where on a figure is refused.
#include "harness/scenario/erasure.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace weir::scenario::test {
namespace {

/// A send that costs 3 ns more than inlined, a receive that costs 8 ns more.
constexpr Erasure kErasure{.direct = {10.0, 12.0}, .erased = {13.0, 20.0}};

TEST(Erasure, IsAShareOfTheTimeBetweenTwoMessagesOfTheDearerSide) {
  // A million messages a second: 1000 ns for the one receiver, 1000 ns for the one sender.
  EXPECT_DOUBLE_EQ(kErasure.share(1e6, 1, 1), 0.008);
  // Four receivers have four times as long; then the sender's part is the larger one.
  EXPECT_DOUBLE_EQ(kErasure.share(1e6, 1, 4), 0.003);
  EXPECT_DOUBLE_EQ(kErasure.share(1e6, 4, 1), 0.008);
  EXPECT_DOUBLE_EQ(kErasure.share(1e6, 4, 8), 0.001);
}

TEST(Erasure, RefusesFiguresFromTwoPerCentOn) {
  EXPECT_EQ(kErasure.why_not(2.4e6, 1, 1), "");
  EXPECT_EQ(kErasure.why_not(2.6e6, 1, 1),
            "the driver's erasure costs 3.00 ns a send and 8.00 ns a receive, 2.1 % of the time of "
            "a message: more than 2 %");
  EXPECT_EQ(kErasure.why_not(2.6e6, 1, 2), "");
}

TEST(Erasure, ThatSeemsToSaveTimeCostsNothing) {
  constexpr Erasure kFaster{.direct = {10.0, 12.0}, .erased = {9.0, 11.0}};
  EXPECT_EQ(kFaster.share(1e9, 1, 1), 0.0);
  EXPECT_EQ(kFaster.why_not(1e9, 1, 1), "");
}

TEST(Erasure, HasBothWaysInTheRecord) {
  EXPECT_EQ(kErasure.json().dump(), R"({"direct":{"send_ns":10.0,"recv_ns":12.0},)"
                                    R"("erased":{"send_ns":13.0,"recv_ns":20.0}})");
}

}  // namespace
}  // namespace weir::scenario::test
