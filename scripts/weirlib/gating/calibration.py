"""What is known of a class of machine: margins and spreads by case, made of its calibration's sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from weirlib import folder
from weirlib.errors import UsageError
from weirlib.gating.figures import CONFIRMING, clopper_pearson, median, spread
from weirlib.gating.judge import ADVISORY_SPREAD, DEFAULT_MARGIN, REGRESSION, Bounds, Outcome, Series, Terms, conclude
from weirlib.gating.session import AGAIN, FIRST
from weirlib.paths import RESULTS, shown

PLACE = RESULTS / "calibration"
SUMMARY = "summary.json"
LEAST_MARGIN = 0.03
ENOUGH_SESSIONS = 20  # of base against itself, for a margin of its own
ENOUGH_ROUNDS = 20  # for a spread

Line = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """The calibration of a class; without one, `bounds` is empty and each case has the default margin."""

    machine_class: str
    bounds: Bounds
    where: Path | None
    counted: frozenset[str] = frozenset()  # cases with enough sessions of base against itself


def of_class(machine_class: str, given: Path | None = None) -> Known:
    """The class's own, or the one that was named, which must be of that class."""
    path = (given or PLACE / machine_class) / SUMMARY
    if given is None and not path.is_file():
        return Known(machine_class, {}, None)
    summary = folder.read_json(path)
    if summary.get("class") != machine_class:
        raise UsageError(f"{shown(path)} is of the class {summary.get('class')}, and this machine is {machine_class}")
    try:
        cases = summary["cases"].items()
        bounds = {case: Terms(float(entry["margin"]), entry["spread"]) for case, entry in cases}
        counted = frozenset(case for case, entry in cases if entry["sessions"] >= ENOUGH_SESSIONS)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{shown(path)} is no summary of a calibration: {error!r}") from error
    return Known(machine_class, bounds, path.parent, counted)


def series(line: Line, stage: str) -> dict[str, Series]:
    return {case: Series(entry["y"], entry["twin"]) for case, entry in line[stage].items()}


def bounds_of(lines: Sequence[Line]) -> dict[str, Terms]:
    """Of sessions of base against itself: margin = max(3 %, 95th percentile of |session median|).

    Those that found the machine unfit are left out: where the gate says nothing, it needs no margin."""
    medians: dict[str, list[float]] = {}
    rounds: dict[str, list[float]] = {}
    for line in lines:
        if line["complaints"]:
            continue
        for case, entry in series(line, FIRST).items():
            medians.setdefault(case, []).append(abs(median(entry.y)))
            rounds.setdefault(case, []).extend(entry.y)
    return {case: Terms(margin_of(found), spread_of(rounds[case])) for case, found in medians.items()}


def margin_of(medians: Sequence[float]) -> float:
    least = LEAST_MARGIN if len(medians) >= ENOUGH_SESSIONS else DEFAULT_MARGIN
    return max(least, reached(medians))


def reached(medians: Sequence[float]) -> float:
    """What 95 % of the sessions stay within."""
    return float(np.percentile(medians, 95)) if medians else 0.0


def spread_of(rounds: Sequence[float]) -> float | None:
    return spread(rounds) if len(rounds) >= ENOUGH_ROUNDS else None


def judged(line: Line, bounds: Bounds) -> Outcome:
    """A kept session, as the gate would judge it with these bounds."""
    least = min(line.get("rounds", CONFIRMING.rounds), CONFIRMING.rounds)
    return conclude(series(line, FIRST), series(line, AGAIN), line["complaints"], bounds, least)


def share(hits: int, tries: int) -> dict[str, Any]:
    low, high = clopper_pearson(hits, tries) if tries else (0.0, 1.0)
    return {"hits": hits, "of": tries, "low": round(low, 4), "high": round(high, 4)}


def summarise(machine_class: str, lines: Sequence[Line], plants: Sequence[Line]) -> Line:
    """All that the table says."""
    part = {name: [line for line in lines if line["part"] == name] for name in ("aa", "spread", "plants", "busy")}
    bounds = bounds_of([*part["aa"], *part["spread"]])
    # Each by what the others say: the margins that it helped to make would be too kind to it.
    alone = [judged(line, bounds_of([other for other in part["aa"] if other is not line])).verdict for line in part["aa"]]
    busy = [judged(line, bounds).verdict for line in part["busy"]]
    return {
        "schema": 1,
        "class": machine_class,
        "alone": share(alone.count(REGRESSION), len(alone)) | {"verdicts": counted(alone)},
        "busy": {"verdicts": counted(busy), "of": len(busy)},
        "power": power(part["plants"], bounds),
        "plants": [dict(plant) for plant in plants],
        "cases": {case: facts(case, terms, part["aa"], part["spread"]) for case, terms in sorted(bounds.items())},
    }


def counted(verdicts: Sequence[str]) -> dict[str, int]:
    return {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}


def facts(case: str, terms: Terms, alone: Sequence[Line], spreading: Sequence[Line]) -> Line:
    fit = [line for line in [*alone, *spreading] if case in line[FIRST] and not line["complaints"]]
    medians = [abs(median(line[FIRST][case]["y"])) for line in fit]
    return {
        "sessions": sum(line["part"] == "aa" for line in fit),
        "rounds": sum(len(line[FIRST][case]["y"]) for line in fit),
        "spread": None if terms.spread is None else round(terms.spread, 5),
        "margin": round(terms.margin, 5),
        "reached": round(reached(medians), 5) if len(medians) >= ENOUGH_SESSIONS else None,
        "advisory": terms.spread is not None and terms.spread > ADVISORY_SPREAD,
    }


def power(lines: Sequence[Line], bounds: Bounds) -> list[Line]:
    """Of each plant: how often it was found where it is, and how often another case was accused of it."""
    found = []
    for effect, case in sorted({(line["effect"], line["planted"]) for line in lines}):
        these = [line for line in lines if (line["effect"], line["planted"]) == (effect, case)]
        outcomes = [judged(line, bounds) for line in these]
        guilty = [{c.case for c in o.cases if c.verdict == REGRESSION and o.verdict == REGRESSION} for o in outcomes]
        hits = sum(case in cases for cases in guilty)
        others = sum(bool(cases - {case}) for cases in guilty)
        found.append({"effect": effect, "case": case, **share(hits, len(these)), "others_accused": others})
    return found
