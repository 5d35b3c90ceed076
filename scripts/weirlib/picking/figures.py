"""What was measured, as one value for each channel, metric and round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from weirlib.charts import histogram
from weirlib.picking.need import METRICS, NEVER, Metric
from weirlib.results import Case, Run

Rounds = Mapping[int, float]
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Figures:
    """Of one case."""

    rounds: Mapping[str, Rounds]  # by metric; a metric that nobody could tell is not there
    samples: Mapping[str, int] = field(default_factory=dict)  # of each histogram, over all rounds
    oversubscribed: bool = False
    saturated: bool = False  # in most rounds, less came out than was offered

    def median(self, metric: Metric) -> float | None:
        values = list(self.rounds.get(metric.name, {}).values())
        return float(np.median(values)) if values else None

    def few(self, metric: Metric) -> int | None:
        """How many samples a percentile rests on, where they are fewer than it should have."""
        if not metric.histogram:
            return None
        found = self.samples.get(metric.histogram, 0)
        return found if found * (1 - metric.quantile) < histogram.BEYOND - 1e-6 else None


def of_case(case: Case) -> Figures | None:
    """Whatever regime a round met: the load is the user's, and what it meets is part of the answer."""
    trials = case.having("ok") if case.status == "ok" else []
    lines = {trial.round: trial.line for trial in trials if trial.line.get("backpressure")}
    if not lines:
        return None
    found: dict[str, dict[int, float]] = {}
    for metric in METRICS.values():
        values = {number: of_line(line, metric) for number, line in lines.items()}
        if told := {number: value for number, value in values.items() if value is not None}:
            found[metric.name] = told
    names = {metric.histogram for metric in METRICS.values() if metric.histogram}
    samples = {name: sum(count(written(line, name)) for line in lines.values()) for name in names}
    saturated = sum(bool((line.get("latency") or {}).get("saturated")) for line in lines.values()) * 2 > len(lines)
    return Figures(found, samples, case.oversubscribed, saturated)


def of_run(run: Run) -> dict[str, Figures]:
    """By channel, of a run with one case each."""
    found = {case.channel: of_case(case) for case in run.cases.values()}
    return {name: figures for name, figures in found.items() if figures is not None}


def of_line(line: Line, metric: Metric) -> float | None:
    if metric.histogram:
        return quantile(written(line, metric.histogram), metric.quantile)
    flow = line["backpressure"]
    if metric.name == "cpu":
        waiting = (flow.get("cpu") or {}).get("waiting")
        return None if waiting is None else max(0.0, 100.0 * waiting)
    if metric.name == "lost":
        lost = sum((flow.get("refused") or {}).values()) + flow.get("evicted", 0)
        return 100.0 * lost / flow["offered"] if flow.get("offered") else None
    if metric.name == "blocked":
        shares = flow.get("blocked_share")
        return 100.0 * sum(shares) / len(shares) if shares else None
    if metric.name == "memory":
        memory = flow.get("memory")
        return None if not memory else max(0.0, float(memory["peak_kib"] - memory["before_kib"]))
    value = flow.get("goodput")
    return None if value is None else float(value)


def written(line: Line, name: str) -> Line | None:
    return (line.get("histograms") or {}).get(name)


def count(of: Line | None) -> int:
    merged = histogram.merge([of] if of else [])
    return merged.total if merged else 0


def quantile(of: Line | None, fraction: float) -> float | None:
    """The upper bound of its bucket; never, where it lies among the messages that did not come. None without a sample
    beyond it. A round may have few: whether all rounds together have enough is said by `few`."""
    found = histogram.percentile_of([of] if of else [], 100 * fraction, beyond=1)
    if found is None:
        return None
    value, undelivered = found
    return NEVER if undelivered else value


def floored(rounds: Rounds, metric: Metric) -> dict[int, float]:
    """What lies below the floor is all the same: a ratio of two nothings is 1."""
    return {number: max(value, metric.floor) for number, value in rounds.items()}


def failed(runs: Iterable[Run]) -> dict[str, str]:
    """Channels that failed a trial in any stage, with the first reason."""
    found: dict[str, str] = {}
    for run in runs:
        for case in run.cases.values():
            if case.status == "failed":
                found.setdefault(case.channel, case.reason)
    return found
