// The turns front: one case, alive for as long as its caller likes, measured in short windows on
// request. Several such processes take turns on the same cores, so that what moves the machine
// moves them alike.
//
//   stdout {"ready":true, ...}        roles are spawned, placed and warm; now they sleep
//   stdin  a line                     one window
//   stdout {"messages":..,"ns":..}    what passed in it; the roles sleep again
//   stdin  its end                    stop, close, drain, verify
//   stdout {"status":"ok", ...}       the verdict of the whole trial
#pragma once

#include <cstdint>
#include <string>

namespace weir {

struct TurnOptions {
  std::string id;
  int window_ms = 10;
  int warm_up_ms = 20;
  std::uint64_t plant_steps = 0;  ///< a slowdown of known place: see Trial::plant()
  std::string plant_at = "receiver";
};

/// Returns the exit status: 0, 1 when the trial failed, 130 when interrupted. Throws UsageError for
/// a case that there is not.
int take_turns(const TurnOptions& options);

}  // namespace weir
