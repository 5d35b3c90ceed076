"""More than a channel can pass: overload, bursts, pipelines, capacities and threads per core, as they were planted."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import synthetic
from planted_backpressure import BLOCK, DROP, FAILING, NO_BOUND, case_of, cell_of, counts, drawn, line_of, only, record

from weirlib import results
from weirlib.charts import backpressure_burst as burst
from weirlib.charts import backpressure_overload as overload
from weirlib.charts import backpressure_record as bp
from weirlib.charts import capacity_sweep, oversubscribed
from weirlib.results import Run


def test_goodput_and_losses_are_drawn_against_the_load(pressed: Run) -> None:
    section = only(overload.sections(pressed))
    assert [(p.title, p.subtitle) for p in section.panels] == [(BLOCK, "senders wait"), (DROP, "dropped when full")]
    ax = drawn(section.panels[1])
    goodput, ideal = line_of(ax, "goodput"), line_of(ax, "ideal")
    assert list(goodput.get_xdata()) == [50, 100, 200, 400] and list(ideal.get_ydata()) == [0, 1e6, 1e6]
    assert list(goodput.get_ydata()) == [5e5, 1e6, 1e6, 5e5]
    lost = line_of(ax.child_axes[0], "lost")
    assert list(lost.get_ydata()) == [0, 0, 50, 75]


def test_a_collapse_of_goodput_is_said(pressed: Run) -> None:
    said = only(overload.sections(pressed)).readings
    assert re.match(rf"Goodput collapses: offered 400 % of what can be served, 50 % \({DROP}, dropped when full\)", said[0])
    assert f"100 % ({BLOCK}, senders wait)" in said[1] and f"75 % ({DROP}" in said[2]
    found = overload.curves(bp.fair(pressed, "overload"))
    kept = overload.reading({name: points for name, points in found.items() if BLOCK in name})
    assert kept[0].startswith("Goodput holds: offered 400 %")


def test_the_table_of_an_overload_has_every_loss_by_its_kind(pressed: Run) -> None:
    section = only(overload.sections(pressed))
    heads = (("load", "400 %"), ("dropped", "75,000"), ("refused: full", "0"), ("lost", "75.0 %"), ("blocked share, median sender", "50.0 %"))
    for head, said in (*heads, ("worst sender", "75.0 %"), ("staleness p50", "10.0 µs"), ("CPU waiting", "0.25 cores")):
        assert cell_of(section, DROP, head, row=3) == said, head


def test_threads_per_core_are_drawn_and_who_collapses_is_said(pressed: Run) -> None:
    section = only(oversubscribed.sections(pressed))
    curves = oversubscribed.curves(pressed, oversubscribed.chosen(pressed))
    assert list(curves[BLOCK].x) == [1, 2, 8] and FAILING not in curves  # 2 processors
    assert np.allclose(curves[BLOCK].y, [1e7, 8e6, 6e6], rtol=0.05)
    assert section.readings[0].endswith("mpmc_ring:spin from 8 threads per core on.")
    assert re.match(rf"The others keep \d\d % \({BLOCK}\) at 8 threads per core", section.readings[1])


def test_other_suites_have_no_chart_of_threads_per_core(pressed: Run, built: Path) -> None:
    assert oversubscribed.sections(dataclasses.replace(pressed, info=pressed.info | {"suite": "quick"})) == []
    assert oversubscribed.sections(results.read(built)) == []


def test_the_smallest_capacity_that_is_enough_is_found(pressed: Run) -> None:
    section = only(capacity_sweep.sections(pressed))
    rates = capacity_sweep.curves([c for c in pressed.of("capacity_sweep")], capacity_sweep.rate)
    assert capacity_sweep.enough(rates) == {BLOCK: 64.0, DROP: 64.0}
    assert section.readings[0] == "90 % of a channel's best rate is there from a capacity of 64 (all) on."
    assert section.readings[1].endswith("becomes 256× (all) as long.")
    tails = capacity_sweep.curves([c for c in pressed.of("capacity_sweep")], capacity_sweep.p99)
    assert list(tails[BLOCK].y) == [4000.0, 64_000.0, 1_024_000.0]


def test_a_rate_that_falls_again_is_not_enough_before_it_recovers() -> None:
    curve = capacity_sweep.multiples.Curve(np.array([1.0, 8.0, 64.0]), np.array([1e6, 0.5e6, 1e6]))
    assert capacity_sweep.enough({"a": curve}) == {"a": 64.0}


def test_a_burst_says_what_was_taken_at_once_and_whether_memory_returned(pressed: Run) -> None:
    section = next(s for s in burst.sections(pressed) if s.key == "backpressure_burst")
    assert burst.absorption(case_of(pressed, "burst", BLOCK)) == 80.0  # of 100,000 sends 20,000 took 60 µs
    assert section.readings == ["Taken at once, without blocking: 80 % (all) of what came.", f"Memory that the burst took was returned by {NO_BOUND}."]
    assert cell_of(section, NO_BOUND, "afterwards") == "returned" and cell_of(section, BLOCK, "afterwards") == "did not grow"


def test_a_pipeline_says_when_its_first_sender_feels_a_stall_at_the_end(pressed: Run) -> None:
    section = next(s for s in burst.sections(pressed) if s.key == "backpressure_pipeline")
    assert section.readings[0] == f"A stall of the last stage reaches the first sender after 6.00 ms ({BLOCK})."  # full after 5.12 ms
    assert cell_of(section, BLOCK, "sender feels the stall after") == "6.00 ms" and cell_of(section, BLOCK, "goodput") == "500 k msg/s"
    assert cell_of(section, DROP, "sender feels the stall after") == "not felt"


def test_what_is_refused_at_once_is_not_absorbed() -> None:
    said = record(DROP, refused={"full": 0, "dropped": 30_000, "timed_out": 0})
    line = synthetic.Writer(synthetic.Plan()).add(
        0, "burst", DROP, {}, [], backpressure=said, histograms={"send": counts([[400, 100_000]])}
    )
    (case,) = results.group([line]).values()
    assert burst.absorption(case) == 70.0
