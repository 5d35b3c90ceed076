"""The guide for a terminal: two lines a row, what was not measured together in one."""

from __future__ import annotations

from collections.abc import Sequence

from weirlib.charts import text
from weirlib.guide.answer import HERE, INSTALL, SHOWN, Cell, Row, noisy, sentence
from weirlib.guide.decide import FEW, NONE, SET

LABEL, TO_INSTALL, COLUMNS = 26, "  to install: ", 100


def lines(rows: Sequence[Row]) -> list[str]:
    measured = [row for row in rows if row.cells[HERE].measured]
    few = [row for row in measured if row.cells[HERE].decision.kind == FEW]
    found = [line for row in measured if row not in few for line in of_row(row)]
    if few:
        found.append(f"{'too few rounds to decide':<{LABEL}} {names(few)}")
    if rest := [row for row in rows if row not in measured]:
        found.append(f"{'not measured in this run':<{LABEL}} {names(rest)}")
    return found


def names(rows: Sequence[Row]) -> str:
    return ", ".join(dict.fromkeys(row.need.short for row in rows))


def of_row(row: Row) -> list[str]:
    label = f"{row.need.short}, {place(row)}" if place(row) else row.need.short
    here, install = (said(row.cells[name]) for name in (HERE, INSTALL))
    if here == install:
        return [f"{label:<{LABEL}} {here}"]
    return [f"{label:<{LABEL}} {here}", f"{'':<{LABEL}} {TO_INSTALL}{install}"]


def place(row: Row) -> str:
    """What tells rows of one need apart, as short as it goes."""
    params = row.arena.cases[0].params if row.arena else {}
    if "p" in params:
        return text.topology(params).replace("×", "x")
    return {"one": "one core", "spread": "spread", "free": "free"}.get(str(params.get("place")), "")


def said(cell: Cell) -> str:
    decision = cell.decision
    if decision.kind == NONE:
        return f"{NONE}: {decision.untold} of {cell.measured} not told apart"
    closest = decision.runner_up
    lead = f"; {text.digits(closest.ratio.median)}x {closest.name}" if closest and closest.ratio else ""
    if decision.kind != SET:
        return sentence(decision) + lead
    # Two names are worth more than how far they lead; that others are too noisy is always said.
    short = f"; {len(decision.unsure)} too noisy to tell" if decision.unsure else ""
    ends = (noisy(decision) + lead, noisy(decision), short + lead, short)
    tried = (named(decision.among, most, end) for end in ends for most in range(SHOWN, 1, -1))
    return next(filter(_fits, tried), named(decision.among, 1, short))


def named(among: Sequence[str], most: int, lead: str) -> str:
    if len(among) == 1:
        return among[0] + lead
    left = f" and {len(among) - most} more" if len(among) > most else ""
    return f"any of {', '.join(among[:most])}{left}{lead}"


def _fits(line: str) -> bool:
    return len(line) <= COLUMNS - LABEL - 1 - len(TO_INSTALL)
