"""weir-bench as Python sees it: what it knows, and the command of one round."""

import json
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from weirlib.errors import Failure, UsageError
from weirlib.nearest import unknown
from weirlib.paths import ROOT
from weirlib.selection import Selection

ANSWER_S = 60.0  # answering a question measures nothing


@dataclass(frozen=True)
class Extent:
    """How much a suite is on this machine, as `plan --dry` says."""

    rounds: int
    layouts: int  # orders of the functions in the program that take turns
    trials_per_round: int
    seconds_per_round: float


class Bench:
    def __init__(self, program: Path) -> None:
        self.program = program

    def listing(self) -> dict[str, Any]:
        return self._ask(["list", "--json"])

    def environment(self) -> dict[str, Any]:
        return self._ask(["env"])

    def extent(self, selection: Selection) -> Extent:
        said = self._ask(["plan", *choice(selection), "--dry"])
        return Extent(said["rounds"], said.get("layouts", 1), said["trials_per_round"], said["seconds_per_round"])

    def round_command(
        self, selection: Selection, seed: int, number: int, out: Path, program: Path | None = None
    ) -> list[str]:
        numbers = ["--seed", str(seed), "--round", str(number), "--out", str(out)]
        return [str(program or self.program), "plan", *choice(selection), *numbers]

    def _ask(self, words: list[str]) -> dict[str, Any]:
        argv = [str(self.program), *words]
        try:
            said = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=ANSWER_S, check=False)
        except subprocess.TimeoutExpired:
            raise Failure(f"weir-bench {words[0]} did not answer within {ANSWER_S:.0f} s") from None
        except OSError as error:
            raise Failure(f"cannot start {self.program}: {error.strerror}") from None
        if said.returncode != 0:
            raise refusal(said.returncode, said.stderr)
        try:
            answer: dict[str, Any] = json.loads(said.stdout)
        except ValueError:
            raise Failure(f"weir-bench {words[0]} did not answer in JSON") from None
        return answer


def choice(selection: Selection) -> list[str]:
    """The flags of `weir-bench plan` that choose the cases."""
    found = ["--suite", str(selection.suite)]
    if selection.filter is not None:
        found += ["--filter", selection.filter]
    for glob in selection.channels:
        found += ["--channels", glob]
    return found


def refusal(status: int, stderr: str) -> UsageError | Failure:
    """What a weir-bench that ended with an error means: its own line where it is about usage."""
    line = last_line(stderr)
    if status == 2 and line:
        return UsageError(line.removeprefix("weir-bench: "))
    return Failure(f"weir-bench {ending(status)}" + (f": {line}" if line else ""))


def ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"


def last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def own_channels(listing: dict[str, Any]) -> list[str]:
    """The channels of the user's own file."""
    return [channel["name"] for channel in listing["channels"] if channel.get("file")]


def check_channels(globs: tuple[str, ...], listing: dict[str, Any]) -> None:
    """Each pattern must mean a channel, and one that can be measured here unless the pattern takes it out."""
    by_name = {channel["name"]: channel for channel in listing["channels"]}
    for glob in globs:
        pattern = glob.removeprefix("!")
        meant = [channel for name, channel in by_name.items() if fnmatchcase(name, pattern)]
        if not meant:
            raise UsageError(unknown("channel", pattern, by_name) + " (scripts/weir list)")
        if pattern == glob and not any(channel["available"] for channel in meant):
            raise UsageError(f"channel {meant[0]['name']} is left out: {meant[0]['reason']}")
