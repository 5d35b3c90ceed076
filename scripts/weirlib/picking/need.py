"""What the load needs: `p99<50us,cpu<20%`. And the metrics in which a need, and an answer, can be said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from weirlib.charts import text
from weirlib.errors import UsageError
from weirlib.nearest import unknown
from weirlib.picking import words


@dataclass(frozen=True)
class Metric:
    """One figure of a trial. Below `floor` it counts as nothing: two channels there are not told apart."""

    name: str
    meaning: str
    unit: str  # of its values
    units: Mapping[str, float]  # in which a bound may be written
    floor: float
    higher: bool = False
    histogram: str = ""  # whose quantile it is
    quantile: float = 0.0

    def show(self, value: float) -> str:
        if value >= NEVER and not self.higher:
            return "never"
        if self.unit == "KiB":
            return text.size(value)
        if value < self.floor and self.unit == "percent":
            return "0 %"
        return text.quantity(value, self.unit)


NEVER = 1e15  # ns; messages that were not delivered at all


def _quantile(name: str, meaning: str, histogram: str, quantile: float) -> Metric:
    return Metric(name, meaning, "ns", words.TIMES, 1.0, histogram=histogram, quantile=quantile)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _quantile("p50", "median response, from when a message was due until it was served", "response", 0.5),
        _quantile("p90", "its 90th percentile", "response", 0.9),
        _quantile("p99", "its 99th percentile", "response", 0.99),
        _quantile("p99.9", "its 99.9th percentile", "response", 0.999),
        _quantile("send-p99", "99th percentile of the time that a send takes", "send", 0.99),
        _quantile("age-p99", "99th percentile of a message's age when it is received", "staleness", 0.99),
        Metric("cpu", "processor time of all roles beside work and pacing, of one core", "percent", words.PERCENT, 0.5),
        Metric("lost", "messages refused or pushed out, of those offered", "percent", words.PERCENT, 0.001),
        Metric("blocked", "time that producers stand in a send", "percent", words.PERCENT, 0.1),
        Metric("goodput", "messages received a second", "msg/s", words.RATES, 1.0, higher=True),
        Metric("memory", "growth of resident memory during the window", "KiB", words.MEMORY, 64.0),
    )
}
DEFAULT = METRICS["p99"]
BOUND = re.compile(r"([a-z0-9.-]+?)\s*(<=|>=|<|>|=)\s*(\S+)")


@dataclass(frozen=True)
class Bound:
    """One metric and the limit that it must keep."""

    metric: Metric
    limit: float
    said: str

    def met(self, value: float) -> bool:
        return value > self.limit if self.metric.higher else value < self.limit

    def share(self, value: float) -> float:
        """How much of the limit is used: 1 is the limit itself, more is failure."""
        if self.metric.higher:
            return self.limit / max(value, self.metric.floor)
        return value / self.limit


Need = tuple[Bound, ...]


def parse(text_of_need: str | None) -> Need:
    """Throws UsageError."""
    bounds: dict[str, Bound] = {}
    for part in filter(None, (part.strip() for part in (text_of_need or "").split(","))):
        bound = parse_bound(part)
        if bound.metric.name in bounds:
            raise UsageError(f"--need bounds {bound.metric.name} twice: {part}")
        bounds[bound.metric.name] = bound
    return tuple(bounds.values())


def parse_bound(part: str) -> Bound:
    found = BOUND.fullmatch(part)
    if found is None:
        raise UsageError(f"--need {part} is not like p99<50us")
    name, sign, limit = found.groups()
    if name not in METRICS:
        raise UsageError(f"--need: {unknown('metric', name, METRICS)} ({', '.join(METRICS)})")
    metric = METRICS[name]
    wanted = ">" if metric.higher else "<"
    if sign[0] != wanted:
        raise UsageError(f"--need {part}: {name} has a bound on the other side: write {name}{wanted}{limit}")
    example = {"ns": "50us", "percent": "20%", "msg/s": "200k", "KiB": "4MiB"}[metric.unit]
    return Bound(metric, words.amount(f"--need {name}", limit, metric.units, example), f"{name}{wanted}{limit}")
