"""Latency against load: what a channel's response does as the rate comes near its capacity, and where its knee is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from weirlib import style
from weirlib.results import Case, Run
from weirlib.stats import estimate
from weirlib.charts import axes, compare, dots, histogram, kinds, latency, text
from weirlib.charts.ping_pong import by_rest
from weirlib.charts.section import Cell, Panel, Section, Table, channel_cell, id_cell, number

WIDTH, HEIGHT = 350, 250
LINES = ((50.0, "-"), (99.0, (0, (4, 1.6))))


@dataclass(frozen=True)
class Point:
    case: Case
    load: int  # percent of the own capacity
    achieved: float  # messages a second
    share: float  # percent of the own capacity, as it was measured in the same process
    values: dict[float, float]  # percentile to ns; without those that have too few samples


def points(cases: list[Case]) -> list[Point]:
    """One for each load that was measured, ascending; percentiles of merged histograms."""
    found = []
    for case in cases:
        merged = histogram.merge(case.histograms("response"))
        if merged is None:
            continue
        known = {p: histogram.percentile(merged, p) for p, _ in LINES}
        records = latency.said(case)
        achieved = float(np.median([record["achieved"] for record in records]))
        share = 100.0 * float(np.median([record["achieved"] / record["capacity"] for record in records]))
        values = {p: v[0] for p, v in known.items() if v and not v[1]}
        found.append(Point(case, int(case.params["load"]), achieved, share, values))
    return sorted(found, key=lambda point: point.share)


def by_channel(run: Run) -> dict[str, list[Point]]:
    cases: dict[str, list[Case]] = {}
    for case in run.of("paced"):
        if "load" in case.params:
            cases.setdefault(case.channel, []).append(case)
    return {name: found for name, group in sorted(cases.items()) if (found := points(group))}


@dataclass(frozen=True)
class Knee:
    rate: float  # messages a second
    share: float  # percent of the capacity that was measured in the same process
    bound_ns: float


def knee_of(run: Run, channel: str, service: Any) -> Knee | None:
    """Of the same work a message."""
    for case in run.of("knee"):
        e = estimate(case.rounds("knee").values())
        records = [record["knee"] for record in latency.said(case) if "knee" in record]
        capacity = case.rounds("capacity")
        shares = [100.0 * rate / capacity[n] for n, rate in case.rounds("knee").items() if n in capacity]
        if case.channel == channel and case.params.get("service") == service and e and records and shares:
            return Knee(e.median, float(np.median(shares)), float(records[0]["bound_ns"]))
    return None


def _draw(ax: Axes, channel: str, found: list[Point], knee: Knee | None, span: Any) -> None:
    colour = style.look(channel).colour
    for percent, line in LINES:
        drawn = [p for p in found if percent in p.values]
        fine = [p for p in drawn if not latency.saturated(p.case)]
        ax.plot([p.share for p in drawn], [p.values[percent] for p in drawn], color=colour, ls=line, lw=1.5, label=f"p{percent:g}")
        ax.plot([p.share for p in fine], [p.values[percent] for p in fine], "o", color=colour, ms=4)
        over = [p for p in drawn if latency.saturated(p.case)]
        ax.plot([p.share for p in over], [p.values[percent] for p in over], "o", color=colour, mfc=style.colour("paper"), ms=5)
    axes.logarithmic(ax, "y", span, "ns", most=5)
    most = max([100.0] + [p.share for p in found] + ([knee.share] if knee else []))
    ax.set_xlim(0, most * 1.1)
    if knee:
        ax.axvline(knee.share, color=style.colour("limit"), lw=1.1, ls=(0, (1, 1.5)))
        ax.axhline(knee.bound_ns, color=style.colour("limit"), lw=0.8, ls=(0, (4, 2)))
    ax.set_xlabel("achieved, % of the own capacity", size=9)
    ax.set_ylabel("response (log scale)", size=9)
    ax.legend(loc="upper left", frameon=False, fontsize=8)


def _table(run: Run, name: str, found: list[Point]) -> Table:
    version = compare.sources(run)
    rows = []
    for point in found:
        full = latency.saturated(point.case)
        cells = [number(text.quantity(point.values.get(p), "ns")) for p, _ in LINES]
        capacity = float(np.median([r["capacity"] for r in latency.said(point.case)]))
        rows.append(
            [
                channel_cell(name),
                number(f"{point.load} %"),
                number(text.quantity(capacity, "msg/s")),
                number(text.quantity(point.achieved, "msg/s")),
                *cells,
                Cell("saturated" if full else "", "marked" if full else ""),
                id_cell(point.case.id),
                Cell(version.get(name, ""), "source"),
            ]
        )
    head = ["channel", "load", "capacity", "achieved", *(f"p{p:g}" for p, _ in LINES), "", "id", "source"]
    return Table(name, head, rows)


def _hockey(run: Run) -> Section | None:
    found = {name: p for name, p in by_channel(run).items() if name not in run.failed_channels()}
    if not found:
        return None
    section = Section(
        "latency_load",
        "Latency against load",
        question="Each channel is offered parts of its own capacity. From which rate on do messages queue up?",
    )
    values = [v for group in found.values() for p in group for v in p.values.values()]
    for name, group in found.items():
        knee = knee_of(run, name, group[0].case.params.get("service"))
        span = axes.padded(values + ([knee.bound_ns] if knee else []))

        def draw(ax: Axes, name: str = name, group: list[Point] = group, knee: Any = knee, span: Any = span) -> None:
            _draw(ax, name, group, knee, span)

        full = [p.load for p in group if latency.saturated(p.case)]
        at = f"saturated from a load of {min(full)} % on" if full else "never saturated here"
        bound = f", knee at {text.quantity(knee.rate, 'msg/s')} for p99 under {text.quantity(knee.bound_ns, 'ns')}" if knee else ""
        said = f"{name}: {at}{bound}."
        ids = [p.case.id for p in group]
        section.panels.append(
            Panel(name, draw, WIDTH, HEIGHT, kinds.LINES, ids, "parts of its own capacity", said, (58, 14, 38, 40))
        )
        section.readings.append(said)
        section.tables.append(_table(run, name, group))
    section.notes = [
        "Open loop. Hollow points: saturated, less than 99 % of what was offered came through; their latency grows with "
        "the length of the window. Dotted line: the knee; dashed: its bound."
    ]
    return section


def _knees(run: Run) -> Section | None:
    groups = by_rest(run.of("knee"))
    if not groups:
        return None
    section = Section(
        "knee",
        "The knee",
        question="What is the highest rate at which p99 of the response stays under a bound?",
    )
    for words, cases in groups.items():
        rows = dots.rows(cases, "knee", "higher", run.failed_channels())
        if not rows:
            continue
        section.panels.append(
            dots.panel(rows, "msg/s", "knee, messages per second (log scale)", text.sentence(words), span=dots.extent([rows], []), caption=compare.lead(rows, "higher", "msg/s"))
        )
        section.readings.append(f"{text.sentence(words)}: {compare.lead(rows, 'higher', 'msg/s')} {_repeats(cases)}")
        section.tables.append(compare.table(run, rows, "higher", "msg/s", text.sentence(words)))
    section.notes = [
        "A rate holds when the median p99 of five windows is under the bound and at least 99 % came through. Windows in "
        "which the host was away for longer than the bound are repeated."
    ]
    return section if section.tables else None


def _repeats(cases: list[Case]) -> str:
    records = [record["knee"] for case in cases for record in latency.said(case) if "knee" in record]
    windows, repeated, disturbed = (sum(r[name] for r in records) for name in ("windows", "repeated", "disturbed"))
    return (
        f"Of {windows} windows {repeated} were repeated because of the host; {disturbed} counted although it was away."
    )


def sections(run: Run) -> list[Section]:
    return [made for made in (_hockey(run), _knees(run)) if made]
