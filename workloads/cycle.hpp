// A ring of tasks over bounded channels: each takes a message from the channel before it and sends
// it on.
//
//   task 0 --> channel 0 --> task 1 --> channel 1 --> task 2 --> channel 2 --> task 0
//
// Each task first puts in some messages of its own. While they all fit, the ring turns for ever; if
// one more is put in than a channel holds, each task stands in a send and none will ever take: a
// deadlock, of which no channel is guilty. It is found, said and ended, not waited for.
#pragma once

namespace weir {
class Trial;

/// The workload `cycle`. Case keys: stages (tasks), cap, tokens (messages that each puts in),
/// place.
void run_cycle(Trial& trial);
void enter_cycle();

}  // namespace weir
