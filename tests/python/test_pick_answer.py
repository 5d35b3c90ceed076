"""The answer of `pick` as data and as text."""

from __future__ import annotations

import pytest
from planted_pick import entry, evidence, listing, load_of, measured

from weirlib.picking import answer, changes, filter, need, say
from weirlib.picking.answer import HERE, INSTALL, Evidence
from weirlib.picking.figures import Figures


def test_capacities_that_settle_nothing_are_not_called_enough() -> None:
    e = evidence("p99<50us")
    e.capacities, e.capacities_of = {4: measured(10), 1024: measured(60)}, "own"
    assert answer.answer(e)["capacity"]["enough"] is None
    assert any("do not settle which is enough for own" in line for line in say.lines(answer.answer(e)))
    e.capacities = {4096: measured(60)}
    assert any("a larger one does not help own (4096)" in line for line in say.lines(answer.answer(e)))


def test_the_two_columns_are_judged_apart() -> None:
    found = answer.answer(evidence())
    assert found["columns"][INSTALL]["any_of"] == ["other"]
    assert found["columns"][HERE]["any_of"] == ["own"]
    assert list(found["columns"][HERE]["behind"]) == ["other"]


def test_the_binding_bound_comes_with_its_interval_and_whether_it_is_sure() -> None:
    found = answer.answer(evidence("p99<50us,cpu<90%"))["binding"]
    assert (found["bound"], found["channel"], found["sure"]) == ("p99<50us", "own", True)
    assert found["share"] == pytest.approx(0.2)
    near = answer.answer(evidence("p99<50us", {"own": measured(49.9, noise=0.05)}))["binding"]
    assert near["sure"] is False


def test_a_round_in_which_messages_never_came_is_the_end_of_the_interval() -> None:
    stuck = Figures({"p99": {i: 10_000.0 + i for i in range(6)} | {6: need.NEVER}}, {"response": 100_000})
    text = "\n".join(say.lines(answer.answer(evidence("p99<50us", {"own": stuck}))))
    assert "own has 10.0 µs, 10.0 µs to never, 20 % of the bound; the interval does not settle it" in text


def test_none_meets_it_says_by_how_much() -> None:
    found = answer.answer(evidence("p99<5us"))
    assert found["columns"][HERE]["any_of"] == []
    assert found["columns"][HERE]["closest"]["own"] == {"p99<5us": pytest.approx(10_000)}
    text = "\n".join(say.lines(found))
    assert "none meets the need; the closest, own has p99 10.0 µs (asked: p99<5us)" in text


def test_any_of_these_is_an_answer() -> None:
    found = answer.answer(evidence("", {"own": measured(10), "other": measured(10.2)}))
    assert found["columns"][HERE]["any_of"] == ["own", "other"]
    assert "any of these 2, which are not told apart by p99" in "\n".join(say.lines(found))


def test_more_roles_than_processors_is_said() -> None:
    crowded, roomy = (answer.answer(evidence("", None, "--producers", n)) for n in ("3", "1"))
    assert "Oversubscribed: 4 roles on 2 processors" in "\n".join(say.lines(crowded))
    assert "Oversubscribed" not in "\n".join(say.lines(roomy))


def test_an_unfit_machine_is_said() -> None:
    e = evidence()
    e.unfit = ["a virtual machine"]
    assert "Not for quoting: a virtual machine." in say.lines(answer.answer(e))


def test_what_changes_the_answer_is_computed() -> None:
    final = {"own": measured(10, cpu=50), "frugal": measured(30, cpu=5), "slow": measured(70)}
    e = evidence("p99<50us", final, own={"producers": "one"})
    said = answer.answer(e)["changes_if"]
    assert "what counts is cpu (5.00 % against 50.0 %): frugal" in said
    assert any(sentence.startswith("the need is p99<10.0 µs or harder") for sentence in said)
    assert "p99 may be just above 70.0 µs: slow meets the need too" in said
    assert "there are more producers than one: own cannot serve them; nobody of the set can" in said


def test_a_larger_bound_says_who_would_meet_it() -> None:
    e = evidence("p99<5us")
    said = changes.loosened(e.final, e.need, None, e.choice(HERE))
    assert said == ["p99 may be just above 10.0 µs: own meets the need"]


def test_the_text_fits_a_terminal() -> None:
    names = [f"{kind}_with_a_long_name:variant{i}" for i in range(3) for kind in ("own", "other")]
    final = {name: measured(10 + i / 20) for i, name in enumerate(names)}
    lax = {"order": "none", "close": "none", "timed": False, "progress": "claim", "full": "spurious"}
    given = ["--producers", "3", "--work", "20us", "--size", "9"]
    e = evidence("p99<50us,cpu<90%", final, *given, **{n: lax for n in names})
    for i in range(12):
        e.sorted.out[f"reason {i}"] = [f"channel{j}:x" for j in range(30)]
    e.failed = {"bad": "loss: " + "x " * 200}
    e.capacities, e.capacities_of = {4: measured(10), 1024: measured(10)}, next(iter(final))
    lines = say.lines(answer.answer(e))
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 110
    assert any(line.startswith("Capacity: 4 is enough") for line in lines)


def test_nothing_that_fits_is_an_answer() -> None:
    found = load_of("--producers", "2")
    e = Evidence(found, (), filter.sort(listing(entry("a", producers="one")), found))
    text = "\n".join(say.lines(answer.answer(e)))
    assert "0 of 1 channel fit" in text
    assert "one producer only: a" in text
