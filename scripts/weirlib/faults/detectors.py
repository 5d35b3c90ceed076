"""Lets a detector look for a fault: the explorer of schedules, a case of stress or all of them, or the compiler."""

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weirlib import build, processes
from weirlib.errors import FAILED, OK, UsageError
from weirlib.faults.planted import ALL_CASES, COMPILER, EXPLORER, Fault
from weirlib.paths import BUILD, ROOT

# A lost wake-up ends nothing: the sooner it is called a hang, the sooner the next fault's turn comes. A sound original
# has time: threads that yield may stand still for seconds on a machine that does other things too.
HANG_MS = 3000
EXPLORE_SECONDS = 10.0  # for each plan
LIMIT_S = 1800.0  # of an attack, and what its cases may take: each case and plan has a limit of its own, long before
BOUNDS = (1, 2)  # preemptions: all plans with few before any with more
REFUSED = ROOT / "harness" / "stress" / "faults" / "refused.cpp"
TAKEN = "a channel takes messages whose move may throw"  # what it says then; anything else is no detection


@dataclass(frozen=True)
class Attack:
    fault: Fault
    detector: str
    seed: int
    seconds: float  # of a case, at most, with delays and again without


@dataclass(frozen=True)
class Outcome:
    attack: Attack
    took: float  # seconds, to the detection or to the end
    seen: str  # what was found, in words; empty: nothing

    @property
    def found(self) -> bool:
        return bool(self.seen)

    def line(self) -> dict[str, Any]:
        fault = self.attack.fault
        return {
            "fault": fault.name,
            "kind": fault.kind,
            "sound": fault.sound,
            "reported": fault.reported,
            "detector": self.attack.detector,
            "seed": self.attack.seed,
            "found": self.found,
            "seconds": round(self.took, 3),
            "seen": self.seen,
        }


def seeded(detector: str) -> bool:
    """Whether another seed is another attack: bounded searches see all schedules, in the same order."""
    return detector not in (EXPLORER, COMPILER)


def detect(attack: Attack) -> Outcome:
    started = time.monotonic()
    if attack.detector == EXPLORER:
        seen = next(filter(None, (search(attack.fault, bound) for bound in BOUNDS)), "")
    elif attack.detector == COMPILER:
        seen = refusal(attack.fault)
    else:
        seen = stress(attack)
    return Outcome(attack, time.monotonic() - started, seen)


def search(fault: Fault, bound: int) -> str:
    """What a search of schedules finds in any plan."""
    words = ["--explore=*", f"--bound={bound}", f"--seconds={EXPLORE_SECONDS:g}"]
    findings = [said["finding"] for said in lines(fault, words)]
    return next(filter(None, findings), "")


def stress(attack: Attack) -> str:
    """What the first case says that fails. What proves nothing is no detection of a fault, and no alarm about a sound
    channel."""
    words = [f"--seed={attack.seed}", f"--seconds={attack.seconds:g}"]
    if not attack.fault.sound:
        words.append(f"--hang-after-ms={HANG_MS}")
    case, _, delays = attack.detector.partition("@")
    if attack.detector != ALL_CASES:
        words.append(f"--case={case}")
    if delays:
        words.append(f"--channel={attack.fault.name}@{delays}")
    for said in lines(attack.fault, words, LIMIT_S + 2 * attack.seconds):
        if said["verdict"] == "failed":
            return f"{said['case']}: {said['reason']}" if attack.detector == ALL_CASES else str(said["reason"])
    return ""


def lines(fault: Fault, words: list[str], limit_s: float = LIMIT_S) -> Iterator[dict[str, Any]]:
    """What the program says, until nobody asks any more."""
    process = processes.start([fault.program, "--json", *words], stderr=subprocess.DEVNULL)  # its progress
    try:
        deadline = time.monotonic() + limit_s
        for text in processes.lines(process, deadline):
            yield json.loads(text)
        status = process.wait(max(0.0, deadline - time.monotonic()))
    except (processes.TimeLimit, subprocess.TimeoutExpired):
        raise UsageError(f"{fault.program.name} {' '.join(words)} did not end within {limit_s:.0f} s") from None
    finally:
        processes.end(process)
    if status not in (OK, FAILED):
        raise UsageError(f"{fault.program.name} ended with status {status}")


def refusal(fault: Fault) -> str:
    """Why a file that says what channels refuse does not compile any more; empty if it does."""
    compiler = build.cached(BUILD / "release", "CMAKE_CXX_COMPILER") or "c++"
    argv = [compiler, "-std=c++20", "-w", "-fsyntax-only", f"-I{fault.folder}", f"-I{ROOT}", REFUSED]
    said: list[str] = []
    if processes.run(argv, on_line=said.append) == OK:
        return ""
    if any(TAKEN in line for line in said):
        return TAKEN
    why = said[0] if said else "the compiler said nothing"
    raise UsageError(f"{fault.name}: {REFUSED.name} does not compile: {why}")
