"""Scenarios on the real clock: what was planted is in the record, and what makes no sense is refused."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Bench, is_usage_error, shows, three_chances

STALL = """
summary = "a receiver that stands still once"
rate = 2000

[[event]]
stall = "receiver 0"
at = "50ms"
for = "50ms"
"""


def play(bench: Bench, workload: str, *keys: str, channel: str = "mutex_condvar") -> dict[str, Any]:
    words = ["rounds = 1", "warm_up_ms = 5", "window_ms = 200", "[[case]]", f'workload = "{workload}"']
    suite = bench.suite("\n".join([*words, f'channels = ["{channel}"]', *keys]) + "\n")
    result = bench.plan(suite)
    assert result.returncode == 0, result.stderr
    return bench.records()[-1]


@three_chances
def test_a_stall_shows_in_every_message_that_was_due_in_it(bench: Bench) -> None:
    (bench.folder / "stands.toml").write_text(STALL)
    record = play(bench, "stands.toml")
    assert record["status"] == "ok", record
    response = record["histograms"]["response"]
    shows(response["max"] > 45e6, response["max"])
    # 2000 messages/s for 50 ms: a hundred, of which the last waited half a millisecond.
    shows(sum(count for bound, count in response["buckets"] if bound > 2e6) > 90, response["buckets"])
    shows(record["latency"]["undelivered"] == 0, "those that were sent too late to be waited for")
    worst = max(record["latency"]["intervals"], key=lambda interval: interval["max"])
    shows(worst["at_ms"] == 0.0, worst)


@three_chances
def test_a_late_sender_does_not_move_the_intended_starts(bench: Bench) -> None:
    (bench.folder / "stands.toml").write_text(STALL.replace("receiver 0", "sender 0"))
    record = play(bench, "stands.toml")
    assert record["status"] == "ok", record
    shows(record["histograms"]["lag"]["max"] > 45e6, record["histograms"]["lag"]["max"])
    assert record["latency"]["scheduled"] == pytest.approx(400, abs=1)


def test_the_clock_is_said_with_what_it_is_worth(bench: Bench) -> None:
    for name in ("monotonic", "tsc"):
        record = play(bench, "paced", "rate = [5000]", f'clock = ["{name}"]')
        if record["status"] == "not_applicable":
            assert name == "tsc" and "time stamp counter" in record["reason"]
            continue
        clock = record["latency"]["clock"]
        assert clock["source"] == name
        assert (clock["drift_ppm"] is None) == (name == "monotonic")
        assert clock["uncertainty_ns"] >= abs(clock["skew_ns"])
        assert record["latency"]["smallest_transit_ns"] >= -clock["uncertainty_ns"]


def test_a_rate_that_no_pacer_can_keep_is_refused_with_the_figure(bench: Bench) -> None:
    record = play(bench, "paced", "rate = [100000000]")
    assert record["status"] == "not_applicable"
    assert "1e+08 messages/s a sender are beyond the pacer" in record["reason"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("rate = [0]", "rate"),
        ('service = ["20sec"]', "'s'"),
        ('bound = ["10ns"]', "below what the clock resolves"),
        ('clock = ["tsx"]', "tsc"),
        ('arrivals = ["burst-1ms-9ms"]', "bursts"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(bench: Bench, key: str, said: str) -> None:
    workload = "knee" if key.startswith("bound") else "paced"
    suite = bench.suite(f'[[case]]\nworkload = "{workload}"\nchannels = ["mutex_condvar"]\n{key}\n')
    result = bench.plan(suite)
    assert is_usage_error(result) and said in result.stderr, result.stderr


@three_chances
def test_a_stalled_receiver_shows_in_depth_and_comes_back(bench: Bench) -> None:
    record = play(bench, "stall", 'stall = ["50ms"]', "rate = [4000]")
    assert record["status"] == "ok", record
    pressure = record["backpressure"]
    (stall,) = pressure["stalls"]
    assert stall["what"] == "receiver 0" and stall["length_ms"] == 50
    # 4000 messages/s for 50 ms, all of which find room.
    shows(stall["backlog"] >= 199, stall)
    # Its end is that of the window: a sender that is kept from its processor then, as for 20 ms, is behind.
    shows(stall["peak_depth"] >= 100, stall)
    assert pressure["refused"] == {"full": 0, "dropped": 0, "timed_out": 0}
    # A message that was being sent when the window began belongs to it by one of its two stamps.
    assert sum(pressure["moments"]["accepted"]) == pytest.approx(pressure["accepted"], abs=1)


@pytest.mark.parametrize("policy", ["block", "drop", "timeout-200us"])
def test_what_is_too_much_is_accounted_for(bench: Bench, policy: str) -> None:
    # Room comes once a millisecond: who waits for 200 us gives up four times of five, however quiet the machine.
    record = play(bench, "overload", f'full = ["{policy}"]', "rate = [20000]", 'service = ["1ms"]')
    assert record["status"] == "ok", record
    counts = record["counts"]
    assert counts["offered"] == counts["accepted"] + counts["refused"]
    assert counts["accepted"] == counts["received"] + counts["evicted"] + counts["left"]
    pressure = record["backpressure"]
    assert pressure["policy"] == policy
    assert pressure["depth"]["max"] <= 100 + 2, "capacity, and one in the hands of each role"
    assert (sum(pressure["refused"].values()) == 0) == (policy == "block")


@three_chances
def test_a_thread_that_stops_inside_a_send_is_seen_by_the_others(bench: Bench) -> None:
    record = play(bench, "pause", 'stall = ["30ms"]', channel="mpmc_ring:park")
    assert record["status"] != "failed", record
    shows(record["status"] == "ok", "no thread came by the point in time")
    (stall,) = record["backpressure"]["stalls"]
    shows(stall["stood_ms"]["sender 0"] >= 20, stall)
    shows(stall["stood_ms"]["receiver 0"] >= 12, "the slot that was claimed is the next to be received")


def test_who_has_no_named_points_says_so(bench: Bench) -> None:
    record = play(bench, "pause", 'stall = ["10ms"]', channel="tbb")
    assert (record["status"], record["reason"]) == (
        "not_applicable",
        "has no named points at which a thread could stop",
    )


@pytest.mark.parametrize(("tokens", "deadlocked"), [(4, False), (5, True)])
def test_a_ring_is_deadlocked_by_one_message_too_many(bench: Bench, tokens: int, deadlocked: bool) -> None:
    record = play(bench, "cycle", "cap = [4]", f"tokens = [{tokens}]")
    assert record["status"] == "ok", record
    assert record["cycle"]["deadlocked"] is deadlocked
    assert len(record["cycle"]["states"]) == (3 if deadlocked else 0)


@three_chances
def test_a_pipeline_passes_backpressure_on_to_its_sender(bench: Bench) -> None:
    record = play(bench, "pipeline", "cap = [10]", 'stall = ["40ms"]', "stages = [3]")
    assert record["status"] == "ok", record
    (stall,) = record["backpressure"]["stalls"]
    assert stall["peak_depth"] <= 3 * 10 + 2 + 2, "three channels, two stages, two roles"
    shows(stall["peak_depth"] >= 30 and stall["blocked_ms"] > 10, stall)


def test_a_scenario_of_ones_own_may_not_hide_a_built_in_one(bench: Bench) -> None:
    (bench.folder / "stall.toml").write_text(STALL)
    suite = bench.suite('rounds = 1\n[[case]]\nworkload = "stall.toml"\nchannels = ["mutex_condvar"]\n')
    result = bench.plan(suite)
    assert is_usage_error(result) and "there is a scenario named 'stall' already" in result.stderr, result.stderr


def test_the_example_of_the_docs_runs(bench: Bench) -> None:
    """docs/adding-a-scenario.md shows these two files; here their windows are short."""
    folder = Path(__file__).parent / "lunch"
    shown = (Path(__file__).parents[2] / "docs" / "adding-a-scenario.md").read_text()
    for name in ("lunch.toml", "lunch-suite.toml"):
        text = (folder / name).read_text()
        assert f"```toml\n{text}```" in shown, f"the docs show another {name}"
        (bench.folder / name).write_text(text.replace("window_ms = 1000", "window_ms = 200"))
    result = bench.plan(bench.folder / "lunch-suite.toml")
    assert result.returncode == 0, result.stderr
    assert {record["status"] for record in bench.records()} == {"ok"}
    assert len(bench.records()) == 6
