#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// Something the user wrote cannot be: one line, exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The valid word with the smallest edit distance to `word`; empty when there is none.
inline std::string nearest(std::string_view word, const std::vector<std::string>& valid) {
  std::string best;
  std::size_t best_distance = static_cast<std::size_t>(-1);
  for (const std::string& candidate : valid) {
    std::vector<std::size_t> row(candidate.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j < row.size(); ++j) {
        const std::size_t substitution = diagonal + (word[i - 1] == candidate[j - 1] ? 0U : 1U);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

/// "unknown channel 'mpmc_rng': did you mean 'mpmc_ring:park'?"
inline UsageError unknown(std::string_view kind, std::string_view word,
                          const std::vector<std::string>& valid) {
  std::string line = "unknown " + std::string(kind) + " '" + std::string(word) + "'";
  if (const std::string best = nearest(word, valid); !best.empty())
    line += ": did you mean '" + best + "'?";
  return UsageError(line);
}

}  // namespace weir
