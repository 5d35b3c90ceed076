#include "harness/stress/subjects.hpp"

#include <string>

namespace weir::stress {

const std::vector<ChannelEntry>& subjects() {
  static const std::vector<ChannelEntry> all = [] {
    std::vector<ChannelEntry> found;
    for (const ChannelEntry* channel : registry().channels()) {
      if (channel->kind != EntryKind::channel) continue;
      found.push_back(*channel);
      if (channel->delayed.make == nullptr) continue;
      ChannelEntry delayed = *channel;
      delayed.name += kDelays;
      delayed.any = channel->delayed;
      delayed.elements.clear();  // one thread, and no delays: nothing new
      found.push_back(std::move(delayed));
    }
    return found;
  }();
  return all;
}

}  // namespace weir::stress
