// idle: what threads cost that wait in a channel while nothing happens: a receiver in an empty one,
// and a sender in a full one where it can be filled and closed again.
#pragma once

namespace weir {
class Trial;

/// The workload `idle`. Case keys: cap, place.
void run_idle(Trial& trial);
void enter_idle();

}  // namespace weir
