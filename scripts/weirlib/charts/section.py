"""What a chart module hands to the report: sentences, panels and the table behind them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Callable, Sequence

from matplotlib.axes import Axes

from weirlib.charts import kinds


@dataclass(frozen=True)
class Panel:
    """One small chart. Sizes and margins in px; a page lays panels out side by side or one below the other."""

    title: str
    draw: Callable[[Axes], None]
    width: int
    height: int
    kind: str  # of charts/kinds.py
    ids: Sequence[str]  # of the cases it is drawn from
    subtitle: str = ""
    caption: str = ""  # what is to be seen, in a sentence computed from the data
    margins: tuple[int, int, int, int] = (50, 12, 34, 36)  # left, right, top, bottom

    def __post_init__(self) -> None:
        if self.kind not in kinds.MEANING:
            raise ValueError(f"{self.title}: {self.kind} is no kind of chart")


@dataclass(frozen=True)
class Cell:
    text: str
    kind: str = ""  # css class: number, channel, failed, marked
    channel: str = ""  # draws the channel's marker before the text


@dataclass(frozen=True)
class Table:
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass
class Section:
    key: str  # file name of the chart and anchor in the page
    title: str
    readings: list[str] = field(default_factory=list)  # the first sentence answers the question
    panels: list[Panel] = field(default_factory=list)
    folded: list[Panel] = field(default_factory=list)  # shown when opened
    folded_title: str = ""
    tables: list[Table] = field(default_factory=list)
    legend: list[str] = field(default_factory=list)  # channels whose markers are not labelled in the chart
    notes: list[str] = field(default_factory=list)
    question: str = ""
    shown: list[Table] = field(default_factory=list)  # tables that are to be read, not looked up

    def fold(self, panels: Sequence[Panel], most: int) -> None:
        """The first of them as its panels; the rest opens on demand."""
        self.panels, self.folded = list(panels[:most]), list(panels[most:])
        self.folded_title = f"{len(self.folded)} more charts"


def strike(table: Table, failed: set[str]) -> Table:
    """The table with the figures of channels that failed struck out."""
    return replace(table, rows=[_struck(row) if row[0].channel in failed else row for row in table.rows])


def _struck(row: Sequence[Cell]) -> list[Cell]:
    figures = [replace(c, kind=f"{c.kind} struck") if "number" in c.kind or "marked" in c.kind else c for c in row[1:]]
    return [channel_cell(row[0].text, True), *figures]


def number(text: str, kind: str = "") -> Cell:
    return Cell(text, f"number {kind}".strip())


def id_cell(identity: str) -> Cell:
    """Which result a row was computed from."""
    return Cell(identity, "id")


def channel_cell(name: str, failed: bool = False) -> Cell:
    return Cell(name, "channel failed" if failed else "channel", name)
