// What a database that was interrupted must hold: every update that was promised; of those that
// were sent and not promised, none or some; no other; none twice, none by half.
#pragma once

#include <string>
#include <vector>

#include "harness/durability/system.hpp"

namespace weir::durability {

/// All runs over one database, each with kTasks spans.
using Runs = std::vector<std::vector<Span>>;

struct Audit {
  std::uint64_t acknowledged = 0;
  std::uint64_t found = 0;
  std::uint64_t lost = 0;  ///< acknowledged, and not found
  std::string wrong;       ///< what else must not be; empty
};

Audit audit(db::Connection& connection, const db::Requests& requests, const Runs& runs);

}  // namespace weir::durability
