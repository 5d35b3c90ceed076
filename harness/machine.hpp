// The workload `machine`: the limits that no channel can beat here, measured in every run.
#pragma once

namespace weir {

/// Enters the limits into the registry.
void enter_machine();

}  // namespace weir
