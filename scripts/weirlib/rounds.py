"""The rounds of a run: a fresh weir-bench process each, which a signal ends in an orderly way."""

import json
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

from weirlib import processes
from weirlib.processes import GRACE_S

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Outcome:
    status: int  # as subprocess has it: negative for a signal
    stderr: str


class Interrupts:
    """While it is open, the first signal asks the child to stop and the second kills it and ends everything at once.

    A child that does not stop within the grace is killed too: lines are appended whole, so that costs one trial.
    """

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self.grace_s = grace_s
        self.received: int | None = None
        self.child: Any = None
        self.before: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        for number in STOPPING:
            self.before[number] = signal.signal(number, self.on_signal)
        self.before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self.on_grace_over)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            self.kill()
            raise KeyboardInterrupt
        self.received = number
        signal.setitimer(signal.ITIMER_REAL, self.grace_s)
        self.ask()

    def on_grace_over(self, _number: int, _frame: FrameType | None) -> None:
        self.kill()

    def ask(self) -> None:
        # The plan process only: it ends its trials itself.
        if self.child is not None and self.child.poll() is None:
            with suppress(ProcessLookupError):
                self.child.send_signal(signal.SIGINT)

    def kill(self) -> None:
        if self.child is not None:
            processes.signal_group(self.child, signal.SIGKILL)

    def watch(self, child: Any) -> None:
        self.child = child
        if self.received is not None:
            self.ask()  # the signal came while the child was being started


def run_round(
    argv: list[str], lock: int, interrupts: Interrupts, on_trial: Callable[[dict[str, Any]], None]
) -> Outcome:
    """Runs one plan process to its end; `on_trial` gets each line that it prints."""
    with tempfile.TemporaryFile() as stderr:
        child = processes.start(argv, stderr=stderr.fileno(), pass_fds=(lock,))
        try:
            interrupts.watch(child)
            for line in processes.lines(child):
                if event := parsed(line):
                    on_trial(event)
            status = child.wait()
        finally:
            interrupts.child = None
            processes.end(child, grace_s=0)
        stderr.seek(0)
        return Outcome(status, stderr.read().decode(errors="replace"))


def parsed(line: str) -> dict[str, Any] | None:
    with suppress(ValueError):
        event = json.loads(line)
        if isinstance(event, dict) and "id" in event:
            return event
    return None
