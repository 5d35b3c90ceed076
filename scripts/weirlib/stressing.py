"""scripts/weir stress: builds weir-stress, with the user's own channel if there is one, and hands over to it."""

import os
from argparse import Namespace
from pathlib import Path
from typing import NoReturn

from weirlib import build
from weirlib.errors import UsageError
from weirlib.paths import ROOT


def stress(values: Namespace) -> NoReturn:
    file = channel_file(values.channel_file)
    program = build.stress(file, values.jobs).relative_to(ROOT)
    os.chdir(ROOT)  # the command that shows a finding again is then short, and can be typed here
    os.execv(program, [str(program), *words(values, file)])


def channel_file(path: Path | None) -> Path | None:
    if path is None:
        return None
    if not path.is_file():
        raise UsageError(f"--channel-file {path} is not a file")
    return path.resolve()


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
