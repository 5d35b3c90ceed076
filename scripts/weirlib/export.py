"""scripts/weir export: a run's figures in the formats of tools that watch benchmarks."""

from __future__ import annotations

import csv
import io
import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from weirlib import results
from weirlib.errors import OK, UsageError, say
from weirlib.nearest import unknown
from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate


@dataclass(frozen=True)
class Figure:
    """One metric of one case, over the rounds of its regime."""

    case: Case
    metric: str
    unit: str
    direction: str  # higher or lower is better
    estimate: Estimate


def export(flags: Namespace) -> int:
    if flags.format not in FORMATS:
        raise UsageError(unknown("format", str(flags.format), FORMATS) if flags.format else "say --format bmf, github or csv")
    run = results.read(flags.DIR)
    whole(run)
    found = list(figures(run))
    if not found:
        raise UsageError(f"{flags.DIR} holds no figure")
    for case in run.cases.values():
        if case.status == "failed":
            say(f"{case.id} is left out: {case.reason}")
    print(FORMATS[flags.format](found, flags.better), end="")
    return OK


def whole(run: Run) -> None:
    """A run that is cut off or damaged is nobody's trend."""
    if run.cut_off:
        raise UsageError(f"{run.path / 'trials.jsonl'} is cut off: its last line has no end")
    if run.unreadable:
        raise UsageError(f"{run.path / 'trials.jsonl'} is damaged: {run.unreadable} of its lines are no JSON")


def figures(run: Run) -> Iterator[Figure]:
    """Failed cases have none; neither have channels that failed elsewhere."""
    failed = run.failed_channels()
    for case in run.cases.values():
        if case.channel in failed:
            continue
        for metric in metrics_of(case):
            if found := estimate(case.rounds(metric["metric"]).values()):
                yield Figure(case, metric["metric"], metric["unit"], metric["direction"], found)


def metrics_of(case: Case) -> list[dict[str, Any]]:
    """Of the first round that has any: the primary one first."""
    return next((trial.line["metrics"] for trial in case.measured() if trial.line["metrics"]), [])


def as_bmf(found: list[Figure], _better: str) -> str:
    """Bencher Metric Format: by benchmark, by measure."""
    benchmarks: dict[str, dict[str, dict[str, float]]] = {}
    for figure in found:
        value: dict[str, float] = {"value": figure.estimate.median}
        if figure.estimate.low is not None and figure.estimate.high is not None:
            value |= {"lower_value": figure.estimate.low, "upper_value": figure.estimate.high}
        measure = figure.metric.replace("_", "-").replace(".", "-")
        benchmarks.setdefault(figure.case.id, {})[measure] = value
    return dumped(benchmarks)


def as_github(found: list[Figure], better: str) -> str:
    """github-action-benchmark: its tools customBiggerIsBetter and customSmallerIsBetter each take one direction."""
    wanted = {"bigger": "higher", "smaller": "lower"}[better]
    return dumped([entry(figure) for figure in found if figure.direction == wanted])


def entry(figure: Figure) -> dict[str, Any]:
    low, high = figure.estimate.low, figure.estimate.high
    made: dict[str, Any] = {
        "name": f"{figure.case.id} {figure.metric}",
        "unit": figure.unit,
        "value": figure.estimate.median,
        "extra": f"median of {figure.estimate.n} rounds; regime {figure.case.regime}",
    }
    return made if low is None or high is None else made | {"range": f"{low:g} to {high:g}"}


COLUMNS = ("id", "workload", "channel", "metric", "unit", "direction", "median", "low", "high", "rounds", "spread", "regime")


def as_csv(found: list[Figure], _better: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for figure in found:
        case, e = figure.case, figure.estimate
        names = (case.id, case.workload, case.channel, figure.metric, figure.unit, figure.direction)
        writer.writerow([*names, e.median, e.low, e.high, e.n, round(e.spread, 5), case.regime])
    return out.getvalue()


def dumped(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[list[Figure], str], str]] = {"bmf": as_bmf, "github": as_github, "csv": as_csv}
