// The own channels as the tests see them: each once as it is measured, and once under a Sync policy
// that delays.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "any_channel.hpp"
#include "token.hpp"

namespace weir::test {

struct Family {
  std::string name;
  Contract contract;
  bool batch = false;
  bool sized = false;
  bool counts_waits = false;
  std::unique_ptr<AnyChannel<Token>> (*make)(std::size_t capacity) = nullptr;

  [[nodiscard]] bool many_senders() const { return contract.producers == Side::many; }
  [[nodiscard]] bool many_receivers() const { return contract.consumers == Side::many; }
  [[nodiscard]] bool exact_answers() const {
    return contract.empty == Answer::exact && contract.full == Answer::exact;
  }
};

inline std::ostream& operator<<(std::ostream& out, const Family& family) {
  return out << family.name;
}

/// As they are measured.
std::vector<Family> own_families();
/// Those that sleep, under DelaySync.
std::vector<Family> delayed_families();

/// Those of `families` that promise what a test is about.
template <class Predicate>
std::vector<Family> where(const std::vector<Family>& families, const Predicate& promises) {
  std::vector<Family> chosen;
  for (const Family& family : families) {
    if (promises(family)) chosen.push_back(family);
  }
  return chosen;
}

inline std::string name_of_family(const testing::TestParamInfo<Family>& info) {
  return info.param.name;
}

template <class C>
Family family_of(std::string name) {
  return {.name = std::move(name),
          .contract = C::kContract,
          .batch = BatchChannel<C>,
          .sized = SizedChannel<C>,
          .counts_waits = CountsWaits<SenderOf<C>> && CountsWaits<ReceiverOf<C>>,
          .make = [](std::size_t capacity) -> std::unique_ptr<AnyChannel<Token>> {
            return std::make_unique<Erased<C>>(capacity);
          }};
}

}  // namespace weir::test
