"""Statistics over rounds. Each round is a fresh process, so rounds are the unit: one value per round and case.

Intervals are order statistics of the median: no shape is assumed, and the coverage is exact (binomial). With 7
rounds the smallest and largest cover the median at 1 - 2/2^7 = 98.4 %; with 5 or fewer none reaches 95 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Iterable, Mapping, Sequence

import numpy as np
from scipy.stats import binom, t

CONFIDENCE = 0.95
NOISY = 0.10  # a relative interquartile range beyond this is marked
TOO_SMALL = "n too small for an interval"
FEWEST = 3  # rounds of a margin


@dataclass(frozen=True)
class Estimate:
    median: float
    low: float | None  # None: too few rounds for an interval
    high: float | None
    coverage: float | None  # the exact one, not the nominal
    n: int
    spread: float  # interquartile range over the median

    @property
    def noisy(self) -> bool:
        return self.spread > NOISY


def order_ranks(n: int, confidence: float = CONFIDENCE) -> tuple[int, float] | None:
    """The largest k for which [x(k), x(n+1-k)] covers the median at `confidence`, with its exact coverage."""
    best = None
    for k in range(1, n // 2 + 1):
        coverage = 1.0 - 2.0 * float(binom.cdf(k - 1, n, 0.5))
        if coverage < confidence:
            break
        best = (k, coverage)
    return best


def relative_iqr(values: Sequence[float]) -> float:
    low, middle, high = np.percentile(values, [25, 50, 75])
    return float((high - low) / abs(middle)) if middle else math.inf if high > low else 0.0


def estimate(values: Iterable[float]) -> Estimate | None:
    """Median, interval and spread; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    n = len(ordered)
    ranks = order_ranks(n)
    low, high = (ordered[ranks[0] - 1], ordered[n - ranks[0]]) if ranks else (None, None)
    median = float(np.median(ordered))
    return Estimate(median, low, high, ranks[1] if ranks else None, n, relative_iqr(ordered))


def paired_ratio(a: Mapping[int, float], b: Mapping[int, float]) -> Estimate | None:
    """a/b over the rounds that both have: median and interval of the log ratio, as a ratio.

    Pairing by round removes what moved both (a warm host, a neighbour)."""
    shared = sorted(r for r in a.keys() & b.keys() if a[r] > 0 and b[r] > 0)
    logs = estimate(math.log(a[r] / b[r]) for r in shared)
    if logs is None:
        return None
    interval = [None if v is None else math.exp(v) for v in (logs.low, logs.high)]
    ratios = [a[r] / b[r] for r in shared]
    return Estimate(
        math.exp(logs.median), interval[0], interval[1], logs.coverage, logs.n, relative_iqr(ratios)
    )


def student(logs: np.ndarray) -> tuple[float, float]:
    """The mean, and how far Student's interval of it reaches to each side."""
    half = student_factor(len(logs)) * logs.std(ddof=1) / math.sqrt(len(logs))
    return float(logs.mean()), float(half)


@cache
def student_factor(n: int) -> float:
    return float(t.ppf((1 + CONFIDENCE) / 2, n - 1))


def apart(a: Iterable[float], b: Iterable[float]) -> Estimate | None:
    """a/b of two runs, whose rounds have nothing to do with each other: Welch's interval of the mean log ratio."""
    x, y = (np.log([v for v in values if v > 0]) for values in (a, b))
    if min(len(x), len(y)) < FEWEST:
        return None
    parts = [logs.var(ddof=1) / len(logs) for logs in (x, y)]
    middle, error = float(x.mean() - y.mean()), math.sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(p**2 / (len(logs) - 1) for p, logs in zip(parts, (x, y))) if error else 1.0
    half = float(t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    ends = math.exp(middle - half), math.exp(middle + half)
    return Estimate(math.exp(middle), *ends, CONFIDENCE, min(len(x), len(y)), 0.0)


def margin(a: Mapping[int, float], b: Mapping[int, float]) -> Estimate | None:
    """a/b over the rounds that both have: geometric mean, with Student's interval of the mean log ratio.

    Where a ratio is to be declared of four or five rounds, of which order statistics make no interval at 95 %. It takes
    the log ratios for normal; a round that fell out of line widens it, so that it errs towards saying nothing."""
    shared = sorted(r for r in a.keys() & b.keys() if a[r] > 0 and b[r] > 0)
    if len(shared) < FEWEST:
        return None
    logs = np.log([a[r] / b[r] for r in shared])
    middle, half = student(logs)
    ends = math.exp(middle - half), math.exp(middle + half)
    return Estimate(math.exp(middle), *ends, CONFIDENCE, len(logs), relative_iqr(list(np.exp(logs))))


def verdict(ratio: Estimate | None, direction: str) -> str:
    """What may be said of a against b: `ahead` and `behind` only when the whole interval is clear of 1."""
    if ratio is None or ratio.low is None or ratio.high is None:
        return TOO_SMALL
    if ratio.low > 1.0:
        return "ahead" if direction == "higher" else "behind"
    if ratio.high < 1.0:
        return "behind" if direction == "higher" else "ahead"
    return "not told apart"


@dataclass(frozen=True)
class Standing:
    """Who is first, not told apart from it, behind it, or without enough rounds in common with it to say.

    Each sorted, best first."""

    first: str
    together: tuple[str, ...]
    behind: tuple[str, ...]
    untold: tuple[str, ...]


def standing(
    rounds: Mapping[str, Mapping[int, float]], direction: str, medians: Mapping[str, float] | None = None
) -> Standing | None:
    """The first has the best median (of its rounds, unless given); the others are compared with it by round."""
    ranks = dict(medians or {name: float(np.median(list(v.values()))) for name, v in rounds.items() if v})
    if not ranks:
        return None
    sign = -1.0 if direction == "higher" else 1.0
    names = sorted(ranks, key=lambda name: (sign * ranks[name], name))
    first = names[0]
    said = {name: verdict(paired_ratio(rounds[name], rounds[first]), direction) for name in names[1:]}
    having = {word: tuple(n for n in names[1:] if said[n] == word) for word in ("behind", TOO_SMALL)}
    together = tuple(n for n in names[1:] if said[n] not in having)
    return Standing(first, together, having["behind"], having[TOO_SMALL])
