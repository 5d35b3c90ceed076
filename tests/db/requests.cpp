// Requests follow from their numbers; keys and mixes are distributed as they are named.
#include "workloads/db/requests.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace weir::db::test {
namespace {

constexpr std::uint64_t kMany = 200'000;

Case spec_of(std::string keys, std::string mix = "update", int flush = 0) {
  Case spec;
  spec.rows = 1000;
  spec.keys = std::move(keys);
  spec.mix = std::move(mix);
  spec.flush = flush;
  return spec;
}

std::map<std::uint64_t, std::uint64_t> counts_of(const Requests& requests) {
  std::map<std::uint64_t, std::uint64_t> counts;
  for (std::uint64_t i = 0; i < kMany; ++i) ++counts[requests.of(MessageId{0, i}.word()).key];
  return counts;
}

TEST(Requests, AreTheSameForTheSameNumberAndSeed) {
  const Requests one(spec_of("zipfian"), 5);
  const Requests same(spec_of("zipfian"), 5);
  const Requests other(spec_of("zipfian"), 6);
  int different = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t word = MessageId{1, i}.word();
    EXPECT_EQ(one.of(word).key, same.of(word).key);
    EXPECT_EQ(one.of(word).amount, same.of(word).amount);
    different += one.of(word).key == other.of(word).key ? 0 : 1;
  }
  EXPECT_GT(different, 50);
}

TEST(Requests, SpreadUniformKeysEvenly) {
  const auto counts = counts_of(Requests(spec_of("uniform"), 1));
  EXPECT_EQ(counts.size(), 1000U);
  for (const auto& [key, count] : counts) {
    EXPECT_GT(count, 80U) << key;
    EXPECT_LT(count, 340U) << key;
  }
}

constexpr std::uint64_t kMillion = 1'000'000;

TEST(Requests, TouchAllOfAMillionRows) {
  Case spec = spec_of("uniform");
  spec.rows = kMillion;
  const Requests requests(spec, 1);
  std::vector<std::uint32_t> counts(kMillion);
  std::uint64_t touched = 0;
  for (std::uint64_t i = 0; i < 4 * kMillion; ++i)
    touched += counts[requests.of(MessageId{0, i}.word()).key]++ == 0 ? 1U : 0U;
  // With four requests a row, one row in e^4 has none.
  EXPECT_NEAR(static_cast<double>(touched), kMillion * (1 - std::exp(-4)), 1000);
  EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 40U);
}

TEST(Requests, ReachTheRarestOfAMillionZipfianRows) {
  Case spec = spec_of("latest");
  spec.rows = kMillion;
  const Requests requests(spec, 1);
  double sum = 0;
  double rare = 0;
  for (std::uint64_t rank = 0; rank < kMillion; ++rank) {
    const double weight = std::pow(static_cast<double>(rank + 1), -0.99);
    sum += weight;
    rare += rank < kMillion / 2 ? 0 : weight;
  }
  std::vector<bool> seen(kMillion);
  std::uint64_t far = 0;
  std::uint64_t touched = 0;
  for (std::uint64_t i = 0; i < 4 * kMillion; ++i) {
    const std::uint64_t key = requests.of(MessageId{0, i}.word()).key;
    const std::uint64_t rank = (i + kMillion - key) % kMillion;  // how far back the row is
    if (rank < kMillion / 2) continue;
    ++far;
    touched += seen[rank] ? 0U : 1U;
    seen[rank] = true;
  }
  EXPECT_NEAR(static_cast<double>(far) / (4 * kMillion), rare / sum, 0.002);
  const double each = static_cast<double>(far) / (kMillion / 2.0);
  EXPECT_NEAR(static_cast<double>(touched), kMillion / 2.0 * (1 - std::exp(-each)), 3000);
}

TEST(Requests, TakeTheFirstOfZipfianKeysAsOftenAsZipfSays) {
  const auto counts = counts_of(Requests(spec_of("zipfian"), 1));
  std::uint64_t most = 0;
  for (const auto& [key, count] : counts) most = std::max(most, count);
  double sum = 0;
  for (int i = 1; i <= 1000; ++i) sum += std::pow(i, -0.99);
  EXPECT_NEAR(static_cast<double>(most) / kMany, 1 / sum, 0.02);
}

TEST(Requests, GiveEachZipfianRankARowOfItsOwn) {
  for (const std::uint64_t rows : {1U, 2U, 3U, 16U, 1000U}) {
    Case spec = spec_of("zipfian");
    spec.rows = rows;
    EXPECT_EQ(counts_of(Requests(spec, 1)).size(), rows);
  }
}

TEST(Requests, ForTheLatestMoveOnWithTheirNumbers) {
  const Requests requests(spec_of("latest"), 1);
  // The newest row is the most frequent one: distance 0.
  std::uint64_t newest = 0;
  for (std::uint64_t i = 0; i < kMany; ++i)
    newest += requests.of(MessageId{0, i}.word()).key == i % 1000 ? 1U : 0U;
  EXPECT_GT(newest, kMany / 20);
}

TEST(Requests, ReadAsOftenAsTheMixSays) {
  for (const auto& [mix, share] : {std::pair{"update", 0.0}, {"a", 0.5}, {"b", 0.95}}) {
    const Requests requests(spec_of("uniform", mix), 1);
    std::uint64_t reads = 0;
    for (std::uint64_t i = 0; i < kMany; ++i)
      reads += requests.of(MessageId{0, i}.word()).op == Op::read ? 1U : 0U;
    EXPECT_NEAR(static_cast<double>(reads) / kMany, share, 0.01) << mix;
  }
}

TEST(Requests, FlushAfterSoManyOthers) {
  const Requests requests(spec_of("uniform", "update", 3), 1);
  for (std::uint64_t i = 0; i < 40; ++i)
    EXPECT_EQ(requests.of(MessageId{0, i}.word()).op == Op::flush, i % 4 == 3) << i;
}

TEST(Values, ShowEachByteThatIsNotTheirs) {
  for (const std::size_t size : {1U, 8U, 13U, 1024U}) {
    std::vector<std::byte> value(size);
    fill_value(77, value);
    EXPECT_TRUE(value_intact(77, value));
    EXPECT_FALSE(value_intact(78, value));
    for (std::size_t i = 0; i < size; ++i) {
      value[i] ^= std::byte{1};
      EXPECT_FALSE(value_intact(77, value)) << i;
      value[i] ^= std::byte{1};
    }
  }
}

}  // namespace
}  // namespace weir::db::test
