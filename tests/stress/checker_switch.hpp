// Whether to run the long form of a proof (minutes): WEIR_CHECKER_PROOF=full.
#pragma once

#include <cstdlib>
#include <string_view>

namespace weir::test {

inline bool full_proof() {
  const char* const text = std::getenv("WEIR_CHECKER_PROOF");
  return text != nullptr && std::string_view(text) == "full";
}

}  // namespace weir::test
