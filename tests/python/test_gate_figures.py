"""The gate's statistics, against scipy where it has them, against simulation where not."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from weirlib.gating import figures
from weirlib.gating.figures import LOOKS, clopper_pearson, holm, interval, sign_test
from weirlib.gating.judge import Series, Terms, seen

SEED = 20240521


def test_sign_test_is_scipys_one_sided_binomial_test() -> None:
    random = np.random.default_rng(SEED)
    for n in (1, 5, 12, 24, 31):
        values = list(random.normal(0.02, 0.03, n))
        above = sum(value > 0.03 for value in values)
        assert sign_test(values, 0.03) == pytest.approx(binomtest(above, n, 0.5, "greater").pvalue)


def test_a_value_on_the_margin_speaks_for_nobody() -> None:
    assert sign_test([0.03] * 24, 0.03) == 1.0
    assert sign_test([], 0.03) == 1.0


def test_of_24_rounds_the_99_per_cent_interval_is_the_6th_to_the_19th() -> None:
    values = [float(v) for v in range(1, 25)]
    found = interval(list(reversed(values)), 0.99)
    assert found is not None
    assert (found.low, found.high) == (6.0, 19.0)
    assert found.coverage >= 0.99
    assert interval(values[:6], 0.99) is None, "2 / 2^6 is more than 1 %"


def test_the_interval_covers_the_median_as_often_as_it_says() -> None:
    random = np.random.default_rng(SEED)
    tries = 3000
    covered = 0
    for _ in range(tries):
        found = interval(list(random.standard_cauchy(24)), 0.99)  # no shape is assumed
        assert found is not None
        covered += found.low <= 0.0 <= found.high
    assert covered / tries > 0.99 - 3 * math.sqrt(0.01 * 0.99 / tries)


def test_holm_rejects_step_by_step() -> None:
    # The textbook's example: 0.005 and 0.01 pass at 5 % over four, 0.03 and 0.04 do not.
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}, 0.05) == {"a", "d"}
    assert holm({"a": 0.04, "b": 0.04}, 0.05) == set(), "the first hurdle stops all"
    assert holm({}, 0.05) == set()


def test_clopper_pearson_is_the_exact_interval() -> None:
    # No alarm in 40: the upper end solves (1 - p)^40 = 2.5 %.
    low, high = clopper_pearson(0, 40)
    assert low == 0.0
    assert (1 - high) ** 40 == pytest.approx(0.025)


def test_two_looks_share_the_level() -> None:
    assert sum(look.alpha for look in LOOKS) == pytest.approx(0.01)
    assert LOOKS[0].alpha < LOOKS[1].alpha


@pytest.mark.parametrize("tails", ["normal", "heavy"])
def test_two_looks_at_cases_on_their_margin_alarm_in_one_session_of_a_hundred_at_most(tails: str) -> None:
    random = np.random.default_rng(SEED)
    tries, alarms = 2500, 0
    bounds = {case: Terms(margin=0.05, spread=0.02) for case in "ab"}
    for _ in range(tries):
        noise = random.normal(size=(2, 24)) if tails == "normal" else random.standard_t(2, size=(2, 24))
        data = {case: Series(list(0.05 + 0.02 * noise[i]), [0.0] * 24) for i, case in enumerate("ab")}
        alarms += bool(seen(data, bounds).worse)
    assert alarms / tries <= 0.01 + 3 * math.sqrt(0.01 * 0.99 / tries)


def test_a_slowdown_of_ten_per_cent_is_seen_where_rounds_scatter_by_three() -> None:
    random = np.random.default_rng(SEED)
    bounds = {"a": Terms(margin=0.03, spread=0.03), "b": Terms(margin=0.03, spread=0.03)}
    slow = -math.log(0.9)
    found = [
        seen({"a": Series(list(random.normal(slow, 0.03, 24)), [0.0] * 24),
              "b": Series(list(random.normal(0, 0.03, 24)), [0.0] * 24)}, bounds).worse
        for _ in range(300)
    ]  # fmt: skip
    assert sum("a" in worse for worse in found) >= 285
    assert not any("b" in worse for worse in found)


def test_percent_is_of_the_rate() -> None:
    assert figures.percent(-math.log(0.9)) == pytest.approx(10.0)
    assert figures.percent(-math.log(1.1)) == pytest.approx(-10.0)
