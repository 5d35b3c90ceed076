"""weir-bench as Google Benchmark's users know it: its flags, its JSON; and an exit status that can be trusted."""

import json
import signal
import subprocess

from conftest import Bench, is_usage_error

FAST = "^ping_pong/mutex_condvar/"


def test_it_lists_at_least_twenty_channel_variants(bench: Bench) -> None:
    result = bench("--benchmark_list_tests")
    assert result.returncode == 0
    names = result.stdout.split()
    channels = {name.split("/")[1] for name in names if name.startswith("throughput/")}
    assert len(channels) >= 20, sorted(channels)
    assert len(names) == len(set(names))


def test_a_name_is_workload_channel_and_keys_with_values(bench: Bench) -> None:
    for name in bench("--benchmark_list_tests").stdout.split():
        _workload, _channel, *keys = name.split("/")
        for key in keys:
            # Google Benchmark adds two of its own.
            assert ":" in key or key == "manual_time", name


def test_a_filter_that_matches_nothing_is_a_usage_error(bench: Bench) -> None:
    result = bench("--benchmark_filter=no_such_thing")
    assert result.returncode == 2
    # Google Benchmark has a line of its own before ours.
    assert result.stderr.splitlines()[-1] == "weir-bench: the filter matches no benchmark; see --benchmark_list_tests"


def test_an_unknown_flag_gets_the_nearest_one(bench: Bench) -> None:
    result = bench("--benchmark_filtre=x")
    assert is_usage_error(result)
    assert "unknown flag or command '--benchmark_filtre': did you mean '--benchmark_filter'?" in result.stderr


def test_an_unknown_command_gets_the_nearest_one(bench: Bench) -> None:
    result = bench("plna")
    assert is_usage_error(result)
    assert "did you mean 'plan'?" in result.stderr


def test_its_json_is_valid_and_has_figures(bench: Bench) -> None:
    result = bench(f"--benchmark_filter={FAST}", "--benchmark_format=json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["context"]["weir_version"]
    (row,) = report["benchmarks"]
    assert row["name"].startswith("ping_pong/mutex_condvar/")
    assert row["real_time"] > 0
    assert row["round_trip_p50_ns"] > 0
    assert "error_occurred" not in row


def test_repetitions_and_a_file_are_google_benchmarks_own(bench: Bench) -> None:
    out = bench.folder / "out.json"
    result = bench(
        f"--benchmark_filter={FAST}", "--benchmark_repetitions=2", f"--benchmark_out={out}", "--benchmark_out_format=json"
    )
    assert result.returncode == 0, result.stderr
    rows = json.loads(out.read_text())["benchmarks"]
    assert [row["aggregate_name"] for row in rows if row["run_type"] == "aggregate"][:2] == ["mean", "median"]
    assert len([row for row in rows if row["run_type"] == "iteration"]) == 2


def test_uncontended_runs_in_google_benchmarks_own_loop(bench: Bench) -> None:
    result = bench(
        "--benchmark_filter=^uncontended/mutex_condvar/.*msg:8", "--benchmark_min_time=0.01", "--benchmark_format=json"
    )
    assert result.returncode == 0, result.stderr
    (row,) = json.loads(result.stdout)["benchmarks"]
    assert row["iterations"] > 1000
    assert row["real_time"] > 0


def test_a_failed_trial_makes_the_exit_status_1(faulty: Bench) -> None:
    result = faulty("--benchmark_filter=^throughput/faulty_crashes/p:1/c:1/.*msg:8/", "--benchmark_format=json")
    assert result.returncode == 1
    (row,) = json.loads(result.stdout)["benchmarks"]
    assert row["error_occurred"] is True
    assert "receiver 0 running after" in row["error_message"]


def test_a_failed_trial_does_not_stop_the_others(faulty: Bench) -> None:
    names = "^throughput/(faulty_crashes|faulty_honest|mutex_condvar)/p:1/c:1/.*msg:8/"
    result = faulty(f"--benchmark_filter={names}", "--benchmark_format=json")
    assert result.returncode == 1
    rows = json.loads(result.stdout)["benchmarks"]
    assert sorted(row["name"].split("/")[1] for row in rows if "error_occurred" not in row) == [
        "faulty_honest",
        "mutex_condvar",
    ]


def test_an_interrupt_ends_it_with_130(bench: Bench) -> None:
    # Several cases: the lines of one come when its last repetition has ended, and then others must be under way.
    process = subprocess.Popen(
        [bench.program, "--benchmark_filter=^throughput/mutex_condvar/", "--benchmark_repetitions=20"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("throughput/"):
            break
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    assert process.wait(timeout=30) == 130
