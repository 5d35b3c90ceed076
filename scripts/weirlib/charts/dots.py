"""The dot plot: one row per channel, best first; rounds as small dots, interval as a line, median as a marker.

A channel that failed, here or in another case, keeps its row and has no point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from weirlib import style
from weirlib.results import Case
from weirlib.stats import Estimate, estimate
from weirlib.charts import axes, kinds, text
from weirlib.charts.section import Panel

WIDTH, ROW = 350, 15
FAILED_ELSEWHERE = " ✗"  # in another trial, or under stress
LIMIT_LINES = ("-", (0, (4, 2)), (0, (1, 1.5)))
LIMIT_WORDS = ("solid", "dashed", "dotted")


@dataclass(frozen=True)
class Row:
    channel: str
    estimate: Estimate | None
    rounds: Mapping[int, float]  # those of one regime: what the estimate was made of
    paired: Mapping[int, float]  # all of them: for comparisons by round, whatever regime they met
    case: Case
    tainted: bool = False  # failed in another case of this run, measured or stressed

    @property
    def failed(self) -> bool:
        return self.estimate is None

    @property
    def shown(self) -> bool:
        """Whether its figure may be shown as one."""
        return not self.failed and not self.tainted

    @property
    def regimes_differ(self) -> bool:
        return len(self.case.regimes) > 1


def rows(cases: Sequence[Case], metric: str, direction: str, tainted: set[str]) -> list[Row]:
    """Measured ones best first, then the failed; what does not apply has no row."""
    found = []
    for case in cases:
        values = {} if case.status == "failed" else case.rounds(metric)
        if values or case.status == "failed":
            paired = case.all_rounds(metric)
            found.append(
                Row(case.channel, estimate(values.values()), values, paired, case, case.channel in tainted)
            )
    return order(found, direction)


def order(found: Sequence[Row], direction: str) -> list[Row]:
    """Best first; below them what failed in another case, and last what failed here: neither is shown as fast."""
    sign = -1.0 if direction == "higher" else 1.0

    def key(row: Row) -> tuple[bool, bool, float, str]:
        return row.failed, row.tainted, sign * row.estimate.median if row.estimate else 0.0, row.channel

    return sorted(found, key=key)


def label(row: Row) -> str:
    return row.channel + (FAILED_ELSEWHERE if row.tainted and not row.failed else "")


def value_text(row: Row, unit: str) -> str:
    """The median with its marks: ! spread beyond 10 %, ≠ rounds met different regimes."""
    if row.estimate is None or not row.shown:
        return "failed"
    value = text.digits(row.estimate.median) + "×" if unit == "×" else text.short(row.estimate.median, unit)
    return value + (" !" if row.estimate.noisy else "") + (" ≠" if row.regimes_differ else "")


def limit_note(limits: Mapping[str, float], unit: str) -> str:
    """Which line is what, in the order in which they are drawn."""
    if not limits:
        return ""
    said = (
        f"{word}: {name}, {text.quantity(v, unit)}" for (name, v), word in zip(limits.items(), LIMIT_WORDS)
    )
    return "Vertical lines, measured in this run: " + "; ".join(said) + "."


def extent(all_rows: Sequence[Sequence[Row]], limits: Sequence[float]) -> tuple[float, float]:
    """One range for all panels of a chart, so that they can be compared."""
    return axes.padded([v for found in all_rows for row in found if row.shown for v in row.paired.values()] + list(limits))


def draw(
    ax: Axes,
    found: Sequence[Row],
    unit: str,
    xlabel: str,
    span: tuple[float, float],
    limits: Mapping[str, float],
    shaded: bool,
) -> None:
    axes.logarithmic(ax, "x", span, unit, most=4)
    ax.set_ylim(len(found) - 0.4, -0.6)
    ax.set_yticks(range(len(found)), [label(r) for r in found], size=8.5)
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(xlabel, size=9)
    if shaded:
        ax.set_facecolor(style.colour("shade"))
    for value, dashes in zip(limits.values(), LIMIT_LINES):
        ax.axvline(value, color=style.colour("limit"), lw=1.1, ls=dashes, zorder=1)
    for y, (row, tick) in enumerate(zip(found, ax.get_yticklabels())):
        tick.set_color(style.colour("ink" if row.shown else "failed"))
        _draw_row(ax, y, row, unit)


def _draw_row(ax: Axes, y: int, row: Row, unit: str) -> None:
    ax.text(
        1.02,
        y,
        value_text(row, unit),
        transform=ax.get_yaxis_transform(),
        va="center",
        size=8.5,
        color=style.colour("ink" if row.shown else "failed"),
    )
    if row.estimate is None or not row.shown:
        return
    e, colour = row.estimate, style.look(row.channel).colour
    ax.axhline(y, color=style.colour("grid"), lw=0.6, zorder=0)
    ax.plot(
        list(row.rounds.values()),
        np.full(len(row.rounds), y),
        ".",
        color=colour,
        alpha=0.45,
        ms=4,
        mew=0,
        zorder=2,
    )
    others = [v for number, v in row.paired.items() if number not in row.rounds]
    ax.plot(others, [y] * len(others), "o", color=colour, mfc="none", alpha=0.6, ms=3, mew=0.7, zorder=2)
    if e.low is not None:
        ax.plot([e.low, e.high], [y, y], color=colour, lw=1.6, solid_capstyle="butt", zorder=3)
    ax.plot([e.median], [y], ls="", zorder=4, gid=f"median-{row.channel}", **style.marker_props(row.channel))


def panel(
    found: Sequence[Row],
    unit: str,
    xlabel: str,
    title: str,
    *,
    span: tuple[float, float],
    subtitle: str = "",
    caption: str = "",
    limits: Mapping[str, float] | None = None,
    shaded: bool = False,
) -> Panel:
    longest = max((len(label(r)) for r in found), default=8)
    left = min(150, 12 + int(longest * 5.4))
    return Panel(
        title,
        lambda ax: draw(ax, found, unit, xlabel, span, limits or {}, shaded),
        WIDTH,
        36 + 38 + ROW * max(len(found), 2),
        kinds.INTERVALS,
        [row.case.id for row in found],
        subtitle,
        caption,
        (left, 62, 36, 38),
    )
