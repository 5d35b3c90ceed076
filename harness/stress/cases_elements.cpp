// The only cases that vary the message's type: everything else sends one word.
#include <algorithm>

#include "harness/stress/case.hpp"
#include "harness/stress/elements.hpp"
#include "harness/stress/requirements.hpp"

namespace weir::stress {
namespace {

std::string_view other_types(const ChannelEntry& channel) {
  if (const std::string_view reason = requirements::stores(channel); !reason.empty()) return reason;
  if (!channel.elements.empty()) return "";
  return channel.contract.message == MessageRule::nonzero_word ? "carries words of 8 bytes only"
                                                               : "seen without delays";
}

std::string_view destructors(const ChannelEntry& channel) {
  if (const std::string_view reason = other_types(channel); !reason.empty()) return reason;
  return channel.contract.message == MessageRule::nothrow_movable ? ""
                                                                  : "its messages are plain bytes";
}

void carry(Context& context, Carried (*Element::*how)(std::size_t),
           std::initializer_list<std::size_t> wanted) {
  for (const Element& element : context.channel().elements) {
    for (const std::size_t capacity : context.capacities(wanted)) {
      const Carried carried = (element.*how)(capacity);
      context.met.operations += 2 * carried.messages;
      if (carried.failure.empty()) continue;
      return context.fail("messages of type " + std::string(element.type) + ", capacity " +
                          std::to_string(capacity) + ": " + carried.failure);
    }
  }
}

void element_types(Context& context) { carry(context, &Element::laps, {1, 2, 3, 8, 64}); }
void leftovers_destroyed(Context& context) { carry(context, &Element::leftovers, {1, 2, 3, 5, 8}); }

}  // namespace

std::vector<Case> element_cases() {
  return {
      {"element_types",
       "ints, strings, owners, aligned and large messages come out as they went in",
       {},
       other_types,
       element_types},
      {"leftovers_destroyed",
       "messages left inside are destroyed with the channel, each exactly once",
       {},
       destructors,
       leftovers_destroyed},
  };
}

}  // namespace weir::stress
