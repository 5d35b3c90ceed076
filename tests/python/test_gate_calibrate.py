"""A calibration from its first piece to its last, over rounds that are made up."""

import json
import math
import random
import time
from pathlib import Path
from typing import Any

import pytest

from weirlib.errors import UsageError
from weirlib.gating import calibrate, parts, session
from weirlib.gating.desk import Desk
from weirlib.gating.rounds import Trio
from weirlib.gating.sides import Side

A, B = "throughput/a/p:1", "throughput/b/p:1"
MACHINE = {"cpu_model": "Abacus", "allowed_cpus": [0], "kernel": "none"}


class Machine:
    """A step of a plant costs a twentieth of a per cent; rounds scatter by 2 %."""

    def __init__(self) -> None:
        self.chance = random.Random(11)
        self.foreign = 0.0

    def play(self, trio: Trio, case: str, *_: object) -> dict[str, Any]:
        slower = math.log(1 + 0.0005 * trio.candidate.plants.get(case, 0))
        figures = {"y": self.chance.gauss(slower, 0.02), "twin": self.chance.gauss(0, 0.02), "foreign": self.foreign}
        return {"start": "2024", "case": case, "canary_ghz": [3.0], "stolen": 0.0, **figures}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(session, "play", made.play)
    monkeypatch.setattr(parts, "play", made.play)
    return made


def desk(path: Path, **more: Any) -> Desk:
    side = Side("base", "base", Path("base"), None)
    built = {"revision": "abc", "compiler": "GNU 12", "flags": "-O3"}
    given = {"cases": (A, B), "every": (A, B), "sessions": 20, "seed": 1, "until": math.inf} | more
    return Desk(path=path, identity=MACHINE, built=built, side=side, **given)


def summary(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "summary.json").read_text())
    return found


def test_all_parts_make_the_table(machine: Machine, tmp_path: Path) -> None:
    assert calibrate.run(desk(tmp_path), "abacus", ("spread", "aa", "plants"))
    machine.foreign = 0.9
    assert calibrate.run(desk(tmp_path), "abacus", ("busy",))
    found = summary(tmp_path)
    assert (found["alone"]["hits"], found["alone"]["of"]) == (0, 20)
    assert {(p["case"], p["wanted"]) for p in found["plants"]} == {(A, 10), (A, 20), (B, 10), (B, 20)}
    assert all(abs(p["effect"] - p["wanted"]) <= 1.0 and p["rounds"] >= 200 for p in found["plants"])
    assert [(p["effect"], p["of"], p["others_accused"]) for p in found["power"]] == [(10, 5, 0), (10, 5, 0), (20, 5, 0), (20, 5, 0)]
    assert all(p["hits"] == 5 for p in found["power"])
    assert found["busy"] == {"verdicts": {"machine unfit": 10}, "of": 10}
    assert "| -20 % | `throughput/b/p:1` | 5 of 5" in (tmp_path / "README.md").read_text()


def test_pieces_make_the_same_as_one_call(machine: Machine, tmp_path: Path) -> None:
    for sessions in (2, 3, 20):
        calibrate.run(desk(tmp_path, sessions=sessions), "abacus", ("aa",))
    lines = [json.loads(line) for line in (tmp_path / "sessions.jsonl").read_text().splitlines()]
    assert [line["session"] for line in lines] == list(range(20))
    assert len({line["seed"] for line in lines}) == 20


def test_a_piece_ends_in_time_and_says_so(machine: Machine, tmp_path: Path) -> None:
    assert not calibrate.run(desk(tmp_path, until=time.monotonic() + 30), "abacus", ("aa",))
    assert not (tmp_path / "sessions.jsonl").exists()


def test_another_machine_or_other_cases_are_not_added(machine: Machine, tmp_path: Path) -> None:
    calibrate.run(desk(tmp_path, sessions=1), "abacus", ("aa",))
    with pytest.raises(UsageError, match="sessions of other cases"):
        calibrate.run(desk(tmp_path, cases=(A,)), "abacus", ("aa",))
    other = desk(tmp_path)
    other.identity = MACHINE | {"kernel": "another"}
    with pytest.raises(UsageError, match="another machine: kernel was none and is another here"):
        calibrate.run(other, "abacus", ("aa",))


def test_a_spread_from_an_unfit_machine_is_taken_again(machine: Machine, tmp_path: Path) -> None:
    machine.foreign = 0.9
    calibrate.run(desk(tmp_path), "abacus", ("spread",))
    machine.foreign = 0.0
    calibrate.run(desk(tmp_path), "abacus", ("spread",))
    assert summary(tmp_path)["cases"][A]["rounds"] == 24


def test_a_call_that_adds_nothing_takes_no_credit_for_the_sessions(machine: Machine, tmp_path: Path) -> None:
    later = {"revision": "later", "compiler": "GNU 13", "flags": "-O2"}
    calibrate.run(desk(tmp_path), "abacus", ("spread",))
    again = desk(tmp_path)
    again.built = later
    calibrate.run(again, "abacus", ("spread",))
    assert summary(tmp_path)["built"]["revision"] == "abc"
    calibrate.run(again, "abacus", ("busy",))
    assert summary(tmp_path)["built"] == later
