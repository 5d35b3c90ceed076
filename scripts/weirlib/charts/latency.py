"""Latency at a given rate, from the intended start: percentiles with the host's share of each."""

from __future__ import annotations

from typing import Any

import numpy as np

from weirlib.results import Case, Run
from weirlib.charts import compare, histogram, kinds, multiples, text
from weirlib.charts.ping_pong import by_rest, finish_percentiles
from weirlib.charts.section import Cell, Section, Table, channel_cell, id_cell, number

UNIT = "ns"
PERCENTILES = (50.0, 90.0, 99.0, 99.9, 99.99)
NOTE = (
    "Open loop: each message has an intended start, and its response counts from there, however late it was sent. "
    "Buckets of all rounds are added, percentiles are never averaged; a curve ends where fewer than 100 samples lie "
    "beyond. Grey band: all channels."
)


def said(case: Case) -> list[dict[str, Any]]:
    """What the scenarios of its measured rounds recorded beside their figures."""
    return [t.line["latency"] for t in case.measured() if t.line.get("latency")]


def saturated(case: Case) -> bool:
    """In most rounds less than 99 % of what was offered came through."""
    found = [bool(record["saturated"]) for record in said(case)]
    return sum(found) * 2 > len(found)


def total(case: Case, *names: str) -> int | None:
    """A count of the nested record, over all rounds; None where one of them cannot tell."""
    values = []
    for record in said(case):
        for name in names:
            record = record.get(name) if isinstance(record, dict) else None
        values.append(record)
    return None if not values or any(v is None for v in values) else int(sum(values))


def host_share(case: Case, value: float) -> float | None:
    """Of the responses of at least `value`, the share that were under way in a host gap, 0 to 1."""
    if total(case, "host", "gaps") is None:
        return None
    whole, disturbed = (histogram.merge(case.histograms(name)) for name in ("response", "disturbed"))
    if whole is None:
        return None
    beyond = _at_least(whole, value)
    return _at_least(disturbed, value) / beyond if beyond and disturbed else 0.0


def _at_least(merged: histogram.Merged, value: float) -> int:
    return int(merged.counts[merged.bounds >= value].sum()) + merged.overflow


def _percentile_cell(case: Case, merged: histogram.Merged, percent: float) -> Cell:
    found = histogram.percentile(merged, percent)
    if found is None:
        return number("–")
    share = host_share(case, found[0])
    least = "≥ " if found[1] else ""
    host = f" ({100 * share:.0f} % host)" if share else ""
    return number(least + text.quantity(found[0], UNIT) + host)


def _transit_cell(case: Case) -> Cell:
    """One way from core to core cannot be resolved below half the smallest round trip of a cache line."""
    found = histogram.percentile_of(case.histograms("transit"), 50.0)
    if found is None:
        return number("–")
    floor = max(record["clock"]["half_round_trip_ns"] for record in said(case))
    least = "≤ " if found[0] < floor else ""
    return number(least + text.quantity(max(found[0], floor), UNIT))


def _row(case: Case, version: dict[str, str]) -> list[Cell]:
    merged = histogram.merge(case.histograms("response"))
    source = Cell(version.get(case.channel, ""), "source")
    if merged is None:
        why = case.reason or "nothing measured"
        return [channel_cell(case.channel, True), Cell(why, "failed"), *[Cell("")] * (len(PERCENTILES) + 5), id_cell(case.id), source]
    records = said(case)
    achieved = float(np.median([r["achieved"] for r in records]))
    offered = float(np.median([r["offered"] for r in records]))
    gaps = total(case, "host", "gaps")
    return [
        channel_cell(case.channel),
        number(text.quantity(offered, "msg/s")),
        number(text.quantity(achieved, "msg/s") + (" saturated" if saturated(case) else ""), "marked" if saturated(case) else ""),
        *(_percentile_cell(case, merged, percent) for percent in PERCENTILES),
        _transit_cell(case),
        number("cannot tell" if gaps is None else str(gaps)),
        number(f"{merged.total:,}"),
        id_cell(case.id),
        source,
    ]


