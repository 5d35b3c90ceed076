"""The table behind the guide: each margin that decided a cell, with its rounds and ids."""

from __future__ import annotations

from collections.abc import Sequence

from weirlib.charts import text
from weirlib.charts.section import Cell, Table, channel_cell, number
from weirlib.guide.answer import TITLES, Row
from weirlib.guide.decide import Decision, Margin

HEAD = ["first", "need", "column", "against", "ratio (95 %)", "verdict", "rounds that chose, that judged", "ids"]


def verdict(margin: Margin) -> str:
    if margin.ratio is None:
        return "too few rounds in common"
    if margin.behind:
        return "behind"
    if margin.doubts and margin.ratio.low and margin.ratio.low > 1:
        return f"the other way round: {text.names(margin.doubts)}"
    return "ahead" if margin.ahead else "not told apart"


def rounds(decision: Decision) -> str:
    return "; ".join(", ".join(map(str, numbers)) for numbers in (decision.chose, decision.judged))


def table(rows: Sequence[Row]) -> Table:
    made = []
    for row in rows:
        for name, cell in row.cells.items():
            first = cell.decision.first
            for margin in cell.decision.margins if first else ():
                assert first is not None
                made.append(
                    [
                        channel_cell(first.name), Cell(f"{row.need.short}, {row.where}"), Cell(TITLES[name]), Cell(margin.name),
                        number(text.ratio(margin.ratio)), Cell(verdict(margin)), Cell(rounds(cell.decision)),
                        Cell(f"{first.id} {margin.id}", "id"),
                    ]
                )  # fmt: skip
    return Table("Each margin: how much better the first is, over the rounds that did not choose it", HEAD, made)
