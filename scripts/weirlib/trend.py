"""The trend chart of history: a row of two panels for each case, its value and its ratio to the anchor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from weirlib import style
from weirlib.charts.axes import tick_label

if TYPE_CHECKING:
    from weirlib.change_points import Change
    from weirlib.history import Point, Track

    Changes = Mapping[str, Sequence[Change]]  # by case

MOST_ROWS = 12  # of one chart; --cases chooses others
ROW_INCHES, WIDTH_INCHES, DPI = 1.7, 10.0, 110


def draw(found: Mapping[str, Sequence[Track]], changes: Mapping[str, Changes], folder: Path) -> list[Path]:
    """A chart for each key, as SVG and PNG. Cases that changed come first."""
    paths = []
    for number, (key, group) in enumerate(found.items(), 1):
        drawn = sorted((track for track in group if track.points), key=lambda track: track.case not in changes[key])
        for suffix in ("svg", "png"):
            paths.append(folder / f"trend-{number}.{suffix}")
            save(key, drawn[:MOST_ROWS], changes[key], paths[-1])
    return paths


def save(key: str, group: Sequence[Track], changes: Changes, path: Path) -> None:
    with matplotlib.rc_context(style.RC):
        figure = Figure(figsize=(WIDTH_INCHES, 0.9 + ROW_INCHES * len(group)), dpi=DPI, layout="constrained")
        figure.suptitle(key, fontsize=8.5, color=style.colour("muted"))
        rows = figure.subplots(len(group), 2, squeeze=False)
        for (left, right), track in zip(rows, group):
            panel(left, track, track.case, track.points[0].unit, lambda point: point.value)
            panel(right, track, "ratio to the anchor", "×", lambda point: point.ratio)
            mark(right if track.by_ratio else left, changes.get(track.case, ()))
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def mark(axes: Axes, changes: Sequence[Change]) -> None:
    """Where the level changed, and by how much."""
    for change in changes:
        axes.axvline(change.at - 0.5, color=style.HUES["orange"][0], linewidth=1.2)
        where = {"xy": (change.at - 0.5, 0.9), "xycoords": axes.get_xaxis_transform()}
        axes.annotate(f"{100 * change.share:+.0f} %", **where, xytext=(3, 0), textcoords="offset points", fontsize=6.5)


def panel(axes: Axes, track: Track, title: str, unit: str, figure_of: Callable[[Point], float | None]) -> None:
    """Points in the order of the runs; a note is a line, after which the trend begins anew."""
    axes.set_title(title, loc="left", fontsize=7.5)
    if all(figure_of(point) is None for point in track.points):
        axes.set_title(f"{title}: the anchor has no such case", loc="left", fontsize=7.5)
        axes.set_axis_off()
        return
    bounds = [0, *(at for at, _ in track.notes), len(track.points)]
    colour = style.HUES["blue"][0]
    for begin, end in zip(bounds, bounds[1:]):
        pairs = [(i, figure_of(track.points[i])) for i in range(begin, end)]
        known = [(i, value) for i, value in pairs if value is not None]
        if known:
            axes.plot(*zip(*known), "o-", color=colour, markersize=4, linewidth=1.2)
    for at, note in track.notes:
        axes.axvline(at - 0.5, color=style.HUES["red"][0], linewidth=1, linestyle=(0, (3, 2)))
        axes.text(at - 0.45, 0.04, note, fontsize=6.5, va="bottom", transform=axes.get_xaxis_transform())
    axes.set_xlim(-0.6, len(track.points) - 0.4)
    axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_label(value, unit)))
    shown = range(0, len(track.points), max(1, len(track.points) // 6))
    axes.set_xticks(list(shown), [track.points[i].revision[:8] for i in shown], fontsize=6.5)
    axes.tick_params(axis="y", labelsize=6.5)
