"""Histograms are merged by adding buckets; percentiles come from the sum, with 100 samples beyond."""

from __future__ import annotations

from typing import Any

import pytest

from weirlib.charts import histogram


def made(buckets: list[list[int]], overflow: int = 0) -> dict[str, Any]:
    return {"unit": "ns", "count": sum(c for _, c in buckets), "overflow": overflow, "buckets": buckets}


def test_buckets_of_rounds_are_added_and_kept_in_order() -> None:
    merged = histogram.merge([made([[10, 5], [30, 1]]), made([[20, 7], [30, 2]], overflow=4)])
    assert merged is not None
    assert merged.bounds.tolist() == [10, 20, 30]
    assert merged.counts.tolist() == [5, 7, 3]
    assert (merged.overflow, merged.total, merged.unit) == (4, 19, "ns")


def test_the_percentile_of_the_sum_is_not_the_mean_of_percentiles() -> None:
    fast, slow = made([[10, 9000]]), made([[10, 100], [1000, 900]])
    merged = histogram.merge([fast, slow])
    assert merged is not None
    assert histogram.percentile(merged, 50.0) == (10.0, False)
    assert histogram.percentile(merged, 90.0) == (10.0, False)  # 9100 of 10000 are at most 10
    assert histogram.percentile(merged, 95.0) == (1000.0, False)


@pytest.mark.parametrize(("samples", "known"), [(9999, False), (10000, True)])
def test_a_percentile_needs_100_samples_beyond_it(samples: int, known: bool) -> None:
    merged = histogram.merge([made([[10, samples]])])
    assert merged is not None
    assert (histogram.percentile(merged, 99.0) is not None) == known


def test_a_percentile_in_the_overflow_is_only_at_least() -> None:
    merged = histogram.merge([made([[10, 500]], overflow=500)])
    assert merged is not None
    assert histogram.percentile(merged, 40.0) == (10.0, False)
    assert histogram.percentile(merged, 80.0) == (10.0, True)


def test_nothing_merged_is_nothing() -> None:
    assert histogram.merge([]) is None
    assert histogram.merge([made([])]) is None


def test_the_curve_ends_where_100_samples_are_left_and_never_falls() -> None:
    merged = histogram.merge([made([[v, 1000] for v in range(1, 51)])])
    assert merged is not None
    x, y = histogram.curve(merged)
    assert (x[0], x[-1]) == (pytest.approx(1.0), pytest.approx(500.0))
    assert all(a <= b for a, b in zip(y, y[1:]))
    assert y[-1] == 50
