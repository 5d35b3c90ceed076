"""The guide of a run as data: a row for each need and place where it was measured, with a decision in each column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from weirlib.charts import text
from weirlib.contest import Entrant
from weirlib.guide.decide import ALONE, PICK, SET, UNFIT, UNMEASURED, Decision, Margin, Sides, decide
from weirlib.guide.needs import NEEDS, Arena, Need, cpu
from weirlib.picking.filter import given_up
from weirlib.results import Case, Run
from weirlib.stats import estimate

INSTALL, HERE = "install", "here"
TITLES = {INSTALL: "Best you can install", HERE: "Best here, with Weir's own"}
SHOWN = 6  # of a set
WINNERS = (PICK, SET, ALONE)

# What may matter besides, and whether a contract has it: asked where some of a set have it not.
BESIDES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "threads must sleep while they wait": lambda contract: contract["wait"] == "park",
    "each sender's order must hold": lambda contract: contract["order"] != "none",
    "one order over all senders must hold": lambda contract: contract["order"] == "fifo",
    "memory must be bounded": lambda contract: contract["bound"] != "unbounded",
}


@dataclass(frozen=True)
class Named:
    """A channel of a cell, with what it costs."""

    name: str
    id: str
    source: Mapping[str, Any]
    own: bool
    median: float
    cpu_ns: float | None
    wait: str
    gives_up: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    decision: Decision
    fitting: int  # channels whose contract fits
    measured: int
    named: tuple[Named, ...] = ()  # the set, as far as it is shown
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    need: Need
    arena: Arena | None
    cells: Mapping[str, Cell]

    @property
    def where(self) -> str:
        return self.arena.words if self.arena else ""


def rows(run: Run) -> list[Row]:
    return [row for need in NEEDS for row in of_need(run, need)]


def of_need(run: Run, need: Need) -> list[Row]:
    """One row for each place where some channel that fits was measured; one that says so where none was."""
    found = [made for arena in need.arenas(run) if (made := row(run, need, arena)).cells[HERE].measured]
    return found or [row(run, need, None)]


def row(run: Run, need: Need, arena: Arena | None) -> Row:
    failed = run.failed_channels()
    known = {c["name"]: c for c in run.channels if c.get("contract") and c["name"] not in failed and need.fits(c, arena)}
    columns = {INSTALL: {n: c for n, c in known.items() if not c["own"]}, HERE: known}
    return Row(need, arena, {name: cell(run, arena, column) for name, column in columns.items()})


def cell(run: Run, arena: Arena | None, known: Mapping[str, Any]) -> Cell:
    if not known:
        return Cell(Decision(UNFIT), 0, 0)
    if arena is None:
        return Cell(Decision(UNMEASURED), len(known), 0)
    decision, cases = decided(run, arena, known), {case.channel: case for case in arena.cases}
    named = tuple(describe(arena, cases[name], known[name]) for name in decision.among[:SHOWN])
    return Cell(decision, len(known), len(entrants(arena, known)), named, tuple(changes(run, arena, known, decision)))


def entrants(arena: Arena, known: Iterable[str]) -> list[Entrant]:
    names = set(known)
    found = [Entrant(c.channel, c.id, arena.figure(c)) for c in arena.cases if c.channel in names]
    return [entrant for entrant in found if entrant.rounds]


def decided(run: Run, arena: Arena, known: Iterable[str]) -> Decision:
    hidden = {case.channel: arena.figure(case) for case in arena.opaque}
    return decide(entrants(arena, known), arena.higher, Sides(int(run.info.get("layouts") or 1), hidden))


def describe(arena: Arena, case: Case, entry: Mapping[str, Any]) -> Named:
    # Pairs by round may be of any regime; a median is of one.
    regime = {trial.round for trial in case.measured()}
    figures = estimate(value for number, value in arena.figure(case).items() if number in regime)
    contract, spent = entry["contract"], estimate(cpu(case).values())
    assert figures is not None
    lacks = tuple(given_up(contract))
    cost = spent.median if spent else None
    return Named(case.channel, case.id, entry["source"], entry["own"], figures.median, cost, contract["wait"], lacks)


def changes(run: Run, arena: Arena, known: Mapping[str, Any], decision: Decision) -> list[str]:
    """What more may be asked of the set, and who is left then. The same rule over those that have it."""
    said: dict[str, list[str]] = {}
    if decision.kind not in WINNERS:
        return []
    for asked, has in BESIDES.items():
        having = {name: entry for name, entry in known.items() if has(entry["contract"])}
        if not having or all(name in having for name in (*decision.among, *decision.unsure)):
            continue
        said.setdefault(sentence(decided(run, arena, having)), []).append(asked)
    return [f"{' or '.join(asked)}: {answer}" for answer, asked in said.items()]


def sentence(decision: Decision) -> str:
    """The set in a few words, as a cell says it."""
    if decision.kind == PICK:
        return decision.among[0]
    if decision.kind == ALONE:
        return f"{decision.among[0]}, {ALONE}"
    if decision.kind == SET:
        which = f"any of {text.names(decision.among, SHOWN)}" if len(decision.among) > 1 else decision.among[0]
        return which + noisy(decision)
    return decision.kind


def noisy(decision: Decision) -> str:
    """Of whom nothing can be said: they are neither level with the set nor behind it."""
    return f"; too noisy to tell: {text.names(decision.unsure, 2)}" if decision.unsure else ""


def data(row: Row) -> dict[str, Any]:
    """For summary.json; whoever wants to check a cell finds its rounds and the ids of its cases."""
    arena = row.arena
    measured = {"where": row.where, "metric": arena.metric, "unit": arena.unit} if arena else {"suite": row.need.suite}
    return {"need": row.need.words, **measured, "columns": {name: _cell(cell) for name, cell in row.cells.items()}}


def _cell(cell: Cell) -> dict[str, Any]:
    decision = cell.decision
    return {
        "verdict": decision.kind,
        "set": list(decision.among),
        "too_noisy_to_tell": list(decision.unsure),
        "channels": [vars(named) | {"gives_up": list(named.gives_up)} for named in cell.named],
        "measured": cell.measured,
        "chosen_by_rounds": list(decision.chose),
        "judged_by_rounds": list(decision.judged),
        "first_ahead_of": _margin(decision.runner_up),
        "flips": {margin.name: list(margin.doubts) for margin in decision.margins if margin.doubts},
        "changes_if": list(cell.changes),
    }


def _margin(margin: Margin | None) -> dict[str, Any] | None:
    if margin is None or margin.ratio is None:
        return None
    return {"channel": margin.name, "id": margin.id, "ratio": [margin.ratio.median, margin.ratio.low, margin.ratio.high]}
