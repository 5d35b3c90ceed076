"""Processes that take turns: `weir-bench turns`, one case alive, a window for each line that it is sent."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from weirlib.errors import Failure, UsageError

# A window takes milliseconds. The program's own watchdog speaks after ten seconds without progress.
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Entrant:
    """What plays a role in a round: a program, and by case how many steps it is slowed down by on purpose."""

    name: str  # base, candidate, twin
    program: Path
    plants: Mapping[str, int] = field(default_factory=dict)

    def flags(self, case: str) -> list[str]:
        return ["--plant-steps", str(self.plants[case])] if self.plants.get(case) else []


class Player:
    """One process from its start to its verdict. Whatever goes wrong in it is an error, never a figure."""

    def __init__(self, entrant: Entrant, case: str, window_ms: int, warm_up_ms: int) -> None:
        self.entrant = entrant
        self.case = case
        numbers = ["--window-ms", str(window_ms), "--warm-up-ms", str(warm_up_ms)]
        argv = [str(entrant.program), "turns", case, *numbers, *entrant.flags(case)]
        try:
            self.process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise UsageError(f"cannot start {entrant.program}: {error.strerror}") from None
        self.rest = b""

    def __enter__(self) -> "Player":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Whatever happened, nothing of it lives on."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()

    def await_ready(self) -> None:
        answer = self.read()
        if not answer or not answer.get("ready"):
            raise self.refused(answer)

    def window(self) -> dict[str, Any]:
        """Messages and nanoseconds of one window."""
        try:
            assert self.process.stdin
            self.process.stdin.write(b"\n")
        except BrokenPipeError:
            raise self.broken(self.read()) from None
        answer = self.read()
        if not answer or "messages" not in answer:
            raise self.broken(answer)
        return answer

    def finish(self) -> dict[str, Any]:
        """Lets it close, drain and verify."""
        assert self.process.stdin
        self.process.stdin.close()
        answer = self.read()
        if not answer or answer.get("status") != "ok":
            raise self.broken(answer)
        if self.process.wait(PATIENCE_S) != 0:
            raise self.broken(None)
        return answer

    def read(self) -> dict[str, Any] | None:
        """The next line; None when there is none any more."""
        assert self.process.stdout
        pipe = self.process.stdout.fileno()
        deadline = time.monotonic() + PATIENCE_S
        while b"\n" not in self.rest:
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise Failure(f"{self.who()} did not answer within {PATIENCE_S:.0f} s")
            chunk = os.read(pipe, 1 << 16)
            if not chunk:
                return None
            self.rest += chunk
        line, self.rest = self.rest.split(b"\n", 1)
        with suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict):
                return answer
        return None

    def who(self) -> str:
        return f"{self.entrant.name} ({self.entrant.program}) in {self.case}"

    def last_words(self) -> str:
        assert self.process.stderr
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        os.set_blocking(self.process.stderr.fileno(), False)
        text = (self.process.stderr.read() or b"").decode(errors="replace")
        return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")

    def refused(self, answer: dict[str, Any] | None) -> UsageError | Failure:
        """It never began: its program is not one for this."""
        if answer is not None:
            return self.broken(answer)
        said = self.last_words().removeprefix("weir-bench: ")
        if "'turns'" in said or "turns" in said.split():
            said = "it has no turns mode, so it was built before there was one"
        return UsageError(f"{self.entrant.name} {self.entrant.program} cannot be measured: {said or 'it said nothing'}")

    def broken(self, answer: dict[str, Any] | None) -> Failure:
        if answer and answer.get("reason"):
            return Failure(f"{self.who()} failed: {answer['failure']}: {answer['reason']}")
        return Failure(f"{self.who()} ended without a verdict: {self.last_words() or 'it said nothing'}")


def ask(entrants: Sequence[Entrant], cases: Sequence[str]) -> None:
    """Whether each program can play each case; else one line that says which cannot, and why."""
    for entrant in {entrant.program: entrant for entrant in reversed(entrants)}.values():
        for case in cases:
            with Player(entrant, case, 1, 1) as player:
                player.await_ready()
