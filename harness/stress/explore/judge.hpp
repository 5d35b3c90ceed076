// Whether what a run's roles were answered is what the channel's contract allows.
#pragma once

#include "channels/contract.hpp"
#include "harness/stress/explore/plan.hpp"
#include "harness/stress/explore/play.hpp"
#include "harness/stress/explore/state_set.hpp"

namespace weir::explore {

/// The body of a search: plays the plan, then asks the checker of recorded histories. Most runs are
/// like one that was judged before, and are not judged again.
///
/// A load that reads an older store acts as if it had come earlier than it did, so that in a run
/// with such a load no answer can be held against an operation of another role that only came
/// before it in time. There, `empty`, `full`, and the order of different senders are not judged.
class Judge {
 public:
  Judge(Play play, Plan plan, const Contract& contract)
      : play_(play), plan_(std::move(plan)), contract_(contract) {}

  void operator()(World& world);

 private:
  Play play_;
  Plan plan_;
  Contract contract_;
  Records records_;
  StateSet judged_;
};

}  // namespace weir::explore
