"""Planted against found: a service time that was planted must come out of the response, the knee and the goodput of too
much must be where it fills the time, and a stall must be back when its backlog is served beside what comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate
from weirlib.charts import compare, text
from weirlib.charts.section import Cell, Section, Table, channel_cell, number

CLOSE = {"response p50": 5.0, "knee": 10.0, "goodput": 5.0, "backlog": 5.0, "time to recover": 5.0}  # percent
PART_MS = 20.0
SUITE = "truth"  # elsewhere nothing is planted


@dataclass(frozen=True)
class Finding:
    what: str
    channel: str
    planted: float
    found: Estimate
    unit: str

    @property
    def off(self) -> float:
        """Percent."""
        return 100.0 * (self.found.median / self.planted - 1.0)

    @property
    def verdict(self) -> str:
        most = CLOSE[self.what]
        return f"within {most:g} %" if abs(self.off) <= most else f"off by more than {most:g} %"

    @property
    def sentence(self) -> str:
        planted, found = (text.quantity(v, self.unit) for v in (self.planted, self.found.median))
        return f"{self.channel}, {self.what}: planted {planted}, found {found} ({self.off:+.1f} %: {self.verdict})."


def _service(case: Case) -> float:
    """A fixed service time in ns; 0 without one, and for a distribution."""
    return text.duration_ns(case.params.get("service"))


def _of_too_much(run: Run) -> list[Finding]:
    """Whatever is offered beyond what can be served, just that comes through. Of each trial the median of parts of 20 ms: in
    some of them the host has the processor."""
    made = []
    for case in run.of("overload"):
        planted = _service(case)
        found = estimate(_goodput(trial.line["backpressure"]["moments"]) for trial in case.measured())
        if planted and found and float(case.params["rate"]) > 1e9 / planted:
            made.append(Finding("goodput", case.channel, 1e9 / planted, found, "msg/s"))
    return made


def _goodput(moments: dict[str, Any]) -> float:
    together = max(1, round(PART_MS / moments["step_ms"]))
    received = np.array(moments["received"], dtype=float)
    parts = received[: len(received) // together * together].reshape(-1, together).sum(axis=1)
    return float(np.median(parts)) / (together * moments["step_ms"]) * 1e3


def _of_stalls(run: Run) -> list[Finding]:
    """A stall leaves what was due in it; of a consumer that is busy for a share r of its time, 1 - r is left to serve it."""
    made = []
    for case in run.of("stall"):
        service, rate = _service(case), float(case.params["rate"])
        records = [trial.line["backpressure"]["stalls"][0] for trial in case.measured()]
        if not service or not records:
            continue
        length, busy = float(records[0]["length_ms"]) * 1e6, rate * service / 1e9
        backlog = estimate(float(r["backlog"]) for r in records)
        back = estimate(1e6 * float(r["response_back_ms"]) for r in records if r["response_back_ms"] is not None)
        if backlog and back:
            made.append(Finding("backlog", case.channel, rate * length / 1e9, backlog, "messages"))
            made.append(Finding("time to recover", case.channel, length * busy / (1 - busy), back, "ns"))
    return made


def findings(run: Run) -> list[Finding]:
    return [*_of_latency(run), *_of_too_much(run), *_of_stalls(run)] if run.info.get("suite") == SUITE else []


def _of_latency(run: Run) -> list[Finding]:
    made = []
    paced = [c for c in run.of("paced") if "rate" in c.params]
    for case in paced:
        planted = _service(case)
        twin = next((c for c in paced if _twins(c, case)), None)
        if not planted or twin is None:
            continue
        mine, its = case.rounds("response_p50"), twin.rounds("response_p50")
        found = estimate(mine[n] - its[n] for n in sorted(mine.keys() & its.keys()))
        if found:
            made.append(Finding("response p50", case.channel, planted, found, "ns"))
    for case in run.of("knee"):
        planted, found = _service(case), estimate(case.rounds("knee").values())
        if planted and found:
            made.append(Finding("knee", case.channel, 1e9 / planted, found, "msg/s"))
    return made


def _twins(twin: Case, case: Case) -> bool:
    rest = {key: value for key, value in case.params.items() if key != "service"}
    return twin.channel == case.channel and twin.params == rest


def sections(run: Run) -> list[Section]:
    found = findings(run)
    if not found:
        return []
    version = compare.sources(run)
    rows = [
        [
            channel_cell(f.channel),
            Cell(f.what),
            number(text.quantity(f.planted, f.unit)),
            number(text.quantity(f.found.median, f.unit)),
            number(text.interval(f.found, f.unit)),
            number(f"{f.off:+.1f} %", "" if f.verdict.startswith("within") else "marked"),
            Cell(f.verdict),
            Cell(version.get(f.channel, ""), "source"),
        ]
        for f in found
    ]
    head = ["channel", "what", "planted", "found", "interval", "off by", "verdict", "source"]
    return [
        Section(
            "truth",
            "Planted against found",
            question="Are the figures of latency and backpressure true on the real clock?",
            readings=[f.sentence for f in found],
            shown=[Table("Planted against found", head, rows)],
            notes=[
                "A service time is found as the difference of the medians of two twins, paired by round. The knee of a fixed "
                "schedule is where the service fills the time between two messages; goodput under overload is what can be "
                "served; a backlog is what was due in the stall, and is served in the time that the consumer has left."
            ],
        )
    ]
