"""Histograms of several rounds become one by adding their buckets; percentiles are never averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Mapping

import numpy as np

BEYOND = 100  # no percentile with fewer samples beyond it


@dataclass(frozen=True)
class Merged:
    bounds: np.ndarray  # upper bounds, ascending
    counts: np.ndarray
    overflow: int  # samples above the largest bound
    unit: str

    @property
    def total(self) -> int:
        return int(self.counts.sum()) + self.overflow


def merge(histograms: Iterable[Mapping[str, Any]]) -> Merged | None:
    buckets: dict[float, int] = {}
    overflow, unit = 0, ""
    for histogram in histograms:
        overflow += int(histogram.get("overflow", 0))
        unit = histogram.get("unit", unit)
        for bound, count in histogram["buckets"]:
            buckets[float(bound)] = buckets.get(float(bound), 0) + int(count)
    bounds = np.array(sorted(buckets))
    merged = Merged(bounds, np.array([buckets[b] for b in bounds], dtype=np.int64), overflow, unit)
    return merged if merged.total else None


def percentile(merged: Merged, percent: float, beyond: int = BEYOND) -> tuple[float, bool] | None:
    """The upper bound of its bucket, and whether it is only `at least` that (it lies in the overflow).

    None when fewer than `beyond` samples lie beyond."""
    total = merged.total
    if total * (1.0 - percent / 100.0) < beyond - 1e-6:
        return None
    rank = int(np.ceil(total * percent / 100.0 - 1e-9))
    index = int(np.searchsorted(np.cumsum(merged.counts), max(rank, 1)))
    if index >= len(merged.bounds):
        return (float(merged.bounds[-1]) if len(merged.bounds) else 0.0), True
    return float(merged.bounds[index]), False


def percentile_of(
    histograms: Iterable[Mapping[str, Any]], percent: float, beyond: int = BEYOND
) -> tuple[float, bool] | None:
    """That of all of them together."""
    merged = merge(histograms)
    return percentile(merged, percent, beyond) if merged else None


def percentile_words(x: float) -> str:
    """`p99.9` of 1000: a place on the axis of a curve."""
    return f"p{100.0 * (1.0 - 1.0 / x):.5g}"


def curve(merged: Merged, points: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """HDR axes: x = 1/(1-p), from 1 to where 100 samples are left, y = the value there, at most `points`."""
    below = np.cumsum(merged.counts)
    last = merged.total / BEYOND
    if last <= 1.0 or not len(merged.bounds):
        return np.array([]), np.array([])
    x = np.geomspace(1.0, last, points)
    rank = np.clip(np.ceil(merged.total * (1.0 - 1.0 / x)), 1, None)
    index = np.searchsorted(below, rank)
    inside = index < len(merged.bounds)  # what lies in the overflow has no value
    return x[inside], merged.bounds[index[inside]]
