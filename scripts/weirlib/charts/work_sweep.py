"""How much the channel still matters once each message costs some work."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Mapping

import numpy as np
from matplotlib.axes import Axes

from weirlib import style
from weirlib.results import Case, Run
from weirlib.stats import Standing, estimate
from weirlib.charts import axes, compare, dots, kinds, multiples, text
from weirlib.charts.section import Section
from weirlib.charts.throughput import BETTER, METRIC, UNIT, Key, others, topology_key, work_of


@dataclass(frozen=True)
class Sweep:
    """Cases that differ in nothing but the work, on one side or both: amount in ns to cases, ascending."""

    side: str
    rest: Key
    levels: dict[int, list[Case]]


SIDES: dict[str, Callable[[int, int], bool]] = {
    "before each send": lambda send, receive: receive == 0,
    "after each receive": lambda send, receive: send == 0,
    "on both sides": lambda send, receive: send == receive,
}


def sweeps(run: Run) -> list[Sweep]:
    """Those with two amounts or more, by side and the rest of their parameters."""
    found: dict[tuple[str, Key], dict[int, list[Case]]] = {}
    for case in run.of("throughput"):
        amounts = work_of(case)
        for side, belongs in SIDES.items():
            if belongs(*amounts):
                levels = found.setdefault((side, others(case.params, ("work", "rwork"))), {})
                levels.setdefault(max(amounts), []).append(case)
    swept = [Sweep(side, rest, _common(levels)) for (side, rest), levels in found.items()]
    return [sweep for sweep in swept if len(sweep.levels) > 1]


def _common(levels: dict[int, list[Case]]) -> dict[int, list[Case]]:
    """Without the channels that were measured at one amount only: a suite may sweep a few of many."""
    met = Counter(
        case.channel for cases in levels.values() for case in cases if case.status != "not_applicable"
    )
    kept = {work: [c for c in cases if met[c.channel] > 1] for work, cases in sorted(levels.items())}
    return {work: cases for work, cases in kept.items() if cases}


def threshold(standings: dict[int, Standing]) -> tuple[int, list[str]] | None:
    """(N, group); None if rounds are too few.

    The group are the channels not told apart from the first at the largest amount of work; N is the smallest
    amount from which on, at every amount measured, none of them is behind the first.
    """
    if not standings or not any(s.together or s.behind for s in standings.values()):
        return None
    last = standings[max(standings)]
    group = {last.first, *last.together}
    least = None
    for work in sorted(standings, reverse=True):
        if not group <= {standings[work].first, *standings[work].together}:
            break
        least = work
    return (least, sorted(group)) if least is not None else None


def sentence(levels: dict[int, list[Case]], tainted: set[str]) -> str:
    """The computed sentence of this chart."""
    rows = {work: dots.rows(cases, METRIC, BETTER, tainted) for work, cases in levels.items()}
    fair = {work: compare.eligible(found) for work, found in rows.items()}
    common = set.intersection(*(set(f) for f in fair.values()))
    if not common:
        return "No channel has a verified figure at every amount of work."
    places = {work: compare.place_of([f[n] for n in common], BETTER) for work, f in fair.items()}
    few = {name for p in places.values() if p for name in p.untold}
    found = threshold({work: p for work, p in places.items() if p})
    if found is None:
        return "Too few rounds to say from how much work on the channels are not told apart."
    common -= few
    least, group = found
    if len(group) == 1:
        return f"Even at {max(levels)} ns of work per message {group[0]} is ahead of all others."
    rest = sorted(common - set(group))
    last = (fair[max(levels)][n].estimate for n in group)
    medians = [e.median for e in last if e]
    apart = f"medians at {max(levels)} ns within {100 * (max(medians) / min(medians) - 1):.1f} %"
    which = f"all {len(group)} channels" if not rest else f"these {len(group)} of {len(common)} channels"
    tail = f": {text.names(group, 4)}. Behind: {text.names(rest, 4)}." if rest else "."
    if few:
        tail += f" Too few rounds to say it of {text.names(sorted(few))}."
    return (
        f"From {least} ns of work per message on, {which} are not told apart from the fastest ({apart}){tail}"
    )


def _curve(cases: dict[int, Case]) -> multiples.Curve:
    estimates = {work: estimate(case.rounds(METRIC).values()) for work, case in cases.items()}
    kept = {w: e for w, e in estimates.items() if e}
    low, high = ([(e.low if side == 0 else e.high) or e.median for e in kept.values()] for side in (0, 1))
    return multiples.Curve(
        np.array(list(kept), float),
        np.array([e.median for e in kept.values()]),
        np.array(low),
        np.array(high),
        [cases[work].id for work in kept],
    )


def _curves(levels: dict[int, list[Case]], tainted: set[str]) -> dict[str, multiples.Curve]:
    """A channel that failed has no curve."""
    by_channel: dict[str, dict[int, Case]] = {}
    for work, cases in levels.items():
        for case in cases:
            if case.rounds(METRIC) and case.channel not in tainted:
                by_channel.setdefault(case.channel, {})[work] = case
    return {name: _curve(found) for name, found in by_channel.items()}


def _finish(sweep: Sweep, curves: Mapping[str, multiples.Curve]) -> Callable[[Axes], None]:
    span = axes.padded([float(v) for c in curves.values() for v in c.y])
    works = list(sweep.levels)

    def finish(ax: Axes) -> None:
        axes.logarithmic(ax, "y", span, UNIT, most=4)
        ax.set_xticks(range(len(works)), [str(w) for w in works])
        ax.set_xlim(-0.25, len(works) - 0.75)
        ax.set_xlabel("work per message, ns", size=9)
        ax.set_ylabel("msg/s (log scale)", size=9)
        bound = [(i, _hands(sweep) * 1e9 / work) for i, work in enumerate(works) if work]
        if not _crowded(sweep):
            ax.plot(*zip(*bound), color=style.colour("limit"), lw=1, ls=(0, (3, 2)), zorder=2)

    return finish


def _hands(sweep: Sweep) -> int:
    """How many threads share the work; on both sides the smaller number bounds."""
    senders, receivers = topology_key(next(iter(sweep.levels.values()))[0])
    return {"before each send": senders, "after each receive": receivers}.get(
        sweep.side, min(senders, receivers)
    )


def _crowded(sweep: Sweep) -> bool:
    return any(case.oversubscribed for cases in sweep.levels.values() for case in cases)


def _section(run: Run, sweep: Sweep, number: int) -> Section:
    params: dict[str, Any] = dict(sweep.rest)
    place = {work: float(i) for i, work in enumerate(sweep.levels)}
    curves = {
        name: multiples.Curve(np.array([place[int(w)] for w in c.x]), c.y, c.low, c.high, c.ids)
        for name, c in _curves(sweep.levels, run.failed_channels()).items()
    }
    section = Section(
        f"work_sweep_{number}" if number > 1 else "work_sweep",
        f"Work {sweep.side}, {text.topology(params)}",
        question="From how much work per message on does the channel no longer matter? "
        f"{text.sentence(text.case_words(params, ('p', 'c')))}.",
        readings=[sentence(sweep.levels, run.failed_channels())],
    )
    bound = "" if _crowded(sweep) else " Dashed line: what the work alone lets through."
    section.notes = [f"Grey band: all channels.{bound}"]
    finish = _finish(sweep, curves)
    works = list(sweep.levels)
    section.panels = multiples.panels(
        curves, np.arange(len(place), dtype=float), finish, kind=kinds.LINES, marked=True,
        say=lambda v: text.quantity(v, UNIT), at=lambda i: f"{works[round(i)]} ns of work",
    )  # fmt: skip
    for work, cases in sweep.levels.items():
        found = dots.rows(cases, METRIC, BETTER, run.failed_channels())
        section.tables.append(compare.table(run, found, BETTER, UNIT, f"{work} ns of work {sweep.side}"))
    return section


def sections(run: Run) -> list[Section]:
    return [_section(run, sweep, number) for number, sweep in enumerate(sweeps(run), start=1)]
