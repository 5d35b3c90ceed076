"""What the proxy was meant to reach, and whether it did: each aim with its interval."""

from __future__ import annotations

from dataclasses import dataclass

from weirlib.results import Case, Run
from weirlib.stats import Estimate, paired_ratio
from weirlib.charts import db, db_record as record, dots, text
from weirlib.charts.db_record import RIVALS, param
from weirlib.charts.db_update import BETTER, METRIC, RIVAL
from weirlib.charts.dots import Row
from weirlib.charts.section import Cell, Section, Table, number

IN_MEMORY, ROWS = 2.0, (16, 1000, 1_000_000)
DURABLE, DURABLE_P99, WINDOW, CAPACITY = 100.0, 20.0, 512, 1024


@dataclass(frozen=True)
class Aim:
    what: str
    wanted: str
    found: Estimate | None  # None: what it is made of was not measured
    limit: float
    least: bool  # the limit is the least that is wanted, or the most

    @property
    def verdict(self) -> str:
        """`met` and `not met` only where the whole interval says so."""
        if self.found is None:
            return "not measured"
        low, high = self.found.low, self.found.high
        if low is None or high is None:
            return "too few rounds to say"
        if self.least:
            return "met" if low >= self.limit else "not met" if high < self.limit else "not told"
        return "met" if high <= self.limit else "not met" if low > self.limit else "not told"


def own_channels(run: Run) -> set[str]:
    return {c["name"] for c in run.channels if c.get("own") and c["name"] not in RIVALS}


def in_memory(run: Run) -> list[Aim]:
    own, aims = own_channels(run), []
    for size in ROWS:
        cases = [c for c in run.of("db_update") if c.params.get("rows") == size and c.params.get("p") == 2 and "rwork" not in c.params]
        found = {r.channel: r for r in dots.rows(cases, METRIC, BETTER, run.failed_channels()) if r.shown}
        ratios = {n: paired_ratio(r.paired, found[RIVAL].paired) for n, r in found.items() if n in own} if RIVAL in found else {}
        best = max(((r, n) for n, r in ratios.items() if r), key=lambda pair: pair[0].median, default=None)
        if best:
            aims.append(Aim(f"In memory, 2 tasks, {size:,} rows: {best[1]} against the mutex", f"at least {IN_MEMORY:g}×", best[0], IN_MEMORY, True))
    return aims


def durable(run: Run) -> list[Aim]:
    def wide(case: Case) -> bool:
        return bool(int(param(case, "window")) == WINDOW and int(case.params.get("cap", 0)) >= CAPACITY and int(param(case, "group")) > 1)

    cases = [c for c in run.of("db") if c.params.get("store") == "sqlite-full" and c.params.get("p") == 2 and param(c, "mix") == "update" and "rate" not in c.params]
    found = record.rows(run, [c for c in cases if wide(c) and record.durable(c)])
    rival = db.rival_of(found)
    channels = [r for r in found if r.channel not in RIVALS and r.shown]
    if rival is None or not channels:
        return []
    best: Row = channels[0]
    aims = []
    if ratio := paired_ratio(best.paired, rival.paired):
        aims.append(Aim(f"SQLite FULL, W = {WINDOW}: {best.channel} against a durable transaction for each update", f"at least {DURABLE:g}×", ratio, DURABLE, True))
    what = f"SQLite FULL, W = {WINDOW}: p99 of the responses of {best.channel} against one durable commit"
    aims.append(Aim(what, f"at most {DURABLE_P99:g}×", _tail(run, best.case), DURABLE_P99, False))
    return aims


def _tail(run: Run, case: Case) -> Estimate | None:
    """By round: p99 of the response to the median response of a task that is alone with its connection."""
    alone = db.fact(run, store="sqlite-full", p=1, mix="update").get("own_connection")
    if alone is None or not record.durable(alone.case):
        return None
    p99, one = case.all_rounds("response_p99"), alone.case.all_rounds("response_p50")
    return paired_ratio(p99, one)


def sections(run: Run) -> list[Section]:
    aims = in_memory(run) + durable(run)
    if not aims or not (run.of("db")):
        return []
    rows = [
        [Cell(a.what), number(a.wanted), number(text.ratio(a.found)), Cell(a.verdict, "failed" if a.verdict == "not met" else ""), number(str(a.found.n if a.found else 0))]
        for a in aims
    ]
    words = [f"{a.what}: {text.ratio(a.found)}, {a.wanted} wanted: {a.verdict}." for a in aims]
    section = Section("db_goals", "What the proxy was meant to reach", readings=words, question="Was it reached?")
    section.shown = [Table("Aims", ["aim", "wanted", "found", "verdict", "n"], rows)]
    return [section]
