// The driver: runs a scenario over a channel, whatever its type, and reports.
#pragma once

namespace weir {
class Trial;
}

namespace weir::scenario {

/// Runs the trial's case, whose workload is a scenario. Throws NotApplicable where this machine or
/// this channel cannot do it.
void run_scenario(Trial& trial);

}  // namespace weir::scenario
