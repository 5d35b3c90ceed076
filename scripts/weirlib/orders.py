"""Which channel of two a run declares to be ahead, place by place: what a second run can confirm or reverse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from weirlib import stats
from weirlib.results import Case, Run

Pair = tuple[str, str]  # the one ahead, the other


@dataclass(frozen=True)
class Place:
    """Cases that differ in nothing but the channel, by their primary metric, whatever regime a round met."""

    where: str  # as an id without its channel
    metric: str
    unit: str
    higher: bool
    cases: Mapping[str, Case]

    def rounds(self, name: str) -> Mapping[int, float]:
        return self.cases[name].all_rounds(self.metric)

    def pooled(self, name: str) -> Mapping[int, float]:
        """Those of one regime: what a median, or a comparison without pairs, may be made of."""
        return self.cases[name].rounds(self.metric)


def places(run: Run) -> dict[str, Place]:
    """Every place with a figure; channels that failed anywhere have none."""
    failed, found = run.failed_channels(), {}
    for case in run.cases.values():
        lines = [t.line["metrics"] for t in case.having("ok") if t.metrics] if case.status == "ok" else []
        if case.workload == "machine" or case.channel in failed or not lines:
            continue
        workload, _, rest = case.id.split("/", 2) if case.id.count("/") > 1 else (case.workload, "", "")
        where, first = f"{workload}/{rest}".rstrip("/"), lines[0][0]
        made = Place(where, first["metric"], first["unit"], first["direction"] == "higher", {})
        found.setdefault(where, made).cases[case.channel] = case  # type: ignore[index]
    return dict(sorted(found.items()))


def declared(place: Place) -> tuple[list[Pair], int]:
    """Pairs whose interval is clear of 1, and of how many pairs."""
    logs = {name: {r: math.log(v) for r, v in place.rounds(name).items() if v > 0} for name in sorted(place.cases)}
    found = []
    for a, b in combinations(logs, 2):
        shared = [logs[a][r] - logs[b][r] for r in logs[a].keys() & logs[b].keys()]
        if len(shared) < stats.FEWEST:
            continue
        middle, half = stats.student(np.array(shared))
        if abs(middle) > half:
            found.append((a, b) if (middle > 0) == place.higher else (b, a))
    return found, math.comb(len(logs), 2)


def data(run: Run) -> list[dict[str, Any]]:
    """For summary.json."""
    made = []
    for place in places(run).values():
        pairs, of = declared(place)
        ahead: dict[str, list[str]] = {}
        for first, other in pairs:
            ahead.setdefault(first, []).append(other)
        made.append({"where": place.where, "metric": place.metric, "pairs": of, "declared": len(pairs), "ahead": ahead})
    return made


@dataclass(frozen=True)
class Agreement:
    """Of the pairs that both runs have."""

    pairs: int
    first: int  # declared in the first run
    second: int
    both: int  # in both, the same way or not
    reversed: tuple[tuple[str, str, str], ...]  # where, ahead in the first run, ahead in the second

    @property
    def sentence(self) -> str:
        if not self.pairs:
            return "The runs have no pair of channels in common."
        shares = " and ".join(f"{100 * n / self.pairs:.0f} %" for n in (self.first, self.second))
        turned = len(self.reversed)
        share = f" ({100 * turned / self.first:.1f} %)" if self.first else ""
        return (
            f"Of {self.pairs:,} pairs of channels, {shares} are declared ordered, {self.both:,} in both runs; "
            f"of those that the first declares, the second reverses {turned}{share}."
        )


def agreement(first: Run, second: Run) -> Agreement:
    a, b = places(first), places(second)
    total, counts, turned = 0, [0, 0, 0], []
    for where in a.keys() & b.keys():
        names = a[where].cases.keys() & b[where].cases.keys()
        said = [{p for p in declared(place)[0] if names >= set(p)} for place in (a[where], b[where])]
        total += math.comb(len(names), 2)
        both = said[0] & (said[1] | _turned(said[1]))
        counts = [n + len(found) for n, found in zip(counts, (said[0], said[1], both))]
        turned += [(where, x, y) for x, y in said[0] & _turned(said[1])]
    return Agreement(total, *counts, tuple(sorted(turned)))


def _turned(pairs: Iterable[Pair]) -> set[Pair]:
    return {(b, a) for a, b in pairs}
