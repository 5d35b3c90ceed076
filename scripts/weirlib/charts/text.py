"""Numbers and lists for people. Three significant digits: no round-to-round spread here is finer than that."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping

from weirlib.stats import NOISY, Estimate

_RATES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
UNITS_NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}  # as ids and flags write them
TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))


def digits(value: float) -> str:
    """Three significant digits, without an exponent down to 0.0001."""
    size = abs(value)
    if size >= 99.95 or size == 0:
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 9.995 else f"{value:.2f}" if size >= 0.995 else f"{value:#.3g}"


def quantity(value: float | None, unit: str) -> str:
    """`12.3 M msg/s`, `340 ns`, `1.20 ms`."""
    if value is None:
        return "–"
    if unit == "ns":
        scale, name = next((s for s in TIMES if abs(value) >= s[0] * 0.9995), TIMES[-1])
        return f"{digits(value / scale)} {name}"
    if unit.endswith("/s"):
        scale, name = next((s for s in _RATES if abs(value) >= s[0] * 0.9995), _RATES[-1])
        return (
            f"{digits(value / scale)} {name}{' ' if name else ''}{unit}"
            if name
            else f"{digits(value)} {unit}"
        )
    return f"{digits(value)} {'%' if unit == 'percent' else unit}".strip()


def duration_ns(word: Any) -> float:
    """Of `100ms`, as ids write it; 0 where there is none."""
    number = str(word).rstrip("nums")
    unit = str(word)[len(number) :]
    return float(number) * UNITS_NS[unit] if unit in UNITS_NS and number.replace(".", "", 1).isdigit() else 0.0


def ms(value: float) -> str:
    """A time that was recorded in ms, in the unit that suits it."""
    return quantity(value * 1e6, "ns")


def size(kib: float | None) -> str:
    if kib is None:
        return "–"
    return f"{digits(kib / 1024)} MiB" if abs(kib) >= 1024 else f"{digits(kib)} KiB"


def short(value: float, unit: str) -> str:
    """As `quantity`, without the unit of a rate: for the margin of a chart."""
    return quantity(value, unit).replace(f" {unit}", "") if unit.endswith("/s") else quantity(value, unit)


def interval(e: Estimate | None, unit: str) -> str:
    if e is None:
        return "–"
    if e.low is None:
        return f"n = {e.n}: too small for an interval"
    return f"{short(e.low, unit)} to {short(e.high or e.low, unit)}"


def spread(e: Estimate | None) -> str:
    """Relative interquartile range, marked when beyond 10 %."""
    if e is None or e.n < 2:
        return "–"
    return f"{100 * e.spread:.1f} %" + (" !" if e.spread > NOISY else "")


def ratio(e: Estimate | None) -> str:
    if e is None:
        return "–"
    if e.low is None or e.high is None:
        return f"{digits(e.median)}×"
    return f"{digits(e.median)}× ({digits(e.low)} to {digits(e.high)})"


def plural(n: int, one: str, many: str | None = None) -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def names(items: Iterable[str], most: int = 6) -> str:
    """`a, b and c`; `a, b and 4 more`."""
    found = list(items)
    if len(found) > most:
        return f"{', '.join(found[: most - 1])} and {len(found) - most + 1} more"
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else "none"


_PLACES = {"one": "all on one core", "spread": "spread over cores", "free": "not pinned"}


def sentence(words: str) -> str:
    """First letter upper, the rest as it is."""
    return words[:1].upper() + words[1:]


def case_words(params: Mapping[str, Any], skip: Iterable[str] = ()) -> str:
    """`capacity 1024, 16-byte messages, no work, spread`, from the params of an id."""
    return ", ".join(_param_words(key, value) for key, value in params.items() if key not in skip)


_MIXES = {"update": "updates only", "a": "half reads", "b": "95 % reads"}
# Of the workloads db_update and db.
_DATABASE: dict[str, Callable[[Any], str]] = {
    "store": str,
    "rows": lambda v: f"{int(v):,} rows",
    "keys": lambda v: f"{v} keys",
    "mix": lambda v: _MIXES.get(str(v), str(v)),
    "value": lambda v: f"values of {v} bytes",
    "window": lambda v: f"up to {v} unanswered" if v else "no answers",
    "group": lambda v: f"groups of up to {v}",
    "linger": lambda v: f"groups linger {v}",
    "flush": lambda v: f"a flush every {v}",
}


def _param_words(key: str, value: Any) -> str:
    if key == "msg":
        return f"{value}-byte messages" if isinstance(value, int) else f"{value} messages"
    if key == "work":
        return f"{value} ns of work per send" if value else "no work"
    if key == "place":
        return _PLACES.get(str(value), str(value))
    if key == "batch":
        return "no batches" if value in (0, 1) else f"batches of {value}"
    if key == "rwork":
        return f"{value} ns of work per receive"
    if key == "min":
        return f"at least {value} messages"
    if key == "rate":
        return f"{quantity(float(value), 'msg/s')} offered"
    if key == "load":
        return f"{value} % of the own capacity offered"
    if key == "arrivals":
        return f"{value} arrivals"
    if key == "service":
        return f"{value} of service per message"
    if key == "pollute":
        return f"{value} bytes touched between messages"
    if key == "full":
        return "dropped when full" if value == "drop" else "waiting when full"
    if key == "bound":
        return f"p99 under {value}"
    if key in _DATABASE:
        return _DATABASE[key](value)
    if key in ("p", "c"):
        return plural(int(value), "sender" if key == "p" else "receiver")
    return f"{'capacity' if key == 'cap' else key} {value}"


def topology(params: Mapping[str, Any]) -> str:
    return f"{params.get('p', 1)}×{params.get('c', 1)}"
