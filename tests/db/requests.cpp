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

TEST(Requests, TakeTheFirstOfZipfianKeysAsOftenAsZipfSays) {
  const auto counts = counts_of(Requests(spec_of("zipfian"), 1));
  std::uint64_t most = 0;
  for (const auto& [key, count] : counts) most = std::max(most, count);
  double sum = 0;
  for (int i = 1; i <= 1000; ++i) sum += std::pow(i, -0.99);
  // Two ranks may be scattered to one key.
  EXPECT_NEAR(static_cast<double>(most) / kMany, 1 / sum, 0.02);
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
