"""More messages than a channel can pass: goodput and losses against what is offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from weirlib import style
from weirlib.results import Case, Run
from weirlib.charts import kinds, latency, text
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Panel, Section, Table, number

WIDTH, HEIGHT = 272, 236
STRIP = (0, -0.42, 1, 0.32)
COLLAPSE = 0.8  # of the best goodput: below, the channel passes less the more it is offered
MOST_SHOWN = 12


@dataclass(frozen=True)
class Point:
    case: Case
    load: float  # percent of what can be served
    goodput: float
    lost: float  # percent


def load_of(case: Case) -> float:
    """Percent of what can be served that was offered."""
    if "load" in case.params:
        return float(case.params["load"])
    capacity = own_capacity(case)
    offered = float(case.params["rate"]) if "rate" in case.params else bp.median(case, "offered_rate")
    return 100.0 * offered / capacity if capacity and offered else 0.0


def own_capacity(case: Case) -> float | None:
    """Messages a second: as the trials measured it, or else what the consumers' service time allows."""
    found = [float(r["capacity"]) for r in latency.said(case) if r.get("capacity")]
    if found:
        return float(np.median(found))
    service = text.duration_ns(str(case.params.get("service", "")).removeprefix("exponential-"))
    return 1e9 * float(case.params.get("c", 1)) / service if service else None


def point(case: Case) -> Point:
    lost = bp.lost(case)
    return Point(case, load_of(case), bp.median(case, "goodput") or 0.0, lost.median if lost else 0.0)


def curves(cases: Sequence[Case]) -> dict[str, list[Point]]:
    """By channel and policy, waiting ones first; the points by load."""
    rest = say.apart(cases, ("load", "rate", "full"))
    found: dict[str, list[Point]] = {}
    for case in sorted(cases, key=lambda c: (bp.policy_rank(c)[:3], rest[c.id])):
        name = ", ".join(filter(None, (case.channel, bp.policy_said(case), rest[case.id])))
        found.setdefault(name, []).append(point(case))
    return {name: sorted(points, key=lambda p: p.load) for name, points in found.items()}


def _draw(ax: Axes, points: list[Point], right: float, top: float) -> None:
    channel, capacity, x = points[0].case.channel, own_capacity(points[0].case), [p.load for p in points]
    if capacity:
        limit = style.colour("limit")
        ax.plot([0, 100, right], [0, capacity, capacity], color=limit, lw=1.1, ls=(0, (4, 2)), zorder=1, gid="ideal")
    ax.plot(x, [p.goodput for p in points], lw=1.6, zorder=3, gid="goodput", **style.marker_props(channel, 5.0))
    ax.set_ylim(0, top * 1.15)
    ax.set_xlim(0, right * 1.04)
    ax.xaxis.set_major_locator(FixedLocator(sorted({100.0, *(v for v in x if v > 130)})))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: text.short(v, "msg/s") if v else "0"))
    strip = ax.inset_axes(STRIP, sharex=ax)
    strip.fill_between(x, [p.lost for p in points], color=style.colour("failed"), alpha=0.2, lw=0)
    strip.plot(x, [p.lost for p in points], "o-", color=style.colour("failed"), lw=1.4, ms=3.5, gid="lost")
    strip.set_facecolor("none")
    strip.set_ylim(0, 100)
    strip.set_yticks([0, 50, 100])
    strip.set_ylabel("lost, %", size=9)
    ax.tick_params(axis="x", labelbottom=False)
    ax.set_ylabel("goodput, msg/s", size=9)
    ax.set_xlabel("offered, % of what can be served", size=9)
    ax.xaxis.set_label_coords(0.5, -0.60)


def _caption(points: list[Point]) -> str:
    last = points[-1]
    lost = f"{text.digits(last.lost)} % is lost" if last.lost else "nothing is lost"
    return f"With {last.load:.0f} % offered, {text.quantity(last.goodput, 'msg/s')} come out and {lost}."


def _panels(found: dict[str, list[Point]]) -> list[Panel]:
    right = max(p.load for points in found.values() for p in points)
    best: dict[str, float] = {}
    for points in found.values():
        channel, own = points[0].case.channel, own_capacity(points[0].case)
        best[channel] = max([best.get(channel, 0.0), own or 0.0, *(p.goodput for p in points)])
    made = []
    for name, points in found.items():

        def drawer(ax: Axes, points: list[Point] = points) -> None:
            _draw(ax, points, right, best[points[0].case.channel])

        title, _, rest = name.partition(", ")
        made.append(Panel(title, drawer, WIDTH, HEIGHT, kinds.LINES, [p.case.id for p in points], rest, _caption(points), (66, 12, 38, 84)))
    return made


