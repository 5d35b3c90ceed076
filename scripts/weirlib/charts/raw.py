"""Every trial in the order in which it was run, as a part of the median of its case: what drifts or jumps is seen here."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from weirlib import style
from weirlib.results import Case, Run
from weirlib.charts import axes, kinds, text
from weirlib.charts.section import Panel, Section

WIDTH, HEIGHT = 560, 210
FAR = 1.5  # from its median: a trial that is named


def order(run: Run) -> dict[tuple[str, int], int]:
    """Place of each trial, by id and round."""
    found = [(t.round, int(t.line["seq"]), case.id) for case in run.cases.values() for t in case.trials]
    return {(identity, number): place for place, (number, _, identity) in enumerate(sorted(found))}


def parts(case: Case) -> Mapping[int, float]:
    """Of the median, by round; nothing where it has none."""
    figures = {t.round: next(iter(t.metrics.values())) for t in case.having("ok") if t.metrics} if case.status == "ok" else {}
    middle = float(np.median(list(figures.values()))) if figures else 0.0
    return {number: value / middle for number, value in figures.items() if value > 0} if middle > 0 else {}


def _draw(ax: Axes, x: list[int], y: list[float], ends: list[int]) -> None:
    for end in ends[:-1]:
        ax.axvline(end - 0.5, color=style.colour("grid"), lw=0.8, zorder=0)
    ax.axhline(1.0, color=style.colour("limit"), lw=0.9, zorder=1)
    ax.plot(x, y, ".", ms=3.5, mew=0, alpha=0.55, color=style.HUES["blue"][0], gid="trials")
    axes.logarithmic(ax, "y", axes.padded([*y, 1.0]), "×", most=5)
    ax.set_xlim(-0.5, ends[-1] - 0.5)
    ax.set_xlabel("trials of the run, in order; vertical lines: rounds", size=9)
    ax.set_ylabel("figure / median (log scale)", size=9)


def panel(workload: str, cases: list[Case], places: Mapping[tuple[str, int], int], ends: list[int]) -> Panel | None:
    points = sorted((places[case.id, n], value, case.id) for case in cases for n, value in parts(case).items())
    if not points:
        return None
    x, y, ids = ([point[i] for point in points] for i in range(3))
    far = [p for p in points if not 1 / FAR <= p[1] <= FAR]
    worst = max(points, key=lambda p: (abs(np.log(p[1])), p[2]))
    caption = (
        f"{text.plural(len(points), 'trial')}; {len(far)} lie beyond {FAR:g}× of their median, "
        f"the furthest {text.digits(worst[1])}× ({worst[2].split('/')[1]})."
    )
    kept = list(dict.fromkeys(ids))
    return Panel(
        workload, lambda ax: _draw(ax, x, y, ends), WIDTH, HEIGHT, kinds.POINTS, kept, "", caption, (58, 14, 28, 40)
    )


def section(run: Run) -> Section | None:
    places = order(run)
    if not places:
        return None
    per_round: dict[int, int] = {}
    for (_, number), place in places.items():
        per_round[number] = max(per_round.get(number, 0), place + 1)
    ends = [per_round[number] for number in sorted(per_round)]
    made = [panel(name, run.of(name), places, ends) for name in sorted({case.workload for case in run.cases.values()})]
    found = Section(
        "raw_trials",
        "Raw trials in run order",
        question="Did the machine hold still? A drift shows as a slope, a neighbour as a stripe of trials out of line.",
        readings=["Each dot is a trial: its figure over the median of its case. Whatever regime it met."],
    )
    found.panels = [p for p in made if p]
    return found if found.panels else None
