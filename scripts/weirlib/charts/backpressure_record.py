"""What a backpressure scenario recorded beside its latency: medians over rounds, words for its cases, tables of them."""

from __future__ import annotations

import math
from typing import Any, Callable, Iterable, Mapping, Sequence

import numpy as np

from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate
from weirlib.charts import compare, histogram, multiples, text
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Table, channel_cell, id_cell, number

Record = dict[str, Any]
Column = tuple[str, Callable[[Case], Cell]]
NEVER = math.inf  # what had not come back when the window ended


def records(case: Case) -> list[Record]:
    """One for each measured round."""
    return [t.line["backpressure"] for t in case.measured() if t.line.get("backpressure")]


def fair(run: Run, workload: str) -> list[Case]:
    """Cases with a record, of channels that failed nowhere: what may be drawn and spoken of."""
    failed = run.failed_channels()
    return [c for c in run.of(workload) if c.channel not in failed and records(c)]


def policy(case: Case) -> str:
    """The one in force: of the case where it says one, else the channel's own."""
    found = records(case)
    return str(found[0]["policy"] if found else case.params.get("full", ""))


def policy_rank(case: Case) -> tuple[int, str, str, str]:
    """Waiting ones first, then those that give up, then those that lose; unbounded ones last."""
    name = policy(case)
    order = [*list(say.POLICIES)[:1], "timeout", *list(say.POLICIES)[1:]]
    kind = name.partition("-")[0]
    return len(order) + 1 if unbounded(case) else order.index(kind) if kind in order else len(order), name, case.channel, case.id


def unbounded(case: Case) -> bool:
    return all(r.get("capacity") is None for r in records(case))


def policy_said(case: Case) -> str:
    """In words; what is never full has none."""
    return "no bound" if unbounded(case) else say.policy_words(policy(case))


def get(record: Record, *path: str) -> float | None:
    """A number of the nested record, or None where it cannot tell."""
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return None if value is None else float(value)


def figure(case: Case, *path: str) -> Estimate | None:
    """Median over rounds of a number of the record."""
    found = (get(record, *path) for record in records(case))
    return estimate(v for v in found if v is not None)


def median(case: Case, *path: str) -> float | None:
    e = figure(case, *path)
    return e.median if e else None


def each(case: Case, made: Callable[[Record], float | None]) -> Estimate | None:
    """Median over rounds of what is made of each record."""
    return estimate(v for v in map(made, records(case)) if v is not None)


def percentile(case: Case, name: str, percent: float) -> tuple[float, bool] | None:
    """Of a histogram, all rounds added; the second: it is only `at least` that."""
    return histogram.percentile_of(case.histograms(name), percent)


def percentile_cell(case: Case, name: str, percent: float) -> Cell:
    found = percentile(case, name, percent)
    return number(("≥ " if found[1] else "") + text.quantity(found[0], "ns") if found else "–")


def spread_cell(e: Estimate | None) -> Cell:
    return number("–") if e is None or not math.isfinite(e.spread) else number(text.spread(e), "marked" if e.noisy else "")


def counted(case: Case, *path: str) -> Cell:
    return number(say.many(median(case, *path)))


GOODPUT: tuple[Column, ...] = (
    ("goodput", lambda c: number(text.quantity(median(c, "goodput"), "msg/s"))),
    ("IQR", lambda c: spread_cell(figure(c, "goodput"))),
)
POLICY: Column = ("policy", lambda c: Cell(policy_said(c)))
ROUNDS: Column = ("n", lambda c: number(str(len(records(c)))))


def lost(case: Case) -> Estimate | None:
    """Refused or evicted, percent of what was offered."""
    return each(case, lambda r: 100.0 * (sum(r["refused"].values()) + r["evicted"]) / r["offered"] if r["offered"] else None)


def lost_cell(case: Case) -> Cell:
    e = lost(case)
    return number(f"{text.digits(e.median)} %" if e else "–")


def middle(case: Case, key: Callable[[Record], float]) -> Record:
    """The round to draw: the one in the middle by `key`. Rounds are different stretches of time, and are not pooled."""
    found = sorted(records(case), key=key)
    return found[(len(found) - 1) // 2]


def table(run: Run, caption: str, cases: Sequence[Case], columns: Sequence[Column]) -> Table:
    """A row for each case, in their order; what failed comes last, with its reason where it has no figure."""
    version, failed = compare.sources(run), run.failed_channels()
    rows = []
    for case in sorted((c for c in cases if c.status != "not_applicable"), key=lambda c: c.channel in failed):
        source = Cell(version.get(case.channel, ""), "source")
        if records(case):
            rows.append([channel_cell(case.channel), *(made(case) for _, made in columns), id_cell(case.id), source])
        else:
            why = Cell(case.reason or "nothing measured", "failed")
            rows.append([channel_cell(case.channel, True), why, *[Cell("")] * (len(columns) - 1), id_cell(case.id), source])
    return Table(caption, ["channel", *(head for head, _ in columns), "id", "source"], rows)


def grouped(cases: Iterable[Case], skip: Iterable[str]) -> dict[str, list[Case]]:
    """Cases that are alike but for `skip`, by their words."""
    found: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda c: (policy_rank(c)[:2], c.channel, c.id)):
        found.setdefault(say.words(case.params, tuple(skip)), []).append(case)
    return found


def tables(
    run: Run,
    workload: str,
    skip: tuple[str, ...],
    columns: Sequence[Column],
    *,
    caption: str,
    key: Callable[[Case], Any] | None = None,
) -> list[Table]:
    """One for each group of its cases, by `key` where the rows have an order of their own."""
    return [
        table(run, text.sentence(words) or caption, sorted(cases, key=key) if key else cases, columns)
        for words, cases in grouped(run.of(workload), skip).items()
    ]


def column(values: Any) -> np.ndarray:
    return np.asarray(values, dtype=float)


def grid_of(curves: Mapping[str, multiples.Curve]) -> np.ndarray:
    """Points along the logarithmic x axis of curves, for the band behind them."""
    x = [float(v) for curve in curves.values() for v in curve.x]
    return np.geomspace(min(x), max(x), 40)
