"""One send and one receive without contention, and what an adapter adds to it: the adapter tax."""

from __future__ import annotations

from weirlib.charts import compare, dots, text
from weirlib.charts.ping_pong import by_rest
from weirlib.charts.section import Cell, Section, Table, channel_cell, number
from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate

TAX_LIMIT = 3.0  # percent; beyond it the report says so


def taxes(run: Run) -> list[tuple[Case, Estimate]]:
    """Cases whose library has a hand-written loop of its own calls to compare with; the largest tax first."""
    found = [(case, estimate(case.rounds("adapter_tax").values())) for case in run.of("uncontended")]
    return sorted(((c, e) for c, e in found if e), key=lambda ce: (-ce[1].median, ce[0].channel))


def _tax_table(run: Run) -> Table:
    version = compare.sources(run)
    rows = []
    for case, e in taxes(run):
        over = e.median > TAX_LIMIT
        inside = (
            f"{e.low:+.1f} % to {e.high:+.1f} %"
            if e.low is not None and e.high is not None
            else text.interval(e, "percent")
        )
        rows.append(
            [
                channel_cell(case.channel),
                number(f"{e.median:+.1f} %", "marked" if over else ""),
                number(inside),
                Cell(
                    f"more than {TAX_LIMIT:g} %" if over else f"at most {TAX_LIMIT:g} %",
                    "marked" if over else "",
                ),
                Cell(text.case_words(case.params)),
                Cell(version.get(case.channel, "")),
            ]
        )
    return Table(
        "Adapter tax: this project's words against the library's own calls in a hand-written loop",
        ["channel", "tax", "interval", "verdict", "case", "source"],
        rows,
    )


def tax_sentence(run: Run) -> str:
    found = taxes(run)
    over = [f"{case.channel} (+{e.median:.1f} %)" for case, e in found if e.median > TAX_LIMIT]
    if not found:
        return ""
    if over:
        return (
            f"The adapter costs more than {TAX_LIMIT:g} % over a hand-written loop for {text.names(over)}: "
            "their figures are that much too slow."
        )
    return f"No adapter costs more than {TAX_LIMIT:g} % over a hand-written loop of the library's own calls."


def sections(run: Run) -> list[Section]:
    groups, tainted = by_rest(run.of("uncontended")), run.failed_channels()
    if not groups:
        return []
    section = Section(
        "uncontended",
        "One thread, no contention, and the adapter tax",
        question="What does one send and one receive cost when nobody else is there?",
    )
    all_rows = {words: dots.rows(cases, "pair", "lower", tainted) for words, cases in groups.items()}
    span = dots.extent(list(all_rows.values()), [])
    for words, found in all_rows.items():
        section.panels.append(
            dots.panel(
                found,
                "ns",
                "one send and one receive (log scale)",
                text.sentence(words),
                span=span,
                caption=compare.lead(found, "lower", "ns"),
            )
        )
        section.tables.append(compare.table(run, found, "lower", "ns", text.sentence(words)))
    said = [
        f"{text.sentence(words)}: {compare.lead(found, 'lower', 'ns')}" for words, found in all_rows.items()
    ]
    section.readings = [*filter(None, [tax_sentence(run)]), *said]
    if taxes(run):
        section.shown.append(_tax_table(run))
    return [section]
