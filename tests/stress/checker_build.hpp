// Histories written by hand: who did what, from when to when.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "channels/contract.hpp"
#include "harness/stress/history.hpp"

namespace weir::test {

using stress::Kind;
using stress::Stamp;

struct Time {
  Stamp from = 0;
  Stamp to = 0;
};

/// Message `sequence` of a sender.
constexpr std::uint64_t word(std::uint32_t sender, std::uint64_t sequence) {
  return MessageId{sender, sequence}.word();
}

class Build {
 public:
  /// Sender `sender` sends its message `sequence`.
  Build& send(std::uint16_t sender, std::uint64_t sequence, Time time,
              SendStatus status = SendStatus::ok, Kind kind = Kind::send) {
    return add("s", sender, time, word(sender, sequence), kind, static_cast<std::uint8_t>(status));
  }
  Build& try_send(std::uint16_t sender, std::uint64_t sequence, Time time, SendStatus status) {
    return send(sender, sequence, time, status, Kind::try_send);
  }
  Build& evict(std::uint16_t sender, std::uint64_t sequence, std::uint64_t evicted, Time time) {
    send(sender, sequence, time, SendStatus::evicted);
    return add("s", sender, time, evicted, Kind::evict, 0);
  }
  Build& recv(std::uint16_t receiver, std::uint64_t what, Time time) {
    return add("r", receiver, time, what, Kind::recv, 0);
  }
  Build& nothing(std::uint16_t receiver, Time time, RecvStatus status = RecvStatus::empty,
                 Kind kind = Kind::try_recv) {
    return add("r", receiver, time, 0, kind, static_cast<std::uint8_t>(status));
  }
  Build& close(std::uint16_t closer, Time time) {
    return add("c", closer, time, 0, Kind::close, 0);
  }

  [[nodiscard]] stress::History history(bool drained = false, Stamp skew = 0) const {
    stress::History result;
    for (const auto& [name, log] : logs_) result.append(log, skew);
    result.set_drained(drained);
    return result;
  }

 private:
  Build& add(const char* side, std::uint16_t thread, Time time, std::uint64_t value, Kind kind,
             std::uint8_t status) {
    logs_[{side, thread}].push_back({time.from, time.to, value, kind, status, thread});
    return *this;
  }

  std::map<std::pair<std::string, std::uint16_t>, std::vector<stress::Operation>> logs_;
};

}  // namespace weir::test
