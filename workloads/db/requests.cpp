#include "workloads/db/requests.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace weir::db {
namespace {

constexpr double kZipfian = 0.99;

std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// Below `most`, which is below 2^32, each as often: without a division.
std::uint64_t below(std::uint64_t most, std::uint64_t random) noexcept {
  return (random >> 32) * most >> 32;
}

/// With no factor in common with `rows`, so that its multiples reach every row; the golden section
/// of them, so that neighbours are far apart.
std::uint64_t step_of(std::uint64_t rows) noexcept {
  auto step =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(0.618 * static_cast<double>(rows)));
  while (std::gcd(step, rows) != 1) ++step;
  return step;
}

double weight_of(std::uint64_t rank) noexcept {
  return std::pow(static_cast<double>(rank + 1), -kZipfian);
}

/// The distribution function of ranks below `rows` turned round, at kParts + 1 even steps: between
/// two of them lies one part in kParts of all draws. A rank r is the stretch from r to r + 1.
std::vector<double> zipfian_parts(std::uint64_t rows) {
  double sum = 0;
  for (std::uint64_t rank = 0; rank < rows; ++rank) sum += weight_of(rank);
  std::vector<double> parts;
  parts.reserve(Requests::kParts + 1);
  double before = 0;
  for (std::uint64_t rank = 0; rank < rows; ++rank) {
    const double share = weight_of(rank) / sum * Requests::kParts;
    while (static_cast<double>(parts.size()) < before + share) {
      parts.push_back(static_cast<double>(rank) +
                      (static_cast<double>(parts.size()) - before) / share);
    }
    before += share;
  }
  parts.resize(Requests::kParts + 1, static_cast<double>(rows));
  return parts;
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
      latest_(spec.keys == "latest"),
      step_(step_of(rows_)) {
  if (spec.keys != "uniform") parts_ = zipfian_parts(rows_);
}

std::uint64_t Requests::rank_of(std::uint64_t random) const noexcept {
  // Which part: the lowest bits; where in it: the highest.
  const std::size_t part = random % kParts;
  const double within = static_cast<double>(random >> 11) * 0x1p-53;
  const double at = parts_[part] + within * (parts_[part + 1] - parts_[part]);
  return std::min(rows_ - 1, static_cast<std::uint64_t>(at));
}

std::uint64_t Requests::key_of(std::uint64_t random, std::uint64_t sequence) const noexcept {
  if (parts_.empty()) return below(rows_, random);
  const std::uint64_t rank = rank_of(random);
  return (latest_ ? sequence + rows_ - rank : rank * step_) % rows_;
}

Request Requests::of(std::uint64_t word) const noexcept {
  const std::uint64_t sequence = MessageId::of(word).sequence;
  if (flush_every_ != 0 && sequence % (flush_every_ + 1) == flush_every_) return {Op::flush};
  const std::uint64_t bits = mix(word ^ seed_);
  Request request;
  request.op = (bits >> 16 & 0xffff) % 100 < read_percent_ ? Op::read : Op::update;
  request.key = key_of(mix(bits), sequence);
  request.amount = static_cast<std::int64_t>(bits >> 32 & 0xffff) - 0x8000;
  return request;
}

}  // namespace weir::db
