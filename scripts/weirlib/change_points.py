"""Where a series of runs changed its level: a rank test over all places where it may have, and again on both sides.

It asks whether what comes after some place ranks higher, or lower, than what came before: the largest of the
standardised Mann-Whitney statistics (A. N. Pettitt, "A non-parametric approach to the change-point problem", Applied
Statistics 28, 1979, without the standardising, which makes a change soon before the last run as visible as one in the
middle). Since only ranks count, chance looks the same in every series of one length, whatever its figures, and is drawn
once for all of them. A shift of the middle is seen; more scatter alone is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import norm, rankdata

from weirlib.gating.figures import holm

LEAST_SIDE = 4  # runs before a change, and after it
LEAST_RUNS = 10  # with fewer, not even the clearest change is beyond chance
LEAST_EFFECT = 0.05  # smaller ones are not worth a word
ALPHA = 0.01  # over all series together
DRAWN = 100_000  # shuffled series, for what chance does
PARTS = 100  # in which they are drawn: of a thousand runs, a part takes 8 MB


@dataclass(frozen=True)
class Change:
    """From the point `at` on the median is by that share higher, or lower, than from the last change to there."""

    at: int
    share: float


def found(series: Mapping[str, Sequence[float]]) -> dict[str, list[Change]]:
    """Of each series that changed, its changes in their order. Short series have none."""
    splits = {name: best_split(values) for name, values in series.items() if len(values) >= LEAST_RUNS}
    changed = holm({name: chance for name, (_, chance) in splits.items()}, ALPHA)
    # Both sides of what was found are asked as strictly as the first of all.
    level = ALPHA / max(1, len(splits))
    bounds = {name: sorted(inner(series[name], 0, splits[name][0], level)) for name in changed}
    described = {name: worth_telling(series[name], at) for name, at in bounds.items()}
    return {name: changes for name, changes in described.items() if changes}


def inner(values: Sequence[float], begin: int, at: int, level: float) -> Iterator[int]:
    """The split, and those of both its sides."""
    yield begin + at
    for offset, part in ((0, values[:at]), (at, values[at:])):
        if len(part) >= LEAST_RUNS:
            split, chance = best_split(part)
            if chance <= level:
                yield from inner(part, begin + offset, split, level)


def worth_telling(values: Sequence[float], bounds: Sequence[int]) -> list[Change]:
    """Without the small ones, the smallest first: what is left is measured anew, so that small steps add up."""
    left = list(bounds)
    while left:
        changes = steps(values, left)
        smallest = min(changes, key=lambda change: abs(change.share))
        if abs(smallest.share) >= LEAST_EFFECT:
            return changes
        left.remove(smallest.at)
    return []


def steps(values: Sequence[float], bounds: Sequence[int]) -> list[Change]:
    edges = [0, *bounds, len(values)]
    medians = [float(np.median(values[begin:end])) for begin, end in zip(edges, edges[1:])]
    return [Change(at, new / old - 1.0 if old > 0 else 0.0) for at, old, new in zip(bounds, medians, medians[1:])]


def best_split(values: Sequence[float]) -> tuple[int, float]:
    """Where both sides differ most, and how often chance alone brings so much."""
    differences = statistic(rankdata(values)[np.newaxis, :])[0]
    largest = float(differences.max())
    beyond = int(np.sum(by_chance(len(values)) >= largest))
    if beyond:
        return LEAST_SIDE + int(differences.argmax()), (1 + beyond) / (1 + DRAWN)
    # Further out than was drawn: the normal tail for each split, all of them together. It is above the true chance, as
    # ranks have an end where the normal distribution has none.
    tail = len(differences) * 2.0 * float(norm.sf(largest))
    return LEAST_SIDE + int(differences.argmax()), min(1 / (1 + DRAWN), tail)


def statistic(ranks: np.ndarray) -> np.ndarray:
    """Of rows of ranks: by split, how far the ranks before it are from what they would sum to by chance, in standard
    deviations."""
    n = ranks.shape[1]
    count = np.arange(1, n)
    sums = np.cumsum(ranks, axis=1)[:, :-1]
    deviations = np.abs(sums - count * (n + 1.0) / 2.0) / np.sqrt(count * (n - count) * (n + 1.0) / 12.0)
    return deviations[:, LEAST_SIDE - 1 : n - LEAST_SIDE]


@lru_cache(maxsize=32)
def by_chance(n: int) -> np.ndarray:
    """The largest difference in each of many shuffled series; always the same ones."""
    random = np.random.default_rng(n)
    part = np.tile(np.arange(1.0, n + 1.0), (DRAWN // PARTS, 1))
    return np.concatenate([statistic(random.permuted(part, axis=1)).max(axis=1) for _ in range(PARTS)])
