// What the tasks of `db` ask for. All of a request follows from its number, so that anyone can
// replay it: the message is the number alone, whatever the size of the value. (What it costs to
// carry bytes through a channel, `throughput` measures.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/case.hpp"
#include "harness/message.hpp"

namespace weir::db {

enum class Op {
  update,
  read,
  flush  ///< "commit what you have, and tell me"
};

struct Request {
  Op op = Op::update;
  std::uint64_t key = 0;
  std::int64_t amount = 0;
};

/// Whether a row's last word says that it is as it was loaded: that word is its key, and no update
/// has such a number.
[[nodiscard]] constexpr bool as_loaded(std::uint64_t word) noexcept {
  return word >> MessageId::kSequenceBits == 0;
}

/// Writes a value: all of its bytes follow from the number of its update.
void fill_value(std::uint64_t word, std::span<std::byte> value) noexcept;
/// Reads every byte.
[[nodiscard]] bool value_intact(std::uint64_t word, std::span<const std::byte> value) noexcept;

/// The requests of one trial: mix, distribution of keys and the trial's seed.
///
/// Keys are drawn over all rows, however many, at the cost of a few multiplications: what a zipfian
/// number takes beside that is computed before the trial, as kParts pieces of its distribution.
/// `zipfian` is YCSB's (0.99), its frequent keys spread over all rows; `latest` is the same
/// distance back from the newest row, which each request moves on by one.
class Requests {
 public:
  static constexpr std::size_t kParts = std::size_t{1} << 15;

  Requests(const Case& spec, std::uint64_t seed);

  [[nodiscard]] Request of(std::uint64_t word) const noexcept;

 private:
  [[nodiscard]] std::uint64_t rank_of(std::uint64_t random) const noexcept;
  [[nodiscard]] std::uint64_t key_of(std::uint64_t random, std::uint64_t sequence) const noexcept;

  std::uint64_t seed_;
  std::uint64_t rows_;
  std::uint64_t read_percent_;
  std::uint64_t flush_every_;
  bool latest_;
  std::uint64_t step_;         ///< between the rows of zipfian ranks that follow each other
  std::vector<double> parts_;  ///< empty: uniform
};

}  // namespace weir::db
