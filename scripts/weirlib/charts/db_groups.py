"""Group size against latency: what is won by committing many requests at once, and who waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from weirlib import style
from weirlib.results import Case, Run
from weirlib.stats import estimate
from weirlib.charts import axes, db_record as record, histogram, kinds, text
from weirlib.charts.db_record import METRIC, RIVALS, UNIT
from weirlib.charts.section import Cell, Panel, Section, Table, channel_cell, id_cell, number

WIDTH, HEIGHT = 360, 270
MARKS = ((50.0, "o"), (99.0, "s"))
# Cases that differ in nothing else are points of one panel.
VARIED = ("window", "group", "linger")


@dataclass(frozen=True)
class Point:
    case: Case
    group: float  # mean number of requests, median over rounds
    rate: float
    responses: dict[float, float]  # by percent, of all rounds together


def point(case: Case) -> Point | None:
    group, rate = record.median(case, "groups", "mean"), estimate(case.all_rounds(METRIC).values())
    merged = histogram.merge(case.histograms("response"))
    if group is None or rate is None or merged is None:
        return None
    found = {percent: histogram.percentile(merged, percent) for percent, *_ in MARKS}
    return Point(case, group, rate.median, {percent: at[0] for percent, at in found.items() if at})


def panels(run: Run) -> dict[str, list[Point]]:
    """By channel, store and what else they have in common; at least two points each, smallest groups first."""
    found: dict[str, list[Point]] = {}
    for case in run.of("db"):
        made = point(case) if case.channel not in {*RIVALS, *run.failed_channels()} else None
        if made:
            rest = text.case_words(case.params, (*VARIED, "store", "place", "cap", "rows"))
            found.setdefault(f"{case.channel}, {record.store_words(case)}, {rest}", []).append(made)
    return {k: sorted(v, key=lambda p: p.group) for k, v in sorted(found.items()) if len(v) > 1}


def name(case: Case) -> str:
    linger = record.param(case, "linger")
    return f"W {record.param(case, 'window')}, n {record.param(case, 'group')}" + (f", {linger}" if linger != "0ns" else "")


def _draw(ax: Axes, found: list[Point]) -> None:
    colour = style.look(found[0].case.channel).colour
    for percent, marker in MARKS:
        drawn = [p for p in found if percent in p.responses]
        ax.plot([p.group for p in drawn], [p.responses[percent] for p in drawn], marker, ms=5, color=colour)
    axes.logarithmic(ax, "x", axes.padded([p.group for p in found], 0.15), "", most=6)
    axes.logarithmic(ax, "y", axes.padded([v for p in found for v in p.responses.values()], 0.12), "ns", most=5)
    for p in found:
        if 50.0 in p.responses:
            ax.annotate(name(p.case), (p.group, p.responses[50.0]), (0, -12), textcoords="offset points", size=7, ha="center", color=style.colour("muted"))
    ax.set_xlabel("requests a group, mean (log scale)", size=9)
    ax.set_ylabel("response (log scale)", size=9)


def _table(found: list[Point], caption: str) -> Table:
    head = ["channel", "case", "requests a group", UNIT, *(f"response p{p:g}" for p, *_ in MARKS), "syncs a request", "id"]
    rows = []
    for p in found:
        syncs = record.median(p.case, "syncs_per_request")
        rows.append(
            [
                channel_cell(p.case.channel),
                Cell(name(p.case)),
                number(text.digits(p.group)),
                number(text.quantity(p.rate, UNIT)),
                *[number(text.quantity(p.responses.get(percent), "ns")) for percent, *_ in MARKS],
                number(text.digits(syncs) if syncs is not None else "–"),
                id_cell(p.case.id),
            ]
        )
    return Table(caption, head, rows)


def reading(found: list[Point]) -> str:
    """From the smallest groups to the largest."""
    small, large = found[0], found[-1]
    times = f"{text.digits(large.rate / small.rate)}× the rate"
    if 50.0 not in small.responses or 50.0 not in large.responses:
        return f"Groups of {text.digits(large.group)} instead of {text.digits(small.group)} bring {times}."
    waits = " and ".join(text.quantity(p.responses[50.0], "ns") for p in (small, large))
    return (
        f"Groups of {text.digits(large.group)} instead of {text.digits(small.group)} bring {times}; half of the answers "
        f"take no longer than {waits.replace(' and ', ' with the small groups and ')} with the large."
    )


def sections(run: Run) -> list[Section]:
    found = panels(run)
    if not found:
        return []
    section = Section(
        "db_groups",
        "Group size against latency",
        question="The owner commits many requests in one transaction. What does that bring, and what does a task wait for its answer?",
    )
    for words, points in found.items():
        title, _, rest = words.partition(", ")

        def draw(ax: Axes, points: list[Point] = points) -> None:
            _draw(ax, points)

        section.panels.append(Panel(title, draw, WIDTH, HEIGHT, kinds.POINTS, [p.case.id for p in points], rest, reading(points), (62, 14, 38, 40)))
        section.readings.append(f"{words}: {reading(points)}")
        section.tables.append(_table(points, text.sentence(words)))
    section.notes = ["Circle: p50, square: p99. W: requests that a task may have unanswered; n: the most that the owner takes into one transaction."]
    return [section]
