"""What a message costs in CPU time and context switches, against the throughput that it buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import numpy as np
from matplotlib.axes import Axes

from weirlib import style
from weirlib.charts import axes, compare, kinds, text
from weirlib.charts.names import frontier, place_names
from weirlib.charts.section import Cell, Panel, Section, Table, channel_cell, number
from weirlib.charts.throughput import METRIC, base_key, others, topology_key
from weirlib.results import Case, Run

WIDTH, HEIGHT = 430, 360
LEAST_SWITCHES = 0.1  # zero has no place on a log axis: drawn at the lower edge


@dataclass(frozen=True)
class Point:
    channel: str
    throughput: float
    cpu_ns: float | None
    switches: float | None  # per million messages, voluntary and not
    tainted: bool


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if len(values) else None


def point(case: Case, tainted: set[str]) -> Point | None:
    speed = _median(list(case.rounds(METRIC).values()))
    if speed is None:
        return None
    switches = []
    for trial in case.measured():
        kinds = [trial.get("cpu", "voluntary_switches"), trial.get("cpu", "involuntary_switches")]
        received = sum(r["messages"] for r in trial.line["roles"] if r["role"].startswith("receiver"))
        if received and None not in kinds:
            switches.append(1e6 * sum(k for k in kinds if k) / received)
    return Point(
        case.channel,
        speed,
        _median(list(case.rounds_of("cpu", "ns_per_message").values())),
        _median(switches),
        case.channel in tainted,
    )


def _draw(
    ax: Axes, points: list[tuple[str, float, float]], ylabel: str, unit: str, floor: float | None
) -> None:
    axes.logarithmic(ax, "x", axes.padded([x for _, x, _ in points], 0.08), "msg/s")
    span = axes.padded([y for _, _, y in points], 0.08)
    if unit == "ns":
        axes.logarithmic(ax, "y", span, unit)
    else:
        axes.logarithmic(ax, "y", span, "/s", most=7)
        ax.yaxis.set_major_formatter(
            lambda v, _: "none" if floor and v <= floor * 1.01 else axes.tick_label(v, "/s")
        )
    ax.set_xlabel("throughput, msg/s (log scale)", size=9)
    ax.set_ylabel(ylabel, size=9)
    for name, x, y in points:
        ax.plot([x], [y], ls="", gid=f"median-{name}", **style.marker_props(name, 7))
    place_names(ax, points)


def _panel(
    points: list[tuple[str, float, float]],
    title: str,
    subtitle: str,
    ylabel: str,
    unit: str,
    ids: list[str],
    caption: str,
    floor: float | None = None,
) -> Panel:
    return Panel(
        title,
        lambda ax: _draw(ax, points, ylabel, unit, floor),
        WIDTH,
        HEIGHT,
        kinds.POINTS,
        ids,
        subtitle,
        caption,
        (64, 14, 40, 40),
    )


def _table(run: Run, points: list[Point], caption: str) -> Table:
    version = compare.sources(run)
    rows = [
        [
            channel_cell(p.channel),
            number(text.quantity(p.throughput, "msg/s")),
            number(text.quantity(p.cpu_ns, "ns")),
            number("–" if p.switches is None else text.digits(p.switches)),
            Cell(version.get(p.channel, "")),
        ]
        for p in sorted(points, key=lambda p: (p.tainted, -p.throughput))
    ]
    return Table(
        caption,
        ["channel", "throughput", "CPU per message", "context switches per million messages", "source"],
        rows,
    )


def _reading(points: list[Point], words: str) -> str:
    fair = [p for p in points if p.cpu_ns is not None and not p.tainted]
    if not fair:
        return f"{words}: no verified figure."
    cheap = min(fair, key=lambda p: (p.cpu_ns or 0, p.channel))
    best = frontier([(p.channel, p.throughput, p.cpu_ns or 0) for p in fair])
    if best == [cheap.channel]:
        return f"{words}: no channel has a higher median throughput or a lower CPU cost than {cheap.channel}."
    return (
        f"{words}: {cheap.channel} has the lowest CPU time per message ({text.quantity(cheap.cpu_ns, 'ns')}); "
        f"by their medians none is both faster and cheaper than {text.names(sorted(best))}."
    )


def _fewest(switches: list[tuple[str, float, float]]) -> str:
    least, most = min(switches, key=lambda p: (p[2], p[0])), max(switches, key=lambda p: (p[2], p[0]))
    return f"From {text.digits(least[2])} ({least[0]}) to {text.digits(most[2])} ({most[0]}) switches per million messages."


def sections(run: Run) -> list[Section]:
    cases = run.of("throughput")
    key = base_key(cases)
    if key is None:
        return []
    base = [c for c in cases if others(c.params, ("p", "c")) == key]
    shapes = sorted({topology_key(c) for c in base}, key=lambda t: (sum(t), t[1]))
    section = Section(
        "cpu_per_message",
        "CPU and context switches per message",
        question="What does the throughput cost? Right is faster, lower is cheaper.",
    )
    for p, c in dict.fromkeys(
        [shapes[0], shapes[-1]]
    ):  # the smallest and the largest topology; the rest by table
        _shape(section, run, [case for case in base if topology_key(case) == (p, c)], f"{p}×{c}", True)
    for p, c in shapes[1:-1]:
        _shape(section, run, [case for case in base if topology_key(case) == (p, c)], f"{p}×{c}", False)
    section.notes = [
        f"{text.sentence(text.case_words(dict(key)))}. CPU time is that of all threads of the trial; names are "
        "left out where they would cover points, every channel is in the table."
    ]
    drawn = {case.channel for case in base if case.rounds(METRIC)}
    section.legend = sorted(drawn - run.failed_channels())
    return [section] if section.panels else []


def _shape(section: Section, run: Run, cases: list[Case], words: str, drawn: bool) -> None:
    points = [p for p in (point(case, run.failed_channels()) for case in cases) if p]
    if not points:
        return
    section.tables.append(_table(run, points, words))
    if not drawn:
        return
    over = ", oversubscribed" if any(c.oversubscribed for c in cases) else ""
    fair = [p for p in points if not p.tainted]
    ids = [case.id for case in cases if case.channel in {p.channel for p in fair}]
    cpu = [(p.channel, p.throughput, p.cpu_ns) for p in fair if p.cpu_ns]
    met = [p.switches for p in fair if p.switches]
    floor = 10.0 ** np.floor(np.log10(min(met))) if met else LEAST_SWITCHES
    switches = [(p.channel, p.throughput, max(p.switches, floor)) for p in fair if p.switches is not None]
    if cpu:
        section.panels.append(
            _panel(cpu, f"CPU time per message, {words}", f"all threads{over}", "CPU time (log scale)", "ns", ids, _reading(points, words))
        )
    if switches:
        section.panels.append(
            _panel(
                switches,
                f"Context switches, {words}",
                f"voluntary and not{over}",
                "switches per million messages (log scale)",
                "",
                ids,
                _fewest(switches),
                floor,
            )
        )
    section.readings.append(_reading(points, words))
