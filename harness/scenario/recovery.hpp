// How a channel comes back from a stall.
#pragma once

#include <vector>

#include "harness/scenario/depth_curve.hpp"

namespace weir::scenario {

/// Of each stall of the leg. What was usual is what was so before the first of them.
std::vector<Recovery> recoveries_of(const Flow& flow, const std::vector<Passage>& passages,
                                    const DepthCurve& curve);

}  // namespace weir::scenario
