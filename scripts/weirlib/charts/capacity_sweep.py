"""How much capacity is enough: a channel's own rate and its response, over its capacity."""

from __future__ import annotations

from typing import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate
from weirlib.charts import axes, compare, kinds, multiples, text
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Panel, Section, Table, channel_cell, id_cell, number

NEAR = 0.9  # of a channel's best rate: what a smaller capacity still has to reach to be enough
P99 = "response_p99"
Figure = Callable[[Case], Estimate | None]


def capacity(case: Case) -> int | None:
    held = case.params.get("cap") or next((r["capacity"] for r in bp.records(case) if r.get("capacity")), None)
    return int(held) if held else None


def rate(case: Case) -> Estimate | None:
    """The channel's own, messages a second."""
    found = (t.get("latency", "capacity") for t in case.measured())
    return estimate(v for v in found if v)


def p99(case: Case) -> Estimate | None:
    return estimate(case.rounds(P99).values())


def curves(cases: list[Case], figure: Figure) -> dict[str, multiples.Curve]:
    """By channel."""
    points: dict[str, list[tuple[float, Estimate]]] = {}
    ids: dict[str, list[str]] = {}
    for case in cases:
        held, e = capacity(case), figure(case)
        if held and e:
            points.setdefault(case.channel, []).append((held, e))
            ids.setdefault(case.channel, []).append(case.id)
    return {name: multiples.over_rounds(found, ids[name]) for name, found in sorted(points.items())}


def enough(found: Mapping[str, multiples.Curve]) -> dict[str, float]:
    """By channel, the capacity from which on it has NEAR of its best rate."""
    made = {}
    for name, curve in found.items():
        near = curve.y >= NEAR * curve.y.max()
        short = np.flatnonzero(~near)
        after = int(short[-1]) + 1 if len(short) else 0
        if len(curve.x) > 1 and after < len(curve.x):
            made[name] = float(curve.x[after])
    return made


def reading(rates: Mapping[str, multiples.Curve], tails: Mapping[str, multiples.Curve]) -> list[str]:
    found = enough(rates)
    said = []
    if found:
        said.append(f"{100 * NEAR:.0f} % of a channel's best rate is there from a capacity of {say.span_of(found, say.many)} on.")
    grown = {n: float(c.y[-1] / c.y[0]) for n, c in tails.items() if len(c.x) > 1}
    if grown:
        times = say.span_of(grown, lambda v: f"{text.digits(v)}×")
        said.append(f"From the smallest to the largest capacity, p99 of the response becomes {times} as long.")
    return said or ["Too few capacities were measured to say."]


def _finish(found: Mapping[str, multiples.Curve], label: str, unit: str) -> Callable[[Axes], None]:
    held = sorted({float(v) for c in found.values() for v in c.x})
    x = axes.padded(held)
    y = axes.padded([float(v) for c in found.values() for v in c.y])

    def finish(ax: Axes) -> None:
        axes.logarithmic(ax, "x", x, "")
        ax.xaxis.set_major_locator(FixedLocator(held if len(held) < 7 else held[::2]))
        ax.xaxis.set_major_formatter(lambda v, _: say.many(v))
        axes.logarithmic(ax, "y", y, unit, most=5)
        ax.set_xlabel("capacity, messages (log scale)", size=9)
        ax.set_ylabel(label, size=9)

    return finish


def _panels(found: Mapping[str, multiples.Curve], label: str, unit: str, words: str) -> list[Panel]:
    if not found:
        return []
    grid = bp.grid_of(found)
    return multiples.panels(
        found, grid, _finish(found, label, unit), kind=kinds.LINES, subtitle=words, marked=True,
        say=lambda v: text.quantity(v, unit), at=lambda v: f"{say.many(v)} messages",
    )  # fmt: skip


def _cells(e: Estimate | None, unit: str) -> list[Cell]:
    if e is None:
        return [number("–")] * 3
    return [number(text.quantity(e.median, unit)), number(text.interval(e, unit)), number(text.spread(e), "marked" if e.noisy else "")]


def table(run: Run, cases: list[Case], caption: str) -> Table:
    version, failed = compare.sources(run), run.failed_channels()
    rows = []
    shown = [c for c in cases if c.status != "not_applicable"]
    for case in sorted(shown, key=lambda c: (c.channel in failed, c.channel, capacity(c) or 0)):
        held, source = number(str(capacity(case) or "no bound")), Cell(version.get(case.channel, ""), "source")
        if case.measured():
            cells = [*_cells(rate(case), "msg/s"), *_cells(p99(case), "ns"), number(str(len(case.measured())))]
            rows.append([channel_cell(case.channel), held, *cells, id_cell(case.id), source])
        else:
            why = Cell(case.reason or "nothing measured", "failed")
            rows.append([channel_cell(case.channel, True), held, why, *[Cell("")] * 6, id_cell(case.id), source])
    head = ["channel", "capacity", "own rate", "interval", "IQR", "response p99", "interval", "IQR", "n", "id", "source"]
    return Table(caption, head, rows)


def sections(run: Run) -> list[Section]:
    failed = run.failed_channels()
    cases = [c for c in run.of("capacity_sweep") if c.channel not in failed and c.measured()]
    section = Section(
        "capacity_sweep",
        "How much capacity is enough",
        question="A larger channel absorbs more, and lets messages wait for longer. From which capacity on does the rate not grow any more?",
    )
    differ = say.apart(cases, ("cap",))
    for group in bp.grouped(cases, ("cap",)).values():
        rest = differ[group[0].id]
        rates, tails = curves(group, rate), curves(group, p99)
        section.readings += say.of_group(rest, reading(rates, tails))
        section.panels += _panels(rates, "own rate, msg/s (log scale)", "msg/s", f"own rate; {rest}".rstrip("; "))
        section.panels += _panels(tails, "p99, ns (log scale)", "ns", f"response p99; {rest}".rstrip("; "))
    if not section.panels:
        return []
    for words_of, group in bp.grouped(run.of("capacity_sweep"), ("cap",)).items():
        section.tables.append(table(run, group, text.sentence(words_of) or "By capacity"))
    section.notes = ["The own rate is measured in the same process, senders as fast as they can. Grey band: all channels. Bars: intervals."]
    return [section]
