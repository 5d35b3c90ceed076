"""Logarithmic axes with few, readable ticks."""

from __future__ import annotations

import math
from typing import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from weirlib.charts import text


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """1, 2 and 5 of each decade when they are few, else 1, else every second or third; even steps if narrow."""
    if high / low < 4:
        return [
            float(v)
            for v in MaxNLocator(min(most, 4), steps=[1, 2, 5, 10]).tick_values(low, high)
            if low <= v <= high
        ]
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors, step in (((1, 2, 5), 1), ((1, 3), 1), ((1,), 1), ((1,), 2), ((1,), 3)):
        found = [f * 10.0**d for d in decades if d % step == 0 for f in factors]
        found = [v for v in found if low <= v <= high]
        if len(found) <= most:
            return found
    return found[:most]


def padded(values: Sequence[float], share: float = 0.05) -> tuple[float, float]:
    """The range of positive values with some room on a logarithmic axis; never less than a factor of 1.5."""
    found = [v for v in values if v > 0 and math.isfinite(v)] or [1.0]
    low, high = math.log(min(found)), math.log(max(found))
    room = max((high - low) * share, (math.log(1.5) - (high - low)) / 2, 0.02)
    return math.exp(low - room), math.exp(high + room)


def logarithmic(ax: Axes, which: str, limits: tuple[float, float], unit: str, most: int = 6) -> None:
    """Scale, limits, ticks and their labels for `x` or `y`."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    (ax.set_xscale if which == "x" else ax.set_yscale)("log")
    (ax.set_xlim if which == "x" else ax.set_ylim)(limits)
    axis.set_major_locator(FixedLocator(ticks(*limits, most)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: tick_label(v, unit)))


def doubling(ax: Axes, values: Sequence[float]) -> None:
    """An x axis to the base 2 whose ticks are the values, all or every second."""
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_locator(FixedLocator(values if len(values) < 8 else values[::2]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.set_xlim(values[0] / 1.15, values[-1] * 1.15)


def tick_label(value: float, unit: str) -> str:
    if unit == "×":
        return f"{value:g}×"
    number, *name = text.short(value, unit).split(" ")
    return " ".join([f"{float(number):g}", *name])
