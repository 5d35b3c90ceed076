"""Statistics against values computed by hand."""

from __future__ import annotations

import math

import pytest

from weirlib.stats import TOO_SMALL, estimate, order_ranks, paired_ratio, relative_iqr, standing, verdict


def test_seven_rounds_cover_the_median_from_smallest_to_largest_at_98_4_percent() -> None:
    e = estimate([5.0, 1.0, 3.0, 7.0, 2.0, 6.0, 4.0])
    assert e is not None
    assert (e.median, e.low, e.high, e.n) == (4.0, 1.0, 7.0, 7)
    assert e.coverage == pytest.approx(1 - 2 / 2**7)


def test_five_rounds_are_too_few_for_an_interval_and_six_are_not() -> None:
    five, six = estimate([1.0, 2.0, 3.0, 4.0, 5.0]), estimate([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert five is not None and six is not None
    assert five.low is None and five.high is None and five.coverage is None
    assert (six.low, six.high) == (1.0, 6.0)
    assert six.coverage == pytest.approx(1 - 2 / 2**6)


def test_ranks_and_coverage_of_24_rounds_are_those_of_the_binomial() -> None:
    assert order_ranks(24, 0.99) == (6, pytest.approx(0.99339, abs=1e-5))
    assert order_ranks(10) == (2, pytest.approx(1 - 2 * 11 / 1024))


def test_no_values_have_no_estimate() -> None:
    assert estimate([]) is None
    assert standing({"a": {}}, "higher") is None


def test_relative_interquartile_range_by_hand_and_its_mark() -> None:
    assert relative_iqr([90.0, 95.0, 100.0, 105.0, 110.0]) == pytest.approx(0.10)
    quiet, noisy = estimate([95.0, 96.0, 100.0, 104.0, 105.0]), estimate([80.0, 94.0, 100.0, 105.0, 120.0])
    assert quiet is not None and not quiet.noisy
    assert noisy is not None and noisy.noisy


def test_the_ratio_is_paired_by_round_so_that_common_noise_cancels() -> None:
    base = {r: 100.0 * factor for r, factor in enumerate([1.0, 0.5, 2.0, 0.8, 1.1, 0.3, 1.7])}
    faster = {r: 1.02 * v for r, v in base.items()}
    ratio = paired_ratio(faster, base)
    assert ratio is not None
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((1.02, 1.02, 1.02))
    assert verdict(ratio, "higher") == "ahead"
    assert verdict(ratio, "lower") == "behind"


def test_the_ratio_is_the_median_of_the_log_ratios_of_the_shared_rounds() -> None:
    a = {0: 2.0, 1: 8.0, 2: 4.0, 9: 1e9}
    b = {0: 1.0, 1: 1.0, 2: 1.0, 5: 1e9}
    ratio = paired_ratio(a, b)
    assert ratio is not None
    assert (ratio.median, ratio.n) == (pytest.approx(4.0), 3)
    assert verdict(ratio, "higher") == TOO_SMALL


def test_an_interval_that_contains_1_tells_nothing_apart() -> None:
    a = {r: v for r, v in enumerate([1.3, 1.2, 1.4, 1.25, 1.3, 1.2, 0.999])}
    assert verdict(paired_ratio(a, dict.fromkeys(a, 1.0)), "higher") == "not told apart"
    a[6] = 1.001
    assert verdict(paired_ratio(a, dict.fromkeys(a, 1.0)), "higher") == "ahead"


def test_standing_separates_first_together_behind_and_untold() -> None:
    rounds = {
        "fast": {r: 100.0 + r for r in range(7)},
        "same": {r: 103.0 - (r % 2) for r in range(7)},
        "slow": {r: 50.0 + r for r in range(7)},
        "few": {r: 90.0 for r in range(3)},
    }
    place = standing(rounds, "higher")
    assert place is not None
    assert (place.first, place.together, place.behind, place.untold) == (
        "fast",
        ("same",),
        ("slow",),
        ("few",),
    )
    reverse = standing(rounds, "lower")
    assert reverse is not None and reverse.first == "slow"


def test_standing_does_not_depend_on_the_order_of_its_input() -> None:
    rounds = {name: {r: value for r in range(7)} for name, value in (("b", 2.0), ("a", 2.0), ("c", 1.0))}
    assert standing(rounds, "higher") == standing(dict(reversed(rounds.items())), "higher")


def test_a_round_of_zero_is_no_ratio() -> None:
    ratio = paired_ratio({0: 0.0, 1: 2.0}, {0: 1.0, 1: 1.0})
    assert ratio is not None and ratio.n == 1 and math.isclose(ratio.median, 2.0)
