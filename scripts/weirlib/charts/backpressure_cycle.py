"""A ring of tasks that all send before they receive: whether bounded channels in a circle stand still for good."""

from __future__ import annotations

from statistics import median_low

from weirlib.results import Case, Run
from weirlib.charts import compare, text
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Section, Table, channel_cell, number

Cycle = bp.Record


def cycles(case: Case) -> list[Cycle]:
    """One for each measured round."""
    return [t.line["cycle"] for t in case.measured() if t.line.get("cycle")]


def deadlocked(case: Case) -> int:
    """In how many rounds."""
    return sum(bool(c["deadlocked"]) for c in cycles(case))


def states(case: Case) -> str:
    """Where each task stood in the first round that stood still."""
    return "; ".join(next((c["states"] for c in cycles(case) if c["deadlocked"]), []))


def _after(case: Case) -> str:
    found = [c["after_ms"] for c in cycles(case) if c["deadlocked"] and c["after_ms"] is not None]
    return text.ms(median_low(found)) if found else "–"


def _held(case: Case) -> str:
    """`8 tokens, capacity 4`."""
    parts = [f"{case.params['tokens']} tokens" if "tokens" in case.params else "", f"capacity {case.params['cap']}" if "cap" in case.params else ""]
    return ", ".join(filter(None, parts)) or say.words(case.params)


def reading(cases: list[Case]) -> list[str]:
    """Who stood still with what, and who did not."""
    stood: dict[str, list[str]] = {}
    went: dict[str, list[str]] = {}
    for case in cases:
        (stood if deadlocked(case) else went).setdefault(_held(case), []).append(case.channel)
    said = [f"With {held}: {text.names(dict.fromkeys(names))}" for held, names in stood.items()]
    first = f"The ring stands still for good. {'. '.join(said)}." if stood else "The ring never stood still."
    gone = [f"With {held}: {text.names(dict.fromkeys(names))}" for held, names in went.items()]
    return [first, f"It went through. {'. '.join(gone)}." if gone and stood else ""]


def _row(case: Case, version: dict[str, str], failed: set[str]) -> list[Cell]:
    source = Cell(version.get(case.channel, ""), "source")
    head = [channel_cell(case.channel, case.channel in failed), *(number(str(case.params.get(key, "–"))) for key in ("tokens", "cap"))]
    found = cycles(case)
    if not found:
        return [*head, Cell(case.reason or "nothing measured", "failed"), *[Cell("")] * 2, source]
    times = deadlocked(case)
    verdict = Cell(f"in {times} of {text.plural(len(found), 'round')}" if times else "no", "marked" if times else "")
    return [*head, verdict, number(_after(case)), Cell(states(case), "wide"), source]


def sections(run: Run) -> list[Section]:
    failed, version = run.failed_channels(), compare.sources(run)
    fair = [c for c in run.of("cycle") if c.channel not in failed and cycles(c)]
    if not fair:
        return []

    def order(case: Case) -> tuple[int, int, bool, str]:
        return int(case.params.get("tokens", 0)), int(case.params.get("cap", 0)), case.channel in failed, case.channel

    fair.sort(key=order)
    shown = sorted((c for c in run.of("cycle") if c.status != "not_applicable"), key=order)
    head = ["channel", "tokens", "capacity", "stood still", "after", "where each task stood", "source"]
    return [
        Section(
            "backpressure_cycle",
            "A ring of tasks",
            question="Tasks in a ring each send several messages before they receive one. Do they stand still for good once every channel is full?",
            readings=reading(fair),
            shown=[Table("Rings", head, [_row(c, version, failed) for c in shown])],
            notes=["Backpressure in a circle: each task waits for room that only the next one can make. Seen when no task moved for a while."],
        )
    ]
