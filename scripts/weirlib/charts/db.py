"""Databases with one owner behind a channel, against tasks that share them: who is faster, and at what price."""

from __future__ import annotations

from typing import Any

from weirlib.results import Case, Run
from weirlib.stats import paired_ratio, verdict
from weirlib.charts import compare, db_record as record, dots, histogram, text
from weirlib.charts.db_record import BETTER, RIVALS, UNIT
from weirlib.charts.dots import Row
from weirlib.charts.section import Cell, Section, Table, channel_cell, id_cell, number

PERCENTILES = (50.0, 99.0)
HEAD = ["channel", "updates/s", "interval", "against the rival", "verdict", "response p50", "p99", "requests a group",
        "syncs a request", "bytes written", "CPU a request", "n", "id", "source"]  # fmt: skip


def sentence(row: Row, rival: Row | None) -> str:
    """What may be said of one channel against the rival."""
    if rival is None or not row.shown:
        return ""
    ratio = paired_ratio(row.paired, rival.paired)
    if ratio is None:
        return ""
    if ratio.low is None:
        return f"{row.channel} {text.ratio(ratio)} {rival.channel}, too few rounds to tell them apart"
    said = verdict(ratio, BETTER)
    if said == "not told apart":
        return f"{row.channel} is not told apart from {rival.channel}"
    return f"{row.channel} is {said}: {text.ratio(ratio)} {rival.channel}"


def reading(found: list[Row]) -> str:
    """The best channel against the rival, or that there is none to compare with."""
    rival = rival_of(found)
    best = next((row for row in found if row.channel not in RIVALS and row.shown), None)
    if best is None:
        return "No channel has a verified figure."
    return (sentence(best, rival) or f"{best.channel} alone has a figure") + "."


def rival_of(found: list[Row]) -> Row | None:
    """The best of them: `found` is in that order."""
    return next((row for row in found if row.channel in RIVALS and row.shown), None)


def _percentiles(case: Case) -> list[Cell]:
    merged = histogram.merge(case.histograms("response"))
    cells = []
    for percent in PERCENTILES:
        at = histogram.percentile(merged, percent) if merged else None
        cells.append(number(("≥ " if at[1] else "") + text.quantity(at[0], "ns") if at else "–"))
    return cells


def _price(case: Case) -> list[Cell]:
    """Group size, syncs, bytes and processor time a request: medians over the rounds."""
    group = record.median(case, "groups", "mean")
    syncs, size, cpu = (record.median(case, name) for name in ("syncs_per_request", "bytes_per_request", "cpu_ns_per_request"))
    return [
        number(text.digits(group) if group else "–"),
        number(text.digits(syncs) if syncs is not None else "–"),
        number(text.digits(size) if size is not None else "–"),
        number(text.quantity(cpu, "ns")),
    ]


def _row(row: Row, rival: Row | None, source: str) -> list[Cell]:
    if row.estimate is None:
        blank = [Cell("")] * (len(HEAD) - 5)
        return [channel_cell(row.channel, True), Cell("failed", "failed"), Cell(row.case.reason, "failed"), *blank, id_cell(row.case.id), Cell(source, "source")]
    e = row.estimate
    ratio = paired_ratio(row.paired, rival.paired) if rival and rival.channel != row.channel else None
    said = "the rival" if rival and rival.channel == row.channel else verdict(ratio, BETTER) if ratio else ""
    return [
        channel_cell(row.channel),
        number(text.quantity(e.median, UNIT)),
        number(text.interval(e, UNIT), "marked" if e.noisy else ""),
        number(text.ratio(ratio)),
        Cell(said),
        *_percentiles(row.case),
        *_price(row.case),
        number(str(e.n)),
        id_cell(row.case.id),
        Cell(source, "source"),
    ]


def table(run: Run, found: list[Row], caption: str) -> Table:
    version = dict.fromkeys(RIVALS, "Weir") | compare.sources(run)
    rival = rival_of(found)
    return Table(caption, HEAD, [_row(row, rival, version.get(row.channel, "")) for row in found])


def _fill(section: Section, run: Run, words: str, cases: list[Case]) -> None:
    found = record.rows(run, cases)
    if not found:
        return
    rival = rival_of(found)
    limits = {rival.channel: rival.estimate.median} if rival and rival.estimate else {}
    over = any(case.oversubscribed for case in cases)
    said = reading(found)
    panel = dots.panel(
        found,
        UNIT,
        "requests committed per second (log scale)",
        record.store_words(cases[0]),
        subtitle=record.rest_words(cases[0]),
        span=dots.extent([found], []),
        shaded=over,
        caption=said,
        limits=limits,
    )
    section.panels.append(panel)
    section.readings.append(f"{text.sentence(words)}: {said}")
    section.tables.append(table(run, found, text.sentence(words)))


def sections(run: Run) -> list[Section]:
    """One panel for each set of cases that differ in their channel only."""
    groups = record.by_rest(run.of("db"))
    if not groups:
        return []
    section = Section(
        "db",
        "A database with one owner, or a connection for each task",
        question="Tasks send requests to the owner of a database, which commits them in groups and answers; the rivals "
        "commit, or lock, each request themselves. Which completes more requests per second?",
    )
    for words, cases in sorted(groups.items(), key=lambda group: record.usual_first(group[1])):
        if len(cases) > 1 and any(case.channel not in RIVALS for case in cases):
            _fill(section, run, words, cases)
    section.fold(section.panels, 4)
    section.notes = notes(run)
    return [section] if section.tables else []


def notes(run: Run) -> list[str]:
    found = [said for case in run.of("db") for said in record.said(case)]
    systems = sorted({str(line["file_system"]) for line in found if line.get("file_system")})
    shares = [line["erasure"]["share"] for line in found if line.get("erasure")]
    erasure = f" The erased channel costs at most {text.digits(100 * max(shares))} % of the time of a request." if shares else ""
    where = f" Files lay on {text.names(systems)}." if systems else ""
    return [
        "W: requests that a task may have unanswered; n: the most in one transaction. Shaded: more threads than processors.",
        "After each trial the database equals a replay of what was accepted. A figure of a durable database is one of "
        f"its disk as well.{where}{erasure}",
    ]


def fact(run: Run, **params: Any) -> dict[str, Row]:
    """The measured rows of `db` with those parameters, by channel; of several, the first."""
    found: dict[str, Row] = {}
    for row in record.rows(run, [c for c in run.of("db") if record.has(c, params)]):
        if row.shown:
            found.setdefault(row.channel, row)
    return found
