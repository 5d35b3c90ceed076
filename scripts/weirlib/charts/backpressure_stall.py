"""What stands up behind a receiver that stands still: depth over time for each channel, and how each came back."""

from __future__ import annotations

import math
from typing import Sequence

from weirlib.results import Case, Run
from weirlib.charts import text
from weirlib.charts import backpressure_film as film
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_recovery as recovery
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Panel, Section

NAMED = 3  # channels, before the rest is counted
MOST_SHOWN = 9  # panels; the rest opens on demand
TITLES = {"stall": "The receiver stands still", "stop": "A sender stops"}
NOTE = (
    "Shared axes. Shaded: the stall. The curve: the largest depth of each step, of the round whose recovery is the median "
    "one. Dotted: the depth was at its level from before, and stayed. Strip: the share of the senders that were blocked in "
    "a send, and of the messages that were lost, refused or evicted; full height is all of them. Blocked time is that of "
    "all senders together. Memory growth: resident memory at its peak less that before."
)


def groups(run: Run, workload: str, fair: bool) -> dict[float, list[Case]]:
    """By length of the stall in ns, longest first; in each those that wait before those that lose."""
    cases = bp.fair(run, workload) if fair else run.of(workload)
    usual = next((recovery.stall_ns(c) for c in cases if "stall" not in c.params and bp.records(c)), 0.0)
    lasted = {c.id: recovery.stall_ns(c) or usual for c in cases}  # what failed has no record to say it
    found: dict[float, list[Case]] = {}
    for case in sorted(cases, key=lambda c: (-lasted[c.id], bp.policy_rank(c))):
        found.setdefault(lasted[case.id], []).append(case)
    return found


def length_words(ns: float) -> str:
    return say.duration(ns) if ns else "its length"


def by_turns(cases: list[Case]) -> list[Case]:
    """One of each policy before a second of any: with few panels each policy is seen."""
    seen: dict[str, int] = {}
    turn: dict[str, int] = {}
    for case in cases:
        kind = "none" if bp.unbounded(case) else bp.policy(case)
        turn[case.id] = seen[kind] = seen.get(kind, -1) + 1
    first = {c.id for c in sorted(cases, key=lambda c: turn[c.id])[:MOST_SHOWN]}
    return [c for c in cases if c.id in first] + [c for c in cases if c.id not in first]


def _panels(cases: list[Case], more: str = "") -> list[Panel]:
    label = say.labels(cases, ("full", "stall"))
    return film.panels(cases, {c.id: label[c.id] + more for c in cases})


def _value(case: Case, name: str) -> float:
    e = recovery.figure(case, name)
    return e.median if e else 0.0


def outcome(cases: Sequence[Case]) -> str:
    """Who made senders wait, who lost messages, who grew: one sentence, short enough to stand above a picture."""
    label = say.labels(cases, ("stall",))
    losing = {label[c.id]: _value(c, "lost") for c in cases if _value(c, "lost") > 0}
    growing = [c for c in cases if bp.unbounded(c) and label[c.id] not in losing]
    waiting = {label[c.id]: _value(c, "blocked_ms") for c in cases if c not in growing and label[c.id] not in losing}
    parts = []
    if waiting:
        made = "made senders wait" if max(waiting.values()) > 0 else "took everything"
        parts.append(f"{text.names(waiting, NAMED)} {made} and lost nothing")
    if losing:
        low, high = min(losing.values()), max(losing.values())
        how = say.many(high) if low == high else f"{say.many(low)} to {say.many(high)}"
        parts.append(f"{text.names(losing, NAMED)} lost {how} messages")
    if growing:
        most = say.many(max(_value(c, "peak_depth") for c in growing))
        parts.append(f"{text.names([label[c.id] for c in growing], NAMED)}, without a bound, grew to {most} messages")
    return f"{'; '.join(parts)}."


def cost(cases: Sequence[Case]) -> str:
    """How long senders stood, and how much memory it took."""
    label = say.labels(cases, ("stall",))
    stood = {label[c.id]: v for c in cases if (v := _value(c, "blocked_ms")) > 0}
    grown = {label[c.id]: e.median for c in cases if bp.unbounded(c) and (e := bp.each(c, recovery.growth_kib))}
    parts = []
    if stood:
        parts.append(f"All senders together were blocked for {say.span_of(stood, text.ms)}.")
    if grown:
        parts.append(f"Memory grew by {say.span_of(grown, text.size)} without a bound.")
    return " ".join(parts)


def returned(cases: Sequence[Case]) -> str:
    """How long until the depth was back, over channels."""
    label = say.labels(cases, ("stall",))
    found = {label[c.id]: _value(c, "depth_back_ms") for c in cases if recovery.figure(c, "depth_back_ms")}
    never = sorted(n for n, v in found.items() if math.isinf(v))
    finite = {n: v for n, v in found.items() if math.isfinite(v)}
    parts = []
    if finite:
        parts.append(f"The depth was back after {say.span_of(finite, text.ms)}.")
    if never:
        parts.append(f"Not back before the window ended: {text.names(never)}.")
    return " ".join(parts)


def sections(run: Run) -> list[Section]:
    return [made for workload in TITLES if (made := _section(run, workload))]


def _section(run: Run, workload: str) -> Section | None:
    everything, fair = (groups(run, workload, only) for only in (False, True))
    if not fair:
        return None
    longest, first = next(iter(fair.items()))
    lasting = length_words(longest)
    section = Section(
        f"backpressure_{workload}",
        f"{TITLES[workload]} for {lasting}",
        question=f"While {recovery.WHO[workload]}: who waits, who loses messages, and who grows? And how soon is all as before?",
    )
    section.readings = [outcome(first), returned(first), cost(first)]
    section.fold(_panels(by_turns(first)), MOST_SHOWN)
    for ns, cases in list(fair.items())[1:]:
        section.folded += _panels(cases, f", {length_words(ns)}")
    section.folded_title = f"{len(section.folded)} more charts: other durations and channels"
    for ns, cases in everything.items():
        table = recovery.table(run, cases, f"{TITLES[workload]} for {length_words(ns)}")
        (section.shown if ns == longest else section.tables).append(table)
    section.notes = [NOTE]
    return section
