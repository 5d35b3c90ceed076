"""Figures of trials, who meets a need, and who is told apart from the first."""

from __future__ import annotations

from typing import Any

import pytest
from planted_pick import measured

from weirlib.picking import figures, judge, need
from weirlib.picking.figures import Figures


def line(**changed: Any) -> dict[str, Any]:
    flow = {
        "offered": 1000, "refused": {"full": 10, "dropped": 5, "timed_out": 0}, "evicted": 5, "goodput": 980.0,
        "blocked_share": [0.2, 0.4], "cpu": {"waiting": 0.25}, "memory": {"before_kib": 100, "peak_kib": 356},
    }  # fmt: skip
    histogram = {"buckets": [[100, 900], [200, 95], [300, 5]], "overflow": 0}
    return {"backpressure": {**flow, **changed}, "histograms": {"response": histogram}}


@pytest.mark.parametrize(
    "metric, value",
    [("p50", 100), ("p99", 200), ("lost", 2.0), ("blocked", 30.0), ("cpu", 25.0), ("memory", 256), ("goodput", 980)],
)
def test_a_trial_line_has_each_metric(metric: str, value: float) -> None:
    assert figures.of_line(line(), need.METRICS[metric]) == pytest.approx(value)


def test_what_a_trial_cannot_tell_is_no_figure() -> None:
    assert figures.of_line(line(cpu={"waiting": None}), need.METRICS["cpu"]) is None
    assert figures.of_line(line(), need.METRICS["send-p99"]) is None


def test_a_quantile_among_undelivered_messages_is_never() -> None:
    lost = {"buckets": [[100, 900]], "overflow": 100}
    assert figures.quantile(lost, 0.99) == need.NEVER
    assert figures.quantile(lost, 0.5) == 100
    assert figures.quantile({"buckets": [[100, 50]], "overflow": 0}, 0.99) is None


def test_a_percentile_on_too_few_messages_is_known() -> None:
    rounds = {"p99": {0: 1.0}}
    assert Figures(rounds, {"response": 9_999}).few(need.METRICS["p99"]) == 9_999
    assert Figures(rounds, {"response": 10_000}).few(need.METRICS["p99"]) is None


def test_the_set_holds_who_is_not_told_apart_and_leaves_out_who_is() -> None:
    channels = {"a": measured(10), "b": measured(10.5), "c": measured(20)}
    found = judge.choose(channels, (), need.DEFAULT)
    assert found.among == ("a", "b")
    assert [name for name, _ in found.behind] == ["c"]
    assert found.behind[0][1].median == pytest.approx(2.0)


def test_a_clear_difference_below_ten_percent_does_not_matter() -> None:
    channels = {"a": measured(10, noise=0.0), "b": measured(10.9, noise=0.0), "c": measured(11.1, noise=0.0)}
    assert judge.choose(channels, (), need.DEFAULT).among == ("a", "b")


def test_a_large_difference_with_an_interval_across_1_is_not_told_apart() -> None:
    rounds = {i: 10_000.0 if i % 2 else 30_000.0 for i in range(7)}
    wild = Figures({"p99": {i: 10_000.0 + 15_000.0 - value / 2 for i, value in rounds.items()}})
    assert judge.choose({"a": measured(10), "b": wild, "c": Figures({"p99": rounds})}, (), need.DEFAULT).among[0] == "a"
    assert "c" in judge.choose({"b": wild, "c": Figures({"p99": rounds})}, (), need.DEFAULT).among


def test_too_few_rounds_tell_nothing_apart() -> None:
    channels = {"a": measured(10, rounds=3), "b": measured(90, rounds=3)}
    assert judge.choose(channels, (), need.DEFAULT).among == ("a", "b")


def test_two_nothings_are_the_same() -> None:
    lost = need.METRICS["lost"]
    a, b = (Figures({"lost": {i: value for i in range(7)}}) for value in (0.0, lost.floor / 2))
    assert judge.ratio(b, a, lost).median == pytest.approx(1.0)
    assert judge.choose({"a": a, "b": b}, (), lost).among == ("a", "b")
    more = Figures({"lost": {i: 1.0 for i in range(7)}})
    assert judge.choose({"a": a, "b": more}, (), lost).among == ("a",)


def test_only_who_meets_the_need_is_in_the_set() -> None:
    channels = {"a": measured(10, cpu=90), "b": measured(20, cpu=10)}
    assert judge.choose(channels, need.parse("cpu<20%,p99<100us"), need.DEFAULT).among == ("b",)


def test_none_meets_it_names_the_closest_first() -> None:
    channels = {"a": measured(90), "b": measured(60), "c": measured(70), "d": measured(500)}
    found = judge.choose(channels, need.parse("p99<50us"), need.DEFAULT)
    assert (found.first, found.among, found.closest) == (None, (), ("b", "c", "a"))


def test_what_cannot_be_told_does_not_meet_a_need() -> None:
    unknown = Figures({"p99": {0: 1.0}})
    assert not judge.meets(unknown, need.parse("cpu<20%"))
    assert judge.meets(unknown, need.parse("p99<1us"))


def test_the_bound_that_is_closest_to_failing_decides() -> None:
    bounds = need.parse("p99<50us,cpu<20%")
    assert judge.objective({"a": measured(10, cpu=15)}, bounds).name == "cpu"
    assert judge.objective({"a": measured(45, cpu=2)}, bounds).name == "p99"
    assert judge.objective({"a": measured(45)}, ()).name == "p99"
    # Of the one that is furthest from failing: what the others fail is not what decides.
    assert judge.objective({"a": measured(10, cpu=15), "b": measured(900, cpu=15)}, bounds).name == "cpu"


def test_finalists_are_the_best_with_places_for_what_can_be_installed() -> None:
    channels = {f"own{i}": measured(10 + i) for i in range(8)} | {"x": measured(80), "y": measured(90)}
    own = [name for name in channels if name.startswith("own")]
    assert judge.finalists(channels, (), own, [], 5) == ["own0", "own1", "own2", "x", "y"]
    assert judge.finalists(channels, (), own, ["own7"], 5) == ["own0", "own1", "own7", "x", "y"]


def test_those_within_ten_percent_of_the_best_are_level_with_it() -> None:
    channels = {"a": measured(40), "b": measured(43), "c": measured(47), "d": measured(60)}
    p99 = judge.objective(channels, need.parse("p99<50us"))
    assert judge.level(channels, need.parse("p99<50us"), p99) == ["a", "b"]
    assert judge.level(channels, need.parse("p99<10us"), p99) == []


def test_when_none_meets_the_need_the_closest_three_go_on() -> None:
    channels = {f"c{i}": measured(100 + i) for i in range(6)}
    assert judge.finalists(channels, need.parse("p99<50us"), [], [], 5) == ["c0", "c1", "c2"]


def test_the_smallest_capacity_has_no_gap_above_it() -> None:
    by_capacity = {4: measured(40), 16: measured(90), 64: measured(40), 1024: measured(40), 4096: measured(90)}
    bounds = need.parse("p99<50us")
    assert judge.smallest(by_capacity, 1024, bounds) == 64
    assert judge.smallest({1024: measured(90)}, 1024, bounds) is None
    assert judge.larger({1024: measured(90), 4096: measured(40)}, 1024, bounds) == 4096
