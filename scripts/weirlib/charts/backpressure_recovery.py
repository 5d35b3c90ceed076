"""How channels came back from a stall: figures over rounds, the table of them, and what may be said."""

from __future__ import annotations

import math
from statistics import median_low
from typing import Sequence

import numpy as np

from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate
from weirlib.charts import text
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Table, number

Record = bp.Record
WHO = {"stall": "the receiver stood still", "stop": "a sender stopped", "pause": "a thread was paused inside an operation"}
COMES_BACK = ("depth_back_ms", "response_back_ms")


def of_round(record: Record, name: str) -> float | None:
    """Median over the stalls of one round; what never came back counts as longer than everything."""
    found = [bp.NEVER if s[name] is None and name in COMES_BACK else s[name] for s in record.get("stalls") or []]
    known = [float(v) for v in found if v is not None]
    return median_low(known) if known else None


def figure(case: Case, name: str) -> Estimate | None:
    """Over rounds. The median is infinite where most of them did not come back; its spread is of those that did."""
    values = [v for v in (of_round(r, name) for r in bp.records(case)) if v is not None]
    if any(math.isinf(v) for v in values):
        finite = estimate(v for v in values if math.isfinite(v))
        return Estimate(median_low(values), None, None, None, len(values), finite.spread if finite else math.inf)
    return estimate(values)


def back_text(case: Case, name: str) -> str:
    e = figure(case, name)
    if e is None:
        return "–"
    never = sum(math.isinf(v) for v in (of_round(r, name) or 0.0 for r in bp.records(case)))
    if math.isinf(e.median):
        return "not in the window"
    return text.ms(e.median) + (f" (not in {never} of {e.n})" if never else "")


def growth_kib(record: Record) -> float | None:
    before, peak = (bp.get(record, "memory", name) for name in ("before_kib", "peak_kib"))
    return None if before is None or peak is None else peak - before


def stall_ns(case: Case) -> float:
    """As planned: of the id, or where it stands for the usual one, of the record."""
    planned = text.duration_ns(case.params.get("stall", ""))
    if planned or not bp.records(case):
        return planned
    return 1e6 * round(of_round(bp.records(case)[0], "length_ms") or 0.0, 3)


def role_of(what: str) -> str:
    """`sender 1` of `sender 1 in mpmc_ring.send.publish`."""
    return " ".join(what.split(" ")[:2])


def others_stood(case: Case, kind: str = "") -> tuple[str, float] | None:
    """Who else stood still for longest, and for how long, ms: the median over rounds of each role but the stalled one."""
    stood: dict[str, list[float]] = {}
    for record in bp.records(case):
        for stall in record.get("stalls") or []:
            for role, ms in stall["stood_ms"].items():
                if role != role_of(stall["what"]) and role.startswith(kind):
                    stood.setdefault(role, []).append(float(ms))
    found = {role: float(np.median(values)) for role, values in stood.items()}
    worst = max(found, key=lambda role: (found[role], role), default=None)
    return (worst, found[worst]) if worst else None


def _ms(case: Case, name: str) -> Cell:
    e = figure(case, name)
    return number(text.ms(e.median) if e else "–")


def _count(case: Case, name: str) -> Cell:
    e = figure(case, name)
    return number(say.many(e.median if e else None))


def _back(case: Case, name: str) -> Cell:
    said = back_text(case, name)
    return number(said, "marked" if "not in" in said else "")


def _rate(case: Case) -> Cell:
    e = figure(case, "drain_rate")
    return number(text.quantity(e.median if e else None, "msg/s"))


def _stood(case: Case) -> Cell:
    found = others_stood(case)
    return number(f"{found[0]}, {text.ms(found[1])}" if found else "–")


def _growth(case: Case) -> Cell:
    e = bp.each(case, growth_kib)
    return number(text.size(e.median if e else None))


def where(case: Case) -> str:
    """What stood still, from the record: `sender 1 in mpmc_ring.send.publish`."""
    said = [s["what"] for r in bp.records(case) for s in r.get("stalls") or []]
    return said[0] if said else ""


def table(run: Run, cases: Sequence[Case], caption: str) -> Table:
    differ = say.apart(cases, ("full", "stall"))
    columns = [bp.POLICY]
    if any(differ.values()):
        columns.append(("case", lambda c: Cell(differ[c.id])))
    if any(c.workload == "pause" for c in cases):
        columns.append(("paused", lambda c: Cell(where(c))))
    columns += [
        ("backlog", lambda c: _count(c, "backlog")),
        ("peak depth", lambda c: _count(c, "peak_depth")),
        ("memory growth", _growth),
        ("depth back", lambda c: _back(c, "depth_back_ms")),
        ("IQR", lambda c: bp.spread_cell(figure(c, "depth_back_ms"))),
        ("response back", lambda c: _back(c, "response_back_ms")),
        ("IQR", lambda c: bp.spread_cell(figure(c, "response_back_ms"))),
        ("drain rate", _rate),
        ("lost", lambda c: _count(c, "lost")),
        ("blocked", lambda c: _ms(c, "blocked_ms")),
        ("others stood still, longest", _stood),
        bp.ROUNDS,
    ]
    return bp.table(run, caption, cases, columns)
