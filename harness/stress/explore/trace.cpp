#include <fmt/core.h>

#include <algorithm>

#include "harness/stress/explore/search.hpp"

namespace weir::explore {
namespace {

/// As wide as what stands in it, within reason.
std::vector<std::size_t> widths(const World& world) {
  std::vector<std::size_t> widest(world.roles());
  for (std::size_t i = 0; i < widest.size(); ++i) {
    widest[i] = std::string_view(world.name(i)).size();
  }
  for (const Event& event : world.events()) {
    widest[event.role] = std::max(widest[event.role], event.words.size());
  }
  return widest;
}

bool same(const Event& a, const Event& b) { return a.role == b.role && a.words == b.words; }

/// How often the `length` events at `at` come again, directly after.
std::size_t repeats(const std::vector<Event>& events, std::size_t at, std::size_t length) {
  std::size_t times = 0;
  for (std::size_t i = at + length; i < events.size(); ++i) {
    if (!same(events[i], events[i - length])) break;
    if ((i - at + 1) % length == 0) ++times;
  }
  return times;
}

void add_line(std::string& text, const std::vector<std::size_t>& columns, std::size_t column,
              std::string_view words) {
  for (std::size_t i = 0; i < column; ++i) text += fmt::format("{:{}} | ", "", columns[i]);
  text += words;
  text += '\n';
}

/// What comes again and again, as it does in a livelock, is shown once.
void add_events(std::string& text, const std::vector<std::size_t>& columns,
                const std::vector<Event>& events) {
  constexpr std::size_t kLongest = 24;
  for (std::size_t at = 0; at < events.size();) {
    add_line(text, columns, events[at].role, events[at].words);
    std::size_t shown = 1;
    for (std::size_t length = 1; length <= kLongest; ++length) {
      const std::size_t times = repeats(events, at, length);
      if (times < 2) continue;
      for (; shown < length; ++shown) {
        add_line(text, columns, events[at + shown].role, events[at + shown].words);
      }
      add_line(text, columns, events[at].role, fmt::format("(and so {} times more)", times));
      shown += length * times;
      break;
    }
    at += shown;
  }
}

}  // namespace

Traced trace(const World::Body& body, const Choices& choices, std::uint64_t most_steps) {
  World world;
  ReplayChooser chooser(choices);
  const Ending ending = world.run(body, chooser, most_steps, true);
  const std::vector<std::size_t> columns = widths(world);
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    text +=
        fmt::format("{:{}}{}", world.name(i), columns[i], i + 1 < columns.size() ? " | " : "\n");
  }
  add_events(text, columns, world.events());
  text += ending.trouble == Trouble::none
              ? "nothing is wrong with this run\n"
              : fmt::format("{}: {}\n", name_of(ending.trouble), ending.words);
  return {text, ending};
}

}  // namespace weir::explore
