"""Who leads, in one sentence, and the table of a comparison. What failed anywhere is never said to lead."""

from __future__ import annotations

from typing import Iterable, Mapping, Sequence

from weirlib.results import Case, Run
from weirlib.stats import Standing, estimate, paired_ratio, standing, verdict
from weirlib.charts import text
from weirlib.charts.dots import Row
from weirlib.charts.section import Cell, Table, channel_cell, number


def eligible(found: Sequence[Row]) -> dict[str, Row]:
    return {r.channel: r for r in found if r.shown}


def place_of(found: Iterable[Row], direction: str) -> Standing | None:
    """Ordered by their medians, compared over all rounds: that one is ahead in each needs no pooled median."""
    rows = list(found)
    medians = {r.channel: r.estimate.median for r in rows if r.estimate}
    return standing({r.channel: r.paired for r in rows}, direction, medians)


def lead(found: Sequence[Row], direction: str, unit: str) -> str:
    """`spsc_ring is ahead of all others: 85 M msg/s (84 M to 86 M).`"""
    tainted = sum(r.tainted and not r.failed for r in found)
    unranked = f" Not ranked: {tainted} that failed in another case." if tainted else ""
    return _lead(eligible(found), direction, unit) + unranked


def _lead(fair: Mapping[str, Row], direction: str, unit: str) -> str:
    place = place_of(fair.values(), direction)
    e = fair[place.first].estimate if place else None
    if place is None or e is None:
        return "No verified figure."
    value = text.quantity(e.median, unit)
    within = f" ({text.interval(e, unit)})" if e.low is not None else ""
    if not place.together and not place.behind and not place.untold:
        return f"{place.first} alone has a figure: {value}{within}."
    if not place.together and not place.behind:
        rounds = text.plural(e.n, "round")
        return f"{place.first} has the best median, {value}; {rounds}: too few to tell channels apart."
    few = f" Too few rounds in common with {text.names(place.untold)}." if place.untold else ""
    if not place.together:
        whom = "it can be compared with" if few else "others"
        return f"{place.first} is ahead of all {whom}: {value}{within}.{few}"
    group = text.names(place.together)
    return f"{place.first} has the best median, {value}{within}, and is not told apart from {group}.{few}"


def sources(run: Run) -> dict[str, str]:
    """Library and version of each channel, for a column of every table."""
    said = {}
    for channel in run.channels:
        source = channel.get("source") or {}
        said[channel["name"]] = f"{source.get('name', '')} {source.get('version', '')}".strip()
    return said


def _regime(case: Case, unit: str) -> Cell:
    """The regime; where rounds met others, how often each, and what the others' median is."""
    met = case.regimes
    if len(met) < 2 or not case.measured():
        return Cell(case.regime)
    primary = str(case.measured()[0].line["metrics"][0]["metric"])
    others = []
    for name in sorted(met.keys() - {case.regime}):
        e = estimate(case.rounds(primary, name).values())
        others.append(f"{name} in {met[name]} (median {text.quantity(e.median if e else None, unit)})")
    return Cell(f"{case.regime} in {met[case.regime]}; not pooled: {', '.join(others)}", "marked")


def table(
    run: Run,
    found: Sequence[Row],
    direction: str,
    unit: str,
    caption: str,
    limit: tuple[str, float] | None = None,
) -> Table:
    """Every row of a dot plot with what it was computed from."""
    place = place_of(eligible(found).values(), direction)
    version = sources(run)
    share = [f"of {limit[0]}"] if limit else []
    head = [
        "channel",
        "median",
        "interval",
        "IQR",
        "against the first",
        "verdict",
        *share,
        "regime",
        "n",
        "id",
        "source",
    ]
    return Table(caption, head, [_row(r, place, found, direction, unit, limit, version) for r in found])


def _row(
    row: Row,
    place: Standing | None,
    found: Sequence[Row],
    direction: str,
    unit: str,
    limit: tuple[str, float] | None,
    version: Mapping[str, str],
) -> list[Cell]:
    source = Cell(version.get(row.channel, ""), "source")
    if row.estimate is None:
        blank = [Cell("")] * (4 if limit else 3)
        return [
            channel_cell(row.channel, True),
            Cell("failed", "failed"),
            Cell(row.case.reason, "failed"),
            *blank,
            Cell(""),
            number("0"),
            Cell(row.case.id, "id"),
            source,
        ]
    e = row.estimate
    against, said = "", "failed in another case" if row.tainted else ""
    if place and row.channel == place.first:
        said = "best median"
    elif place:
        first = next(r for r in found if r.channel == place.first)
        ratio = paired_ratio(row.paired, first.paired)
        against = text.ratio(ratio)
        said = said or verdict(ratio, direction)
    shares = [number(f"{100 * e.median / limit[1]:.1f} %")] if limit else []
    return [
        channel_cell(row.channel),
        number(text.quantity(e.median, unit)),
        number(text.interval(e, unit)),
        number(text.spread(e), "marked" if e.noisy else ""),
        number(against),
        Cell(said),
        *shares,
        _regime(row.case, unit),
        number(str(e.n)),
        Cell(row.case.id, "id"),
        source,
    ]
