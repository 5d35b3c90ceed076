"""The crossover map: a channel against the mutex, by how long an update holds the table and how many tasks there are."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from weirlib import style
from weirlib.results import Run
from weirlib.stats import Estimate, paired_ratio, verdict
from weirlib.charts import kinds, text
from weirlib.charts.db_update import BETTER, METRIC, OTHER_LOCKS, RIVAL
from weirlib.charts.section import Cell, Panel, Section, Table, channel_cell, number

CELL, ROW = 62, 30
FILLS = {"ahead": "#0a56a8", "behind": "#c27400"}  # of style.HUES: blue and orange


@dataclass(frozen=True)
class Field:
    ratio: Estimate  # channel to lock, paired by round
    said: str
    ids: tuple[str, str]  # of the channel's case and the lock's


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
            found.setdefault(channel, {})[int(p or 1), int(work)] = Field(ratio, verdict(ratio, BETTER), (case.id, lock.id))
    return {name: m for name, m in found.items() if len({work for _, work in m}) > 1}


def crossing(found: Map, tasks: int) -> int | None:
    """The shortest critical section from which on the channel is not ahead any more; None: always ahead or never."""
    works = sorted(work for p, work in found if p == tasks)
    ahead = [work for work in works if found[tasks, work].said == "ahead"]
    if not ahead or ahead[-1] == works[-1]:
        return None
    return next(work for work in works if work > ahead[-1])


def reading(name: str, found: Map) -> str:
    said = []
    for tasks in sorted({p for p, _ in found}):
        works = sorted(work for p, work in found if p == tasks)
        words = {found[tasks, work].said for work in works}
        at = crossing(found, tasks)
        if at is not None:
            rest = {found[tasks, work].said for work in works if work >= at}
            which = "behind" if rest == {"behind"} else "not ahead of it"
            said.append(f"with {tasks} tasks ahead of the lock up to {text.quantity(max(w for w in works if w < at), 'ns')}, {which} from {text.quantity(at, 'ns')} on")
        elif found[tasks, works[-1]].said == "ahead":
            said.append(f"with {tasks} tasks ahead of the lock at {text.quantity(works[-1], 'ns')}, the longest measured")
        elif words <= {"ahead", "behind", "not told apart"}:
            said.append(f"with {tasks} tasks never ahead of the lock")
        else:
            said.append(f"with {tasks} tasks: too few rounds to tell")
    return f"{name}: {'; '.join(said)}."


def _draw(ax: Axes, found: Map, tasks: list[int], works: list[int]) -> None:
    for (p, work), field in found.items():
        x, y = works.index(work), tasks.index(p)
        colour = FILLS.get(field.said, style.colour("band"))
        ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=colour, alpha=0.25 if field.said in FILLS else 1.0, lw=0))
        ax.text(x, y, f"{text.digits(field.ratio.median)}×", ha="center", va="center", size=8.5, color=style.colour("ink"))
    ax.set_xlim(-0.5, len(works) - 0.5)
    ax.set_ylim(len(tasks) - 0.5, -0.5)
    ax.set_xticks(range(len(works)), [text.quantity(w, "ns") if w else "0" for w in works], size=8.5)
    ax.set_yticks(range(len(tasks)), [f"{p} tasks" for p in tasks], size=8.5)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel("an update holds the table for", size=9)


def _table(name: str, found: Map) -> Table:
    rows = [
        [channel_cell(name), number(str(p)), number(text.quantity(work, "ns")), number(text.ratio(f.ratio)), Cell(f.said), number(str(f.ratio.n))]
        for (p, work), f in sorted(found.items())
    ]
    return Table(name, ["channel", "tasks", "critical section", "ratio to the lock", "verdict", "n"], rows)


def sections(run: Run) -> list[Section]:
    found = maps(run)
    if not found:
        return []
    section = Section(
        "db_crossover",
        "Where lock and channel cross",
        question="The longer an update holds the table, the less it matters how it gets there. Up to which length is a channel ahead of the mutex?",
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
    section.notes = ["Blue: ahead of the lock, the interval clear of 1; orange: behind; grey: not told apart. Paired by round."]
    return [section]
