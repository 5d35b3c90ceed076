"""Changes of a level in a series of runs: planted ones, and none where there is none."""

from itertools import permutations

import numpy as np
import pytest

from weirlib import change_points
from weirlib.change_points import LEAST_RUNS, LEAST_SIDE, best_split, by_chance, found, statistic

SCATTER = 0.03


def series(*levels: tuple[int, float], seed: int = 1) -> list[float]:
    """So many runs at each level."""
    random = np.random.default_rng(seed)
    return [level * float(np.exp(random.normal(0.0, SCATTER))) for count, level in levels for _ in range(count)]


def test_a_planted_change_is_found_where_it_is() -> None:
    (change,) = found({"a": series((12, 1.0), (12, 0.85))})["a"]
    assert change.at == 12
    assert change.share == pytest.approx(-0.15, abs=0.03)


def test_two_are_found_in_their_order() -> None:
    changes = found({"a": series((20, 1.0), (20, 0.8), (20, 1.1))})["a"]
    assert [change.at for change in changes] == [20, 40]
    assert [change.share for change in changes] == pytest.approx([-0.2, 0.375], abs=0.05)


def test_the_one_that_changed_is_named_among_many() -> None:
    many = {f"case {i}": series((40, 1.0), seed=i) for i in range(300)}
    assert set(found(many | {"slower": series((20, 1.0), (20, 0.85), seed=999)})) == {"slower"}


def test_small_steps_add_up() -> None:
    (change,) = found({"a": series((15, 1.0), (15, 0.96), (15, 0.92), (15, 0.88), seed=3)})["a"]
    assert change.share == pytest.approx(-0.08, abs=0.03)


def test_a_change_is_found_soon_also_in_a_long_history() -> None:
    many = {f"case {i}": series((108, 1.0), seed=i) for i in range(200)}
    assert set(found(many | {"slower": series((100, 1.0), (8, 0.8), seed=999)})) == {"slower"}


def test_the_chance_of_what_no_shuffled_series_reached_is_bounded() -> None:
    _, chance = best_split(series((30, 1.0), (30, 0.7)))
    assert chance < 1e-6
    # Of ten values, five against five: the exact chance of the clearest split is 2 in 252, and the tail is above it.
    clearest = statistic(np.arange(1.0, 11.0)[np.newaxis, :])
    assert clearest.size * 2 * change_points.norm.sf(clearest.max()) > 2 / 252


def test_ten_runs_are_the_fewest_that_can_tell() -> None:
    clear = [1.0] * 5 + [2.0] * 5
    assert [change.at for change in found({"a": [x + 0.01 * i for i, x in enumerate(clear)]})["a"]] == [5]
    assert best_split([x + 0.01 * i for i, x in enumerate(clear[1:])])[1] > change_points.ALPHA


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1.0, 2.0, 2.0],
        series((LEAST_SIDE, 1.0), (LEAST_RUNS - LEAST_SIDE - 1, 0.5)),
        series((30, 1.0)),
        series((15, 1.0), (15, 0.98)),
        [1.0] * 30,
        [0.0] * 15 + [1.0] * 15,
        [1.0 + 0.1 * (i > 15) * (-1) ** i for i in range(32)],
    ],
    ids=["none", "few", "too few", "noise", "small", "constant", "from nothing", "more scatter"],
)
def test_there_is_none_where_there_is_none_worth_a_word(values: list[float]) -> None:
    assert found({"a": values}) == {}


def test_noise_is_accused_no_more_often_than_it_says() -> None:
    """A hundred histories of twenty cases each, in which nothing changed: one accusation is expected at most."""
    accused = 0
    for history in range(100):
        random = np.random.default_rng(history)
        # As heavy tails as a shared machine's, and scatter enough that an effect of 5 % is no hurdle.
        noise = np.exp(0.3 * random.standard_t(3, size=(20, 24)))
        accused += bool(found({str(i): list(row) for i, row in enumerate(noise)}))
    assert accused <= 4  # of a binomial with 1 %, more than 4 of 100 come once in 300 times; these are always the same


def test_chance_is_that_of_all_orders() -> None:
    n = 2 * LEAST_SIDE
    orders = np.array(list(permutations(range(1, n + 1))), dtype=float)
    exact = statistic(orders).max(axis=1)
    for largest in np.unique(exact):
        assert np.mean(by_chance(n) >= largest) == pytest.approx(np.mean(exact >= largest), abs=0.005)


def test_the_series_that_chance_is_drawn_from_are_always_the_same() -> None:
    before = by_chance(9).copy()
    change_points.by_chance.cache_clear()
    assert np.array_equal(by_chance(9), before)
