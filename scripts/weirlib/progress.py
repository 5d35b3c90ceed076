"""How far a run is: a bar with the remaining time on a terminal, else an occasional plain line."""

import sys
import time
from types import TracebackType
from typing import Protocol

from weirlib.bench import Extent


class Progress(Protocol):
    def __enter__(self) -> "Progress":
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ...

    def round(self, number: int) -> None:
        ...

    def trial(self, identity: str) -> None:
        ...


def of_run(extent: Extent, rounds: int, done: int) -> Progress:
    """For `rounds` rounds of which `done` trials are there already."""
    total = rounds * extent.trials_per_round
    if sys.stdout.isatty():
        return Bar(rounds, total, done)
    return Lines(rounds, total, done, extent.seconds_per_round / max(1, extent.trials_per_round))


def remaining(seconds: float) -> str:
    if seconds < 90:
        return f"about {seconds:.0f} s left"
    return f"about {seconds / 60:.0f} min left"


class Bar:
    def __init__(self, rounds: int, total: int, done: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.rounds = rounds
        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("left  [dim]{task.fields[identity]}"),
            speed_estimate_period=120,
            transient=True,
        )
        self.task = self.bar.add_task("starting", total=total, completed=done, identity="")

    def __enter__(self) -> "Bar":
        self.bar.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.bar.stop()

    def round(self, number: int) -> None:
        self.bar.update(self.task, description=f"round {number + 1} of {self.rounds}")

    def trial(self, identity: str) -> None:
        self.bar.update(self.task, advance=1, identity=identity[:60])


class Lines:
    """A line when a round begins and then at most one in EVERY_S."""

    EVERY_S = 15.0

    def __init__(self, rounds: int, total: int, done: int, trial_s: float) -> None:
        self.rounds = rounds
        self.total = total
        self.done = self.done_before = done
        self.trial_s = trial_s
        self.number = 0
        self.started = self.said = time.monotonic()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        pass

    def round(self, number: int) -> None:
        self.number = number
        self.say()

    def trial(self, identity: str) -> None:
        self.done += 1
        if time.monotonic() - self.said > self.EVERY_S:
            self.say()

    def say(self) -> None:
        self.said = time.monotonic()
        measured = self.done - self.done_before
        if measured:
            self.trial_s = (self.said - self.started) / measured
        left = remaining(max(0, self.total - self.done) * self.trial_s)
        print(f"round {self.number + 1} of {self.rounds}: {self.done} of {self.total} trials, {left}", flush=True)
