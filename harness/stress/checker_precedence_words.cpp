// Why no order of a history with known message order exists, in words.
#include <utility>

#include "harness/stress/checker_precedence.hpp"
#include "harness/stress/checker_witness.hpp"

namespace weir::stress::checker {

bool Precedence::contradiction(std::string words, std::vector<Index> witness) {
  if (!impossible_) {
    words_ = std::move(words);
    witness_ = std::move(witness);
  }
  impossible_ = true;
  return false;
}

std::string Precedence::describe(Index index) const {
  const Operation& operation = it_->at(index);
  const std::string_view said = answer(operation);
  std::string text = who(operation);
  if (operation.is_send() && said == "ok") {
    text += " sending " + message_in_words(operation.value);
  } else if (operation.is_recv() && said == "ok") {
    text += " taking " + message_in_words(operation.value);
  } else {
    text += " getting " + std::string(said);
  }
  return text + " in " + when(operation, origin_);
}

/// Follows the demands back to the operation whose begin is what comes too late.
void Precedence::explain_late(const Chain& chain, std::size_t position, Stamp earliest) {
  std::string words = describe(chain.operations[position]) + " had to come after";
  std::vector<Index> witness{chain.operations[position]};
  Demand at{&chain, static_cast<Index>(position), ""};
  while (it_->at(at.chain->operations[at.position]).invoked < earliest) {
    const Demands first = demands(*at.chain, at.position, at.chain->messages_before(at.position));
    for (const Demand& demand : {first.message, first.answer, first.chain}) {
      if (demand.chain == nullptr || demand.earliest() != earliest) continue;
      at = demand;
      break;
    }
    const Index operation = at.chain->operations[at.position];
    words +=
        (witness.size() > 1 ? ", that after " : " ") + describe(operation) + " (" + at.why + ")";
    witness.push_back(operation);
  }
  contradiction(std::move(words), std::move(witness));
}

/// Each chain waits for something that comes later in the other.
void Precedence::explain_stuck() {
  std::string words;
  std::vector<Index> witness;
  for (const Chain* chain : {&sends_, &takings_}) {
    if (chain->done()) continue;
    const std::size_t position = chain->earliest.size();
    const Demands first = demands(*chain, position, chain->messages_reached);
    const Demand& wanting = first.message.met() ? first.answer : first.message;
    const Index operation = chain->operations[position];
    words += (words.empty() ? "" : "; ") + describe(operation) + " had to come after ";
    witness.push_back(operation);
    if (wanting.position == kNone) {
      words += "a taking that never was";
    } else {
      words += describe(wanting.chain->operations[wanting.position]);
      witness.push_back(wanting.chain->operations[wanting.position]);
    }
    words += std::string(" (") + wanting.why + ")";
  }
  contradiction(std::move(words), std::move(witness));
}

}  // namespace weir::stress::checker
