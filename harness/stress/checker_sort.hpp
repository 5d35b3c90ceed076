// Sorting by stamps that are nearly sorted: the operations of each thread are, so that the history
// is a few sorted runs one after the other. Merging natural runs is O(n log runs): O(n) for one
// thread, O(n log n) for any order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "harness/stress/checker_case.hpp"

namespace weir::stress::checker {

struct Stamped {
  Stamp at;
  Index index;
};

inline void sort_by_stamp(std::vector<Stamped>& items) {
  const auto earlier = [](const Stamped& a, const Stamped& b) { return a.at < b.at; };
  std::vector<std::size_t> bounds{0};
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (earlier(items[i], items[i - 1])) bounds.push_back(i);
  }
  if (bounds.size() == 1) return;
  bounds.push_back(items.size());
  std::vector<Stamped> merged(items.size());
  const auto place = [](auto& in, std::size_t i) {
    return in.begin() + static_cast<std::ptrdiff_t>(i);
  };
  while (bounds.size() > 2) {
    std::vector<std::size_t> wider{0};
    for (std::size_t run = 0; run + 1 < bounds.size(); run += 2) {
      const std::size_t begin = bounds[run];
      const std::size_t middle = bounds[run + 1];
      const std::size_t end = run + 2 < bounds.size() ? bounds[run + 2] : middle;
      std::merge(place(items, begin), place(items, middle), place(items, middle), place(items, end),
                 place(merged, begin), earlier);
      wider.push_back(end);
    }
    items.swap(merged);
    bounds.swap(wider);
  }
}

}  // namespace weir::stress::checker
