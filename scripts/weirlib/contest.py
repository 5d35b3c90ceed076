"""Who leads a cell, and by how much: the best of one group of channels against the best of another, paired by round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from weirlib.results import Case
from weirlib.stats import Estimate, paired_ratio

Rounds = Mapping[int, float]
Chosen = Callable[[int], bool]  # which rounds count


@dataclass(frozen=True)
class Entrant:
    """A case with one figure a round, whatever regime it met: it is compared round by round."""

    name: str
    id: str
    rounds: Rounds

    def within(self, chosen: Chosen) -> "Entrant":
        return Entrant(self.name, self.id, {n: v for n, v in self.rounds.items() if chosen(n)})


def entrants(cases: Iterable[Case], metric: str) -> list[Entrant]:
    found = (Entrant(case.channel, case.id, case.all_rounds(metric)) for case in cases)
    return [entrant for entrant in found if entrant.rounds]


def best(group: Iterable[Entrant], higher: bool) -> Entrant | None:
    """By the median of its rounds; of two equal ones the first by name."""
    sign = -1.0 if higher else 1.0
    ranked = sorted(group, key=lambda e: (sign * float(np.median(list(e.rounds.values()))), e.name))
    return ranked[0] if ranked else None


@dataclass(frozen=True)
class Contest:
    mine: Entrant
    rival: Entrant
    ratio: Estimate  # of the figures, mine over the rival's


def contest(mine: Iterable[Entrant], rivals: Iterable[Entrant], higher: bool = True) -> Contest | None:
    first, second = best(mine, higher), best(rivals, higher)
    if first is None or second is None:
        return None
    ratio = paired_ratio(first.rounds, second.rounds)
    return Contest(first, second, ratio) if ratio else None


def by_layout(mine: list[Entrant], rivals: list[Entrant], layouts: int, higher: bool = True) -> list[float]:
    """The same for the rounds of each layout alone: each group sends its best there."""
    found = []
    for layout in range(layouts):
        here = [
            [e for e in (entrant.within(lambda n, k=layout: n % layouts == k) for entrant in group) if e.rounds]  # type: ignore[misc]
            for group in (mine, rivals)
        ]
        if met := contest(*here, higher):
            found.append(met.ratio.median)
    return found
