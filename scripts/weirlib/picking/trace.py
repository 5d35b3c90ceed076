"""A trace of the user's own: when messages came. One time a line, the first column of a CSV file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weirlib import folder
from weirlib.charts import text
from weirlib.errors import UsageError
from weirlib.picking.load import Load
from weirlib.picking.words import TIMES

MOST = 2_000_000
FILE = "trace.txt"
Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Trace:
    due_ns: Times  # from 0 on
    length_ns: int  # with the gap after the last message, so that it can be repeated

    @property
    def rate(self) -> float:
        return len(self.due_ns) * 1e9 / self.length_ns


def read(path: Path) -> Trace:
    """Throws UsageError with the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the trace {path}: {error}") from None
    unit, skip = heading(lines[0]) if lines else ("ns", 0)
    values: list[Decimal] = []  # exact: nanoseconds since 1970 do not fit into a float
    for number, line in enumerate(lines[skip:], start=skip + 1):
        if not line.strip():
            continue
        try:
            values.append(Decimal(first_column(line)))
            if not values[-1].is_finite():
                raise InvalidOperation
        except InvalidOperation:
            raise UsageError(f"{path}:{number}: {first_column(line)} is not a time") from None
        if len(values) > 1 and values[-1] < values[-2]:
            raise UsageError(f"{path}:{number}: the time is before the one above")
        if len(values) > MOST:
            raise UsageError(f"{path} has more than {MOST} times")
    if len(values) < 2 or values[-1] == values[0]:
        raise UsageError(f"{path} holds no two different times")
    scale = Decimal(TIMES[unit])
    due = np.array([int(((value - values[0]) * scale).to_integral_value()) for value in values], dtype=np.int64)
    return Trace(due, int(due[-1]) + max(1, int(due[-1]) // (len(due) - 1)))


def first_column(line: str) -> str:
    return re.split(r"[,;\t ]", line.strip())[0]


def heading(line: str) -> tuple[str, int]:
    """The unit, and how many lines to skip: `time_us` over the column says microseconds, else they are ns."""
    word = first_column(line)
    if re.fullmatch(r"[-+0-9.eE]+", word):
        return "ns", 0
    unit = re.split(r"[_ (\[]", word.rstrip(")]"))[-1]
    return (unit if unit in TIMES else "ns"), 1


def repeated(trace: Trace, length_ns: int) -> Times:
    """The trace again and again until it is so long."""
    times = -(-length_ns // trace.length_ns)
    starts = np.arange(times, dtype=np.int64) * trace.length_ns
    due = (starts[:, None] + trace.due_ns[None, :]).ravel()
    return due[due < length_ns]


def with_rate(load: Load, trace: Trace) -> Load:
    said = f"The trace lasts {text.quantity(trace.length_ns, 'ns')} and is repeated to fill each window."
    return replace(load, rate=trace.rate, notes=(*load.notes, said))


def write(trace: Trace, path: Path) -> Path:
    """Long enough for any window: those of many messages are short."""
    seconds = min(120.0, max(2.0, 200_000 / trace.rate))
    with folder.refusals(path):
        path.write_text("\n".join(map(str, repeated(trace, int(seconds * 1e9)))) + "\n", encoding="utf-8")
    return path.resolve()
