#include "workloads/db/requests.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "harness/scenario/schedule.hpp"

namespace weir::db {
namespace {

constexpr double kZipfian = 0.99;

std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// A key below `rows` for a rank: the same for each rank, and ranks that follow each other are far
/// apart.
std::uint64_t scatter(std::uint64_t rank, std::uint64_t rows) noexcept {
  return mix(rank + 1) % rows;
}

/// Ranks below `rows`, the first the most frequent.
std::vector<std::uint32_t> zipfian_ranks(std::uint64_t rows, scenario::Random& random) {
  std::vector<double> below(rows);
  double sum = 0;
  for (std::uint64_t i = 0; i < rows; ++i)
    below[i] = sum += std::pow(static_cast<double>(i + 1), -kZipfian);
  std::vector<std::uint32_t> ranks(Requests::kDraws);
  for (std::uint32_t& rank : ranks) {
    const auto at = std::upper_bound(below.begin(), below.end() - 1, random.uniform() * sum);
    rank = static_cast<std::uint32_t>(at - below.begin());
  }
  return ranks;
}

}  // namespace

void fill_value(std::uint64_t word, std::span<std::byte> value) noexcept {
  for (std::size_t at = 0; at < value.size(); at += sizeof word) {
    const std::uint64_t part = word + at * kWordStep;
    std::memcpy(value.data() + at, &part, std::min(sizeof part, value.size() - at));
  }
}

bool value_intact(std::uint64_t word, std::span<const std::byte> value) noexcept {
  for (std::size_t at = 0; at < value.size(); at += sizeof word) {
    const std::uint64_t part = word + at * kWordStep;
    if (std::memcmp(value.data() + at, &part, std::min(sizeof part, value.size() - at)) != 0)
      return false;
  }
  return true;
}

Requests::Requests(const Case& spec, std::uint64_t seed)
    : seed_(seed * kWordStep),
      rows_(spec.rows),
      read_percent_(spec.mix == "a"   ? 50
                    : spec.mix == "b" ? 95
                                      : 0),
      flush_every_(static_cast<std::uint64_t>(spec.flush)),
      latest_(spec.keys == "latest") {
  scenario::Random random(seed);
  if (spec.keys == "uniform") {
    draws_.resize(kDraws);
    for (std::uint32_t& key : draws_) key = static_cast<std::uint32_t>(random.next() % rows_);
    return;
  }
  draws_ = zipfian_ranks(rows_, random);
  if (latest_) return;
  for (std::uint32_t& key : draws_) key = static_cast<std::uint32_t>(scatter(key, rows_));
}

Request Requests::of(std::uint64_t word) const noexcept {
  const std::uint64_t sequence = MessageId::of(word).sequence;
  if (flush_every_ != 0 && sequence % (flush_every_ + 1) == flush_every_) return {Op::flush};
  const std::uint64_t bits = mix(word ^ seed_);
  Request request;
  request.op = (bits >> 16 & 0xffff) % 100 < read_percent_ ? Op::read : Op::update;
  request.key = draws_[bits % kDraws];
  if (latest_) request.key = (sequence + rows_ - request.key) % rows_;
  request.amount = static_cast<std::int64_t>(bits >> 32 & 0xffff) - 0x8000;
  return request;
}

}  // namespace weir::db
