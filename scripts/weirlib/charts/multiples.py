"""Small multiples for curves: one panel per family of channels, its variants as lines.

Behind them lies the band that all channels together fill. Thirty curves in one frame tell nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from weirlib import style
from weirlib.stats import Estimate
from weirlib.charts.section import Panel

WIDTH, PLOT = 272, 126
LEGEND = {
    "frameon": False,
    "fontsize": 8,
    "handlelength": 2.6,
    "columnspacing": 1.0,
    "borderpad": 0,
    "labelspacing": 0.35,
}


@dataclass(frozen=True)
class Curve:
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None  # intervals, where there are some
    high: np.ndarray | None = None
    ids: Sequence[str] = ()  # of the cases behind it


def over_rounds(points: Iterable[tuple[float, Estimate]], ids: Sequence[str] = ()) -> Curve:
    """Medians over x; with intervals where each point has one."""
    ordered = sorted(points, key=lambda point: point[0])
    x, y = (np.array(values, dtype=float) for values in ([x for x, _ in ordered], [e.median for _, e in ordered]))
    if any(e.low is None for _, e in ordered):
        return Curve(x, y, ids=ids)
    low, high = (np.array(ends, dtype=float) for ends in ([e.low for _, e in ordered], [e.high for _, e in ordered]))
    return Curve(x, y, low, high, ids)


def band(curves: Sequence[Curve], grid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smallest and largest value of all curves along the grid, each curve only as far as it reaches."""
    drawn = [np.interp(grid, c.x, c.y, left=np.nan, right=np.nan) for c in curves if len(c.x) > 1]
    if not drawn:
        return np.array([]), np.array([]), np.array([])
    stack = np.vstack(drawn)
    some = ~np.all(np.isnan(stack), axis=0)
    return grid[some], np.nanmin(stack[:, some], axis=0), np.nanmax(stack[:, some], axis=0)


def by_family(names: Sequence[str]) -> dict[str, list[str]]:
    families: dict[str, list[str]] = {}
    for name in sorted(names):
        families.setdefault(style.family_of(name), []).append(name)
    return dict(sorted(families.items()))


def _label(name: str) -> str:
    return name.partition(":")[2] or name


def _legend_columns(names: Iterable[str]) -> int:
    return 3 if max(len(_label(name)) for name in names) < 9 else 2


def _drawer(
    mine: Mapping[str, Curve],
    behind: tuple[np.ndarray, np.ndarray, np.ndarray],
    finish: Callable[[Axes], None],
    marked: bool,
) -> Callable[[Axes], None]:
    def draw(ax: Axes) -> None:
        if len(behind[0]):
            ax.fill_between(*behind, color=style.colour("band"), lw=0, zorder=1)
        for name, curve in mine.items():
            lk = style.look(name)
            props = style.marker_props(name, 5.0) if marked else {"color": lk.colour}
            ax.plot(curve.x, curve.y, ls=lk.line, lw=1.6, label=_label(name), zorder=3, **props)
            if curve.low is not None and curve.high is not None:
                ax.vlines(curve.x, curve.low, curve.high, color=lk.colour, lw=1.2, zorder=2)
        finish(ax)
        ax.legend(loc="upper left", bbox_to_anchor=(-0.24, -0.24), ncol=_legend_columns(mine), **LEGEND)

    return draw


def ends(curves: Mapping[str, Curve], say: Callable[[float], str], at: Callable[[float], str]) -> str:
    """`From 1 to 1024 messages: park 2.1 M to 8.3 M; yield 4.0 M to 9.1 M.`"""
    found: dict[tuple[float, float], list[str]] = {}
    for name, curve in curves.items():
        said = f"{_label(name)} {say(float(curve.y[0]))}"
        said += f" to {say(float(curve.y[-1]))}" if len(curve.x) > 1 else ""
        found.setdefault((float(curve.x[0]), float(curve.x[-1])), []).append(said)
    parts = []
    for (first, last), each in found.items():
        parts.append(f"{f'from {at(first)} to {at(last)}' if first != last else f'at {at(first)}'}: {'; '.join(each)}")
    joined = ". ".join(parts)
    return joined[:1].upper() + joined[1:] + "."


def panels(
    curves: Mapping[str, Curve],
    grid: np.ndarray,
    finish: Callable[[Axes], None],
    *,
    kind: str,
    say: Callable[[float], str],
    at: Callable[[float], str],
    subtitle: str = "",
    marked: bool = False,
) -> list[Panel]:
    """`finish` sets scales, ticks, axis labels and reference lines of each panel; `say` and `at` put y and x into words."""
    behind = band(list(curves.values()), grid)
    made = []
    for family, names in by_family(list(curves)).items():
        mine = {name: curves[name] for name in names}
        foot = 38 + 13 * -(-len(mine) // _legend_columns(mine))
        draw = _drawer(mine, behind, finish, marked)
        ids = [identity for curve in mine.values() for identity in curve.ids]
        caption = ends(mine, say, at)
        made.append(Panel(family, draw, WIDTH, 36 + PLOT + foot, kind, ids, subtitle, caption, (58, 12, 36, foot)))
    return made
