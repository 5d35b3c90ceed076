"""`weir-bench plan`: one round, one whole line a trial, resumable, interruptible."""

import json
import resource
import signal
import subprocess
from pathlib import Path
from typing import Any

from conftest import ROOT, Bench, is_usage_error

N_RUN = 6  # trials of a round of small.toml; one more case does not apply


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def run_only(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["status"] != "not_applicable"]


def test_a_round_leaves_one_line_for_each_trial(bench: Bench, small: Path) -> None:
    result = bench.plan(small)
    assert result.returncode == 0, result.stderr
    records = bench.records()
    assert len(run_only(records)) == N_RUN
    assert len(set(ids(records))) == len(records)
    for record in run_only(records):
        assert record["status"] == "ok"
        assert record["metrics"][0]["value"] > 0
        assert record["counts"]["received"] == record["counts"]["accepted"] > 0
    assert [record["seq"] for record in run_only(records)] == list(range(1, N_RUN + 1))


def test_progress_goes_to_stdout_line_by_line(bench: Bench, small: Path) -> None:
    lines = [json.loads(line) for line in bench.plan(small).stdout.splitlines()]
    assert [line["done"] for line in lines] == list(range(1, N_RUN + 1))
    assert {line["of"] for line in lines} == {N_RUN}
    assert [line["id"] for line in lines] == ids(run_only(bench.records()))


def test_what_a_channel_cannot_do_is_one_line_with_the_reason(bench: Bench, small: Path) -> None:
    bench.plan(small)
    (line,) = [record for record in bench.records() if record["status"] == "not_applicable"]
    assert line["channel"] == "futex_ring"
    assert line["reason"] == "one receiver only"
    assert line["metrics"] == []
    assert bench.plan(small, "--round", 1).returncode == 0
    assert len([r for r in bench.records() if r["status"] == "not_applicable"]) == 1, "said once, in round 0"


def test_lines_are_as_the_schema_says(faulty: Bench, small: Path) -> None:
    jsonschema = __import__("jsonschema")
    schema = json.loads((ROOT / "results" / "schema.json").read_text())
    # Which part of the schema is a trial's: its own definition where there is one.
    definitions = schema.get("$defs", {})
    trial = {**definitions["trial"], "$defs": definitions} if "trial" in definitions else schema
    faulty.plan(small)
    crash = '[[case]]\nworkload = "throughput"\nchannels = ["faulty_crashes"]\nmin = [20000]\nwindow_ms = 10\n'
    faulty.plan(faulty.suite(crash))
    records = faulty.records()
    assert {record["status"] for record in records} == {"ok", "failed", "not_applicable"}
    for record in records:
        jsonschema.validate(record, trial)


def test_a_second_call_runs_nothing_again(bench: Bench, small: Path) -> None:
    bench.plan(small)
    before = bench.out.read_bytes()
    result = bench.plan(small)
    assert result.returncode == 0
    assert result.stdout == ""
    assert bench.out.read_bytes() == before


def test_a_second_call_runs_what_is_missing(bench: Bench, small: Path) -> None:
    bench.plan(small)
    lines = bench.out.read_text().splitlines(keepends=True)
    missing = json.loads(lines.pop(3))["id"]
    bench.out.write_text("".join(lines))
    result = bench.plan(small)
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [missing]
    assert ids(bench.records())[-1] == missing


def test_another_round_is_other_lines(bench: Bench, small: Path) -> None:
    bench.plan(small)
    bench.plan(small, "--round", 1)
    records = run_only(bench.records())
    assert len(records) == 2 * N_RUN
    assert {record["round"] for record in records} == {0, 1}
    assert len({(record["id"], record["round"]) for record in records}) == 2 * N_RUN
    assert len({record["seed"] for record in records}) == 2 * N_RUN, "every trial has a seed of its own"


def test_the_order_follows_from_seed_and_round(bench: Bench, small: Path) -> None:
    orders = {}
    for seed, round_ in ((1, 0), (1, 0), (1, 1), (2, 0), (3, 0)):
        bench.out.unlink(missing_ok=True)
        bench.plan(small, "--seed", seed, "--round", round_)
        order = tuple(ids(run_only(bench.records())))
        assert orders.setdefault((seed, round_), order) == order, "the same seed and round, another order"
    assert len(set(orders.values())) > 1, "seed and round change nothing"


