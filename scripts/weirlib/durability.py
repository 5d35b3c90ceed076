"""scripts/weir stress --kill N and --power-loss N: builds weir-durability and hands over to it."""

import os
from argparse import Namespace
from typing import NoReturn

from weirlib import build
from weirlib.errors import UsageError
from weirlib.paths import ROOT

# What the other stress has and this one has not.
NOT_HERE = {"case": "--case", "channel_file": "--channel-file", "seconds": "--seconds", "into": "--into", "list": "--list"}


def wanted(values: Namespace) -> bool:
    return bool(values.kill or values.power_loss)


def stray(values: Namespace) -> None:
    """A flag of the other kind of stress is a mistake, said before anything is built."""
    if wanted(values):
        if given := [flag for name, flag in NOT_HERE.items() if getattr(values, name)]:
            raise UsageError(f"{given[0]} does not go with --kill or --power-loss")
        if values.kill and values.power_loss:
            raise UsageError("--kill and --power-loss are two commands")
        if values.power_loss and values.db:
            raise UsageError("--db goes with --kill: a power loss is simulated over files of its own")
    elif values.store:
        raise UsageError("--store needs --kill N or --power-loss N")
    elif values.db:
        raise UsageError("--db needs --kill N")


def words(values: Namespace) -> list[str]:
    """What weir-durability is called with."""
    said = [f"--kill={values.kill}"] if values.kill else [f"--power-loss={values.power_loss}"]
    said += [f"--channel={glob}" for glob in values.channel]
    if values.store:
        said += [f"--store={values.store}"]
    if values.db:
        said += [f"--db={values.db.absolute()}"]
    if values.seed is not None:
        said += [f"--seed={values.seed}"]
    return said + ["--json"] * values.json


def interrupt(values: Namespace) -> NoReturn:
    said = words(values)
    program = build.durability(values.jobs)
    os.chdir(ROOT)
    os.execv(program, [str(program), *said])
