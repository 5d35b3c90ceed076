"""What was run where, by which command, whether all of it ran, and what failed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from weirlib.charts import machine, text
from weirlib.results import Case, Run


def command(run: Run) -> str:
    """The command that makes these figures again, without where its results went."""
    words = [str(a) for a in run.info.get("arguments") or []]
    kept: list[str] = []
    skip = False
    for word in words[1:] if words[:1] == ["run"] else words:
        if skip or word.startswith(("--out=", "--resume=")):
            skip = False
        elif word in ("--out", "--resume"):
            skip = True
        else:
            kept.append(word)
    for flag in ("suite", "seed"):
        if (
            not any(w == f"--{flag}" or w.startswith(f"--{flag}=") for w in kept)
            and run.info.get(flag) is not None
        ):
            kept += [f"--{flag}", str(run.info[flag])]
    return shlex.join(["scripts/weir", "run", *kept])


def command_of(run: Run, ids: Sequence[str]) -> str:
    """The command that makes the figures of one chart again. A run that was itself a choice is made again as a whole."""
    whole, cases = command(run), [run.cases[identity] for identity in ids if identity in run.cases]
    if not cases or "--filter" in whole:
        return whole
    return f"{whole} --filter {shlex.quote(pattern(cases))}"


MOST_NAMED = 3


def pattern(cases: Sequence[Case]) -> str:
    """Matches these ids and few others: workloads, channels if they are few, and what their parameters have in common."""
    workloads, channels = (sorted({getattr(case, part) for case in cases}) for part in ("workload", "channel"))
    named = channels if len(channels) <= MOST_NAMED else ["[^/]+"]
    common = set.intersection(*({f"{key}:{value}" for key, value in case.params.items()} for case in cases))
    parts = cases[0].id.split("/")[2:]
    # In the order of the ids; what differs between them may stand in each gap.
    rest = "".join(f"/{part}" if part in common else "/[^/]+" for part in parts)
    alike = all(len(case.id.split("/")) == len(parts) + 2 for case in cases)
    return f"^{_either(workloads)}/{_either(named)}{rest}$" if alike else f"^{_either(workloads)}/{_either(named)}/"


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"({'|'.join(words)})"


@dataclass(frozen=True)
class Failed:
    channel: str
    failure: str
    reason: str
    rounds: str
    id: str


@dataclass(frozen=True)
class Verification:
    trials: int
    failed: int
    cases: int
    failures: list[Failed]  # one per case, with the reason of its first failed round

    @property
    def sentence(self) -> str:
        if not self.trials:
            return "No trial has run."
        if not self.failed:
            return (
                f"{self.trials:,} trials of {text.plural(self.cases, 'case')}, every one verified: "
                "nothing lost, doubled, damaged or out of the order promised."
            )
        return f"{text.plural(self.failed, 'trial')} of {self.trials:,} failed verification."


def _failed(case: Case) -> Failed:
    bad, tried = case.having("failed"), [t for t in case.trials if t.status != "not_applicable"]
    line = bad[0].line
    rounds = f"{len(bad)} of {text.plural(len(tried), 'round')}"
    return Failed(
        case.channel,
        str(line.get("failure") or "error"),
        str(line.get("reason") or "no reason recorded"),
        rounds,
        case.id,
    )


def verification(run: Run) -> Verification:
    tried = [t for t in run.trials() if t.status != "not_applicable"]
    failed = sorted((c for c in run.cases.values() if c.status == "failed"), key=lambda c: (c.channel, c.id))
    return Verification(
        len(tried),
        sum(t.status == "failed" for t in tried),
        sum(c.status != "not_applicable" for c in run.cases.values()),
        [_failed(c) for c in failed],
    )


def incomplete(run: Run) -> list[str]:
    """Why this run is not whole; empty when it is."""
    said = []
    if not run.info.get("complete"):
        said.append("It was interrupted." if run.info.get("interrupted") else "It has not ended as complete.")
    if run.missing():
        tried = sum(c.status != "not_applicable" for c in run.cases.values())
        said.append(
            f"{run.missing():,} of {tried * int(run.info.get('rounds') or 0):,} planned trials are missing "
            "among the cases begun."
        )
    if not run.channels:
        said.append("channels.json is missing: without contracts the guide can name nobody.")
    if run.cut_off:
        said.append("The last line of trials.jsonl was cut off and is not used.")
    return said


def facts(run: Run) -> list[tuple[str, str]]:
    """What was run where."""
    env, info = run.environment, run.info
    clock, dirty = env.get("clock") or {}, " with local changes" if env.get("dirty") else ""
    memory = f"{env['memory_mib'] / 1024:.1f} GiB" if env.get("memory_mib") else ""
    found = [
        (
            "Suite",
            f"{info.get('suite', '?')}, {text.plural(int(info.get('rounds') or 0), 'round')}, "
            f"each a fresh process, seed {info.get('seed', '?')}",
        ),
        ("Time", " to ".join(str(info[k]) for k in ("started", "ended") if info.get(k))),
        (
            "Processor",
            f"{env.get('cpu_model', 'unknown')}, {text.plural(machine.processors(env), 'processor')} used",
        ),
        (
            "Machine",
            ", ".join(
                filter(
                    None,
                    [
                        f"virtual ({env['virtualized']})" if env.get("virtualized") else "",
                        memory,
                        str(env.get("kernel", "")),
                    ],
                )
            ),
        ),
        ("Compiler", " ".join(str(env.get(k, "")) for k in ("compiler", "flags")).strip()),
        ("Revision", f"{env.get('revision') or 'unknown'}{dirty}"),
        (
            "Clock",
            f"{clock.get('source', '')}, {text.quantity(clock.get('cost_ns'), 'ns')} per read"
            if clock
            else "",
        ),
        ("Libraries", ", ".join(f"{k} {v}" for k, v in sorted((env.get("libraries") or {}).items()))),
        ("Channel file", str(info.get("channel_file") or "")),
    ]
    return [(name, value) for name, value in found if value]
