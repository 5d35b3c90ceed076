#include "harness/stress/delay_sync.hpp"
#include "own_families.hpp"

namespace weir::test {

std::vector<Family> delayed_families() { return parking_families<DelaySync>(); }

}  // namespace weir::test
