"""scripts/weir stress: builds weir-stress, with the user's own channel if there is one, and hands over to it.

With --into, and after a run that asks for it, the outcomes go into a run's folder too, and its report has them."""

import os
import shlex
import sys
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from weirlib import build, durability, faults, folder, processes
from weirlib.arguments import EXPLORING
from weirlib.bench import ending
from weirlib.errors import INTERRUPTED, Failure, UsageError
from weirlib.outcomes import STRESS
from weirlib.paths import ROOT, shown
from weirlib.rounds import Interrupts
from weirlib.selection import channel_file


@dataclass(frozen=True)
class Attack:
    """How weir-stress ended."""

    status: int
    signal: int | None = None  # what interrupted it

    @property
    def interrupted(self) -> bool:
        return self.signal is not None or self.status == INTERRUPTED


def stress(values: Namespace) -> int:
    faults.stray(values)
    durability.stray(values)
    if values.faults is not None:
        return faults.faults(values)
    if durability.wanted(values):
        durability.interrupt(values)
    if values.into is not None:
        return into(values)
    file = channel_file(values.channel_file)
    said = [*words(values, file), *exploring(values, file)]
    program = build.stress(file, values.jobs)
    program = program.relative_to(ROOT) if program.is_relative_to(ROOT) else program
    os.chdir(ROOT)  # the command that shows a finding again is then short, and can be typed here
    os.execv(program, [str(program), *said])


def into(values: Namespace) -> int:
    """Leaves the outcomes in the folder of a run; what it attacks is what that run measured, unless it is told."""
    if values.list:
        raise UsageError("--list attacks nothing: leave out --into")
    if values.explore:
        raise UsageError("--explore leaves nothing in the folder of a run: leave out --into")
    path = folder.existing(values.into)
    with folder.locked(path) as lock:
        vacant(path)
        said, file = words_into(values, path)
        attack = run(build.stress(file, values.jobs), [*said, *again(file)], path, lock)
    if (path / STRESS).exists():
        kept = "interrupted: what was finished is in" if attack.interrupted else "outcomes:"
        where = f"{kept} {shown(path / STRESS)}; the report with it: scripts/weir report {shown(path)}"
        print(where, file=sys.stderr if values.json else sys.stdout)
    if attack.interrupted:
        return INTERRUPTED
    if attack.status < 0:
        raise Failure(f"weir-stress {ending(attack.status)}")
    return attack.status


def vacant(path: Path) -> None:
    file = path / STRESS
    if os.path.lexists(file):
        raise UsageError(f"{shown(file)} exists and nothing is overwritten: move it away to stress this run again")


def words_into(values: Namespace, path: Path) -> tuple[list[str], Path | None]:
    """What weir-stress is called with, and the channel file that it needs."""
    record = folder.read_json(path / "run.json")
    file = channel_file(values.channel_file)
    if file is None and record.get("channel_file"):
        file = channel_file(Path(str(record["channel_file"])))
    if values.channel or values.channel_file:
        return words(values, file), file
    measured = channels_of(path)
    if not measured:
        raise UsageError(f"{shown(path)} holds no finished trial: name what to attack with --channel")
    values = Namespace(**{**vars(values), "channel": measured})
    return words(values, file), file


def run(program: Path, said: list[str], path: Path, lock: int) -> Attack:
    """Runs it to its end, its text where ours goes; the first signal lets it finish its table."""
    argv: list[str | Path] = [program, *said, f"--out={path / STRESS}"]
    with Interrupts() as interrupts:
        child = processes.start(argv, stdout=None, stderr=None, pass_fds=(lock,))
        try:
            interrupts.watch(child)
            status = child.wait()
        finally:
            interrupts.child = None
            processes.end(child, grace_s=0)
        return Attack(status, interrupts.received)


def after_run(program: Path, seconds: float, seed: int, file: Path | None, path: Path, lock: int) -> Attack | None:
    """The channels of a run whose trials are done; nothing where none was measured."""
    measured = channels_of(path)
    if not measured:
        return None
    print(f"stress: {seconds:g} s for each channel", flush=True)
    said = [f"--channel={name}" for name in measured] + [f"--seconds={seconds!r}", f"--seed={seed}"]
    return run(program, [*said, *again(file)], path, lock)


def channels_of(path: Path) -> list[str]:
    """The channels that a run measured; its lock and the machine's limits are none."""
    listed = folder.read_json(path / "channels.json").get("channels", [])
    known = {channel["name"] for channel in listed if channel.get("available")}
    return sorted(known & {str(trial.get("channel")) for trial in folder.trials(path)})


def again(file: Path | None) -> list[str]:
    """What the command that shows a finding again begins with."""
    begins = "scripts/weir stress"
    if file is not None:
        begins += f" --channel-file {shlex.quote(str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file))}"
    return [f"--again={begins}"]


def words(values: Namespace, file: Path | None) -> list[str]:
    """What weir-stress is called with."""
    said = [f"--channel={glob}" for glob in values.channel]
    said += [f"--case={glob}" for glob in values.case]
    for flag in ("seconds", "seed"):
        if (value := getattr(values, flag)) is not None:
            said += [f"--{flag}={value}"]
    said += [f"--{flag}" for flag in ("list", "json") if getattr(values, flag)]
    if file is not None and not values.channel:
        said += ["--only-file"]
    return said


def exploring(values: Namespace, file: Path | None) -> list[str]:
    """The same for searches of schedules."""
    given = [f"--{flag}={value}" for flag in EXPLORING if (value := getattr(values, flag)) is not None]
    if not values.explore:
        if given:
            raise UsageError(f"{given[0].split('=')[0]} goes with --explore CHANNEL")
        return []
    return [*(f"--explore={glob}" for glob in values.explore), *given, *again(file)]
