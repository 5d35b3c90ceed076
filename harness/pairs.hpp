// The pairs front: so many sends and receives on one thread, in this process, without a clock. For
// tools that count instructions: what two numbers of pairs differ by is the cost of the difference.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

struct PairOptions {
  std::string id;
  std::uint64_t pairs = 0;
};

/// Returns the exit status: 0, 1 when messages did not come back. Throws UsageError for a case that
/// there is not.
int run_pairs(const PairOptions& options);

}  // namespace weir
