// What must be in the database after a trial: the rows as they were loaded, and then every update
// that was accepted, each task's in their order.
//
// Balances and versions are those of a sequential replay. In which order the tasks' updates met,
// the database alone knows; but the last word of each row must be the last that its task wrote
// there, and the value must be that word's, whole.
#pragma once

#include <string>
#include <vector>

#include "workloads/databases/database.hpp"
#include "workloads/db/requests.hpp"

namespace weir::db {

/// Makes `rows` rows, as version 1, the word of each its key.
void load(Connection& connection, std::uint64_t rows, std::size_t value_bytes);

/// What differs from a replay of the first `accepted[i]` requests of each task i; empty when
/// nothing does.
std::string differences(Connection& connection, std::uint64_t rows, const Requests& requests,
                        const std::vector<std::uint64_t>& accepted);

}  // namespace weir::db
