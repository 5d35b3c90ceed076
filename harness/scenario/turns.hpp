// How sends and receives took turns.
#pragma once

#include <vector>

#include "harness/scenario/passages.hpp"

namespace weir::scenario {

Turns turns_of(const std::vector<Passage>& passages);

}  // namespace weir::scenario
