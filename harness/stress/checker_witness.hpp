// Operations in words and as a picture.
#pragma once

#include <string>
#include <vector>

#include "harness/stress/history.hpp"

namespace weir::stress {

/// "message 7 of sender 0"
[[nodiscard]] std::string message_in_words(std::uint64_t word);
/// "sender 0", "receiver 1", "closer 0"
[[nodiscard]] std::string who(const Operation& operation);
/// What it answered: "ok", "empty", ...
[[nodiscard]] std::string_view answer(const Operation& operation);
/// "[120, 340]" in stamps since `origin`; "[120, ...)" if it never returned.
[[nodiscard]] std::string when(const Operation& operation, Stamp origin);
/// When the first operation of the history was invoked.
[[nodiscard]] Stamp origin_of(const History& history) noexcept;

/// A line for each thread; from left to right in the order of the stamps, not to scale:
///
///   sender 0    |-send 0.7-|
///   receiver 1               |-try_recv: empty-|
///   receiver 0                                   |-recv 0.7-|
[[nodiscard]] std::string picture_of(const std::vector<Operation>& operations);

}  // namespace weir::stress
