"""Whose turn it is: shares of senders, sends and receives by turns, and rings of tasks that stand still."""

from __future__ import annotations

import numpy as np
import pytest
from planted_backpressure import BLOCK, DROP, cell_of, drawn, line_of, only

from weirlib.charts import backpressure_cycle as cycle
from weirlib.charts import backpressure_fairness as fairness
from weirlib.charts import backpressure_interleave as interleave
from weirlib.charts import backpressure_record as bp
from weirlib.charts import text
from weirlib.results import Run


def test_shares_of_senders_are_drawn_and_judged(pressed: Run) -> None:
    section = only(fairness.sections(pressed))
    assert section.readings[0].startswith(f"Not evenly in {DROP}: among 64 senders Jain's index is 0.22 ({DROP}) to 1.00 ({BLOCK})")
    jain = fairness.curves(bp.fair(pressed, "fairness"), "jain")
    assert list(jain[BLOCK].x) == [2, 4, 16, 64] and list(jain[BLOCK].y) == [1, 1, 1, 1]
    panel = next(p for p in section.folded if p.title == DROP)
    shares = [float(v) for v in drawn(panel).lines[0].get_ydata()]
    assert len(shares) == 16 and sum(shares) == pytest.approx(100) and shares == sorted(shares, reverse=True)  # 64 are not legible
    assert panel.caption == f"The luckiest sender gets {text.digits(shares[0])} %, the unluckiest {text.digits(shares[-1])} %."
    assert cell_of(section, DROP, "longest starvation", row=3) == "256 ms"


def test_even_shares_are_called_even(pressed: Run) -> None:
    even = [c for c in bp.fair(pressed, "fairness") if c.channel == BLOCK]
    assert fairness.reading(even)[0].startswith("Evenly: among 64 senders")


def test_turns_are_staircases_of_what_was_sent_and_received(pressed: Run) -> None:
    section = only(interleave.sections(pressed))
    assert [p.subtitle for p in section.panels if p.title == BLOCK] == [
        "capacity 16, spread over cores",
        "capacity 256, spread over cores",
        "capacity 16, all on one core",
        "capacity 256, all on one core",
    ]
    ax = drawn(next(p for p in section.panels if p.subtitle == "capacity 256, all on one core"))
    sent, received = line_of(ax, "sent"), line_of(ax, "received")
    assert max(sent.get_ydata()) == 512 and received.get_ydata()[0] == 0
    first = received.get_xdata()[1]  # after 256 sends of 40 ns and a switch of 500 ns, in µs
    assert first == pytest.approx(10.74) and sent.get_ydata()[np.searchsorted(sent.get_xdata(), first) - 1] == 256


def test_turns_say_whether_the_receiver_waited_for_a_full_channel(pressed: Run) -> None:
    spread, one = only(interleave.sections(pressed)).readings
    assert spread.startswith("In 0 of 4 cases, spread over cores") and "after 3 sends (all)" in spread
    assert one.startswith("In 4 of 4 cases, all on one core") and "16 sends" in one and "256 sends" in one


def test_a_ring_says_with_what_it_stands_still(pressed: Run) -> None:
    section = only(cycle.sections(pressed))
    assert section.readings[0] == f"The ring stands still for good. With 8 tokens, capacity 4: {DROP} and {BLOCK}."
    assert cell_of(section, BLOCK, "where each task stood") == "stage 0 waits in send, channel 1 is full (4 of 4)"
    assert cell_of(section, BLOCK, "stood still") == "in 7 of 7 rounds" and cell_of(section, BLOCK, "stood still", row=1) == "no"
