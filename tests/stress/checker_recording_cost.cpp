// What recording costs: an operation that does nothing, with both stamps and its place in the log;
// and each stamp alone. Prints figures, asserts nothing. The goal is at most 60 ns an operation.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "harness/stress/history.hpp"

namespace weir::test {
namespace {

constexpr std::size_t kOperations = 1'000'000;
constexpr int kRounds = 11;

/// Median nanoseconds of one call, and the fastest round.
template <class Prepare>
void measure(const char* name, const Prepare& prepare) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    auto operation = prepare();
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kOperations; ++i) operation(i);
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    rounds.push_back(time.count() / static_cast<double>(kOperations));
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("%-34s median %6.1f ns, from %.1f to %.1f\n", name, rounds[kRounds / 2], rounds[0],
              rounds[kRounds - 1]);
}

int run() {
  std::printf("%zu operations a round, %d rounds; a log of %zu MiB, stamps in %s\n", kOperations,
              kRounds, kOperations * sizeof(stress::Operation) >> 20, stress::kStampUnit);
  const auto with_log = [](auto call) {
    return [call] {
      return [call, log = stress::Log(0, kOperations)](std::size_t i) mutable { call(log, i); };
    };
  };
  measure("send, both stamps", with_log([](stress::Log& log, std::size_t i) {
            log.invoke(stress::Kind::try_send, MessageId{0, i}.word());
            log.respond(SendStatus::ok);
          }));
  measure("receive, both stamps", with_log([](stress::Log& log, std::size_t i) {
            log.invoke(stress::Kind::try_recv);
            log.respond(RecvStatus::ok, i);
          }));
  measure("invocation stamp alone", [] {
    return [sum = stress::Stamp{0}](std::size_t) mutable {
      sum += stress::invocation();
      asm volatile("" : "+r"(sum));
    };
  });
  measure("response stamp alone", [] {
    return [sum = stress::Stamp{0}, line = std::uint32_t{0}](std::size_t) mutable {
      sum += stress::response(line);
      asm volatile("" : "+r"(sum));
    };
  });
  return 0;
}

}  // namespace
}  // namespace weir::test

int main() { return weir::test::run(); }
