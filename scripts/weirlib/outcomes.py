"""What came of each stress case over each channel: stress.jsonl (schema: results/README.md, results/stress_schema.json)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable

STRESS = "stress.jsonl"
VERDICTS = ("passed", "failed", "vacuous", "not_applicable")


@dataclass(frozen=True)
class Outcome:
    subject: str  # the channel's name; with `@delays` where it was compiled with delays between its steps
    case: str
    verdict: str
    reason: str  # one sentence; below it, where there is one, the witness as a picture
    stacks: str
    again: str  # the command that shows it again
    met: dict[str, int]

    @property
    def channel(self) -> str:
        """As it is measured: what is found with delays is wrong without them too."""
        return measured(self.subject)

    @property
    def sentence(self) -> str:
        return self.reason.partition("\n")[0]

    @property
    def picture(self) -> str:
        return self.reason.partition("\n")[2]


@dataclass(frozen=True)
class Plan:
    """The first line: where the outcomes come from, and of what there was to be one."""

    line: dict[str, Any]
    subjects: list[str]
    cases: dict[str, str]  # name to what must hold, in the order in which they are run


@dataclass(frozen=True)
class Stress:
    plan: Plan | None  # None: the first line could not be read
    outcomes: list[Outcome]
    unreadable: int
    cut_off: bool

    def having(self, verdict: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.verdict == verdict]

    def failed_channels(self) -> set[str]:
        return {outcome.channel for outcome in self.having("failed")}

    def missing(self) -> int:
        """How many planned outcomes are not there; 0 where the plan is unknown."""
        return max(0, len(self.plan.subjects) * len(self.plan.cases) - len(self.outcomes)) if self.plan else 0

    @property
    def complete(self) -> bool:
        return self.plan is not None and not (self.missing() or self.unreadable or self.cut_off)

    @property
    def clean(self) -> bool:
        """Nothing was found, and each case met what it is about: what exit status 0 of stress says."""
        return not (self.having("failed") or self.having("vacuous"))


def measured(subject: str) -> str:
    return subject.removesuffix("@delays")


def parse(lines: Iterable[dict[str, Any]], unreadable: int, cut_off: bool) -> Stress:
    """Of two outcomes of one case the failed one counts; a line that is neither outcome nor plan counts as unreadable."""
    plan: Plan | None = None
    found: dict[tuple[str, str], Outcome] = {}
    for line in lines:
        outcome = _outcome(line)
        if outcome is None:
            said = _plan(line)
            plan, unreadable = plan or said, unreadable + (said is None)
            continue
        key = (outcome.subject, outcome.case)
        if key not in found or outcome.verdict == "failed":
            found[key] = outcome
    return Stress(plan, list(found.values()), unreadable, cut_off)


def _outcome(line: dict[str, Any]) -> Outcome | None:
    names, met = ("channel", "case", "verdict", "reason", "stacks", "again"), line.get("met")
    if not all(isinstance(line.get(name), str) for name in names) or not isinstance(met, dict):
        return None
    if line["verdict"] not in VERDICTS:
        return None
    subject, case, verdict, reason, stacks, again = (str(line[name]) for name in names)
    counts = {name: n for name, n in met.items() if isinstance(n, int)}
    return Outcome(subject, case, verdict, reason, stacks, again, counts)


def _plan(line: dict[str, Any]) -> Plan | None:
    subjects, cases = line.get("channels"), line.get("cases")
    if not isinstance(subjects, list) or not isinstance(cases, list):
        return None
    try:
        return Plan(line, [str(s) for s in subjects], {str(c["name"]): str(c["sentence"]) for c in cases})
    except (KeyError, TypeError):
        return None