def test_a_truncated_last_line_is_repaired(bench: Bench, small: Path) -> None:
    bench.plan(small)
    text = bench.out.read_text()
    last = json.loads(text.splitlines()[-1])["id"]
    whole = text[: text.rstrip("\n").rfind("\n") + 1]
    for cut in (1, 20, len(text) - len(whole) - 1):
        bench.out.write_text(text[: len(whole) + cut])
        result = bench.plan(small)
        assert result.returncode == 0, result.stderr
        assert bench.out.read_text().startswith(whole)
        assert ids(bench.records())[-1] == last


def test_an_interrupt_exits_130_and_keeps_whole_lines(bench: Bench, small: Path) -> None:
    process = bench.start_plan(small)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    kept = run_only(bench.records())
    assert kept[0]["id"] == first["id"]
    assert len(kept) < N_RUN
    # and it goes on from there
    result = bench.plan(small)
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == N_RUN - len(kept)
    assert len(run_only(bench.records())) == N_RUN


def test_an_interrupt_does_not_wait_for_a_trial_that_hangs(faulty: Bench) -> None:
    suite = faulty.suite('[[case]]\nworkload = "throughput"\nchannels = ["faulty_h*"]\nmin = [100000]\ncap = [100]\n')
    process = faulty.start_plan(suite, "--hang-after-ms", 600_000)
    assert process.stdout is not None
    process.stdout.readline()  # the honest one is through, or else the hanging one is under way
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert [r["channel"] for r in faulty.records() if r["status"] != "not_applicable"] == ["faulty_honest"]


def test_a_full_disk_is_one_line_and_nothing_half_written(bench: Bench, small: Path) -> None:
    bench.plan(small)
    whole = bench.out.read_text().splitlines(keepends=True)
    room = len("".join(whole[:3])) + 50
    bench.out.unlink()

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    result = bench.plan(small, preexec_fn=little_room)
    assert is_usage_error(result), result.stderr
    assert "cannot write" in result.stderr
    assert "the trials before are kept" in result.stderr
    kept = bench.records()
    assert 1 <= len(kept) <= 3
    result = bench.plan(small)
    assert result.returncode == 0, "with room again it goes on"
    assert len(run_only(bench.records())) == N_RUN


def test_a_place_that_cannot_be_written_is_one_line(bench: Bench, small: Path) -> None:
    bench.out = bench.folder / "nowhere" / "trials.jsonl"
    result = bench.plan(small)
    assert is_usage_error(result)
    assert f"cannot write '{bench.out}': No such file or directory" in result.stderr


def test_a_file_that_is_no_result_file_is_left_alone(bench: Bench, small: Path) -> None:
    for text in ("dear diary,\n", "[1, 2]\n"):
        bench.out.write_text(text)
        result = bench.plan(small)
        assert is_usage_error(result)
        assert "not a result file" in result.stderr
        assert bench.out.read_text() == text


def test_an_unknown_channel_gets_the_nearest_one(bench: Bench, small: Path) -> None:
    result = bench.plan(small, "--channels", "mutex_condvra")
    assert is_usage_error(result)
    assert "unknown channel 'mutex_condvra': did you mean 'mutex_condvar'?" in result.stderr
    assert not bench.out.exists() or bench.out.read_text() == ""


def test_a_suite_that_is_not_there_is_one_line(bench: Bench) -> None:
    result = bench.plan(Path("/nowhere.toml"))
    assert is_usage_error(result)
    assert "cannot read suite file '/nowhere.toml'" in result.stderr


def test_a_suite_of_the_wrong_form_is_one_line_and_no_crash(bench: Bench) -> None:
    for text in ("case = [1, 2]\n", "case = 1\n", "[case]\nworkload = 1\n", ""):
        result = bench.plan(bench.suite(text))
        assert is_usage_error(result), (text, result.returncode, result.stderr)


def test_a_plan_without_a_place_for_its_results_is_a_usage_error(bench: Bench, small: Path) -> None:
    result = bench("plan", "--suite", small)
    assert is_usage_error(result)
    assert "--out" in result.stderr


def test_dry_says_what_would_be_run_and_leaves_nothing(bench: Bench, small: Path) -> None:
    result = bench.plan(small, "--dry")
    assert result.returncode == 0
    plan = json.loads(result.stdout)
    assert plan["rounds"] == 2
    assert plan["trials_per_round"] == N_RUN
    assert plan["not_applicable"] == 1
    assert not bench.out.exists()


def test_a_trial_leaves_no_process_behind(bench: Bench, small: Path) -> None:
    process = bench.start_plan(small)
    process.communicate()
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, check=False)
    assert children.stdout.strip() == b""
