"""The forest plot of a session: of each case its change, the interval around it, and the margin it is judged by."""

from __future__ import annotations

import math
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weirlib import style
from weirlib.gating.figures import percent
from weirlib.gating.judge import IMPROVEMENT, INCONCLUSIVE, NO_CHANGE, REGRESSION, CaseVerdict, Outcome

COLOURS = {REGRESSION: "red", IMPROVEMENT: "blue", NO_CHANGE: "green", INCONCLUSIVE: "slate"}
ROW_INCHES, WIDTH_INCHES, DPI = 0.36, 9.0, 144


def draw(outcome: Outcome, title: str, folder: Path) -> None:
    """Writes forest.svg and forest.png."""
    with matplotlib.rc_context(style.RC):
        figure = Figure(figsize=(WIDTH_INCHES, 1.5 + ROW_INCHES * len(outcome.cases)), dpi=DPI)
        axes = figure.add_subplot()
        for row, case in enumerate(outcome.cases):
            draw_case(axes, row, case)
        finish(axes, outcome)
        axes.set_title(title, loc="left", fontsize=10)
        for suffix in ("svg", "png"):
            figure.savefig(folder / f"forest.{suffix}", bbox_inches="tight", metadata={"Date": None} if suffix == "svg" else None)


def change(log_ratio: float) -> float:
    """Of the rate, per cent: to the left is slower."""
    return -percent(log_ratio)


def draw_case(axes: Axes, row: int, case: CaseVerdict) -> None:
    colour = style.HUES[COLOURS[case.verdict]][0]
    left, right = change(case.margin), change(-case.margin)
    axes.barh(row, right - left, 0.7, left, color=style.colour("band"), zorder=1)
    if case.interval:
        axes.plot([change(case.interval.high), change(case.interval.low)], [row, row], color=colour, linewidth=1.8, zorder=2)
    filling = style.colour("paper") if case.advisory else colour
    if case.rounds:
        axes.plot(change(case.median), row, "o", color=colour, markerfacecolor=filling, markersize=6, zorder=3)
    if case.again is not None:
        axes.plot(change(case.again), row, "D", color=colour, markerfacecolor=style.colour("paper"), markersize=5, zorder=4)


def finish(axes: Axes, outcome: Outcome) -> None:
    axes.axvline(0, color=style.colour("muted"), linewidth=0.8, zorder=1)
    axes.set_yticks(range(len(outcome.cases)), [f"{label(case)}: {case.verdict}" for case in outcome.cases])
    axes.set_ylim(len(outcome.cases) - 0.4, -0.6)
    reach = 1.1 * max([abs(value) for value in axes.get_xlim()] or [1.0])
    axes.set_xlim(-reach, reach if math.isfinite(reach) else 1.0)
    axes.set_xlabel(
        "change of the rate, %: left is slower. Band: the margin. Circle and line: median and interval\n"
        "of the first rounds; hollow: advisory, decides nothing. Diamond: median of the confirming rounds."
    )


def label(case: CaseVerdict) -> str:
    """What differs between the gate's cases."""
    _, channel, *parts = case.case.split("/")
    found = dict(part.partition(":")[::2] for part in parts)
    place = f", {found['place']}" if "place" in found else ""
    return f"{channel} {found.get('p', '1')}x{found.get('c', '1')}{place}"
