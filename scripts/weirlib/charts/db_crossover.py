"""The crossover map: a channel against the mutex, by how long an update holds the table and how many tasks there are."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from weirlib import style
from weirlib.results import Run
from weirlib.stats import TOO_SMALL, Estimate, paired_ratio, verdict
from weirlib.charts import kinds, text
from weirlib.charts.db_update import BETTER, METRIC, OTHER_LOCKS, RIVAL
from weirlib.charts.section import Cell, Panel, Section, Table, channel_cell, id_cell, number

CELL, ROW = 62, 30
FILLS = {"ahead": "#0a56a8", "behind": "#c27400"}  # of style.HUES: blue and orange


@dataclass(frozen=True)
class Field:
    ratio: Estimate  # channel to lock, paired by round
    said: str
    ids: tuple[str, str]  # of the channel's case and the lock's
    over: bool = False  # more threads than processors


Map = dict[tuple[int, int], Field]  # by tasks and nanoseconds in the critical section


def maps(run: Run) -> dict[str, Map]:
    """By channel: every place for which the lock was measured too, where at least two lengths were."""
    cases = [c for c in run.of("db_update") if "rows" not in c.params]
    by_rest = {(c.channel, c.params.get("p"), c.params.get("rwork", 0), c.params.get("cap"), c.params.get("place")): c for c in cases}
    found: dict[str, Map] = {}
    for (channel, p, work, *rest), case in sorted(by_rest.items(), key=str):
        lock = by_rest.get((RIVAL, p, work, *rest))
        if channel in (RIVAL, *OTHER_LOCKS) or lock is None or {channel, RIVAL} & run.failed_channels():
            continue
        ratio = paired_ratio(case.all_rounds(METRIC), lock.all_rounds(METRIC))
        if ratio:
            over = case.oversubscribed or lock.oversubscribed
            found.setdefault(channel, {})[int(p or 1), int(work)] = Field(ratio, verdict(ratio, BETTER), (case.id, lock.id), over)
    return {name: m for name, m in found.items() if len({work for _, work in m}) > 1}


def ranges(found: Map, tasks: int, word: str) -> list[tuple[int, int]]:
    """The critical sections of which `word` is said: neighbours among the measured ones together, shortest first."""
    spans: list[tuple[int, int]] = []
    before = None
    for work in sorted(work for p, work in found if p == tasks):
        if found[tasks, work].said == word:
            spans = [*spans[:-1], (spans[-1][0], work)] if before == word else [*spans, (work, work)]
        before = found[tasks, work].said
    return spans


def _length(work: int) -> str:
    return text.quantity(work, "ns") if work else "0"


def _where(spans: list[tuple[int, int]]) -> str:
    """`at 0 and from 1.00 µs to 10.0 µs`."""
    return text.names(f"at {_length(low)}" if low == high else f"from {_length(low)} to {_length(high)}" for low, high in spans)


def _tasks(found: Map, tasks: int) -> str:
    words = {field.said for (p, _), field in found.items() if p == tasks}
    over = " (oversubscribed)" if any(field.over for (p, _), field in found.items() if p == tasks) else ""
    who = f"with {tasks} tasks{over}"
    if TOO_SMALL in words:
        return f"{who}: too few rounds to tell"
    ahead = ranges(found, tasks, "ahead")
    said = [f"ahead of the lock {_where(ahead)}" if ahead else "never ahead of the lock"]
    if behind := ranges(found, tasks, "behind"):
        said.append(f"behind it {_where(behind)}")
    return f"{who} {', '.join(said)}"


def reading(name: str, found: Map) -> str:
    return f"{name}: {'; '.join(_tasks(found, tasks) for tasks in sorted({p for p, _ in found}))}."


def _draw(ax: Axes, found: Map, tasks: list[int], works: list[int]) -> None:
    for (p, work), field in found.items():
        x, y = works.index(work), tasks.index(p)
        colour = FILLS.get(field.said, style.colour("band"))
        ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=colour, alpha=0.25 if field.said in FILLS else 1.0, lw=0))
        if field.over:
            ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, fill=False, hatch="///", edgecolor=style.colour("muted"), alpha=0.35, lw=0))
        ax.text(x, y, f"{text.digits(field.ratio.median)}×", ha="center", va="center", size=8.5, color=style.colour("ink"))
    ax.set_xlim(-0.5, len(works) - 0.5)
    ax.set_ylim(len(tasks) - 0.5, -0.5)
    ax.set_xticks(range(len(works)), [_length(w) for w in works], size=8.5)
    ax.set_yticks(range(len(tasks)), [f"{p} tasks" for p in tasks], size=8.5)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel("an update holds the table for", size=9)


def _table(name: str, found: Map) -> Table:
    rows = [
        [channel_cell(name), number(str(p)), number(text.quantity(work, "ns")), number(text.ratio(f.ratio)), Cell(f.said), Cell("oversubscribed" if f.over else ""), number(str(f.ratio.n)), id_cell(f.ids[0])]
        for (p, work), f in sorted(found.items())
    ]
    return Table(name, ["channel", "tasks", "critical section", "ratio to the lock", "verdict", "threads", "n", "id"], rows)


def sections(run: Run) -> list[Section]:
    found = maps(run)
    if not found:
        return []
    section = Section(
        "db_crossover",
        "Where lock and channel cross",
        question="The longer an update holds the table, the less it matters how it gets there. Where is a channel ahead of the mutex?",
    )
    tasks = sorted({p for m in found.values() for p, _ in m})
    works = sorted({work for m in found.values() for _, work in m})
    for name, each in found.items():

        def draw(ax: Axes, each: Map = each) -> None:
            _draw(ax, each, tasks, works)

        size = (64 + CELL * len(works), 36 + 40 + ROW * len(tasks))
        section.panels.append(Panel(name, draw, *size, kinds.GRID, [i for f in each.values() for i in f.ids], "updates per second, ratio to shared_lock", reading(name, each), (58, 6, 36, 40)))
        section.readings.append(reading(name, each))
        section.tables.append(_table(name, each))
    section.notes = ["Blue: ahead of the lock, the interval clear of 1; orange: behind; grey: not told apart. Paired by round. Hatched: more threads than processors."]
    return [section]
