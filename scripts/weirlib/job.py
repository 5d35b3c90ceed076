"""One run from its flags to a folder that is ready for its rounds: a new one, or one to go on with."""

import secrets
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from weirlib import build, folder, selection
from weirlib.bench import Bench, Extent, check_channels, own_channels
from weirlib.arguments import run_parser
from weirlib.errors import UsageError
from weirlib.outcomes import STRESS
from weirlib.selection import Selection

# With one of these changed, trials before and after are not of one kind.
SAME_ON_RESUME = (
    "cpu_model",
    "allowed_cpus",
    "kernel",
    "compiler",
    "flags",
    "build_type",
    "revision",
    "dirty",
    "libraries",
)
CHOOSING = ("suite", "filter", "channels", "channel_file", "rounds", "seed", "stress", "out")


@dataclass(frozen=True)
class Stress:
    """What is to follow the trials."""

    program: Path
    seconds: float


@dataclass(frozen=True)
class Job:
    bench: Bench
    selection: Selection
    extent: Extent
    seed: int
    rounds: int
    path: Path
    lock: int
    record: dict[str, Any]  # run.json as it stands
    stress: Stress | None = None
    programs: tuple[Path, ...] = ()  # they take turns by round; empty: the one of `bench`

    def program(self, number: int) -> Path | None:
        return self.programs[number % len(self.programs)] if self.programs else None


@contextmanager
def prepared(flags: Namespace) -> Iterator[Job]:
    """The job, its folder locked for as long as it is open."""
    with resumed(flags) if flags.resume else fresh(flags) as job:
        yield job


@contextmanager
def fresh(flags: Namespace) -> Iterator[Job]:
    asked = selection.from_flags(flags)
    bench, chosen, listing = built(asked, flags.jobs)
    stress = to_stress(flags.stress, asked, flags.jobs)
    extent = bench.extent(chosen)
    if extent.trials_per_round == 0:
        raise UsageError("no case matches: loosen --filter or --channels")
    programs = to_layouts(extent, asked, flags.jobs)
    environment = bench.environment()
    rounds = flags.rounds or extent.rounds
    seed = secrets.randbits(32) if flags.seed is None else flags.seed
    record = first_record(asked, seed, rounds, flags.stress) | {"layouts": max(1, len(programs))}
    path = folder.make(asked.suite_name, flags.out)
    with folder.locked(path) as lock:
        try:
            begin(path, record, environment, listing)
        except BaseException:
            folder.discard(path)
            raise
        yield Job(bench, chosen, extent, seed, rounds, path, lock, record, stress, programs)


@contextmanager
def resumed(flags: Namespace) -> Iterator[Job]:
    for name in CHOOSING:
        if getattr(flags, name) is not None:
            raise UsageError(f"--resume goes on with the run's own choice: leave out --{name.replace('_', '-')}")
    path = folder.existing(flags.resume)
    with folder.locked(path) as lock:
        record = folder.read_json(path / "run.json")
        try:
            asked = selection.from_arguments(record["arguments"])
            seed, rounds = int(record["seed"]), int(record["rounds"])
            seconds = run_parser().read(record["arguments"]).stress
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{path / 'run.json'} does not say how to go on: {error}") from error
        bench, chosen, _ = built(asked, flags.jobs)
        check_same(folder.read_json(path / "environment.json"), bench.environment())
        stress = to_stress(None if (path / STRESS).exists() else seconds, asked, flags.jobs)
        extent = bench.extent(chosen)
        programs = to_layouts(extent, asked, flags.jobs)
        if max(1, len(programs)) != record.get("layouts", 1):
            raise UsageError(f"cannot go on: {record.get('layouts', 1)} layouts took turns, and here there are {max(1, len(programs))}")
        yield Job(bench, chosen, extent, seed, rounds, path, lock, record, stress, programs)


def to_layouts(extent: Extent, asked: Selection, jobs: int | None) -> tuple[Path, ...]:
    return () if extent.layouts == 1 else tuple(build.layouts(extent.layouts, asked.channel_file, jobs))


def to_stress(seconds: float | None, asked: Selection, jobs: int | None) -> Stress | None:
    """Built before the first trial: whoever comes back after the run wants it done, not refused by a compiler."""
    return None if seconds is None else Stress(build.stress(asked.channel_file, jobs), seconds)


def built(asked: Selection, jobs: int | None) -> tuple[Bench, Selection, dict[str, Any]]:
    """The program, what to ask of it, and the list of all channels."""
    bench, listing = opened(asked.channels, asked.channel_file, jobs)
    own = own_channels(listing) if asked.channel_file else []
    # Who brings a channel of their own wants it measured, whatever it is to be compared with.
    channels = (*asked.channels, *own) if asked.channels else ()
    return bench, replace(asked, channels=channels), listing


def opened(globs: tuple[str, ...], channel_file: Path | None, jobs: int | None) -> tuple[Bench, dict[str, Any]]:
    """The program and its list, in which each pattern means a channel and the user's own file has one."""
    bench = Bench(build.bench(channel_file, jobs))
    listing = bench.listing()
    check_channels(globs, listing)
    if channel_file and not own_channels(listing):
        raise UsageError(f"{channel_file} registers no channel")
    return bench, listing


def begin(path: Path, record: dict[str, Any], environment: dict[str, Any], listing: dict[str, Any]) -> None:
    """What a run folder holds before its first trial; run.json last, which makes it one."""
    folder.write_json(path / "environment.json", environment)
    folder.write_json(path / "channels.json", listing)
    with folder.refusals(path):
        (path / folder.TRIALS).touch()
    folder.write_json(path / "run.json", record)


def first_record(asked: Selection, seed: int, rounds: int, stress: float | None) -> dict[str, Any]:
    """run.json before the first trial. Its arguments, given to `scripts/weir run`, make the same run again."""
    stressed = [] if stress is None else ["--stress", f"{stress:g}"]
    return {
        "schema": 1,
        "suite": asked.suite_name,
        "seed": seed,
        "rounds": rounds,
        "arguments": [*asked.arguments(), "--seed", str(seed), "--rounds", str(rounds), *stressed],
        "started": folder.now(),
        "ended": None,
        "complete": False,
        "interrupted": False,
        "channel_file": str(asked.channel_file) if asked.channel_file else None,
    }


def check_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name in SAME_ON_RESUME:
        if before.get(name) != after.get(name):
            raise UsageError(f"cannot go on: {name} was {before.get(name)} and is {after.get(name)}; start a new run")
