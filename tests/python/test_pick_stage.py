"""What `pick` measures: traces, how long its stages take, and the suites that they are."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from planted_pick import entry, flags, listing, load_of

from weirlib.errors import UsageError
from weirlib.picking import budget, filter, load, stage, trace


def test_a_trace_of_times_since_1970_keeps_its_nanoseconds(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1732000000000000001\n1732000000000000102\n1732000000000000203\n")
    assert trace.read(tmp_path / "t.csv").due_ns.tolist() == [0, 101, 202]


def test_a_trace_is_repeated_and_keeps_its_rate(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("time_us,what\n5,a\n8,b\n15,c\n")
    found = trace.read(tmp_path / "t.csv")
    assert found.due_ns.tolist() == [0, 3_000, 10_000]
    assert found.length_ns == 15_000
    assert trace.repeated(found, 31_000).tolist() == [0, 3_000, 10_000, 15_000, 18_000, 25_000, 30_000]
    assert found.rate == pytest.approx(200_000)


@pytest.mark.parametrize("text", ["", "1\n", "5\n4\n", "1\nx\n", "7\n7\n"])
def test_a_trace_without_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(UsageError):
        trace.read(tmp_path / "t.csv")


@pytest.mark.parametrize("candidates", [1, 5, 20, 45, 60])
def test_a_pick_fits_into_two_minutes(candidates: int) -> None:
    found = load_of()
    first = budget.selection(found, candidates)
    names = min(candidates, budget.MOST_FINALISTS)
    second = budget.finals(found, names, budget.FINAL_ROUNDS, first.seconds(candidates), 0.99)
    third = budget.capacities(found, 5)
    assert first.seconds(candidates) + second.seconds(names) + third.seconds(5) < 120
    assert min(first.window_ms, second.window_ms, third.window_ms) >= 100


def test_windows_hold_several_bursts_and_the_warm_up_one() -> None:
    found = load.from_flags(flags("--arrivals", "burst:500@50ms"))
    stage_ = budget.selection(found, 40)
    assert stage_.window_ms >= 300 and stage_.warm_up_ms >= 50


def test_the_final_is_long_enough_for_its_percentile_when_there_is_time() -> None:
    found = load.from_flags(flags("--rate", "2k"))
    second = budget.finals(found, 3, 7, 20.0, 0.99)
    assert 7 * second.window_ms / 1000 * 2_000 >= 10_000


def test_the_suite_is_toml_with_a_block_for_each_capacity() -> None:
    fits = filter.sort(listing(entry("a"), entry("latest", overflow="drop_oldest", max_capacity=1)), load_of()).fits
    groups = [*stage.by_capacity(fits.values()), (["latest"], [1])]
    read = tomllib.loads(stage.suite(load_of("--producers", "2"), budget.Stage(3, 170, 20), groups))
    assert (read["rounds"], read["window_ms"], read["warm_up_ms"]) == (3, 170, 20)
    blocks = [(block["channels"], block["cap"], block["p"]) for block in read["case"]]
    assert blocks == [(["a"], [1024], 2), (["latest"], [1], 2)]
    assert {block["workload"] for block in read["case"]} == {"load"}
