#include "harness/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace weir::test {
namespace {

constexpr std::int64_t kBeyond = std::int64_t{1} << 40;
constexpr double kLargestError = 1.0 / 128;  // 0.78 %

/// Values of every magnitude within the range.
std::vector<std::int64_t> values_of_every_size(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<std::int64_t>((random() >> 24) >> random() % 40));
  }
  return values;
}

/// The smallest value below or at which at least `fraction` of all lie.
std::int64_t brute_force(std::vector<std::int64_t> values, double fraction) {
  std::sort(values.begin(), values.end());
  const double wanted = std::ceil(fraction * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(wanted, 1.0)) - 1];
}

TEST(Histogram, QuantilesAreThoseOfTheSortedValuesWithinTheBucketError) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<std::int64_t> values = values_of_every_size(1 + seed * seed * 37, seed);
    Histogram histogram;
    for (const std::int64_t value : values) histogram.record(value);
    for (const double fraction : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
      const std::int64_t exact = brute_force(values, fraction);
      const std::int64_t got = histogram.quantile_ns(fraction);
      ASSERT_GE(got, exact) << "seed " << seed << ", fraction " << fraction;
      ASSERT_LE(static_cast<double>(got - exact), kLargestError * static_cast<double>(exact))
          << "seed " << seed << ", fraction " << fraction;
    }
  }
}

TEST(Histogram, EveryValueLandsInABucketThatHoldsItAndIsNarrow) {
  std::vector<std::int64_t> values = values_of_every_size(20'000, 7);
  for (int bit = 0; bit < 40; ++bit) {
    for (const std::int64_t offset : {-1, 0, 1})
      values.push_back((std::int64_t{1} << bit) + offset);
  }
  values.push_back(kBeyond - 1);
  for (const std::int64_t value : values) {
    Histogram histogram;
    histogram.record(value);
    const std::vector<Histogram::Bucket> buckets = histogram.buckets();
    ASSERT_EQ(buckets.size(), 1U) << value;
    ASSERT_EQ(buckets.front().count, 1U);
    ASSERT_GE(buckets.front().upper_ns, value);
    ASSERT_LE(static_cast<double>(buckets.front().upper_ns - value),
              kLargestError * static_cast<double>(value))
        << value;
  }
}

TEST(Histogram, ValuesBelow256AreExact) {
  Histogram histogram;
  for (std::int64_t value = 0; value < 256; ++value) histogram.record(value);
  const std::vector<Histogram::Bucket> buckets = histogram.buckets();
  ASSERT_EQ(buckets.size(), 256U);
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    EXPECT_EQ(buckets[i].upper_ns, static_cast<std::int64_t>(i));
  }
}

TEST(Histogram, BucketsAreInOrderAndHoldEverything) {
  Histogram histogram;
  const std::vector<std::int64_t> values = values_of_every_size(5000, 3);
  for (const std::int64_t value : values) histogram.record(value);
  std::int64_t last = -1;
  std::uint64_t sum = 0;
  for (const Histogram::Bucket& bucket : histogram.buckets()) {
    EXPECT_GT(bucket.upper_ns, last);
    EXPECT_GT(bucket.count, 0U);
    last = bucket.upper_ns;
    sum += bucket.count;
  }
  EXPECT_EQ(sum, values.size());
}

TEST(Histogram, MinMaxAndMeanAreExact) {
  const std::vector<std::int64_t> values = values_of_every_size(1000, 5);
  Histogram histogram;
  double sum = 0;
  for (const std::int64_t value : values) {
    histogram.record(value);
    sum += static_cast<double>(value);
  }
  EXPECT_EQ(histogram.min_ns(), *std::min_element(values.begin(), values.end()));
  EXPECT_EQ(histogram.max_ns(), *std::max_element(values.begin(), values.end()));
  EXPECT_DOUBLE_EQ(histogram.mean_ns(), sum / 1000);
  EXPECT_EQ(histogram.count(), 1000U);
}

TEST(Histogram, WhatIsOutOfRangeIsCountedApartAndNeverClamped) {
  Histogram histogram;
  histogram.record(10);
  histogram.record(-1);
  histogram.record(std::numeric_limits<std::int64_t>::min());
  histogram.record(kBeyond);
  histogram.record(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_EQ(histogram.negative(), 2U);
  EXPECT_EQ(histogram.overflow(), 2U);
  EXPECT_EQ(histogram.min_ns(), 10);
  EXPECT_EQ(histogram.max_ns(), 10);
  EXPECT_EQ(histogram.buckets().size(), 1U);
}

TEST(Histogram, OverflowLiesBeyondEveryQuantileThatReachesIt) {
  Histogram histogram;
  for (int i = 0; i < 90; ++i) histogram.record(100);
  for (int i = 0; i < 10; ++i) histogram.record(kBeyond + i);
  EXPECT_EQ(histogram.quantile_ns(0.9), 100);
  EXPECT_GE(histogram.quantile_ns(0.91), kBeyond) << "at least so much, and said as much";
}

TEST(Histogram, AnEmptyOneAnswersZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.quantile_ns(0.5), 0);
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_EQ(histogram.max_ns(), 0);
  EXPECT_EQ(histogram.mean_ns(), 0.0);
  EXPECT_TRUE(histogram.buckets().empty());
  EXPECT_FALSE(histogram.supports(0.5));
}

TEST(Histogram, APercentileNeedsAHundredSamplesBeyondIt) {
  const std::vector<std::pair<double, int>> needed{
      {0.5, 200}, {0.9, 1000}, {0.99, 10'000}, {0.999, 100'000}, {0.9999, 1'000'000}};
  for (const auto& [fraction, count] : needed) {
    Histogram histogram;
    for (int i = 0; i < count - 1; ++i) histogram.record(i);
    EXPECT_FALSE(histogram.supports(fraction)) << fraction;
    histogram.record(1);
    EXPECT_TRUE(histogram.supports(fraction)) << fraction;
  }
}

TEST(Histogram, SamplesBeyondTheRangeCountAsSamples) {
  Histogram histogram;
  for (int i = 0; i < 100; ++i) histogram.record(5);
  EXPECT_FALSE(histogram.supports(0.5));
  for (int i = 0; i < 100; ++i) histogram.record(kBeyond);
  EXPECT_TRUE(histogram.supports(0.5));
}

TEST(Histogram, MergingIsRecordingEverythingInOne) {
  const std::vector<std::int64_t> values = values_of_every_size(3000, 11);
  Histogram whole;
  std::vector<Histogram> parts(3);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t value = i % 50 == 0 ? -1 : i % 51 == 0 ? kBeyond : values[i];
    whole.record(value);
    parts[i % 3].record(value);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);
  merged.merge(Histogram{});
  EXPECT_EQ(merged.count(), whole.count());
  EXPECT_EQ(merged.overflow(), whole.overflow());
  EXPECT_EQ(merged.negative(), whole.negative());
  EXPECT_EQ(merged.min_ns(), whole.min_ns());
  EXPECT_EQ(merged.max_ns(), whole.max_ns());
  EXPECT_DOUBLE_EQ(merged.mean_ns(), whole.mean_ns());
  const auto same = [](const Histogram::Bucket& a, const Histogram::Bucket& b) {
    return a.upper_ns == b.upper_ns && a.count == b.count;
  };
  const auto a = merged.buckets();
  const auto b = whole.buckets();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end(), same));
}

}  // namespace
}  // namespace weir::test
