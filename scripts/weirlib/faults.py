"""scripts/weir faults: plants known faults into copies of own channels and shows what finds each, how soon: the explorer of
schedules, and which case of stress.

The sound originals are attacked in the same way: an alarm there would make every detection worthless.
"""

import json
import math
import shutil
import statistics
import subprocess
import time
import tomllib
from argparse import Namespace
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from weirlib import build, processes
from weirlib.errors import FAILED, OK, UsageError
from weirlib.nearest import unknown
from weirlib.paths import BUILD, ROOT

LIST = ROOT / "harness" / "stress" / "faults" / "faults.toml"
FOLDER = BUILD / "faults"
# A lost wake-up ends nothing: the sooner it is called a hang, the sooner the next fault's turn comes. The machine takes the
# processors away for far less than this.
HANG_MS = 3000
SECONDS = 10.0
EXPLORE_SECONDS = 1.0  # for each plan
BOUNDS = (1, 2)  # preemptions: all plans with few before any with more

PROGRAM = """\
// {says}
#include "channels/atomic_wait.hpp"
#include "channels/block_list.hpp"
#include "channels/latest.hpp"
#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/semaphore_ring.hpp"
#include "channels/spsc_ring.hpp"
#include "channels/swap_buffer.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"

namespace weir {{
namespace {{

struct Planted {{
  template <class T, class Sync = StdSync>
  using Channel = {channel};
}};

const EnterForStress<Planted> planted{{"{name}", "{says}"}};

}}  // namespace
}}  // namespace weir
"""


@dataclass(frozen=True)
class Fault:
    """A replacement in one header. Without one it is the sound original."""

    name: str
    says: str
    channel: str
    file: str = ""
    reported: str = ""  # where others reported it
    changes: tuple[tuple[str, str], ...] = ()

    @property
    def sound(self) -> bool:
        return not self.changes


@dataclass(frozen=True)
class Outcome:
    fault: Fault
    seed: int
    seconds: float
    case: str = ""  # the first that failed; empty: nothing was found
    subject: str = ""  # as it is measured, or with delays
    reason: str = ""
    trouble: str = ""  # what the explorer found; empty: nothing
    explored: float = 0.0  # seconds that it took

    @property
    def found(self) -> bool:
        return bool(self.case or self.trouble)

    @property
    def soonest(self) -> float:
        """Seconds to the first detection."""
        return min([self.seconds] * bool(self.case) + [self.explored] * bool(self.trouble))


def faults(values: Namespace) -> int:
    chosen = choose(read(), values.fault)
    seconds = values.seconds or SECONDS
    seeds = range(values.seed or 1, (values.seed or 1) + (values.seeds or 1))
    programs = make(chosen, values.jobs)
    outcomes = []
    for fault in chosen:
        for seed in seeds:
            trouble, explored = explore(programs[fault.name])
            outcome = replace(
                attack(fault, programs[fault.name], seed, seconds), trouble=trouble, explored=explored
            )
            outcomes.append(outcome)
            print(json.dumps(described(outcome)) if values.json else line(outcome), flush=True)
    if not values.json:
        print(closing(outcomes), flush=True)
    return OK if all(outcome.found != outcome.fault.sound for outcome in outcomes) else FAILED


def read() -> list[Fault]:
    """The faults of the list, then the sound originals of the channels that they stand in."""
    entries = tomllib.loads(LIST.read_text(encoding="utf-8"))["fault"]
    planted = [
        Fault(
            entry["name"],
            entry["says"],
            entry["channel"],
            entry["file"],
            entry.get("reported", ""),
            ((entry["find"], entry["replace"]), *(tuple(pair) for pair in entry.get("also", []))),
        )
        for entry in entries
    ]
    channels = sorted({fault.channel for fault in planted})
    return planted + [
        Fault(f"sound_{number}", f"the original: {channel}", channel) for number, channel in enumerate(channels, 1)
    ]


def choose(known: list[Fault], globs: list[str]) -> list[Fault]:
    for glob in globs:
        if not any(fnmatchcase(fault.name, glob) for fault in known):
            raise UsageError(unknown("fault", glob, [fault.name for fault in known]))
    return [fault for fault in known if not globs or any(fnmatchcase(fault.name, glob) for glob in globs)]


def make(chosen: list[Fault], jobs: int | None) -> dict[str, Path]:
    """Builds a program for each."""
    for fault in chosen:
        write(fault)
    known = {fault.name for fault in read()}
    for folder in FOLDER.iterdir():
        if folder.name not in known:
            shutil.rmtree(folder)  # of a list that has changed since
    build.configure("release", {"WEIR_FAULTS": str(FOLDER)})
    all_of_them = len(chosen) == len(known)
    for target in ["faults"] if all_of_them else [f"fault-{fault.name}" for fault in chosen]:
        build.compile_target("release", target, jobs)
    return {fault.name: BUILD / "release" / f"fault-{fault.name}" for fault in chosen}


