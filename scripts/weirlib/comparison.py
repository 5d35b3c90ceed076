"""Two runs side by side. Of one machine with ratios; of two machines never: a ratio would compare the machines."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from statistics import median
from typing import Any

from weirlib import orders, stats
from weirlib.charts import text
from weirlib.charts.section import Cell, Table, channel_cell, number
from weirlib.orders import Agreement, Place
from weirlib.picking.judge import MATTERS
from weirlib.results import Run
from weirlib.stats import Estimate

# What makes a machine, and what else may have changed between two runs on it.
MACHINE = {
    "cpu_model": "processor",
    "cpus": "number of processors",
    "allowed_cpus": "allowed processors",
    "virtualized": "virtual machine",
    "memory_mib": "memory",
    "architecture": "architecture",
}
PROGRAM = ("kernel", "governor", "compiler", "flags", "build_type", "revision", "dirty", "libraries")


@dataclass(frozen=True)
class Comparison:
    first: Run
    second: Run
    machines: list[str]  # what tells the machines apart; empty: one machine
    changed: list[str]  # what else differs
    orders: Agreement
    tables: list[Table]
    moved: list[tuple[Estimate, str, str]]  # ratio, id, channel: clear of 1 and of 10 % or more; the furthest first

    @property
    def one_machine(self) -> bool:
        return not self.machines

    def names(self) -> tuple[str, str]:
        return self.first.path.name, self.second.path.name


def difference(name: str, a: Any, b: Any) -> str:
    return f"{name}: {_plain(a)} and {_plain(b)}"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in sorted(value.items()))
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def machines(first: Run, second: Run) -> list[str]:
    """Nothing is known of a machine whose environment is missing: then the two are not taken for one."""
    a, b = first.environment, second.environment
    if not a or not b:
        return ["environment.json is missing"]
    return [difference(said, a.get(key), b.get(key)) for key, said in MACHINE.items() if a.get(key) != b.get(key)]


def changed(first: Run, second: Run) -> list[str]:
    a, b = first.environment, second.environment
    return [difference(key, a.get(key), b.get(key)) for key in PROGRAM if a.get(key) != b.get(key)]


def compare(first: Run, second: Run) -> Comparison:
    apart = machines(first, second)
    a, b = orders.places(first), orders.places(second)
    shared = [where for where in a if where in b and a[where].metric == b[where].metric]
    tables, moved = [], []
    for where in shared:
        names = [name for name in a[where].cases if name in b[where].cases]
        ratios = {} if apart else {name: _ratio(a[where], b[where], name) for name in names}
        tables.append(_table(a[where], b[where], names, ratios, not apart))
        moved += [(r, a[where].cases[n].id, n) for n, r in ratios.items() if r and _clear(r) and _far(r)]
    moved.sort(key=lambda m: (-max(m[0].median, 1 / m[0].median), m[1]))
    return Comparison(first, second, apart, changed(first, second), orders.agreement(first, second), tables, moved)


def _ratio(a: Place, b: Place, name: str) -> Estimate | None:
    if a.cases[name].regime != b.cases[name].regime:
        return None  # one was mostly full, say, and the other mostly empty: two different figures
    return stats.apart(b.pooled(name).values(), a.pooled(name).values())


def _clear(ratio: Estimate) -> bool:
    return bool(ratio.low and ratio.high) and (ratio.low > 1 or ratio.high < 1)  # type: ignore[operator]


def _far(ratio: Estimate) -> bool:
    return max(ratio.median, 1 / ratio.median) >= 1 + MATTERS


def verdict(ratio: Estimate | None, higher: bool) -> str:
    if ratio is None:
        return "too few rounds of one regime"
    if not _clear(ratio):
        return "not told apart"
    return "better in the second" if (ratio.median > 1) == higher else "worse in the second"


def _table(a: Place, b: Place, names: list[str], ratios: dict[str, Estimate | None], one: bool) -> Table:
    rows = []
    by_rank = sorted(names, key=lambda name: (median(a.pooled(name).values()) * (-1 if a.higher else 1), name))
    for name in by_rank:
        cells = [number(text.quantity(median(place.pooled(name).values()), place.unit)) for place in (a, b)]
        said = [number(text.ratio(ratios[name])), Cell(verdict(ratios[name], a.higher))] if one else []
        rows.append([channel_cell(name), *cells, *said, Cell(a.cases[name].id, "id")])
    head = ["channel", "first", "second", *(["second / first (95 %)", "verdict"] if one else []), "id"]
    return Table(f"{a.where}: {a.metric}, {'higher' if a.higher else 'lower'} is better", head, rows)


def said(found: Comparison) -> str:
    """Whether ratios may be made, in a sentence."""
    if found.one_machine:
        return "One machine: ratios are second over first, with Welch's interval of the mean log ratio."
    return f"Two machines, so there are no ratios: {'; '.join(found.machines)}."


LINES, COLUMNS, NAMED = 40, 110, 8


def lines(found: Comparison) -> list[str]:
    """For a terminal."""
    made = [f"first: {found.names()[0]}", f"second: {found.names()[1]}", *textwrap.wrap(said(found), COLUMNS)]
    made += [f"differs: {line}" for line in found.changed]
    made += ["", *textwrap.wrap(found.orders.sentence, COLUMNS, subsequent_indent="  ")]
    made += [f"  reversed: {where}: {x} was ahead of {y}" for where, x, y in found.orders.reversed[:NAMED]]
    if found.one_machine:
        total = sum(len(table.rows) for table in found.tables)
        made += ["", f"{len(found.moved)} of {text.plural(total, 'case')} moved by 10 % or more, the interval clear of 1."]
        room = LINES - len(made) - 2
        made += [f"  {text.ratio(ratio):<26} {identity}" for ratio, identity, _ in found.moved[:room]]
    return [line if len(line) <= COLUMNS else line[: COLUMNS - 3] + "..." for line in made]
