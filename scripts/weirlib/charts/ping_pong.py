"""Round trips: medians with intervals, and the percentile curves of histograms merged over rounds."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from weirlib import style
from weirlib.results import Case, Run
from weirlib.stats import estimate
from weirlib.charts import axes, compare, dots, histogram, kinds, multiples, text
from weirlib.charts.section import Cell, Section, Table, channel_cell, id_cell, number
from weirlib.charts.throughput import others

METRIC, BETTER, UNIT = "round_trip_p50", "lower", "ns"
PERCENTILES = (50.0, 90.0, 99.0, 99.9, 99.99)


def by_rest(cases: list[Case]) -> dict[str, list[Case]]:
    """Cases by their parameters, in words; spread before one core."""
    found: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda c: (c.params.get("place") != "spread", str(others(c.params, ())))):
        found.setdefault(text.case_words(case.params) or "as it is", []).append(case)
    return found


def floor(run: Run, cases: list[Case]) -> dict[str, float]:
    """What a round trip between cores costs without any channel; nothing on one core."""
    case = run.machine("cache_line_round_trip")
    if case is None or any(c.params.get("place") == "one" for c in cases):
        return {}
    e = estimate(case.figure().values())
    return {"a bare cache line's round trip": e.median} if e else {}


def percentile_table(run: Run, cases: list[Case], caption: str) -> Table:
    version = compare.sources(run)
    rows = []
    failed = run.failed_channels()

    def rank(case: Case) -> tuple[bool, float, str]:
        median = float(np.median(list(case.rounds(METRIC).values()) or [np.inf]))
        return case.channel in failed, median, case.channel

    for case in sorted(cases, key=rank):
        merged = histogram.merge(case.histograms())
        if merged is None:
            continue
        cells = []
        for percent in PERCENTILES:
            found = histogram.percentile(merged, percent)
            least = "≥ " if found and found[1] else ""
            cells.append(number(least + text.quantity(found[0], UNIT) if found else "–"))
        rows.append(
            [
                channel_cell(case.channel),
                *cells,
                number(f"{merged.total:,}"),
                number(str(merged.overflow)),
                id_cell(case.id),
                Cell(version.get(case.channel, "")),
            ]
        )
    head = ["channel", *(f"p{p:g}" for p in PERCENTILES), "samples", "overflow", "id", "source"]
    return Table(caption, head, rows)


def _curves(cases: list[Case], tainted: set[str]) -> dict[str, multiples.Curve]:
    ids = {c.channel: [c.id] for c in cases}
    merged = {c.channel: histogram.merge(c.histograms()) for c in cases if c.channel not in tainted}
    curves = {name: multiples.Curve(*histogram.curve(m), ids=ids[name]) for name, m in merged.items() if m}
    return {name: c for name, c in curves.items() if len(c.x) > 1}


def finish_percentiles(curves: dict[str, multiples.Curve], limits: dict[str, float], what: str = "round trip"):
    ys = [float(v) for c in curves.values() for v in (c.y[0], c.y[-1])]
    span = axes.padded(ys + list(limits.values()))
    right = max(float(c.x[-1]) for c in curves.values())
    marks = {1: "0", 2: "50", 10: "90", 100: "99", 1e3: "99.9", 1e4: "99.99", 1e5: "99.999", 1e6: "99.9999"}
    shown = [v for v in marks if v <= right * 1.05]

    def finish(ax: Axes) -> None:
        ax.set_xscale("log")
        ax.set_xlim(1, right * 1.1)
        ax.xaxis.set_major_locator(FixedLocator(shown))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: marks.get(round(v), "")))
        axes.logarithmic(ax, "y", span, UNIT, most=5)
        ax.set_xlabel("percentile, % (1/(1−p) on a log scale)", size=9)
        ax.set_ylabel(f"{what} (log scale)", size=9)
        for value in limits.values():
            ax.axhline(value, color=style.colour("limit"), lw=1, ls=(0, (3, 2)), zorder=2)

    return finish


def _tail(cases: list[Case], tainted: set[str]) -> str:
    """The lowest p99 of the merged histograms; histograms carry no interval, so nothing is said to be ahead."""
    found = {}
    for case in cases:
        merged = histogram.merge(case.histograms()) if case.channel not in tainted else None
        p99 = histogram.percentile(merged, 99.0) if merged else None
        if p99 and not p99[1]:
            found[case.channel] = p99[0]
    if not found:
        return ""
    without = sum(bool(case.histograms()) for case in cases if case.channel not in tainted) - len(found)
    few = (
        f"; {text.plural(without, 'channel has', 'channels have')} too few samples beyond it"
        if without
        else ""
    )
    low, high = min(found, key=lambda n: (found[n], n)), max(found, key=lambda n: (found[n], n))
    return (
        f"At the 99th percentile the round trips range from {text.quantity(found[low], UNIT)} ({low}) to "
        f"{text.quantity(found[high], UNIT)} ({high}){few}."
    )


def sections(run: Run) -> list[Section]:
    groups, tainted = by_rest(run.of("ping_pong")), run.failed_channels()
    if not groups:
        return []
    ranking = Section(
        "ping_pong",
        "Ping-pong: median round trip",
        question="How long does a message take there and an answer back, one at a time?",
    )
    tails = Section(
        "ping_pong_percentiles", "Ping-pong: percentiles", question="How long are the slow round trips?"
    )
    all_rows = {words: dots.rows(cases, METRIC, BETTER, tainted) for words, cases in groups.items()}
    span = dots.extent(
        list(all_rows.values()), [v for cases in groups.values() for v in floor(run, cases).values()]
    )
    for words, cases in groups.items():
        limits = floor(run, cases)
        over = any(case.oversubscribed for case in cases)
        ranking.panels.append(
            dots.panel(
                all_rows[words],
                UNIT,
                "median round trip (log scale)",
                text.sentence(words),
                span=span,
                caption=compare.lead(all_rows[words], BETTER, UNIT),
                limits=limits,
                shaded=over,
                subtitle="oversubscribed" if over else "",
            )
        )
        ranking.tables.append(compare.table(run, all_rows[words], BETTER, UNIT, text.sentence(words)))
        curves = _curves(cases, tainted)
        if curves:
            right = max(float(c.x[-1]) for c in curves.values())
            made = multiples.panels(
                curves, np.geomspace(1, right, 50), finish_percentiles(curves, limits), kind=kinds.PERCENTILES,
                say=lambda v: text.quantity(v, UNIT), at=histogram.percentile_words, subtitle=words,
            )  # fmt: skip
            (tails.folded if tails.panels else tails.panels).extend(made)
            tails.readings.append(f"{text.sentence(words)}: {_tail(cases, tainted)}")
            tails.tables.append(percentile_table(run, cases, text.sentence(words)))
    ranking.readings = [
        f"{text.sentence(words)}: {compare.lead(found, BETTER, UNIT)}" for words, found in all_rows.items()
    ]
    notes = [dots.limit_note(floor(run, cases), UNIT) for cases in groups.values()]
    ranking.notes = [n for n in notes if n][:1]
    tails.folded_title = "Curves of the other placements"
    tails.notes = [
        "Buckets of all rounds are added, percentiles are never averaged; a curve ends where fewer than "
        "100 samples lie beyond. Closed loop: one message at a time. Grey band: all channels."
        + (" Dashed line: a bare cache line's round trip." if ranking.notes else "")
    ]
    return [ranking, *([tails] if tails.panels else [])]