def write(fault: Fault) -> None:
    """The headers of the channels with the fault in one of them, and a program that enters the channel. What has not changed
    is not written: it need not be compiled again."""
    folder = FOLDER / fault.name
    for header in sorted((ROOT / "channels").glob("*.hpp")):
        text = header.read_text(encoding="utf-8")
        if f"channels/{header.name}" == fault.file:
            text = planted(fault, text)
        put(folder / "channels" / header.name, text)
    put(folder / "fault.cpp", PROGRAM.format(name=fault.name, says=fault.says, channel=fault.channel))


def planted(fault: Fault, text: str) -> str:
    for find, replacement in fault.changes:
        if text.count(find) != 1:
            raise UsageError(f"{fault.name}: what is to be replaced stands {text.count(find)} times in {fault.file}")
        text = text.replace(find, replacement)
    return text


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def attack(fault: Fault, program: Path, seed: int, seconds: float) -> Outcome:
    """Runs stress until its first finding, or to its end."""
    argv = [program, "--json", f"--seed={seed}", f"--seconds={seconds:g}", f"--hang-after-ms={HANG_MS}"]
    started = time.monotonic()
    process = processes.start(argv, stderr=subprocess.DEVNULL)  # its progress
    try:
        for text in processes.lines(process, math.inf):
            found = json.loads(text)
            # What proves nothing is no detection of a fault, and no alarm about a sound channel.
            if found["verdict"] == "failed":
                took = time.monotonic() - started
                return Outcome(fault, seed, took, found["case"], found["channel"], found["reason"])
        status = process.wait()
    finally:
        processes.end(process)
    if status not in (OK, FAILED):
        raise UsageError(f"{program.name} ended with status {status}")
    return Outcome(fault, seed, time.monotonic() - started)


def explore(program: Path) -> tuple[str, float]:
    """What bounded searches of schedules find, and after how many seconds."""
    started = time.monotonic()
    trouble = next(filter(None, (search(program, bound) for bound in BOUNDS)), "")
    return trouble, time.monotonic() - started


def search(program: Path, bound: int) -> str:
    argv = [program, "--explore=*", f"--bound={bound}", f"--seconds={EXPLORE_SECONDS:g}", "--json"]
    process = processes.start(argv, stderr=subprocess.DEVNULL)
    try:
        said = [json.loads(text) for text in processes.lines(process, math.inf)]
        status = process.wait()
    finally:
        processes.end(process)
    if status not in (OK, FAILED):
        raise UsageError(f"{program.name} ended with status {status}")
    return next((line["finding"] for line in said if line["finding"]), "")


def described(outcome: Outcome) -> dict[str, object]:
    return {
        "fault": outcome.fault.name,
        "says": outcome.fault.says,
        "sound": outcome.fault.sound,
        "reported": outcome.fault.reported,
        "seed": outcome.seed,
        "found": outcome.found,
        "case": outcome.case,
        "channel": outcome.subject,
        "seconds": round(outcome.seconds, 3),
        "reason": outcome.reason,
        "explorer": outcome.trouble,
        "explorer_seconds": round(outcome.explored, 3),
    }


def line(outcome: Outcome) -> str:
    how = " with delays" if outcome.subject.endswith("@delays") else ""
    explorer, case = outcome.trouble or "-", f"{outcome.case}{how}" if outcome.case else "-"
    verdict = {(True, True): "FALSE ALARM", (False, False): "SURVIVED"}.get((outcome.fault.sound, outcome.found), "")
    return (
        f"{outcome.fault.name:<32} {explorer:<16} {outcome.explored:5.1f} s   {case:<40} {outcome.seconds:5.1f} s   "
        f"{verdict}{': ' if verdict else ''}{outcome.fault.says}"
    )


def closing(outcomes: list[Outcome]) -> str:
    faults_ = [outcome for outcome in outcomes if not outcome.fault.sound]
    sound = [outcome for outcome in outcomes if outcome.fault.sound]
    found = [outcome.soonest for outcome in faults_ if outcome.found]
    lines = []
    if faults_:
        lines.append(f"{len(found)} of {len(faults_)} faults found")
        if found:
            lines[-1] += f", median {statistics.median(found):.1f} s, longest {max(found):.1f} s"
        by_explorer = sum(bool(outcome.trouble) for outcome in faults_)
        lines.append(f"by the explorer {by_explorer}, by cases {sum(bool(outcome.case) for outcome in faults_)}")
    if sound:
        alarms = sum(outcome.found for outcome in sound)
        lines.append(f"false alarms: {alarms} of {len(sound)} sound originals")
    return "\n" + "\n".join(lines)
