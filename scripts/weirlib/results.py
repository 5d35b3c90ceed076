"""Reads a run folder (schema: results/README.md, results/schema.json, results/stress_schema.json).

What is not whole is never taken for whole: a last line without a newline is skipped, a failed round keeps its
case without a figure, and rounds that met different regimes are not pooled.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable, Iterator

from weirlib import outcomes
from weirlib.errors import UsageError
from weirlib.outcomes import Stress

SCHEMA = 1


class ResultsError(UsageError):
    """A run folder that cannot be read; the message is one line for people."""


@dataclass(frozen=True)
class Trial:
    """One line of trials.jsonl, with its `metrics` by name."""

    line: dict[str, Any]
    metrics: dict[str, float]

    @property
    def round(self) -> int:
        return int(self.line["round"])

    @property
    def status(self) -> str:
        return str(self.line["status"])

    def get(self, group: str, name: str) -> float | None:
        """A number of one of the nested objects, or None where the channel cannot tell."""
        value = (self.line.get(group) or {}).get(name)
        return None if value is None else float(value)


@dataclass
class Case:
    """Every trial of one id."""

    id: str
    workload: str
    channel: str
    params: dict[str, Any]
    trials: list[Trial] = field(default_factory=list)

    def having(self, status: str) -> list[Trial]:
        return [trial for trial in self.trials if trial.status == status]

    @property
    def status(self) -> str:
        """`failed` if one round failed: a channel that loses messages has no speed."""
        found = {trial.status for trial in self.trials}
        return next((s for s in ("failed", "ok", "not_applicable") if s in found), "not_applicable")

    @property
    def reason(self) -> str:
        """Why there is no figure, for people; with the kind of failure before it."""
        for trial in self.having("failed") + self.having("not_applicable"):
            kind, reason = trial.line.get("failure"), trial.line.get("reason") or "no reason recorded"
            return f"{kind}: {reason}" if kind else str(reason)
        return ""

    @property
    def regimes(self) -> Counter[str]:
        return Counter(str(t.line["regime"]) for t in self.having("ok"))

    @property
    def regime(self) -> str:
        """The regime of most rounds; of two as frequent, the first by name."""
        return min(self.regimes, key=lambda r: (-self.regimes[r], r), default="unknown")

    @property
    def oversubscribed(self) -> bool:
        return any(t.line.get("oversubscribed") for t in self.trials)

    def measured(self, regime: str | None = None) -> list[Trial]:
        """Trials whose figures belong together: one regime, that of most rounds; none once a round failed."""
        if self.status != "ok":
            return []
        wanted = regime or self.regime
        return [t for t in self.having("ok") if t.line["regime"] == wanted]

    def rounds(self, metric: str, regime: str | None = None) -> dict[int, float]:
        return {t.round: t.metrics[metric] for t in self.measured(regime) if metric in t.metrics}

    def all_rounds(self, metric: str) -> dict[int, float]:
        """Whatever regime they met: to compare round by round with another channel, never for a median."""
        if self.status != "ok":
            return {}
        return {t.round: t.metrics[metric] for t in self.having("ok") if metric in t.metrics}

    def figure(self) -> dict[int, float]:
        """The primary metric by round."""
        return {t.round: next(iter(t.metrics.values())) for t in self.measured() if t.metrics}

    def rounds_of(self, group: str, name: str) -> dict[int, float]:
        """Like `rounds`, for a number of `cpu`, `counts`, `memory` or `depth`."""
        found = ((t.round, t.get(group, name)) for t in self.measured())
        return {number: value for number, value in found if value is not None}

    def histograms(self, name: str | None = None) -> list[dict[str, Any]]:
        """One per measured round; without a name, the first that the trial wrote."""
        written = (t.line.get("histograms") or {} for t in self.measured())
        picked = (h.get(name) if name else next(iter(h.values()), None) for h in written)
        return [h for h in picked if h]


@dataclass
class Run:
    path: Path
    info: dict[str, Any]
    environment: dict[str, Any]
    channels: list[dict[str, Any]]
    cases: dict[str, Case]
    unreadable: int  # whole lines that are no JSON, or no trial: said in the report
    cut_off: bool  # the last line was cut off
    stress: Stress | None = None  # None: the run was not stressed
    doubled: int = 0  # lines of a round that their case already had: those of another run, mixed in

    def of(self, workload: str) -> list[Case]:
        return [case for case in self.cases.values() if case.workload == workload]

    def trials(self) -> Iterator[Trial]:
        return (trial for case in self.cases.values() for trial in case.trials)

    def failed_channels(self) -> set[str]:
        """Channels that failed a trial or a stress case: none is ever ranked or praised, whatever it was measured at."""
        measured = {c.channel for c in self.cases.values() if c.status == "failed"}
        return measured | (self.stress.failed_channels() if self.stress else set())

    def machine(self, name: str) -> Case | None:
        """A limit of the machine by the channel part of its id."""
        return next((case for case in self.of("machine") if case.channel == name), None)

    def without_figure(self) -> int:
        """Verified trials in whose window nothing was counted."""
        return sum(trial.status == "ok" and not trial.metrics for trial in self.trials())

    @property
    def complete(self) -> bool:
        """As run.json says, and with a line of every case in every round."""
        return bool(self.info.get("complete")) and not self.missing() and not self.cut_off

    def missing(self) -> int:
        """How many (case, round) pairs have no line although other cases of the run have one for that round."""
        rounds = int(self.info.get("rounds") or 0)
        tried = [case for case in self.cases.values() if case.status != "not_applicable"]
        return sum(len(set(range(rounds)) - {t.round for t in case.trials}) for case in tried)


def _json(path: Path, required: bool) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ResultsError(f"{path.parent} is no run folder: {path.name} is missing") from None
        return {}
    except (ValueError, OSError) as error:
        raise ResultsError(f"{path}: cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise ResultsError(f"{path}: cannot be read: it holds no object")
    return found


def _check_schema(where: str, found: Any) -> None:
    if found != SCHEMA:
        raise ResultsError(
            f"{where}: result schema {found!r}, and this Weir reads schema {SCHEMA}: "
            "report it with the Weir that wrote it"
        )


def read_lines(path: Path) -> tuple[list[dict[str, Any]], int, bool]:
    """The whole lines of a file, how many were no JSON, and whether the last was cut off."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return [], 0, False
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error}") from None
    whole, _, rest = text.rpartition("\n")
    lines: list[dict[str, Any]] = []
    unreadable = 0
    for number, raw in enumerate(whole.split("\n") if whole else [], start=1):
        try:
            line = json.loads(raw)
        except ValueError:
            unreadable += 1
            continue
        _check_schema(f"{path} line {number}", line.get("schema") if isinstance(line, dict) else None)
        lines.append(line)
    return lines, unreadable, bool(rest)


