"""What this machine can do at all, and whether it held still while it was measured."""

from __future__ import annotations

from typing import Any

from weirlib.results import Case, Run
from weirlib.stats import estimate
from weirlib.charts import text
from weirlib.charts.section import Cell, Section, Table, number

WORDS = {
    "clock_monotonic": "one read of CLOCK_MONOTONIC",
    "clock_tsc": "one read of the time stamp counter",
    "cache_line_round_trip": "a cache line to another core and back",
    "stream_8KiB": "8-byte words streamed to another core through a ring of 8 KiB",
    "stream_16KiB": "8-byte words streamed to another core through a ring of 16 KiB",
    "stream_128KiB": "8-byte words streamed to another core through a ring of 128 KiB",
    "futex_round_trip": "futex ping-pong of two threads",
    "futex_wake": "a futex wakes a sleeping thread",
    "null": "the harness without a channel, one thread: generate, store, load, verify",
    "scenario_stamp": "a scenario's role writes down one message",
    "scenario_loops": "a scenario without a channel, one thread: both loops, a clock reading each",
    "histogram_value": "counting one value in a histogram, after the measurement",
    "host_gap_max": "the longest time that the host took the processor away",
}
CANARY_DRIFT = 0.05
FEW_CORES = 4


def _name(case: Case) -> str:
    """`futex_wake:one` says its placement in its name."""
    limit, _, place = case.channel.partition(":")
    rest = text.case_words(case.params | ({"place": place} if place else {}))
    return ", ".join(filter(None, [WORDS.get(limit, limit), rest]))


def _order(case: Case) -> tuple[int, str]:
    limit = case.channel.partition(":")[0]
    return (list(WORDS).index(limit) if limit in WORDS else len(WORDS)), case.id


def limits_table(run: Run) -> Table:
    rows = []
    for case in sorted(run.of("machine"), key=_order):
        if case.status != "ok":
            rows.append(
                [
                    Cell(_name(case)),
                    Cell(case.status.replace("_", " "), "failed"),
                    Cell(case.reason),
                    *[Cell("")] * 3,
                ]
            )
            continue
        metric = case.having("ok")[0].line["metrics"][0]
        e = estimate(case.rounds(metric["metric"]).values())
        rows.append(
            [
                Cell(_name(case)),
                number(text.quantity(e.median if e else None, metric["unit"])),
                number(text.interval(e, metric["unit"])),
                number(text.spread(e), "marked" if e and e.noisy else ""),
                number(str(e.n if e else 0)),
                Cell(case.id, "id"),
            ]
        )
    return Table(
        "The machine's own limits, measured in this run",
        ["limit", "median", "interval", "IQR", "n", "id"],
        rows,
    )


def processors(environment: dict[str, Any]) -> int:
    """How many the run was allowed to use."""
    allowed = environment.get("allowed_cpus")
    return len(allowed) if isinstance(allowed, list) else int(environment.get("cpus") or 0)


def unfit(run: Run) -> list[str]:
    """Why no figure of this run should be quoted; empty if nothing speaks against it."""
    found = []
    virtual = run.environment.get("virtualized")
    if virtual:
        named = isinstance(virtual, str) and not virtual.startswith("a ")
        found.append("a virtual machine" + (f" ({virtual})" if named else ""))
    cores = processors(run.environment)
    if 0 < cores < FEW_CORES:
        found.append(f"only {text.plural(cores, 'processor')}")
    if not run.environment:
        found.append("environment.json is missing")
    return found


def restless(run: Run) -> list[str]:
    """Signs that the machine did not hold still."""
    said = []
    pairs = [t.line.get("canary_ghz") for t in run.trials() if t.status == "ok"]
    canary = [v for pair in pairs if pair for v in pair]
    if canary:
        low, high = min(canary), max(canary)
        moved = "" if high <= low * (1 + CANARY_DRIFT) else " (the clock rate moved)"
        said.append(f"Dependent additions ran at {low:.2f} to {high:.2f} per ns{moved}.")
    steal = sum(t.get("cpu", "steal_ms") or 0.0 for t in run.trials())
    elapsed = sum(float(t.line.get("elapsed_ms") or 0) for t in run.trials())
    if elapsed:
        said.append(
            f"The host took {steal:.0f} ms of processor time away during {elapsed / 1000:.0f} s of trials."
        )
    gap = run.machine("host_gap_max")
    worst = max(gap.figure().values(), default=None) if gap else None
    if worst is not None:
        said.append(f"The longest gap in which no instruction ran was {text.quantity(worst, 'ns')}.")
    return said


def section(run: Run) -> Section | None:
    if not run.of("machine"):
        return None
    return Section(
        "machine",
        "The machine's limits",
        readings=restless(run),
        shown=[limits_table(run)],
        question="What can no channel beat here?",
    )
