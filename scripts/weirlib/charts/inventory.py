"""Tables without a chart: what does not apply, what channels promise, every median."""

from __future__ import annotations

from collections import defaultdict

from weirlib.charts import text
from weirlib.charts.compare import sources
from weirlib.charts.section import Cell, Table, channel_cell, number
from weirlib.results import Case, Run
from weirlib.stats import estimate


def not_applicable(run: Run) -> Table | None:
    """Grouped: one row per reason and workload."""
    groups: dict[tuple[str, str], dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
    for case in run.cases.values():
        if case.status == "not_applicable":
            groups[(case.workload, case.reason)][case.channel].append(case)
    rows = [
        [
            Cell(workload),
            Cell(reason, "wide"),
            number(str(sum(map(len, by.values())))),
            Cell(", ".join(sorted(by)), "wide"),
        ]
        for (workload, reason), by in sorted(groups.items())
    ]
    left_out = [c for c in run.channels if not c.get("available", True)]
    rows += [
        [
            Cell("all"),
            Cell(f"left out: {c.get('reason') or 'no reason recorded'}", "wide"),
            number(""),
            Cell(c["name"]),
        ]
        for c in left_out
    ]
    return (
        Table("What does not apply, and why", ["workload", "reason", "cases", "channels"], rows)
        if rows
        else None
    )


def channels_table(run: Run) -> Table | None:
    shown = (
        "producers",
        "consumers",
        "bound",
        "overflow",
        "order",
        "empty",
        "full",
        "close",
        "wait",
        "progress",
    )
    rows = []
    version = sources(run)
    for channel in sorted(run.channels, key=lambda c: str(c["name"])):
        contract = channel.get("contract")
        if contract:
            source = channel.get("source") or {}
            rows.append(
                [
                    channel_cell(channel["name"]),
                    *[Cell(str(contract.get(k, "")).replace("_", " ")) for k in shown],
                    Cell(f"{version[channel['name']]} ({source.get('licence', '')})"),
                    Cell(str(channel.get("summary") or ""), "wide"),
                ]
            )
    return (
        Table("What each channel promises", ["channel", *shown, "source", "summary"], rows) if rows else None
    )


def _rounds(case: Case, metric: str, unit: str) -> str:
    """Every trial with its number."""
    return ", ".join(f"{n}: {text.short(value, unit)}" for n, value in case.all_rounds(metric).items())


def raw_table(run: Run) -> Table:
    version, rows, failed = sources(run), [], run.failed_channels()
    for case in sorted(run.cases.values(), key=lambda c: c.id):
        if case.status == "failed":
            rows.append(
                [Cell(case.id, "id"), Cell("failed", "failed"), Cell(case.reason, "failed"), *[Cell("")] * 5]
            )
        for metric in case.measured()[0].line["metrics"] if case.measured() else []:
            e = estimate(case.rounds(metric["metric"]).values())
            struck = "struck" if case.channel in failed else ""
            met = ", ".join(f"{name} {count}" for name, count in sorted(case.regimes.items()))
            rows.append(
                [
                    Cell(case.id, "id failed" if struck else "id"),
                    Cell(metric["metric"]),
                    number(text.quantity(e.median if e else None, metric["unit"]), struck),
                    number(text.interval(e, metric["unit"]), struck),
                    number(text.spread(e), struck or ("marked" if e and e.noisy else "")),
                    Cell(met, "marked" if len(case.regimes) > 1 else ""),
                    Cell(_rounds(case, metric["metric"], metric["unit"]), "wide struck" if struck else "wide"),
                    Cell(version.get(case.channel, "")),
                ]
            )
    return Table(
        "Every median with its spread",
        ["case", "metric", "median", "interval", "IQR", "regime: rounds", "each round", "source"],
        rows,
    )
