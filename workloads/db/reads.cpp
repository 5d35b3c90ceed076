#include "workloads/db/reads.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace weir::db {

ReadCheck::ReadCheck(const Requests& requests, std::uint32_t task, const Case& spec)
    : requests_(requests),
      task_(task),
      value_bytes_(static_cast<std::size_t>(spec.value_bytes)),
      known_(spec.mix == "update" ? 0 : spec.rows) {}

void ReadCheck::done(std::uint64_t word, const Row* row) noexcept {
  if (known_.empty()) return;
  const Request request = requests_.of(word);
  if (request.op == Op::flush) return;
  Known& known = known_[request.key];
  if (request.op == Op::update) {
    known = {known.version + 1, word};
    return;
  }
  const ReadFault fault = fault_of(request.key, row);
  ++faults_[static_cast<std::size_t>(fault)];
  if (fault == ReadFault::none) known.version = row->version;
}

ReadFault ReadCheck::fault_of(std::uint64_t key, const Row* row) const noexcept {
  if (row == nullptr || row->value.size() != value_bytes_ || !value_intact(row->last, row->value))
    return ReadFault::damaged;
  const bool loaded = as_loaded(row->last);
  if (loaded ? row->last != key : requests_.of(row->last).key != key) return ReadFault::another_row;
  const Known& known = known_[key];
  const bool its_own = loaded || MessageId::of(row->last).sender == task_;
  if (row->version < known.version || (its_own && row->last < known.updated))
    return ReadFault::too_old;
  return ReadFault::none;
}

std::string ReadCheck::wrong() const {
  constexpr std::array<std::string_view, 4> kWhat{"", "a row that was damaged",
                                                  "another row than was asked for",
                                                  "a row as it was before what its task knew"};
  const auto first = std::find_if(faults_.begin() + 1, faults_.end(),
                                  [](std::uint64_t count) { return count > 0; });
  if (first == faults_.end()) return "";
  const auto fault = static_cast<std::size_t>(first - faults_.begin());
  return fmt::format("{} reads of task {} brought {}", *first, task_, kWhat[fault]);
}

}  // namespace weir::db
