"""Names beside the points of a scatter, as many as fit."""

from __future__ import annotations

from typing import Iterator, Sequence

from matplotlib.axes import Axes

from weirlib import style

NamedPoint = tuple[str, float, float]
Box = tuple[float, float, float, float]  # left, lower, right, upper, in px
SIZE, LETTER = 7.5, 5.0  # of the font; px that a letter takes, generously


def frontier(points: Sequence[NamedPoint]) -> list[str]:
    """Channels that no other beats in both: faster and cheaper."""
    return [n for n, x, y in points if not any(a >= x and b <= y and (a, b) != (x, y) for _, a, b in points)]


def _apart(a: Box, b: Box) -> bool:
    return a[2] < b[0] or a[0] > b[2] or a[3] < b[1] or a[1] > b[3]


def _spots(name: str, x: float, y: float) -> Iterator[tuple[tuple[float, float], Box]]:
    """Offset of the name from its point and the box that it would fill: right, left, above, below."""
    wide = len(name) * LETTER + 2
    for dx, dy in ((8.0, -4.0), (-8.0 - wide, -4.0), (-wide / 2, 7.0), (-wide / 2, -16.0)):
        yield (dx, dy), (x + dx, y + dy, x + dx + wide, y + dy + 9)


def place_names(ax: Axes, points: Sequence[NamedPoint]) -> None:
    """The frontier first; a name is left out where it would cover a point or another name."""
    best, frame = set(frontier(points)), ax.get_window_extent()
    inside: Box = (frame.x0, frame.y0, frame.x1 + 8, frame.y1 + 6)
    at = {name: ax.transData.transform((x, y)) for name, x, y in points}
    taken: dict[str, Box] = {name: (x - 4, y - 4, x + 4, y + 4) for name, (x, y) in at.items()}
    for name, x, y in sorted(points, key=lambda p: (p[0] not in best, p[0])):
        others = [box for owner, box in taken.items() if owner != name]
        for offset, box in _spots(name, *at[name]):
            fits = box[0] > inside[0] and box[1] > inside[1] and box[2] < inside[2] and box[3] < inside[3]
            if fits and all(_apart(box, other) for other in others):
                colour = style.colour("ink" if name in best else "muted")
                ax.annotate(name, (x, y), offset, textcoords="offset points", size=SIZE, color=colour)
                taken[f"the name of {name}"] = box
                break
