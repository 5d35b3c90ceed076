"""Scenarios on the real clock: what was planted is in the record, and what makes no sense is refused."""

from typing import Any

import pytest
from conftest import Bench, is_usage_error

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


def test_a_stall_shows_in_every_message_that_was_due_in_it(bench: Bench) -> None:
    (bench.folder / "stall.toml").write_text(STALL)
    record = play(bench, "stall.toml")
    assert record["status"] == "ok", record
    response = record["histograms"]["response"]
    assert response["max"] > 45e6
    # 2000 messages/s for 50 ms: a hundred, of which the last waited half a millisecond.
    assert sum(count for bound, count in response["buckets"] if bound > 2e6) > 90
    assert record["latency"]["undelivered"] == 0
    worst = max(record["latency"]["intervals"], key=lambda interval: interval["max"])
    assert worst["at_ms"] == 0.0


def test_a_late_sender_does_not_move_the_intended_starts(bench: Bench) -> None:
    (bench.folder / "stall.toml").write_text(STALL.replace("receiver 0", "sender 0"))
    record = play(bench, "stall.toml")
    assert record["status"] == "ok", record
    assert record["histograms"]["lag"]["max"] > 45e6
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
