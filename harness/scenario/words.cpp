#include "harness/scenario/words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "harness/error.hpp"

namespace weir::scenario {
namespace {

using Unit = std::pair<std::string_view, std::int64_t>;

constexpr std::array<Unit, 4> kTimes{Unit{"ns", 1}, Unit{"us", 1'000}, Unit{"ms", 1'000'000},
                                     Unit{"s", 1'000'000'000}};
constexpr std::array<Unit, 3> kSizes{Unit{"", 1}, Unit{"KiB", 1 << 10}, Unit{"MiB", 1 << 20}};
constexpr std::int64_t kMost = std::int64_t{1} << 44;  // five hours; 16 TiB

template <std::size_t kCount>
std::int64_t parse_with_unit(std::string_view what, std::string_view text,
                             const std::array<Unit, kCount>& units) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0)
    throw UsageError(std::string(what) + " '" + std::string(text) +
                     "' is not a whole number with a unit, like 20" + std::string(units[1].first));
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, factor] : units) {
    if (name != rest) continue;
    if (number > kMost / factor)
      throw UsageError(std::string(what) + " '" + std::string(text) + "' is too large");
    return number * factor;
  }
  std::vector<std::string> names;
  for (const auto& unit : units) names.emplace_back(unit.first);
  throw unknown("unit of " + std::string(what), rest.empty() ? std::string_view("none") : rest,
                names);
}

/// The words between dashes.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('-', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

void expect(std::string_view text, const std::vector<std::string>& words, std::size_t count,
            std::string_view form) {
  if (words.size() != count)
    throw UsageError("'" + std::string(text) + "' is not like " + std::string(form));
}

std::int64_t positive(std::string_view text) {
  const std::int64_t ns = parse_duration(text);
  if (ns == 0) throw UsageError("time '" + std::string(text) + "' must be longer than 0");
  return ns;
}

}  // namespace

std::int64_t parse_duration(std::string_view text) { return parse_with_unit("time", text, kTimes); }

std::string duration_text(std::int64_t ns) {
  for (std::size_t i = kTimes.size(); i-- > 1;) {
    if (ns != 0 && ns % kTimes[i].second == 0)
      return std::to_string(ns / kTimes[i].second) + std::string(kTimes[i].first);
  }
  return std::to_string(ns) + "ns";
}

std::uint64_t parse_bytes(std::string_view text) {
  return static_cast<std::uint64_t>(parse_with_unit("size", text, kSizes));
}

Arrivals parse_arrivals(std::string_view text) {
  if (text.starts_with("trace-"))
    return {.kind = Arrivals::Kind::trace, .file = std::string(text.substr(6))};
  const std::vector<std::string> words = words_of(text);
  if (words[0] == "fixed" || words[0] == "exponential" || words[0] == "asap") {
    expect(text, words, 1, words[0]);
    if (words[0] == "asap") return {.kind = Arrivals::Kind::asap};
    return {.kind = words[0] == "fixed" ? Arrivals::Kind::fixed : Arrivals::Kind::exponential};
  }
  if (words[0] == "bursts") {
    expect(text, words, 3, "bursts-1ms-9ms");
    return {.kind = Arrivals::Kind::bursts,
            .on_ns = positive(words[1]),
            .off_ns = parse_duration(words[2])};
  }
  if (words[0] == "frames") {
    expect(text, words, 2, "frames-16ms");
    return {.kind = Arrivals::Kind::frames, .on_ns = positive(words[1])};
  }
  throw unknown("arrivals", words[0],
                {"fixed", "exponential", "bursts", "frames", "trace", "asap"});
}

std::string check_arrivals(std::string_view text) {
  parse_arrivals(text);
  return std::string(text);
}

Service parse_service(std::string_view text) {
  constexpr std::string_view kExponential = "exponential-";
  if (text.starts_with(kExponential))
    return {Service::Kind::exponential, positive(text.substr(kExponential.size()))};
  if (!text.empty() && (text[0] < '0' || text[0] > '9'))
    throw unknown("service", words_of(text)[0], {"exponential", "20us"});
  return {Service::Kind::fixed, parse_duration(text)};
}

std::string check_service(std::string_view text) {
  parse_service(text);
  return std::string(text);
}

OnFull parse_on_full(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  if (words[0] == "block" || words[0] == "drop") {
    expect(text, words, 1, words[0]);
    return {.kind = words[0] == "drop" ? OnFull::Kind::drop : OnFull::Kind::block};
  }
  if (words[0] != "timeout")
    throw unknown("value of 'full'", words[0], {"block", "drop", "timeout"});
  expect(text, words, 2, "timeout-200us");
  return {.kind = OnFull::Kind::timeout, .patience_ns = positive(words[1])};
}

std::string check_on_full(std::string_view text) {
  parse_on_full(text);
  return std::string(text);
}

Take parse_take(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  if (words[0] == "each") {
    expect(text, words, 1, words[0]);
    return {};
  }
  if (words[0] == "frames") {
    expect(text, words, 2, "frames-16ms");
    return {.kind = Take::Kind::frames, .period_ns = positive(words[1])};
  }
  if (words[0] != "batches")
    throw unknown("value of 'take'", words[0], {"each", "frames", "batches"});
  expect(text, words, 3, "batches-64-100us");
  int most = 0;
  const auto [end, error] =
      std::from_chars(words[1].data(), words[1].data() + words[1].size(), most);
  if (error != std::errc{} || end != words[1].data() + words[1].size() || most < 1)
    throw UsageError("a batch of '" + words[1] + "' is not a whole number from 1 on");
  return {.kind = Take::Kind::batches, .most = most, .flush_ns = parse_duration(words[2])};
}

std::string check_take(std::string_view text) {
  parse_take(text);
  return std::string(text);
}

}  // namespace weir::scenario
