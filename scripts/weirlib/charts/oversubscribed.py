"""Throughput with more and more threads on the same cores, in the suite that is about it."""

from __future__ import annotations

from typing import Callable

from matplotlib.axes import Axes

from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate
from weirlib.charts import axes, compare, kinds, machine, multiples, text, throughput
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Section, Table, channel_cell, id_cell, number

SUITE = "backpressure"
COLLAPSE = 0.1  # of the rate at the fewest threads


def threads(case: Case, cores: int) -> float | None:
    """Per core; None where the case is not one of as many senders as receivers that fill the cores evenly."""
    p, c = throughput.topology_key(case)
    return (p + c) / cores if p == c and cores > 0 and (p + c) % cores == 0 and throughput.work_of(case) == (0, 0) else None


def chosen(run: Run) -> list[Case]:
    """Those of the parameters under which most numbers of threads were measured."""
    if run.info.get("suite") != SUITE:
        return []
    cores = machine.processors(run.environment)
    cases = [c for c in run.of("throughput") if threads(c, cores) is not None]
    key = throughput.base_key(cases)
    found = [c for c in cases if throughput.others(c.params, ("p", "c")) == key]
    return found if len({threads(c, cores) for c in found}) > 1 else []


def curves(run: Run, cases: list[Case]) -> dict[str, multiples.Curve]:
    """Median rate over threads per core; what failed anywhere has none."""
    cores, failed = machine.processors(run.environment), run.failed_channels()
    points: dict[str, list[tuple[float, Estimate]]] = {}
    ids: dict[str, list[str]] = {}
    for case in cases:
        at, e = threads(case, cores), estimate(case.rounds(throughput.METRIC).values())
        if at is not None and e and case.channel not in failed:
            points.setdefault(case.channel, []).append((at, e))
            ids.setdefault(case.channel, []).append(case.id)
    return {channel: multiples.over_rounds(found, ids[channel]) for channel, found in points.items()}


def _finish(found: dict[str, multiples.Curve]) -> Callable[[Axes], None]:
    ticks = sorted({float(v) for c in found.values() for v in c.x})
    span = axes.padded([float(v) for c in found.values() for v in c.y])

    def finish(ax: Axes) -> None:
        axes.doubling(ax, ticks)
        axes.logarithmic(ax, "y", span, "msg/s", most=5)
        ax.set_xlabel("threads per core (log scale)", size=9)
        ax.set_ylabel("msg/s (log scale)", size=9)

    return finish


def reading(found: dict[str, multiples.Curve]) -> list[str]:
    """Who collapses, from how many threads on, and what the others keep."""
    several = {n: c for n, c in found.items() if len(c.x) > 1}
    kept = {n: float(c.y[-1] / c.y[0]) for n, c in several.items()}
    if not kept:
        return ["No channel has verified figures at two numbers of threads."]
    first, last = min(float(c.x[0]) for c in several.values()), max(float(c.x[-1]) for c in several.values())
    fallen = {n: float(c.x[c.y < COLLAPSE * c.y[0]][0]) for n, c in several.items() if (c.y < COLLAPSE * c.y[0]).any()}
    whole = {n: v for n, v in kept.items() if n not in fallen}
    said = []
    if fallen:
        at = ", ".join(f"{n} from {v:g} threads per core on" for n, v in sorted(fallen.items(), key=lambda kv: (kv[1], kv[0])))
        said.append(f"Rates collapse to under a tenth of that at {first:g} per core: {at}.")
    if whole:
        share = say.span_of(whole, lambda v: f"{100 * v:.0f} %")
        who = "The others" if fallen else "No channel collapses: they"
        said.append(f"{who} keep {share} at {last:g} threads per core.")
    return said


def table(run: Run, cases: list[Case], found: dict[str, multiples.Curve]) -> Table:
    cores, version, failed = machine.processors(run.environment), compare.sources(run), run.failed_channels()
    rows = []
    shown = [c for c in cases if c.status != "not_applicable"]
    for case in sorted(shown, key=lambda c: (c.channel in failed, c.channel, threads(c, cores) or 0.0)):
        e = estimate(case.rounds(throughput.METRIC).values())
        at, source = number(f"{threads(case, cores):g}"), Cell(version.get(case.channel, ""), "source")
        if e is None:
            rows.append([channel_cell(case.channel, True), at, Cell(case.reason, "failed"), *[Cell("")] * 4, id_cell(case.id), source])
            continue
        curve = found.get(case.channel)
        cells = [
            number(text.quantity(e.median, throughput.UNIT)),
            number(text.interval(e, throughput.UNIT)),
            number(text.spread(e), "marked" if e.noisy else ""),
            number(f"{text.digits(100 * e.median / float(curve.y[0]))} %" if curve else "–"),
            number(str(e.n)),
        ]
        rows.append([channel_cell(case.channel), at, *cells, id_cell(case.id), source])
    head = ["channel", "threads per core", "median", "interval", "IQR", "of the rate at the fewest", "n", "id", "source"]
    return Table("Oversubscribed", head, rows)


def sections(run: Run) -> list[Section]:
    cases = chosen(run)
    found = curves(run, cases)
    if not found:
        return []
    key = {k: v for k, v in cases[0].params.items() if k not in ("p", "c", "min")}
    section = Section(
        "oversubscribed",
        "More threads than cores",
        question=f"As many senders as receivers, more and more of them on the same cores: whose rate holds? With {text.case_words(key)}.",
        readings=reading(found),
    )
    grid = bp.grid_of(found)
    section.panels = multiples.panels(
        found, grid, _finish(found), kind=kinds.LINES, marked=True,
        say=lambda v: text.quantity(v, throughput.UNIT), at=lambda v: f"{v:g} threads per core",
    )  # fmt: skip
    section.tables = [table(run, cases, found)]
    section.notes = ["A thread that spins keeps the core from the one it waits for. Grey band: all channels. Bars: intervals of the medians."]
    return [section]
