"""One colour and one marker per channel, the same in every chart, run and order of input.

The family (`mpmc_ring` of `mpmc_ring:park`) gives the hue and the shape, the variant the filling and the line.
Hues are told apart under the three common colour vision deficiencies (a test holds them to it), and shapes tell
the rest. Every colour has a value for light and one for dark paper: inlined charts name it as a CSS variable.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Sequence, TypeVar

from matplotlib.markers import MarkerStyle

T = TypeVar("T")

# name: (on light paper, on dark paper)
HUES = {
    "blue": ("#0a56a8", "#4d96e8"),
    "orange": ("#c27400", "#f2b13b"),
    "green": ("#00875c", "#27b98c"),
    "red": ("#c0391b", "#ff7f5f"),
    "pink": ("#c44f9b", "#f48fd0"),
    "sky": ("#2a94c4", "#8fdcfb"),
    "brown": ("#6a3f1c", "#8d6e4c"),
    "slate": ("#3f4650", "#c3d0d6"),
}
SURFACES = {
    "ink": ("#1c2025", "#e8eaed"),
    "muted": ("#59626d", "#a2abb5"),
    "grid": ("#e1e5ea", "#2c323a"),
    "band": ("#e9ecf0", "#282e36"),
    "paper": ("#fdfdfc", "#15181d"),
    "shade": ("#f4efe2", "#26231b"),
    "failed": ("#b3001e", "#ff8d85"),
    "limit": ("#6b7480", "#8d97a3"),
}
FAMILIES = {
    "mutex_condvar": ("slate", "s"),
    "spsc_ring": ("blue", "o"),
    "mpmc_ring": ("orange", "o"),
    "mpsc_ring": ("green", "o"),
    "futex_ring": ("red", "o"),
    "cursor_ring": ("pink", "o"),
    "unbounded": ("brown", "o"),
    "rendezvous": ("slate", "o"),
    "latest": ("green", "s"),
    "swap_buffer": ("sky", "o"),
    "atomic_wait": ("pink", "s"),
    "semaphore_ring": ("brown", "s"),
    "moodycamel": ("green", "^"),
    "moodycamel_rwq": ("sky", "^"),
    "moodycamel_brwq": ("blue", "v"),
    "moodycamel_rwcb": ("blue", "^"),
    "boost_queue": ("brown", "D"),
    "boost_spsc": ("pink", "D"),
    "atomic_queue": ("red", "v"),
    "atomic_queue2": ("orange", "v"),
    "atomic_queue_spsc": ("pink", "v"),
    "tbb": ("blue", "s"),
    "xenium": ("green", "D"),
    "shared_lock": ("slate", "P"),
    "null": ("slate", "*"),
}
UNKNOWN_MARKERS = ("h", "X", "p", "d", "<", ">")  # never those of a known family
# A word of the variant decides; no two variants of a family share filling or line (a test holds them to it).
FILLS = {
    "": "full",
    "spin": "none",
    "yield": "left",
    "park": "bottom",
    "naive": "right",
    "blocking": "top",
    "tokens": "right",
    "credit": "full",
    "optimist": "right",
    "runtime": "top",
    "lazy": "right",
}
LINES = {
    "": "-",
    "spin": (0, (1, 1.4)),
    "yield": (0, (5, 1.5, 1, 1.5)),
    "park": (0, (4, 1.6)),
    "naive": (0, (2, 1)),
    "blocking": "-",
    "tokens": (0, (9, 2)),
    "credit": (0, (3, 1, 1, 1, 1, 1)),
    "optimist": (0, (9, 2)),
    "runtime": "-",
    "lazy": (0, (9, 2)),
}

RC = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "weir",
    "text.color": SURFACES["ink"][0],
    "axes.labelcolor": SURFACES["muted"][0],
    "axes.edgecolor": SURFACES["muted"][0],
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": SURFACES["grid"][0],
    "grid.linewidth": 0.8,
    "xtick.color": SURFACES["muted"][0],
    "ytick.color": SURFACES["muted"][0],
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "text.parse_math": False,
}


@dataclass(frozen=True)
class Look:
    hue: str
    marker: str
    fill: str
    line: object

    @property
    def colour(self) -> str:
        return HUES[self.hue][0]


def colour(surface: str) -> str:
    return SURFACES[surface][0]


def _pick(text: str, choices: Sequence[T]) -> T:
    """The same choice for the same text, everywhere and always (`hash` differs from process to process)."""
    return choices[int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % len(choices)]


def family_of(channel: str) -> str:
    return channel.partition(":")[0]


@cache
def look(channel: str) -> Look:
    """From the name alone."""
    family, _, variant = channel.partition(":")
    unknown = (_pick(family, tuple(HUES)), _pick(family + "/marker", UNKNOWN_MARKERS))
    hue, marker = FAMILIES.get(family, unknown)
    words = re.split(r"[:_\-]", variant)
    known = next((w for w in words if w in FILLS), None)
    fill = FILLS[known] if known is not None else _pick(variant, tuple(FILLS.values()))
    line = next((LINES[w] for w in words if w in LINES), None) or _pick(variant, tuple(LINES.values()))
    return Look(hue, marker, fill, line)


def marker_props(channel: str, size: float = 6.5) -> dict[str, object]:
    """For `Axes.plot`: a hollow part shows the paper."""
    lk = look(channel)
    return {
        "marker": lk.marker,
        "markersize": size,
        "fillstyle": lk.fill,
        "color": lk.colour,
        "markerfacecoloralt": colour("paper"),
        "markeredgecolor": lk.colour,
        "markeredgewidth": 1.1,
    } | ({"markerfacecolor": colour("paper")} if lk.fill == "none" else {})


def themed(svg: str) -> str:
    """Colours of an inlined chart become variables of the page, so that it follows light and dark."""
    for name, (light, _) in (HUES | SURFACES).items():
        svg = svg.replace(light, f"var(--{name})")
    return svg


def variables(dark: bool) -> str:
    return " ".join(f"--{name}: {pair[dark]};" for name, pair in (HUES | SURFACES).items())


@cache
def glyph(channel: str) -> str:
    """The channel's marker as a small inline SVG, for tables and legends."""
    lk = look(channel)
    style = MarkerStyle(lk.marker, "full" if lk.fill == "none" else lk.fill)
    whole = MarkerStyle(lk.marker, "full")
    stroke = f'stroke="var(--{lk.hue})" stroke-width="1.2"'
    solid = "none" if lk.fill == "none" else f"var(--{lk.hue})"
    return (
        '<svg class="glyph" viewBox="0 0 14 14" aria-hidden="true">'
        f'<path d="{_path(style)}" fill="{solid}"/><path d="{_path(whole)}" fill="none" {stroke}/></svg>'
    )


def _path(style: MarkerStyle, size: float = 9.0) -> str:
    transform = style.get_transform().frozen().scale(size, -size).translate(7, 7)
    polygons = style.get_path().to_polygons(transform, closed_only=True)
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in polygon[:-1]) + "Z" for polygon in polygons)
