"""Whole sessions over rounds that are made up: what is played, what is confirmed, when it ends, what it exits with."""

import random
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from weirlib import gate
from weirlib.errors import FAILED, OK, UNSURE
from weirlib.gating import session, sides
from weirlib.gating.judge import IMPROVEMENT, INCONCLUSIVE, NO_CHANGE, REGRESSION, UNFIT, Terms
from weirlib.gating.players import Entrant
from weirlib.gating.rounds import Trio
from weirlib.gating.session import AGAIN, FIRST, Plan, Session

A, B = "throughput/a/p:1", "throughput/b/p:1"
BOUNDS = {case: Terms(margin=0.03, spread=0.01) for case in (A, B)}


class Machine:
    """Plays rounds: `slower` is the log ratio of each case, with a scatter of 1 %."""

    def __init__(self, **more: Any) -> None:
        self.slower: dict[str, float] = {}
        self.again: dict[str, float] | None = None  # what the relinked programs show, if that differs
        self.more = more
        self.chance = random.Random(7)

    def play(self, trio: Trio, case: str, *_: object) -> dict[str, Any]:
        relinked = trio.base.program == Path("base-relinked")
        slower = self.again if relinked and self.again is not None else self.slower
        round_ = {"start": "2024-05-21T00:00:00.000Z", "case": case, "seconds": 1.0, "rates": []}
        figures = {"y": self.chance.gauss(slower.get(case, 0.0), 0.01), "twin": self.chance.gauss(0.0, 0.01)}
        return round_ | figures | {"canary_ghz": [3.0, 3.0, 3.0], "foreign": 0.0, "stolen": 0.0} | self.more


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(session, "play", made.play)
    return made


def trio(suffix: str = "") -> Trio:
    base, candidate = Path("base" + suffix), Path("candidate" + suffix)
    return Trio(Entrant("base", base), Entrant("candidate", candidate), Entrant("twin", base))


def plan(**more: Any) -> Plan:
    return Plan(trio(), trio("-relinked"), (A, B), BOUNDS, seed=1, **more)


def played(of: Session, stage: str, case: str) -> int:
    return sum(entry["case"] == case for entry in of.of(stage))


def test_nothing_changed_is_known_after_the_first_look(machine: Machine) -> None:
    found = Session(plan())
    assert found.run().verdict == NO_CHANGE
    assert (played(found, FIRST, A), played(found, FIRST, B), played(found, AGAIN, A)) == (12, 12, 0)


def test_what_looks_slower_is_played_again_relinked_and_nothing_else(machine: Machine) -> None:
    machine.slower = {A: 0.1}
    found = Session(plan())
    assert found.run().verdict == REGRESSION
    assert (played(found, AGAIN, A), played(found, AGAIN, B)) == (24, 0)


def test_what_is_slowest_is_confirmed_first_and_a_faster_one_last(machine: Machine) -> None:
    for slower, order in (({A: 0.1, B: 0.3}, [B, A]), ({A: -0.3, B: 0.1}, [B, A]), ({A: 0.3, B: 0.1}, [A, B])):
        machine.slower = slower
        found = Session(plan())
        found.run()
        assert list(dict.fromkeys(entry["case"] for entry in found.of(AGAIN))) == order