# What every line of a trial has, and one that came to its end besides.
FIELDS = {"id": str, "workload": str, "channel": str, "params": dict, "round": int, "seq": int, "status": str, "metrics": list}
MEASURED = {"regime": str}
METRIC = {"metric": str, "unit": str, "direction": str, "value": (int, float)}


def is_trial(line: dict[str, Any]) -> bool:
    wanted = FIELDS | (MEASURED if line.get("status") == "ok" else {})
    if not all(isinstance(line.get(name), kind) for name, kind in wanted.items()):
        return False
    return all(isinstance(m, dict) and all(isinstance(m.get(n), kind) for n, kind in METRIC.items()) for m in line["metrics"])


def _is_figure(metric: dict[str, Any]) -> bool:
    """A rate or a time of 0 counted nothing: taken as a figure, it would be the best of all times."""
    return metric["unit"] not in ("msg/s", "ns") or float(metric["value"]) > 0


def group(lines: Iterable[dict[str, Any]]) -> dict[str, Case]:
    """Cases by id. Of two lines of one round the failed one counts, else the first."""
    cases: dict[str, Case] = {}
    for line in lines:
        case = cases.setdefault(
            line["id"], Case(line["id"], line["workload"], line["channel"], line["params"])
        )
        trial = Trial(line, {m["metric"]: float(m["value"]) for m in line["metrics"] if _is_figure(m)})
        twin = next((t for t in case.trials if t.round == trial.round), None)
        if twin is None:
            case.trials.append(trial)
        elif trial.status == "failed" and twin.status != "failed":
            case.trials[case.trials.index(twin)] = trial
    for case in cases.values():
        case.trials.sort(key=lambda t: t.round)
    return cases


def read_stress(path: Path) -> Stress | None:
    """What stress left in the run folder. Raises ResultsError."""
    file = path / outcomes.STRESS
    return outcomes.parse(*read_lines(file)) if file.exists() else None


def read(path: Path) -> Run:
    info = _json(path / "run.json", required=True)
    _check_schema(str(path / "run.json"), info.get("schema"))
    for name in ("rounds", "layouts"):
        if not isinstance(info.get(name) or 0, int):
            raise ResultsError(f"{path / 'run.json'}: cannot be read: {name} is {info[name]!r} and no number")
    lines, unreadable, cut_off = read_lines(path / "trials.jsonl")
    trials = [line for line in lines if is_trial(line)]
    doubled = len(trials) - len({(line["id"], line["round"]) for line in trials})
    unreadable += len(lines) - len(trials)
    channels = _json(path / "channels.json", required=False).get("channels", [])
    environment = _json(path / "environment.json", required=False)
    stress = read_stress(path)
    return Run(path, info, environment, channels, group(trials), unreadable, cut_off, stress, doubled)
