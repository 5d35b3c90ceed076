"""Wake-up of a parked receiver against a bare futex."""

from __future__ import annotations

from weirlib.charts import compare, dots, histogram, text
from weirlib.charts.ping_pong import by_rest
from weirlib.charts.section import Cell, Section, Table, channel_cell, id_cell, number
from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate


def bare_case(run: Run, place: str) -> Case | None:
    """The same wake-up with nothing but a futex; where that is missing, the futex ping-pong."""
    found = (run.machine(f"{name}:{place}") for name in ("futex_wake", "futex_round_trip"))
    return next((case for case in found if case and case.figure()), None)


def bare_futex(run: Run, place: str) -> Estimate | None:
    case = bare_case(run, place)
    return estimate(case.figure().values()) if case else None


def _tail(case: Case, percent: float) -> Cell:
    merged = histogram.merge(case.histograms())
    found = histogram.percentile(merged, percent) if merged else None
    return number(text.quantity(found[0], "ns") if found else "–")


def _row(row: dots.Row, bare: Estimate | None, version: dict[str, str]) -> list[Cell]:
    source = Cell(version.get(row.channel, ""), "source")
    if row.estimate is None:
        blank = [Cell("")] * 4
        return [
            channel_cell(row.channel, True),
            Cell("failed", "failed"),
            Cell(row.case.reason, "failed"),
            *blank,
            id_cell(row.case.id),
            source,
        ]
    e = row.estimate
    against = f"{text.digits(e.median / bare.median)}×" if bare else "–"
    figures = [number(text.quantity(e.median, "ns")), number(text.interval(e, "ns"))]
    spread = number(text.spread(e), "marked" if e.noisy else "")
    tail = [_tail(row.case, 90.0), _tail(row.case, 99.0)]
    return [channel_cell(row.channel), *figures, spread, number(against), *tail, id_cell(row.case.id), source]


def _table(run: Run, found: list[dots.Row], bare: Estimate | None, caption: str) -> Table:
    version = compare.sources(run)
    rows = [_row(row, bare, version) for row in found]
    limit = bare_case(run, str(found[0].case.params.get("place"))) if found else None
    if bare and limit:
        figures = [
            number(text.quantity(bare.median, "ns")),
            number(text.interval(bare, "ns")),
            number(text.spread(bare)),
        ]
        rows.insert(
            0, [Cell("a bare futex", "limit"), *figures, number("1×"), *[Cell("")] * 2, id_cell(limit.id), Cell("the machine")]
        )
    head = ["channel", "median wake-up", "interval", "IQR", "against the futex", "p90", "p99", "id", "source"]
    return Table(caption, head, rows)


def sections(run: Run) -> list[Section]:
    groups, tainted = by_rest(run.of("wake_up")), run.failed_channels()
    if not groups:
        return []
    section = Section(
        "wake_up",
        "Wake-up of a parked receiver",
        question="Both sides sleep. How much does a channel add to what the kernel's futex costs?",
    )
    bare = {words: bare_futex(run, str(cases[0].params.get("place"))) for words, cases in groups.items()}
    all_rows = {words: dots.rows(cases, "wake_p50", "lower", tainted) for words, cases in groups.items()}
    span = dots.extent(list(all_rows.values()), [e.median for e in bare.values() if e])
    for words, found in all_rows.items():
        e = bare[words]
        section.panels.append(
            dots.panel(
                found,
                "ns",
                "median wake-up (log scale)",
                text.sentence(words),
                span=span,
                limits={"bare futex": e.median} if e else {},
                caption=compare.lead(found, "lower", "ns"),
            )
        )
        section.shown.append(_table(run, found, e, text.sentence(words)))
        against = f" A bare futex takes {text.quantity(e.median, 'ns')}." if e else ""
        section.readings.append(f"{text.sentence(words)}: {compare.lead(found, 'lower', 'ns')}{against}")
    section.notes = [
        "Vertical line: a bare futex, placed the same, measured in this run. p90 and p99 are of the merged "
        "histograms, where 100 samples lie beyond."
    ]
    return [section]
