// What roles write down of each message while they run: one log a role, written by it alone. All
// histograms are made of them when the messages have arrived, so that recording costs one store of
// a few words, and what disturbed a message can still be found out after it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "channels/channel.hpp"
#include "harness/system.hpp"

namespace weir::scenario {

/// By the sender's own numbers of messages.
struct Sent {
  std::int64_t due = 0;   ///< the intended start
  std::int64_t at = 0;    ///< when it was handed to the channel
  std::int64_t back = 0;  ///< when the channel had it and the call was over; 0 where nobody asks
};

/// A message that was not taken. It has no number.
struct Refusal {
  std::int64_t due = 0;
  std::int64_t at = 0;
  std::int64_t back = 0;
  SendStatus status = SendStatus::full;
};

/// A message that was taken and pushed out by a later one.
struct Evicted {
  std::uint64_t word = 0;  ///< MessageId
  std::int64_t at = 0;     ///< when the send was over that pushed it out
};

struct Received {
  std::uint64_t word = 0;  ///< MessageId
  std::int64_t at = 0;     ///< when the channel gave it out
  std::int64_t done = 0;   ///< when the receiver had served it
};

/// Time that somebody took from a thread which did nothing but read the clock.
struct Gap {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Entries in memory that is taken beforehand. `push` by one thread; others read when they have
/// been told that it is over. One that is full counts what it could not take.
template <class Entry>
class Log {
 public:
  explicit Log(std::size_t most) : pages_(most * sizeof(Entry) + 1), most_(most) {}

  /// Touches the memory of so many entries, so that no page fault falls into the measurement.
  void prepare(std::size_t entries) noexcept {
    entries = entries < most_ ? entries : most_;
    if (entries <= touched_) return;
    std::memset(static_cast<void*>(data() + touched_), 0, (entries - touched_) * sizeof(Entry));
    touched_ = entries;
  }
  void push(Entry entry) noexcept {
    if (size_ == most_) [[unlikely]] {
      ++lost_;
      return;
    }
    data()[size_++] = entry;
  }
  void clear() noexcept { size_ = 0; }
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return {data(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t lost() const noexcept { return lost_; }

 private:
  [[nodiscard]] Entry* data() const noexcept { return static_cast<Entry*>(pages_.data()); }

  sys::Pages pages_;
  std::size_t most_;
  std::size_t size_ = 0;
  std::size_t touched_ = 0;
  std::size_t lost_ = 0;
};

}  // namespace weir::scenario
