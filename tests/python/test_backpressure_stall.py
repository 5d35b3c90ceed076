"""Stalls and pauses: what is drawn and said is what was planted, and who never came back is not taken for fast."""

from __future__ import annotations

import re

import pytest
import synthetic
from planted_backpressure import BEGIN_MS, BLOCK, DROP, EVICT, NO_BOUND, ROUNDS, case_of, cell_of, drawn, line_of, only, record

from weirlib import results
from weirlib.charts import backpressure_film as film
from weirlib.charts import backpressure_pause as pause
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_recovery as recovery
from weirlib.charts import backpressure_stall as stall
from weirlib.results import Run


def test_the_film_shows_the_depth_the_capacity_and_when_it_was_back(pressed: Run) -> None:
    case = case_of(pressed, "stall", BLOCK, stall="100ms")
    found = film.film(case)
    assert found is not None and (found.length, found.capacity, found.edges[0]) == (100.0, 1024.0, -BEGIN_MS)
    backs = sorted(r["stalls"][0]["depth_back_ms"] for r in bp.records(case))
    assert found.back == 100.0 + backs[ROUNDS // 2]  # the median round, not the first or the best
    section = only(stall.sections(pressed))
    ax = drawn(next(p for p in section.panels if p.title == BLOCK))
    assert line_of(ax, "capacity").get_ydata()[0] == 1024
    assert line_of(ax, "back").get_xdata()[0] == found.back
    steps = next(p for p in ax.patches if p.get_gid() == "depth").get_data()
    assert steps.values.max() == 1024 and steps.edges[0] == -BEGIN_MS
    assert steps.values[steps.edges[:-1] == 50.0][0] == 1024 and steps.values[0] == 3


def test_panels_of_a_film_share_their_axes(pressed: Run) -> None:
    axes = [drawn(p) for p in only(stall.sections(pressed)).panels]
    assert len({ax.get_xlim() for ax in axes}) == len({ax.get_ylim() for ax in axes}) == 1
    assert axes[0].get_yscale() == "log" and axes[0].get_ylim()[1] > 20_000  # the unbounded one is 20 times as deep


def test_the_strip_tells_waiting_from_losing(pressed: Run) -> None:
    waits, loses = (film.film(case_of(pressed, "stall", c, stall="100ms")) for c in (BLOCK, DROP))
    assert waits is not None and loses is not None
    during = (waits.edges[:-1] >= 10) & (waits.edges[:-1] < 100)
    assert waits.blocked[during].min() == 1.0 and waits.lost.max() == 0.0
    assert loses.blocked.max() == 0.0 and loses.lost[during].min() == 1.0
    assert waits.blocked[~during][waits.edges[:-1][~during] > 100].max() == 0.0


def test_a_stall_is_read_as_who_waits_who_loses_and_who_grows(pressed: Run) -> None:
    said = only(stall.sections(pressed)).readings
    assert said[0] == (
        f"{BLOCK} made senders wait and lost nothing; {DROP} and {EVICT} lost 18,976 messages; "
        f"{NO_BOUND}, without a bound, grew to 20,000 messages."
    )
    assert re.search(rf"back after \S+ ms \(({DROP}|{EVICT})\) to \S+ ms \({NO_BOUND}\)", said[1])
    assert f"blocked for 190 ms ({BLOCK})" in said[2] and f"grew by 6.00 MiB ({NO_BOUND})" in said[2]


def test_the_longest_stall_is_shown_and_shorter_ones_are_folded(pressed: Run) -> None:
    section = only(stall.sections(pressed))
    assert [p.title for p in section.panels] == [BLOCK, DROP, EVICT, NO_BOUND]
    assert [p.title for p in section.folded] == [f"{c}, 20 ms" for c in (BLOCK, DROP, EVICT, NO_BOUND)]
    assert [t.caption for t in section.shown] == ["The receiver stands still for 100 ms"]


def test_the_table_of_a_stall_has_what_was_planted(pressed: Run) -> None:
    section = only(stall.sections(pressed))
    for head, said in (("policy", "senders wait"), ("backlog", "20,000"), ("peak depth", "1,024"), ("lost", "0"), ("blocked", "190 ms")):
        assert cell_of(section, BLOCK, head) == said, head
    assert cell_of(section, NO_BOUND, "memory growth") == "6.00 MiB" and cell_of(section, NO_BOUND, "policy") == "no bound"
    assert cell_of(section, BLOCK, "others stood still, longest") == "sender 1, 95.0 ms"
    assert cell_of(section, BLOCK, "drain rate") == "1.50 M msg/s"


def test_what_never_came_back_is_not_taken_for_fast(pressed: Run) -> None:
    section = only(stall.sections(pressed))
    assert cell_of(section, EVICT, "response back") == "not in the window"
    assert cell_of(section, BLOCK, "response back").endswith("ms")


@pytest.mark.parametrize("never, said", [(0, "7.00 ms"), (1, "7.00 ms (not in 1 of 3)"), (2, "not in the window")])
def test_a_median_counts_rounds_that_never_came_back_as_longest(never: int, said: str) -> None:
    lines = []
    for number in range(3):
        back = None if number < never else 7.0
        gone = {"what": "receiver 0", "depth_back_ms": back, "stood_ms": {}}
        lines.append(synthetic.Writer(synthetic.Plan()).add(number, "stall", BLOCK, {}, [], backpressure=record(BLOCK, stalls=[gone])))
    (case,) = results.group(lines).values()
    assert recovery.back_text(case, "depth_back_ms") == said


def test_a_stall_of_the_usual_length_has_it_from_its_record() -> None:
    gone = {"what": "receiver 0", "length_ms": 100.0, "stood_ms": {}}
    line = synthetic.Writer(synthetic.Plan()).add(0, "stall", BLOCK, {"p": 1}, [], backpressure=record(BLOCK, stalls=[gone]))
    (case,) = results.group([line]).values()
    assert recovery.stall_ns(case) == 100e6


def test_a_pause_says_who_else_stood_still(pressed: Run) -> None:
    section = only(pause.sections(pressed))
    assert section.readings[0] == f"A pause of 50 ms inside an operation stops others in {BLOCK}; in {DROP} others go on."
    assert "150 µs at most" in section.readings[2]
    ax = drawn(section.panels[0])
    marks = {line.get_gid().partition("/")[0] + line.get_gid().split("/")[1]: line.get_xdata()[0] for line in ax.lines if line.get_gid()}
    assert marks[f"sender-pause{BLOCK}"] == pytest.approx(50e6) and marks[f"receiver-pause{DROP}"] == pytest.approx(150e3)
    assert cell_of(section, BLOCK, "paused") == "sender 1 in ring.send.publish"
    assert cell_of(section, BLOCK, "others stood still, longest").endswith("50.0 ms")  # not the paused one itself