def _share(case: Case, of: Callable[[Any], Any]) -> Cell:
    """Of the window, blocked in a send: of the shares of all senders, the median or the largest."""
    e = bp.each(case, lambda r: float(of(r["blocked_share"] or [0.0])))
    return number(f"{100 * e.median:.1f} %" if e else "–")


def _cores(case: Case) -> Cell:
    found = bp.median(case, "cpu", "waiting")
    return number("cannot tell" if found is None else f"{found:.2f} cores")


def table(run: Run, cases: Sequence[Case], caption: str) -> Table:
    columns: list[bp.Column] = [
        ("load", lambda c: number(f"{load_of(c):.0f} %")),
        *bp.GOODPUT,
        ("accepted", lambda c: bp.counted(c, "accepted")),
        ("refused: full", lambda c: bp.counted(c, "refused", "full")),
        ("dropped", lambda c: bp.counted(c, "refused", "dropped")),
        ("timed out", lambda c: bp.counted(c, "refused", "timed_out")),
        ("evicted", lambda c: bp.counted(c, "evicted")),
        ("lost", bp.lost_cell),
        ("blocked share, median sender", lambda c: _share(c, np.median)),
        ("worst sender", lambda c: _share(c, max)),
        ("staleness p50", lambda c: bp.percentile_cell(c, "staleness", 50)),
        ("p99", lambda c: bp.percentile_cell(c, "staleness", 99)),
        ("response p99", lambda c: bp.percentile_cell(c, "response", 99)),
        ("depth mean", lambda c: bp.counted(c, "depth", "mean")),
        ("max", lambda c: bp.counted(c, "depth", "max")),
        ("CPU waiting", _cores),
        bp.ROUNDS,
    ]
    return bp.table(run, caption, sorted(cases, key=load_of), columns)


def reading(found: dict[str, list[Point]]) -> list[str]:
    """Whether goodput holds, who loses what, and who stands."""
    most = max(points[-1].load for points in found.values())
    best = {name: max(q.goodput for q in p) for name, p in found.items() if len(p) > 1}
    kept = {name: found[name][-1].goodput / value for name, value in best.items() if value}
    fallen = {name: share for name, share in kept.items() if share < COLLAPSE}
    parts = []
    if fallen:
        parts.append(f"Goodput collapses: offered {most:.0f} % of what can be served, {say.span_of(fallen, lambda v: f'{100 * v:.0f} %')} of the best is left.")
    holding = {name: share for name, share in kept.items() if name not in fallen}
    if holding:
        opening = "The others hold" if fallen else f"Goodput holds: offered {most:.0f} % of what can be served, channels keep"
        parts.append(f"{opening} {say.span_of(holding, lambda v: f'{100 * v:.0f} %')} of their best.")
    lost = {name: p[-1].lost for name, p in found.items() if p[-1].lost > 0}
    if lost:
        parts.append(f"Lost at the highest load: {say.span_of(lost, lambda v: f'{v:.0f} %')}.")
    stale = {name: v[0] for name, p in found.items() if (v := bp.percentile(p[-1].case, "staleness", 50)) and not v[1]}
    if stale:
        parts.append(f"There half of the messages are older than {say.span_of(stale, lambda v: text.quantity(v, 'ns'))} when they are received.")
    return parts


def sections(run: Run) -> list[Section]:
    found = curves(bp.fair(run, "overload"))
    if not found:
        return []
    section = Section(
        "backpressure_overload",
        "More than it can pass",
        question="A channel is offered up to several times what can be served. How much still comes through, and what happens to the rest?",
        readings=reading(found),
    )
    section.fold(_panels(found), MOST_SHOWN)
    for words, cases in bp.grouped(run.of("overload"), ("load", "rate")).items():
        for channel in dict.fromkeys(c.channel for c in cases):
            section.tables.append(table(run, [c for c in cases if c.channel == channel], f"{channel}: {words}".rstrip(": ")))
    section.notes = [
        "Open loop. Dashed: what was offered, up to what can be served. Lost: refused or "
        "evicted, of those offered. Staleness: age of a message when it is received, from when it was due. Blocked share: of the "
        "window, in a send. CPU waiting: processors kept busy beside service and pacing. All are medians over rounds."
    ]
    return [section]
