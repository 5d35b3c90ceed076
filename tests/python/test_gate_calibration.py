"""Calibrations: plants tuned by their effect, margins and shares made of sessions."""

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from weirlib.gating import calibration, plants, record, report
from weirlib.gating.plants import NEAR, ROUNDS, pooled, tune

A, B = "throughput/a/p:1", "throughput/b/p:1"


@pytest.mark.parametrize("wanted", [10.0, 20.0])
@pytest.mark.parametrize("cost", [0.005, 0.05, 2.0])
def test_a_plant_is_tuned_until_200_rounds_show_its_effect(wanted: float, cost: float) -> None:
    chance = random.Random(3)
    # `cost` per cent of a message's time for each step, and the first thirty hide behind waiting, as they may.
    kept: list[dict[str, Any]] = []

    def measure(steps: int, rounds: int) -> list[float]:
        slower = math.log(1 + max(0.0, cost * steps - 0.5) / 100)
        return [chance.gauss(slower, 0.03) for _ in range(rounds)]

    plant = tune(wanted, [], measure, kept.append)
    assert len(plant.y) >= ROUNDS
    assert abs(plant.effect - wanted) <= NEAR
    assert sum(len(block["y"]) for block in kept) < 3 * ROUNDS
    assert tune(wanted, kept, lambda *_: pytest.fail("measured again"), kept.append) == plant, "what is kept is enough"


def test_blocks_of_the_same_steps_are_one_measurement() -> None:
    found = pooled([{"steps": 5, "y": [0.1]}, {"steps": 3, "y": [0.0]}, {"steps": 5, "y": [0.3, 0.2]}])
    assert [(tried.steps, len(tried.y)) for tried in found] == [(3, 1), (5, 3)]
    assert found[1].effect == pytest.approx(100 * (1 - math.exp(-0.2)))


def page(summary: dict[str, Any]) -> str:
    return report.calibration_table(summary | {"built": {"revision": "abc", "compiler": "GNU 12", "flags": "-O3"}})


def line(part: str, number: int, a: float = 0.0, b: float = 0.0, scatter: float = 0.01, **more: Any) -> dict[str, Any]:
    chance = random.Random(f"{part}{number}{a}")

    def rounds(middle: float) -> dict[str, list[float]]:
        return {"y": [chance.gauss(middle, scatter) for _ in range(24)], "twin": [chance.gauss(0, scatter) for _ in range(24)]}

    again = {case: rounds(v) for case, v in ((A, a), (B, b)) if abs(v) > 0.05}
    return {"part": part, "session": number, "first": {A: rounds(a), B: rounds(b)}, "confirming": again, "complaints": [], **more}


def test_the_margin_is_three_per_cent_or_what_sessions_of_base_against_itself_reach() -> None:
    quiet = calibration.bounds_of([line("aa", i) for i in range(40)])
    assert quiet[A].margin == 0.03
    assert quiet[A].spread == pytest.approx(0.01, rel=0.1)
    moved = calibration.bounds_of([line("aa", i, a=0.001 * i) for i in range(40)])
    assert moved[A].margin == pytest.approx(0.037, abs=0.004)
    assert moved[B].margin == 0.03


def test_a_session_on_an_unfit_machine_makes_no_margin_and_no_spread() -> None:
    lines = [line("aa", i) for i in range(20)] + [line("aa", 20 + i, a=0.3) | {"complaints": ["busy"]} for i in range(20)]
    assert calibration.bounds_of(lines)[A] == calibration.bounds_of(lines[:20])[A]


def test_few_sessions_make_no_margin_below_the_default() -> None:
    assert calibration.bounds_of([line("aa", i) for i in range(3)])[A].margin == 0.05


def test_a_summary_counts_alarms_and_what_was_found() -> None:
    plant = {"effect": 10, "planted": A, "steps": 3}
    lines = [line("aa", i) for i in range(38)] + [line("aa", 38, a=0.2), line("aa", 39) | {"complaints": ["busy"]}]
    lines += [line("plants", i, a=0.105, **plant) for i in range(9)] + [line("plants", 9, a=0.105, b=0.1, **plant)]
    lines += [line("busy", i, a=0.2) | {"complaints": ["busy"]} for i in range(10)]
    summary = calibration.summarise("abacus", lines, [])
    assert (summary["alone"]["hits"], summary["alone"]["of"]) == (1, 40)
    assert summary["alone"]["verdicts"] == {"machine unfit": 1, "no change": 38, "regression": 1}
    assert summary["busy"] == {"verdicts": {"machine unfit": 10}, "of": 10}
    (power,) = summary["power"]
    assert (power["hits"], power["of"], power["others_accused"]) == (10, 10, 1)
    text = page(summary)
    assert "1 of 40 (0 to 13 %). All verdicts: machine unfit 1, no change 38, regression 1." in text
    assert summary["cases"][A]["reached"] == pytest.approx(0.004, abs=0.003)
    assert "1 of 40 (0 to 13 %)" in text and f"| -10 % | `{A}` | 10 of 10 (69 to 100 %) | 1 |" in text


def test_sessions_of_few_rounds_can_have_alarms_too() -> None:
    """With as many rounds to confirm as they played: else their share of false alarms would be none whatever they saw."""
    alarm = line("aa", 39, a=0.3)
    alarm = alarm | {"rounds": 12}
    for stage in ("first", "confirming"):
        alarm[stage] = {case: {which: values[:12] for which, values in entry.items()} for case, entry in alarm[stage].items()}
    quiet = [line("aa", i) | {"rounds": 12} for i in range(39)]
    assert calibration.summarise("class", [*quiet, alarm], [])["alone"]["hits"] == 1


def test_a_case_that_scatters_by_more_than_five_per_cent_is_advisory() -> None:
    summary = calibration.summarise("abacus", [line("aa", i, scatter=0.08) for i in range(5)], [])
    assert summary["cases"][A]["advisory"]
    assert "no, advisory" in page(summary)


def test_cases_whose_false_alarms_nobody_counted_are_spoken_of(tmp_path: Path) -> None:
    lines = [line("aa", i) for i in range(20)] + [line("spread", 0)]
    for entry in lines[:20]:
        entry["first"] = {A: entry["first"][A]}
    (tmp_path / "summary.json").write_text(json.dumps(calibration.summarise("abacus", lines, [])))
    known = calibration.of_class("abacus", tmp_path)
    assert set(known.bounds) == {A, B} and known.counted == {A}
    assert record.uncalibrated({"cases": [A]}, known) == ""
    assert record.uncalibrated({"cases": [A, B]}, known).startswith("For 1 of 2 cases nobody has counted the false alarms")
