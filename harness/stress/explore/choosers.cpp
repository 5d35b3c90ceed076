#include "harness/stress/explore/choosers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "harness/error.hpp"
#include "harness/stress/explore/objects.hpp"

namespace weir::explore {

std::size_t RandomChooser::choose(Choice kind, std::span<const Option> options) {
  const auto one_in = [&](std::uint32_t chances) { return (dice_() >> 8) % chances == 0; };
  const std::size_t any = (dice_() >> 8) % options.size();
  const Option& drawn = options[any];
  if (drawn.surprises > 0) return one_in(8) ? any : 0;
  if (kind == Choice::store) return one_in(2) ? any : 0;
  if (drawn.preemptions > 0) return one_in(4) ? any : 0;
  return any;
}

PctChooser::PctChooser(std::uint64_t seed, unsigned depth, std::uint64_t most_steps) : dice_(seed) {
  for (std::size_t i = 0; i < priority_.size(); ++i) priority_[i] = 1000 + i;
  std::shuffle(priority_.begin(), priority_.end(), dice_);
  for (unsigned i = 1; i < depth; ++i) falls_.push_back(dice_() % most_steps);
  lowest_ = 1000;
}

std::size_t PctChooser::choose(Choice kind, std::span<const Option> options) {
  if (kind != Choice::role) return dice_() % 8 == 0 ? dice_() % options.size() : 0;
  const auto falls = std::find(falls_.begin(), falls_.end(), steps_++) != falls_.end();
  if (falls) priority_[options.front().what] = --lowest_;
  std::size_t best = 0;
  for (std::size_t i = 1; i < options.size(); ++i) {
    if (options[i].surprises > 0 && dice_() % 8 != 0) continue;
    if (priority_[options[i].what] > priority_[options[best].what]) best = i;
  }
  return best;
}

bool BoundedChooser::within(const Option& option, const Bounds& left) noexcept {
  return option.preemptions <= left.preemptions && option.stale <= left.stale &&
         option.surprises <= left.surprises;
}

std::size_t BoundedChooser::choose(Choice, std::span<const Option> options) {
  if (depth_ == path_.size()) {
    // The first costs nothing, or is one of several that all cost the same.
    path_.push_back({.begin = options_.size(), .left = left_});
    options_.insert(options_.end(), options.begin(), options.end());
  }
  const Point& point = path_[depth_++];
  const Option& taken = options_[point.begin + point.taken];
  left_.preemptions -= taken.preemptions;
  left_.stale -= taken.stale;
  left_.surprises -= taken.surprises;
  return point.taken;
}

bool BoundedChooser::worthwhile(std::uint64_t state, std::size_t role) {
  if (depth_ < path_.size()) return true;  // still on the way to what is new
  const std::uint64_t bounds = left_.preemptions << 16 | left_.stale << 8 | left_.surprises;
  return met_.insert(mix(state, bounds << 8 | role));
}

bool BoundedChooser::next() {
  depth_ = 0;
  left_ = bounds_;
  for (; !path_.empty(); path_.pop_back()) {
    Point& point = path_.back();
    const std::size_t count = options_.size() - point.begin;
    while (++point.taken < count) {
      if (within(options_[point.begin + point.taken], point.left)) return true;
    }
    options_.resize(point.begin);
  }
  return false;
}

std::size_t ReplayChooser::choose(Choice, std::span<const Option> options) {
  const std::size_t taken = depth_ < choices_.size() ? choices_[depth_] : 0;
  ++depth_;
  return std::min(taken, options.size() - 1);
}

std::string written(const Choices& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] != 0) text += fmt::format("{}{}:{}", text.empty() ? "" : ",", i, choices[i]);
  }
  return text.empty() ? "-" : text;
}

Choices read_choices(std::string_view text) {
  Choices choices;
  if (text == "-") return choices;
  const char* at = text.data();
  const char* const end = at + text.size();
  do {
    std::uint32_t index = 0;
    std::uint32_t taken = 0;
    auto read = std::from_chars(at, end, index);
    const bool colon = read.ec == std::errc{} && read.ptr != end && *read.ptr == ':';
    if (colon) read = std::from_chars(read.ptr + 1, end, taken);
    const bool goes_on = read.ptr != end && *read.ptr == ',' && read.ptr + 1 != end;
    if (!colon || read.ec != std::errc{} || taken > 255 || index > 1'000'000 ||
        !(read.ptr == end || goes_on)) {
      throw UsageError(fmt::format("'{}' is no list of choices: write it as 12:1,40:2", text));
    }
    if (index >= choices.size()) choices.resize(index + 1);
    choices[index] = static_cast<std::uint8_t>(taken);
    at = goes_on ? read.ptr + 1 : end;
  } while (at != end);
  return choices;
}

}  // namespace weir::explore
