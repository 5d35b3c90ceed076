// Ids read back: the case that an id names, if this program can run it.
#pragma once

#include <string>

#include "harness/case.hpp"

namespace weir {

/// `workload/channel/key:value/...`; keys that are left out stand at the workload's own default.
/// Throws UsageError, with the nearest valid word, or with the reason why the case does not apply.
Case parse_id(const std::string& id);

}  // namespace weir