def test_one_is_confirmed_where_the_time_is_not_enough_for_two(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.slower = {A: 0.1, B: 0.3}
    found = Session(plan(seconds=100.0))
    monkeypatch.setattr(found, "time_is_over", lambda _: len(found.of(AGAIN)) >= 30)
    assert found.run().verdict == REGRESSION
    assert (played(found, AGAIN, A), played(found, AGAIN, B)) == (6, 24)


def test_a_third_of_the_confirming_rounds_may_be_dropped(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.slower = {A: 0.1}
    play, count = machine.play, 0

    def robbed(trio: Trio, case: str, *more: object) -> dict[str, Any]:
        nonlocal count
        again = trio.base.program == Path("base-relinked")
        count += again
        return play(trio, case, *more) | ({"stolen": 0.2} if again and count % 3 == 0 else {})

    monkeypatch.setattr(session, "play", robbed)
    found = Session(plan())
    assert found.run().verdict == REGRESSION
    assert played(found, AGAIN, A) == 35


def test_a_round_that_a_later_case_shows_to_be_slow_is_made_up_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.slower = {A: 0.3, B: 0.1}
    play, count = machine.play, 0

    def clocked(trio: Trio, case: str, *more: object) -> dict[str, Any]:
        nonlocal count
        again = trio.base.program == Path("base-relinked")
        count += again
        # Of the first case, one round within 7 % of its own usual clock, and not of that of both.
        clock = 2.82 if count == 5 else 3.1 if case == B else 3.0
        return play(trio, case, *more) | ({"canary_ghz": [clock] * 3} if again else {})

    monkeypatch.setattr(session, "play", clocked)
    found = Session(plan())
    assert [case.verdict for case in found.run().cases] == [REGRESSION, REGRESSION]
    assert (played(found, AGAIN, A), played(found, AGAIN, B)) == (25, 24)


def test_what_another_layout_does_not_show_is_no_regression(machine: Machine) -> None:
    machine.slower, machine.again = {A: 0.1}, {A: 0.0}
    assert Session(plan()).run().verdict == INCONCLUSIVE


def test_what_looks_faster_is_confirmed_too(machine: Machine) -> None:
    machine.slower = {A: -0.1}
    assert Session(plan()).run().verdict == IMPROVEMENT


@pytest.mark.parametrize("odd", [{"foreign": 0.9}, {"stolen": 0.2}])
def test_a_busy_or_robbed_machine_is_unfit_and_nothing_is_confirmed(machine: Machine, odd: dict[str, float]) -> None:
    machine.slower, machine.more = {A: 0.1}, odd
    found = Session(plan())
    assert found.run().verdict == UNFIT
    assert found.of(AGAIN) == []


def test_a_round_with_a_slow_clock_is_dropped_and_another_one_played(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    number = iter(range(1000))
    slow = {"canary_ghz": [3.0, 2.0, 3.0], "y": 0.5}
    monkeypatch.setattr(session, "play", lambda *words: machine.play(*words) | (slow if next(number) % 6 == 0 else {}))
    found = Session(plan(early=False))
    assert found.run().verdict == NO_CHANGE
    assert {case: len(series.y) for case, series in found.data(FIRST).items()} == {A: 24, B: 24}
    assert len(found.of(FIRST)) > 48


def test_dropped_rounds_put_the_first_look_off_and_no_further(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    number = iter(range(1000))
    slow = {"canary_ghz": [3.0, 2.0, 3.0], "y": 0.5}
    monkeypatch.setattr(session, "play", lambda *words: machine.play(*words) | (slow if next(number) % 6 == 0 else {}))
    found = Session(plan())
    assert found.run().verdict == NO_CHANGE
    counts = [len(series.y) for series in found.data(FIRST).values()]
    assert min(counts) == 12 and max(counts) <= 14


def test_a_session_without_time_plays_nothing_and_says_nothing(machine: Machine) -> None:
    machine.slower = {A: 0.1}
    found = Session(plan(seconds=0.0))
    assert found.run().verdict == INCONCLUSIVE
    assert found.rounds == []


def test_rounds_that_are_there_are_not_played_again(machine: Machine) -> None:
    whole = Session(plan(early=False))
    whole.run()
    new: list[dict[str, Any]] = []
    again = Session(plan(early=False), whole.rounds[:10], new.append)
    again.run()
    pairs = [(entry["case"], entry["round"]) for entry in again.rounds]
    assert len(pairs) == len(set(pairs)) == 48
    assert len(new) == 38


@pytest.mark.parametrize(
    ("slower", "more", "status", "word"),
    [
        (0.1, {}, FAILED, "regression: "),
        (-0.1, {}, OK, "improvement"),
        (0.0, {}, OK, "no change"),
        (0.1, {"foreign": 0.9}, UNSURE, "machine unfit"),
        (0.05, {}, UNSURE, "inconclusive"),
    ],
)
def test_the_exit_status_follows_the_verdict(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    slower: float, more: dict[str, float], status: int, word: str,
) -> None:  # fmt: skip
    for name in ("base", "candidate"):
        (tmp_path / name).write_text(name)
    case = gate.settings.read().cases[0]
    machine.slower, machine.more = {case: slower}, more
    monkeypatch.setattr(gate.records, "environment", lambda _: {"cpu_model": "Abacus", "allowed_cpus": [0]})
    monkeypatch.setattr(gate.players, "ask", lambda *_: None)
    monkeypatch.setattr(sides, "resolve", lambda words, *_: [sides.Side(w, w, tmp_path / w, None) for w in words])
    flags = Namespace(BASE="base", HEAD="candidate", calibrate=False, cases=[case], minutes=None, rounds=None, seed=1, strict=True,
                      calibration=None, out=tmp_path / "out", resume=None, jobs=None, sessions=None, part=[], no_instructions=True)  # fmt: skip
    assert gate.gate(flags) == status
    assert capsys.readouterr().out.strip().splitlines()[-1].startswith(word)
