#include "harness/scenario/passages.hpp"

#include <algorithm>

#include "harness/message.hpp"

namespace weir::scenario {

std::vector<Passage> passages_of(const Flow& flow) {
  std::vector<Passage> all;
  std::vector<std::size_t> offsets;
  for (const Flow::Sender& sender : flow.senders) {
    offsets.push_back(all.size());
    for (const Sent& sent : sender.log.sent) all.push_back({sent.due, sent.back});
  }
  const auto find = [&](std::uint64_t word) -> Passage* {
    const MessageId id = MessageId::of(word);
    if (id.sender >= flow.senders.size()) return nullptr;  // not a message: the ledger has it
    const SenderLog& log = flow.senders[id.sender].log;
    if (id.sequence < log.first || id.sequence - log.first >= log.sent.size()) return nullptr;
    return &all[offsets[id.sender] + (id.sequence - log.first)];
  };
  for (const auto& receiver : flow.receivers) {
    for (const Received& received : receiver) {
      Passage* const passage = find(received.word);
      if (passage == nullptr) continue;
      passage->out = received.at;
      passage->done = received.done;
      passage->accepted = std::min(passage->accepted, received.at);
    }
  }
  for (const Flow::Sender& sender : flow.senders) {
    for (const Evicted& evicted : sender.evicted) {
      Passage* const passage = find(evicted.word);
      if (passage == nullptr) continue;
      passage->out = evicted.at;
      passage->accepted = std::min(passage->accepted, evicted.at);
    }
  }
  return all;
}

}  // namespace weir::scenario
