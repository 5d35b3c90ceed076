"""Planted against found: a service time that was planted must come out of the response, and the knee must be where it fills the
time."""

from __future__ import annotations

from dataclasses import dataclass

from weirlib.results import Case, Run
from weirlib.stats import Estimate, estimate
from weirlib.charts import compare, text
from weirlib.charts.section import Cell, Section, Table, channel_cell, number

_UNITS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
CLOSE = {"response p50": 5.0, "knee": 10.0}  # percent


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


def _service(case: Case) -> float | None:
    """A fixed service time in ns; None for a distribution, 0 without one."""
    word = str(case.params.get("service", "0ns"))
    digits = word.rstrip("nums")
    unit = word[len(digits) :]
    return float(digits) * _UNITS[unit] if digits.isdigit() and unit in _UNITS else None


def findings(run: Run) -> list[Finding]:
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
            question="Are the figures of latency true on the real clock?",
            readings=[f.sentence for f in found],
            shown=[Table("Planted against found", head, rows)],
            notes=[
                "A service time is found as the difference of the medians of two twins, paired by round. The knee of a fixed "
                "schedule is where the service fills the time between two messages."
            ],
        )
    ]
