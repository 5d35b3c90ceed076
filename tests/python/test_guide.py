"""The guide: who is named for a need, when nobody is, and that its margins are not those that chose."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import synthetic

from weirlib import results, stats
from weirlib.contest import Entrant
from weirlib.guide import answer, decide, say
from weirlib.guide.answer import HERE, INSTALL, Row

QUICK = 6  # rounds


def entrant(name: str, *values: float) -> Entrant:
    return Entrant(name, f"throughput/{name}", dict(enumerate(values)))


def steady(name: str, middle: float, spread: float = 0.01, rounds: int = QUICK) -> Entrant:
    return entrant(name, *(middle * (1 + spread * (n % 3 - 1)) for n in range(rounds)))


def decided(*entrants: Entrant, higher: bool = True, **sides: object) -> decide.Decision:
    return decide.decide(entrants, higher, decide.Sides(**sides))  # type: ignore[arg-type]


def test_a_clear_winner_is_picked_with_its_margin() -> None:
    found = decided(steady("fast", 200), steady("slow", 100), steady("slower", 50))
    assert (found.kind, found.among) == (decide.PICK, ("fast",))
    closest = found.runner_up
    assert closest and closest.name == "slow" and closest.ratio and closest.ratio.median == pytest.approx(2, rel=0.05)


def test_of_times_the_smaller_is_better() -> None:
    assert decided(steady("fast", 50), steady("slow", 100), higher=False).among == ("fast",)


def test_a_difference_under_ten_percent_is_no_pick() -> None:
    found = decided(steady("a", 108, 0.001), steady("b", 100, 0.001), steady("c", 40))
    assert (found.kind, found.among) == (decide.SET, ("a", "b"))


def test_a_margin_whose_interval_holds_one_is_no_pick() -> None:
    wild = entrant("wild", 100, 100, 160, 40, 150, 60)
    found = decided(steady("a", 130), wild, steady("c", 20))
    assert found.among == ("a",) and found.unsure == ("wild",) and found.kind == decide.SET


def test_who_has_too_few_rounds_keeps_another_from_being_picked() -> None:
    known = entrant("known", 100, 100, 300)
    found = decided(steady("a", 130), known, steady("c", 20))
    assert found.unsure == ("known",) and found.kind == decide.SET


def test_where_nobody_is_behind_there_is_no_winner() -> None:
    found = decided(steady("a", 101), steady("b", 100), steady("c", 99))
    assert found.kind == decide.NONE and found.untold == 3


def test_a_crowd_is_no_winner() -> None:
    level = [steady(f"c{n}", 100 + n / 10) for n in range(decide.NAMED + 1)]
    assert decided(*level, steady("slow", 10)).kind == decide.NONE


def test_rounds_that_chose_are_not_those_that_judge() -> None:
    found = decided(steady("a", 200), steady("b", 100))
    assert found.chose == (0, 1) and found.judged == (2, 3, 4, 5)
    lucky = entrant("lucky", 900, 900, 100, 101, 99, 100)  # only where it is chosen
    found = decided(lucky, steady("even", 150))
    assert found.first and found.first.name == "lucky" and found.kind == decide.NONE


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_with_too_few_rounds_nothing_is_decided(rounds: int) -> None:
    found = decided(steady("a", 300, rounds=rounds), steady("b", 1, rounds=rounds))
    assert (found.kind, found.among) == (decide.FEW, ())


def test_a_lead_that_turns_at_one_layout_is_none() -> None:
    flips = entrant("flips", 100, 100, 210, 100, 100, 210)  # rounds 2 and 5 are layout 2
    rival = [steady("a", 190, 0.001), flips, steady("slow", 10)]
    assert "flips" in decided(*rival, layouts=3).among
    assert decided(steady("a", 190), steady("b", 100), layouts=3).kind == decide.PICK


def test_a_lead_that_turns_behind_opaque_calls_is_none() -> None:
    pair = steady("a", 200), steady("b", 100), steady("c", 10)
    hidden = {"a": dict.fromkeys(range(QUICK), 90.0), "b": dict.fromkeys(range(QUICK), 95.0)}
    found = decided(*pair, opaque=hidden)
    assert (found.kind, found.among) == (decide.SET, ("a", "b"))
    assert next(m for m in found.margins if m.name == "b").doubts == ("behind opaque calls",)


def test_one_alone_has_not_won() -> None:
    assert decided(steady("a", 100)).kind == decide.ALONE


def test_equal_channels_are_seldom_told_apart() -> None:
    """Noise of 10 %, and one round of ten at half speed: each of twenty equals may be called behind in 2.5 of 100."""
    rng, wrong, pairs = random.Random(5), 0, 0
    for _ in range(40):
        def one(name: str) -> Entrant:
            return entrant(name, *(rng.lognormvariate(0, 0.1) * (0.5 if rng.random() < 0.1 else 1) for _ in range(QUICK)))

        found = decided(*(one(f"c{n}") for n in range(20)))
        wrong += sum(m.behind for m in found.margins)
        pairs += len(found.margins)
    assert wrong / pairs < 0.025


def test_a_margin_has_students_interval() -> None:
    found = stats.margin({0: 2.0, 1: 2.2, 2: 1.8, 3: 2.0}, dict.fromkeys(range(4), 1.0))
    assert found and found.low and found.high
    assert (found.median, found.low, found.high) == pytest.approx((1.995, 1.751, 2.273), abs=0.001)
    assert stats.margin({0: 2.0, 1: 2.2}, {0: 1.0, 1: 1.0}) is None


def guide(path: Path, **changes: object) -> list[Row]:
    plan = synthetic.Plan(**{"rounds": QUICK, "histogram": False, **changes})  # type: ignore[arg-type]
    return answer.rows(results.read(synthetic.write(path, plan)))


def cell(rows: list[Row], need: str, column: str) -> answer.Cell:
    return next(row for row in rows if row.need.short == need).cells[column]


def test_planted_leaders_are_named_in_both_columns(tmp_path: Path) -> None:
    rows = guide(tmp_path / "run")
    here, install = (cell(rows, "1 to 1, top speed", name) for name in (HERE, INSTALL))
    assert (here.decision.kind, here.decision.among) == (decide.PICK, ("spsc_ring:spin",))
    assert install.decision.among == ("boost_spsc:spin",)
    named = install.named[0]
    assert (named.source["name"], named.source["version"], named.source["licence"]) == ("Boost.Lockfree", "1.74", "MIT")
    assert named.cpu_ns == pytest.approx(33, rel=0.1) and named.id in here_ids(rows)


def here_ids(rows: list[Row]) -> set[str]:
    return {case.id for row in rows if row.arena for case in row.arena.cases}


def test_what_was_not_measured_is_said_to_be(tmp_path: Path) -> None:
    rows = guide(tmp_path / "run")
    assert cell(rows, "drop the oldest", HERE).decision.kind == decide.UNFIT
    assert cell(rows, "unbounded", HERE).decision.kind == decide.UNFIT
    rows = guide(tmp_path / "smoke", topologies=((1, 1),), works=())
    assert cell(rows, "many to many", HERE).decision.kind == decide.UNMEASURED
    assert "not measured in this run" in say.lines(rows)[-1]


def test_a_contract_that_does_not_fit_is_never_asked(tmp_path: Path) -> None:
    rows = guide(tmp_path / "run")
    for row in rows:
        if row.arena and row.arena.shape[0] > 1:
            assert "spsc_ring:spin" not in row.cells[HERE].decision.among


def test_a_channel_that_failed_stress_is_never_named(tmp_path: Path) -> None:
    path = synthetic.write(tmp_path / "run", synthetic.Plan(rounds=QUICK, histogram=False))
    synthetic.write_stress(path, synthetic.stress_lines(list(synthetic.PLANTED), failed=["spsc_ring:spin"]))
    rows = answer.rows(results.read(path))
    said = json.dumps([answer.data(row) for row in rows]) + "\n".join(say.lines(rows))
    assert "spsc_ring:spin" not in said and "tbb" not in said  # tbb lost messages in a trial
    assert cell(rows, "1 to 1, top speed", HERE).decision.among == ("boost_spsc:spin",)


def test_what_changes_the_answer_is_decided_by_the_same_rule(tmp_path: Path) -> None:
    path = synthetic.write(tmp_path / "run", synthetic.Plan(rounds=QUICK, histogram=False))
    channels = json.loads((path / "channels.json").read_text())
    for channel in channels["channels"]:
        if channel["contract"] and channel["name"].endswith(":spin"):
            channel["contract"]["wait"] = "spin"
    (path / "channels.json").write_text(json.dumps(channels))
    found = cell(answer.rows(results.read(path)), "1 to 1, top speed", HERE)
    assert found.changes == ("threads must sleep while they wait: any of mpmc_ring:park and futex_ring",)
