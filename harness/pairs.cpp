#include "harness/pairs.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "harness/case_id.hpp"
#include "harness/error.hpp"
#include "harness/record.hpp"
#include "harness/registry.hpp"
#include "harness/trial.hpp"

namespace weir {

int run_pairs(const PairOptions& options) {
  const Case spec = parse_id(options.id);
  if (spec.workload != "uncontended")
    throw UsageError("'" + spec.workload + "' is not of one thread: pairs are of uncontended");
  Board board{};
  Trial trial(spec, 1, Timing{}, board);
  trial.use_loop(
      [&](Trial&, const std::function<void(std::uint64_t)>& pass) { pass(options.pairs); });
  registry().find_run(spec)(trial);
  Json line;
  line["status"] = trial.failure().empty() ? "ok" : "failed";
  line["reason"] = trial.reason();
  line["pairs"] = options.pairs;
  std::cout << line.dump() << std::endl;
  return trial.failure().empty() ? 0 : 1;
}

}  // namespace weir
