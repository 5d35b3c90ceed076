"""Times, rates and sizes as people write them, in both directions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from weirlib.charts.text import UNITS_NS
from weirlib.errors import UsageError
from weirlib.nearest import unknown

TIMES: Mapping[str, float] = UNITS_NS
RATES: Mapping[str, float] = {"": 1.0, "k": 1e3, "M": 1e6}
MEMORY: Mapping[str, float] = {"KiB": 1.0, "MiB": 1024.0, "GiB": 1024.0 * 1024.0}
PERCENT: Mapping[str, float] = {"%": 1.0}
NUMBER = re.compile(r"(\d+(?:\.\d+)?)(\S*)")


def amount(what: str, text: str, units: Mapping[str, float], example: str) -> float:
    """A number above 0 with one of the units, in the unit whose factor is 1. `what` names it in errors."""
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{what} {text} is not a number with a unit: write {example}")
    number, unit = found.groups()
    if unit not in units:
        if not unit:
            raise UsageError(f"{what} {text} has no unit ({', '.join(units)}): write {example}")
        raise UsageError(unknown(f"unit of {what}", unit, filter(None, units)) + f": write {example}")
    value = float(number) * units[unit]
    if value <= 0:
        raise UsageError(f"{what} {text} must be above 0: write {example}")
    return value


def duration_ns(what: str, text: str, example: str = "20us") -> int:
    """Whole nanoseconds: the C++ side takes no fractions."""
    value = amount(what, text, TIMES, example)
    if value < 1:
        raise UsageError(f"{what} {text} is below 1ns")
    return round(value)


def duration_text(ns: int) -> str:
    """In the largest unit that divides it, as ids write it."""
    for unit in ("s", "ms", "us"):
        factor = int(TIMES[unit])
        if ns and ns % factor == 0:
            return f"{ns // factor}{unit}"
    return f"{ns}ns"


def rate(what: str, text: str) -> float:
    """Messages a second: `200k`, `1.5M`, `30000`."""
    return amount(what, text, RATES, "200k")
