// The Google Benchmark front: the only part that includes Google Benchmark.
#pragma once

namespace weir {

/// Runs with Google Benchmark's own flags. Exit status: 0; 1 when a trial failed; 2 for a flag that
/// it does not know or a filter that matches nothing; 130 when interrupted.
int run_google_benchmark(int argc, char** argv);

}  // namespace weir
