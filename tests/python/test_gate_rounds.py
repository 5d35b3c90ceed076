"""One round's figures from its windows: what stands still is never taken for a machine that does, nor left out."""

import math

import pytest

from weirlib.errors import Failure
from weirlib.gating.rounds import ratios

FULL = [100.0, 100.0, 100.0]  # base, candidate, second copy of base


def test_a_round_is_the_median_of_its_log_ratios() -> None:
    found = ratios([FULL, [100.0, 50.0, 100.0], [100.0, 50.0, 100.0]])
    assert found["y"] == pytest.approx(math.log(2), abs=1e-6) and found["twin"] == 0.0


def test_windows_in_which_only_the_candidate_stood_still_count_against_it() -> None:
    slower = [100.0, 80.0, 100.0]
    still = [100.0, 0.0, 100.0]
    assert ratios([FULL] * 10 + [slower] * 5 + [still] * 10)["y"] == pytest.approx(math.log(1.25), abs=1e-6)
    with pytest.raises(Failure, match="the candidate passed no message"):
        ratios([FULL] * 12 + [still] * 13)


def test_windows_in_which_base_stood_still_say_nothing() -> None:
    assert ratios([FULL] * 13 + [[0.0, 100.0, 100.0]] * 12) == {"y": 0.0, "twin": 0.0}
    with pytest.raises(Failure, match="the machine stands still"):
        ratios([FULL] * 12 + [[0.0, 100.0, 100.0]] * 13)
