// What a leg costs beside time: processor time of its roles, and memory.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "harness/scenario/latency.hpp"
#include "harness/scenario/time.hpp"
#include "harness/system.hpp"

namespace weir::scenario {

/// Resident memory of the process.
struct Memory {
  std::int64_t before_kib = 0;          ///< when the leg began: its logs are there already
  std::int64_t peak_kib = 0;            ///< in the window
  std::int64_t after_kib = 0;           ///< when everything has come out
  double sampler_share = 0;             ///< of a processor, that looking took
  std::vector<std::int64_t> steps_kib;  ///< of the window; the largest in each
};

struct Costs {
  std::int64_t at_ns = 0;         ///< as a difference: the length of the leg
  std::int64_t senders_ns = 0;    ///< processor time of all senders
  std::int64_t receivers_ns = 0;  ///< and receivers
  std::int64_t paced_ns = 0;      ///< of the senders', waiting until messages were due
  std::int64_t served_ns = 0;     ///< of the receivers', serving

  friend Costs operator-(const Costs& a, const Costs& b) {
    return {a.at_ns - b.at_ns, a.senders_ns - b.senders_ns, a.receivers_ns - b.receivers_ns,
            a.paced_ns - b.paced_ns, a.served_ns - b.served_ns};
  }
  /// Processors that a part of it kept busy.
  [[nodiscard]] double cores(std::int64_t ns) const noexcept {
    return at_ns > 0 ? static_cast<double>(ns) / static_cast<double>(at_ns) : 0;
  }
  /// What was neither pacing nor serving: the channel's operations, and waiting in them.
  [[nodiscard]] double waiting() const noexcept {
    return cores(std::max<std::int64_t>(0, senders_ns + receivers_ns - paced_ns - served_ns));
  }
};

/// Looks at the memory of the process every four milliseconds, in a thread of its own. What that
/// costs is measured. The roles never hear of it.
class MemorySampler {
 public:
  void start() {
    samples_.resize(kMost);
    thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
  }
  [[nodiscard]] std::int64_t now_kib() const noexcept { return gauge_.kib(); }
  /// Adds the window's peak and steps to `memory`. While it runs, or after.
  void look_back(const Window& window, std::int64_t step_ns, Memory& memory) const {
    memory.steps_kib.resize(
        static_cast<std::size_t>((window.end - window.begin + step_ns - 1) / step_ns));
    // acquire: partner is the release in watch()
    const std::size_t count = count_.load(std::memory_order_acquire);
    std::int64_t last = 0;
    std::size_t filled = 0;
    for (const Sample& sample : std::span(samples_).first(count)) {
      if (sample.at < window.begin || sample.at >= window.end) continue;
      memory.peak_kib = std::max(memory.peak_kib, sample.kib);
      const auto step = static_cast<std::size_t>((sample.at - window.begin) / step_ns);
      for (; filled < step; ++filled) memory.steps_kib[filled] = last;
      last = memory.steps_kib[step] = std::max(memory.steps_kib[step], sample.kib);
      filled = step + 1;
    }
    for (; filled < memory.steps_kib.size(); ++filled) memory.steps_kib[filled] = last;
    const std::int64_t passed = RealTime::now_ns() - started_ns_;
    if (passed > 0)
      memory.sampler_share = static_cast<double>(used_ns_.load(std::memory_order_relaxed)) /
                             static_cast<double>(passed);
  }

 private:
  struct Sample {
    std::int64_t at = 0;
    std::int64_t kib = 0;
  };
  static constexpr std::size_t kMost = 1 << 16;

  void watch(const std::stop_token& stop) {
    started_ns_ = RealTime::now_ns();
    for (std::size_t i = 0; i < kMost && !stop.stop_requested(); ++i) {
      samples_[i] = {RealTime::now_ns(), gauge_.kib()};
      used_ns_.store(sys::thread_cpu_ns(), std::memory_order_relaxed);  // a figure, no more
      // release: partner is the acquire in during()
      count_.store(i + 1, std::memory_order_release);
      sys::sleep_for(std::chrono::milliseconds(4));
    }
  }

  sys::ResidentGauge gauge_{::getpid()};
  std::vector<Sample> samples_;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::int64_t> used_ns_{0};
  std::int64_t started_ns_ = 0;
  std::jthread thread_;
};

}  // namespace weir::scenario
