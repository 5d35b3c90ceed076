"""Response over the time of a window, in intervals of 100 ms: what came once, and what stays."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from weirlib import style
from weirlib.results import Case, Run
from weirlib.charts import axes, compare, kinds, latency, text
from weirlib.charts.section import Cell, Panel, Section, Table, channel_cell, number

WIDTH, HEIGHT = 350, 190
Series = tuple[np.ndarray, np.ndarray, np.ndarray]  # time in ms, p50 and largest in ns


def series(case: Case) -> Series | None:
    """Of its last measured round; rounds are different stretches of time and cannot be pooled."""
    records = latency.said(case)
    if not records:
        return None
    intervals = [i for i in records[-1]["intervals"] if i["count"]]
    if not intervals:
        return None
    columns = (np.array([float(i[key]) for i in intervals]) for key in ("at_ms", "p50", "max"))
    at, p50, most = columns
    return at, np.maximum(p50, 1.0), np.maximum(most, 1.0)


def _draw(ax: Axes, channel: str, found: Series, span: tuple[float, float]) -> None:
    at, p50, most = found
    colour = style.look(channel).colour
    ax.plot(at, most, color=colour, lw=1.5, ls=(0, (4, 1.6)), marker="o", ms=3, label="largest")
    ax.plot(at, p50, color=colour, lw=1.5, marker="o", ms=3, label="p50")
    axes.logarithmic(ax, "y", span, "ns", most=4)
    ax.set_xlabel("time in the window, ms", size=9)
    ax.set_ylabel("response, ns (log scale)", size=9)
    ax.legend(loc="upper right", frameon=False, fontsize=8, ncol=2)


def _caption(found: Series) -> str:
    at, p50, most = found
    slowest = int(most.argmax())
    return f"The slowest took {text.quantity(float(most[slowest]), 'ns')}, {at[slowest]:.0f} ms into the window; the median stays under {text.quantity(float(p50.max()), 'ns')}."


def sections(run: Run) -> list[Section]:
    """The lowest rate with the longest window, every channel."""
    cases = [c for c in run.of("paced") if "rate" in c.params and c.channel not in run.failed_channels()]
    if not cases:
        return []
    lowest = min(int(c.params["rate"]) for c in cases)
    found = {c.channel + f" {c.params['service']}" if "service" in c.params else c.channel: (c, s) for c in cases if int(c.params["rate"]) == lowest and (s := series(c))}
    if not found:
        return []
    rate = text.quantity(float(lowest), "msg/s")
    section = Section(
        "latency_time",
        f"Latency over time at {rate}",
        question="Is a slow message an accident of one moment, or does it come again and again?",
    )
    span = axes.padded([float(v) for _, s in found.values() for v in (*s[1], *s[2])])
    version = compare.sources(run)
    rows, worst = [], {}
    for name, (case, values) in sorted(found.items()):

        def draw(ax: Axes, case: Case = case, values: Series = values) -> None:
            _draw(ax, case.channel, values, span)

        section.panels.append(Panel(name, draw, WIDTH, HEIGHT, kinds.LINES, [case.id], "intervals of 100 ms, last round", _caption(values), (62, 12, 36, 38)))
        worst[name] = float(values[2].max())
        for at, p50, most in zip(*values):
            cells = [number(f"{at:.0f} ms"), number(text.quantity(p50, "ns")), number(text.quantity(most, "ns"))]
            rows.append([channel_cell(case.channel), *cells, Cell(version.get(case.channel, ""), "source")])
    low, high = min(worst, key=lambda n: worst[n]), max(worst, key=lambda n: worst[n])
    section.readings = [
        f"At {rate} the slowest message took {text.quantity(worst[low], 'ns')} ({low}) to "
        f"{text.quantity(worst[high], 'ns')} ({high}) in the last round."
    ]
    section.tables = [Table("Intervals", ["channel", "from", "p50", "largest", "source"], rows)]
    return [section]
