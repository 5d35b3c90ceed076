"""The statistics of the gate. Each round gives one value: its median log ratio, above 0 where the candidate is slower.

Nothing is assumed of the shape of the values: intervals are order statistics, tests count signs. Several cases share
one level by Holm's method, two looks at the same rounds by splitting it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import binom, binomtest, median_abs_deviation

from weirlib.stats import order_ranks


@dataclass(frozen=True)
class Look:
    """After so many rounds the cases are judged, at this level."""

    rounds: int
    alpha: float


# The first is stricter: it ends a session early where all is plain. Together they keep the level of 1 %.
LOOKS = (Look(12, 0.0025), Look(24, 0.0075))
CONFIRMING = Look(24, 0.01)


@dataclass(frozen=True)
class Interval:
    low: float
    high: float
    coverage: float


def median(values: Sequence[float]) -> float:
    return float(np.median(values))


ranks = lru_cache(order_ranks)


@lru_cache
def chance_of(above: int, rounds: int) -> float:
    """Of so many heads or more, of a fair coin."""
    return float(binom.sf(above - 1, rounds, 0.5))


def interval(values: Sequence[float], confidence: float) -> Interval | None:
    """Of the median, by order statistics; None where so few values cannot reach the confidence."""
    ordered = sorted(values)
    found = ranks(len(ordered), confidence)
    if found is None:
        return None
    rank, coverage = found
    return Interval(ordered[rank - 1], ordered[-rank], coverage)


def sign_test(values: Sequence[float], margin: float) -> float:
    """How likely so many values above the margin are, if the median is not above it. 1 without values."""
    return chance_of(sum(value > margin for value in values), len(values)) if values else 1.0


def holm(chances: Mapping[str, float], alpha: float) -> set[str]:
    """The names whose hypothesis is rejected; the chance that one of them holds all the same is at most alpha."""
    rejected: set[str] = set()
    for i, name in enumerate(sorted(chances, key=lambda n: (chances[n], n))):
        if chances[name] > alpha / (len(chances) - i):
            break
        rejected.add(name)
    return rejected


def clopper_pearson(hits: int, tries: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share."""
    found = binomtest(hits, tries).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)


def spread(values: Sequence[float]) -> float:
    """Standard deviation of the rounds' log ratios: 0.05 is five per cent."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def usual_spread(values: Sequence[float]) -> float:
    """The same, of most of them: what a few rounds out of line leave alone. Of a normal distribution it is the standard
    deviation."""
    return float(median_abs_deviation(values, scale="normal")) if values else 0.0


def percent(log_ratio: float) -> float:
    """By how much less passes a second, per cent, where the log ratio of the rates is that."""
    return 100.0 * (1.0 - math.exp(-log_ratio))