def table(run: Run, cases: list[Case], caption: str) -> Table:
    version, failed = compare.sources(run), run.failed_channels()

    def rank(case: Case) -> tuple[bool, float, str]:
        found = histogram.percentile_of(case.histograms("response"), 50.0)
        return case.channel in failed, found[0] if found else np.inf, case.channel

    head = [
        *("channel", "offered", "achieved"),
        *(f"p{p:g}" for p in PERCENTILES),
        *("transit p50", "host gaps", "samples", "id", "source"),
    ]
    shown = [c for c in cases if c.status != "not_applicable"]
    return Table(caption, head, [_row(case, version) for case in sorted(shown, key=rank)])


def curves(cases: list[Case], tainted: set[str]) -> dict[str, multiples.Curve]:
    ids = {c.channel: [c.id] for c in cases}
    merged = {c.channel: histogram.merge(c.histograms("response")) for c in cases if c.channel not in tainted}
    found = {name: multiples.Curve(*histogram.curve(m), ids=ids[name]) for name, m in merged.items() if m}
    return {name: c for name, c in found.items() if len(c.x) > 1}


def reading(cases: list[Case], tainted: set[str], percent: float = 99.0) -> str:
    """The range of a percentile; histograms carry no interval, so nothing is said to be ahead."""
    found: dict[str, float] = {}
    for case in cases:
        value = histogram.percentile_of(case.histograms("response"), percent) if case.channel not in tainted else None
        if value and not value[1] and not saturated(case):
            found[case.channel] = value[0]
    full = sorted(c.channel for c in cases if c.channel not in tainted and said(c) and saturated(c))
    tail = f" Saturated, without a percentile that means anything: {text.names(full, 4)}." if full else ""
    if not found:
        return f"No channel has a p{percent:g} here.{tail}"
    low, high = min(found, key=lambda n: (found[n], n)), max(found, key=lambda n: (found[n], n))
    return (
        f"p{percent:g} of the response ranges from {text.quantity(found[low], UNIT)} ({low}) to "
        f"{text.quantity(found[high], UNIT)} ({high}).{tail}"
    )


def _by_rate(run: Run, workload: str) -> dict[str, list[Case]]:
    """Cases at absolute rates, lowest first."""
    cases = [case for case in run.of(workload) if "rate" in case.params]
    return by_rest(sorted(cases, key=lambda c: int(c.params["rate"])))


def sections(run: Run) -> list[Section]:
    made = [
        _section(
            run,
            "paced",
            "latency_percentiles",
            "Latency at a given rate: percentiles",
            "Messages come at a given rate, whatever the channel does. How late is a message taken out, counted from when "
            "it should have been sent?",
        ),
        _section(
            run,
            "request_reply",
            "request_reply",
            "Request and reply at a given rate",
            "Each request is answered through a oneshot of its own. How late is the answer, counted from when the request "
            "should have been sent?",
        ),
    ]
    return [section for section in made if section.tables]


def _section(run: Run, workload: str, key: str, title: str, question: str) -> Section:
    tainted = run.failed_channels()
    section = Section(key, title, question=question)
    for words, cases in _by_rate(run, workload).items():
        drawn = curves([c for c in cases if not saturated(c)], tainted)
        if drawn:
            right = max(float(c.x[-1]) for c in drawn.values())
            grid = np.geomspace(1, right, 50)
            rate = text.quantity(float(cases[0].params["rate"]), "msg/s")
            section.panels += multiples.panels(
                drawn, grid, finish_percentiles(drawn, {}, "response"), kind=kinds.PERCENTILES,
                say=lambda v: text.quantity(v, UNIT), at=histogram.percentile_words, subtitle=rate,
            )  # fmt: skip
        section.readings.append(f"{text.sentence(words)}: {reading(cases, tainted)}")
        section.tables.append(table(run, cases, text.sentence(words)))
    section.notes = [NOTE]
    return section
