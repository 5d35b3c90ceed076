// The messages of cases with one sender: numbers.
#pragma once

#include "harness/message.hpp"

namespace weir::stress {

inline Payload<8> token(std::uint64_t number) {
  return MessageTraits<Payload<8>>::make(MessageId{0, number}.word());
}

inline std::uint64_t number(const Payload<8>& token) {
  return MessageId::of(MessageTraits<Payload<8>>::word(token)).sequence;
}

}  // namespace weir::stress
