"""What stress found in the channels of this run, or that nobody looked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

from weirlib.charts import text
from weirlib.charts.section import Cell, Table, channel_cell, number
from weirlib.outcomes import Outcome, Stress, measured
from weirlib.results import Run

COUNTED = ("operations", "histories", "undecided")


@dataclass(frozen=True)
class Findings:
    """All that was found in one channel; the first is shown, the others open on demand."""

    channel: str
    outcomes: list[Outcome]


@dataclass(frozen=True)
class Correctness:
    stressed: bool
    command: str  # the one that stresses this run
    sentence: str
    failed: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)  # why the outcomes are not whole
    notes: list[str] = field(default_factory=list)
    findings: list[Findings] = field(default_factory=list)
    vacuous: list[Findings] = field(default_factory=list)
    sentences: dict[str, str] = field(default_factory=dict)  # case to what must hold
    tables: list[Table] = field(default_factory=list)


def of(run: Run) -> Correctness:
    command = f"scripts/weir stress --into {run.path.parent.name}/{run.path.name}"
    stress = run.stress
    if stress is None:
        return Correctness(False, command, "This run was not stressed; its trials are all that its channels have passed.")
    return Correctness(
        True,
        command,
        sentence(stress),
        sorted(stress.failed_channels()),
        gaps(stress),
        _notes(run, stress),
        _by_channel(stress.having("failed")),
        _by_channel(stress.having("vacuous")),
        stress.plan.cases if stress.plan else {},
        [_channels(stress), _cases(stress)],
    )


def sentence(stress: Stress) -> str:
    """What may be said of it in one sentence: never more than that nothing was found."""
    tried = [o for o in stress.outcomes if o.verdict != "not_applicable"]
    channels = {o.channel for o in tried}
    if not tried:
        return "Stress ended before its first case did."
    if failed := sorted(stress.failed_channels()):
        findings = text.plural(len(stress.having("failed")), "violation")
        return f"{len(failed)} of {text.plural(len(channels), 'channel')} failed under stress, {findings}: {text.names(failed)}."
    passed = len(stress.having("passed"))
    cases = f"{passed:,} of {len(tried):,}" if passed < len(tried) else f"{passed:,}"
    return f"{cases} cases passed over {text.plural(len(channels), 'channel')}; no violation was found."


def gaps(stress: Stress) -> list[str]:
    said = []
    if stress.plan is None:
        said.append("The first line of stress.jsonl could not be read: whether all cases are there is not known.")
    if stress.missing():
        planned = stress.missing() + len(stress.outcomes)
        said.append(f"Stress did not come to its end: {stress.missing():,} of {planned:,} planned outcomes are missing.")
    if stress.cut_off:
        said.append("The last line of stress.jsonl was cut off and is not used.")
    if stress.unreadable:
        said.append(f"{text.plural(stress.unreadable, 'line')} of stress.jsonl could not be read and are left out.")
    return said


def _notes(run: Run, stress: Stress) -> list[str]:
    line = stress.plan.line if stress.plan else {}
    said = []
    if line:
        dirty = " with local changes" if line.get("dirty") else ""
        where = f"revision {line.get('revision') or 'unknown'}{dirty}, {line.get('started', 'at an unknown time')}"
        said.append(f"{_seconds(line)} s for each channel over all its cases, seed {line.get('seed', '?')}; {where}.")
    revision = run.environment.get("revision")
    if line and revision and line.get("revision") != revision:
        said.append(f"The figures of this run are those of revision {revision}: not the same program.")
    measured_here = {c.channel for c in run.cases.values()} & {str(c["name"]) for c in run.channels}
    if rest := sorted(measured_here - {o.channel for o in stress.outcomes}):
        said.append(f"Measured here and not stressed: {text.names(rest)}.")
    if stress.missing():
        said.append("A channel that was begun and not finished is marked with !.")
    if any(o.subject != o.channel for o in stress.outcomes):
        said.append("@delays: compiled with random delays between the steps of its algorithm.")
    said.append("Passed means that nothing was found in that time, not that nothing is there.")
    return said


def _seconds(line: dict[str, object]) -> str:
    seconds = line.get("seconds")
    return f"{seconds:g}" if isinstance(seconds, (int, float)) else "?"


def _by_channel(outcomes: list[Outcome]) -> list[Findings]:
    ordered = sorted(outcomes, key=lambda o: o.subject)
    return [Findings(subject, list(found)) for subject, found in groupby(ordered, key=lambda o: o.subject)]


def _count(n: int, kind: str = "failed") -> Cell:
    return number(f"{n:,}", kind) if n else number("–")


def _channels(stress: Stress) -> Table:
    """A row for each channel, those with violations first; planned ones that were not begun too."""
    by_subject: dict[str, list[Outcome]] = {s: [] for s in (stress.plan.subjects if stress.plan else [])}
    for outcome in stress.outcomes:
        by_subject.setdefault(outcome.subject, []).append(outcome)
    ordered = sorted(by_subject.items(), key=lambda kv: not any(o.verdict == "failed" for o in kv[1]))
    head = ["channel", "cases passed", "violations", "vacuous", "operations", "histories checked", "undecided"]
    planned = len(stress.plan.cases) if stress.plan else 0
    return Table("What each channel was put through", head, [_channel(s, found, planned) for s, found in ordered])


def _channel(subject: str, outcomes: list[Outcome], planned: int) -> list[Cell]:
    by = Counter(o.verdict for o in outcomes)
    tried = sum(by.values()) - by["not_applicable"]
    name = Cell(subject, "channel failed" if by["failed"] else "channel", measured(subject))
    if not outcomes:
        return [name, Cell("not begun", "marked"), *[Cell("")] * 5]
    short = len(outcomes) < planned
    sums = [sum(o.met.get(key, 0) for o in outcomes) for key in COUNTED]
    return [
        name,
        number(f"{by['passed']} of {tried}" + (" !" if short else ""), "marked" if short else ""),
        _count(by["failed"]),
        _count(by["vacuous"], "marked"),
        number(f"{sums[0]:,}"),
        number(f"{sums[1]:,}"),
        _count(sums[2], "marked"),
    ]


def _cases(stress: Stress) -> Table:
    names = list(stress.plan.cases) if stress.plan else sorted({o.case for o in stress.outcomes})
    rows = []
    for name in names:
        found = [o for o in stress.outcomes if o.case == name]
        by = Counter(o.verdict for o in found)
        failed = sorted(o.subject for o in found if o.verdict == "failed")
        holds = stress.plan.cases.get(name, "") if stress.plan else ""
        tried = len(found) - by["not_applicable"]
        rows.append(
            [
                Cell(name, "id failed" if failed else "id"),
                Cell(holds, "wide"),
                number(f"{by['passed']} of {tried}"),
                Cell(text.names(failed) if failed else "–", "failed" if failed else ""),
            ]
        )
    return Table("The cases, and what must hold in each", ["case", "what must hold", "passed", "failed"], rows)
