"""What the gate says of rounds that are known: each verdict, and what must never be a regression."""

import numpy as np
import pytest

from weirlib.gating import judge, report
from weirlib.gating.judge import Outcome, Series, Terms, conclude

ROUNDS = 24
TERMS = Terms(margin=0.03, spread=0.01)


def series(middle: float, twin: float = 0.0, scatter: float = 0.01, rounds: int = ROUNDS) -> Series:
    """Rounds that lie evenly around their median, now below it, now above."""
    steps = scatter * np.linspace(-1, 1, rounds)
    steps = np.array([steps[i // 2] if i % 2 else steps[-1 - i // 2] for i in range(rounds)])  # no trend
    return Series(list(middle + steps), list(twin + steps))


def outcome(first: dict[str, Series], again: dict[str, Series] | None = None, complaints: list[str] | None = None) -> Outcome:
    return conclude(first, again or {}, complaints or [], {case: TERMS for case in first})


def test_a_slowdown_that_repeats_is_a_regression() -> None:
    said = outcome({"a": series(0.1), "b": series(0.0)}, {"a": series(0.1)})
    assert said.verdict == judge.REGRESSION
    assert [case.verdict for case in said.cases] == [judge.REGRESSION, judge.NO_CHANGE]


def test_one_that_does_not_repeat_is_none() -> None:
    said = outcome({"a": series(0.1)}, {"a": series(0.0)})
    assert said.verdict == judge.INCONCLUSIVE
    assert "not in 24 new ones" in said.cases[0].note


def test_one_that_could_not_be_confirmed_is_none() -> None:
    said = outcome({"a": series(0.1)})
    assert said.verdict == judge.INCONCLUSIVE
    assert said.cases[0].note == "slower, and not confirmed: of the 24 new rounds that it takes 0 were played and count"


def test_too_few_new_rounds_confirm_nothing() -> None:
    said = outcome({"a": series(0.1)}, {"a": series(0.1, rounds=8)})
    assert said.verdict == judge.INCONCLUSIVE and "takes 8 were played" in said.cases[0].note
    assert conclude({"a": series(0.1, rounds=8)}, {"a": series(0.1, rounds=8)}, [], {"a": TERMS}, least=8).cases[0].note == ""


def test_one_that_turns_round_is_none() -> None:
    assert outcome({"a": series(0.1)}, {"a": series(-0.1)}).verdict == judge.INCONCLUSIVE


def test_faster_is_an_improvement() -> None:
    assert outcome({"a": series(-0.1)}, {"a": series(-0.1)}).verdict == judge.IMPROVEMENT


def test_a_slower_case_outweighs_a_faster_one() -> None:
    both = {"a": series(-0.1), "b": series(0.1)}
    assert outcome(both, both).verdict == judge.REGRESSION


def test_a_faster_case_does_not_make_up_for_one_that_looked_slower() -> None:
    first = {"a": series(-0.1), "b": series(0.1)}
    assert outcome(first, {"a": series(-0.1), "b": series(0.1, rounds=20)}).verdict == judge.INCONCLUSIVE
    assert outcome(first, {"a": series(-0.1), "b": series(0.0)}).verdict == judge.INCONCLUSIVE
    unsure = {"a": series(-0.1), "b": series(0.0, scatter=0.2)}
    assert outcome(unsure, {"a": series(-0.1)}).verdict == judge.IMPROVEMENT, "one that looked like nothing is no doubt"


def test_a_round_out_of_line_does_not_silence_a_case_without_a_calibration() -> None:
    slow = series(0.3)
    slow = Series(slow.y, [*slow.twin[:-1], 0.27])
    said = conclude({"a": slow, "b": series(0.0)}, {"a": slow}, [], {})
    assert (said.verdict, said.cases[0].advisory) == (judge.REGRESSION, False)


def test_a_difference_below_five_per_cent_is_no_regression_however_sure() -> None:
    slow = {"a": series(0.04, scatter=0.001)}
    assert outcome(slow, slow).verdict == judge.INCONCLUSIVE


def test_an_interval_that_leaves_the_margin_is_inconclusive() -> None:
    assert outcome({"a": series(0.0, scatter=0.2)}).verdict == judge.INCONCLUSIVE


def test_base_against_itself_beyond_the_margin_makes_the_machine_unfit() -> None:
    for twin in (0.06, -0.06):
        said = outcome({"a": series(0.1, twin=twin)}, {"a": series(0.1)})
        assert said.verdict == judge.UNFIT
        assert "base against itself differs by 6.0 % in a" in said.complaints[0]


def test_so_does_base_against_itself_in_the_confirming_rounds() -> None:
    assert outcome({"a": series(0.1)}, {"a": series(0.1, twin=0.06)}).verdict == judge.UNFIT


def test_an_unfit_machine_says_nothing_of_the_code() -> None:
    assert outcome({"a": series(0.1)}, {"a": series(0.1)}, ["others were busy"]).verdict == judge.UNFIT


def test_a_case_that_scatters_is_shown_and_does_not_decide() -> None:
    wild = {"a": Terms(margin=0.03, spread=0.06), "b": TERMS}
    first = {"a": series(0.2), "b": series(0.0)}
    said = conclude(first, {}, [], wild)
    assert said.verdict == judge.NO_CHANGE
    assert [case.advisory for case in said.cases] == [True, False]
    assert said.cases[0].unasked and "decides nothing" in report.row(said.cases[0])[1], "beyond its margin, and that is said"
    assert not any(case.unasked for case in conclude({"a": series(0.0), "b": series(0.0)}, {}, [], wild).cases)


def test_without_a_calibration_the_second_copy_says_how_a_case_scatters() -> None:
    said = conclude({"a": series(0.1, scatter=0.1)}, {}, [], {})
    assert said.cases[0].advisory
    assert said.verdict == judge.INCONCLUSIVE, "no case is left that decides"


def test_twelve_rounds_decide_what_is_plain() -> None:
    plain = judge.seen({"a": series(0.1), "b": series(0.0)}, {"a": TERMS, "b": TERMS})
    assert plain.look.rounds == 12
    assert (plain.worse, plain.same) == ({"a"}, {"b"})
    unclear = judge.seen({"a": series(0.1), "b": series(0.02, scatter=0.02)}, {"a": TERMS, "b": TERMS})
    assert unclear.look.rounds == 24


@pytest.mark.parametrize("rounds", [0, 1, 5, 7])
def test_few_rounds_decide_nothing(rounds: int) -> None:
    few = {"a": series(0.5, rounds=rounds)}
    assert outcome(few, few).verdict == judge.INCONCLUSIVE
