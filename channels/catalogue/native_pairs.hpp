// For catalogue files of libraries: the loop by hand against which an adapter is measured.
#pragma once

#include <cstdint>
#include <utility>

#include "harness/message.hpp"
#include "harness/registry.hpp"

namespace weir {

/// Runs `pair(in, out)`, which sends one message and receives one by a library's own calls and says
/// whether it did. Messages are made and checked as workload `uncontended` does it. `Word` holds
/// one word and can be compared.
template <class Word, class Pair>
NativePass native_pairs(Pair pair) {
  return [pair, sequence = std::uint64_t{0}](std::uint64_t pairs) mutable {
    std::uint64_t wrong = 0;
    Word message{};
    for (std::uint64_t i = 0; i < pairs; ++i) {
      const std::uint64_t word = MessageId{0, sequence++}.word();
      const bool right = pair(Word{word}, message) && message == Word{word};
      wrong += right ? 0 : 1;
    }
    return wrong;
  };
}

}  // namespace weir
