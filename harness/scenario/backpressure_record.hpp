// What backpressure leaves in a trial's record; the schema is in results/README.md.
#pragma once

#include "channels/contract.hpp"
#include "harness/scenario/backpressure.hpp"
#include "harness/scenario/costs.hpp"
#include "harness/trial.hpp"

namespace weir::scenario {

/// Its figures, histograms and the object `backpressure`.
void report(Trial& trial, const Contract& contract, const Backpressure& found, const Costs& costs,
            const Memory& memory);

}  // namespace weir::scenario
