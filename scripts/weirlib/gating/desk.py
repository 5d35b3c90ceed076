"""What all parts of a calibration share: where its lines are kept, who plays, until when."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from weirlib.gating import kept
from weirlib.gating.calibration import Line
from weirlib.gating.figures import LOOKS
from weirlib.gating.players import Entrant
from weirlib.gating.rounds import Shape, Trio
from weirlib.gating.session import AGAIN, FIRST
from weirlib.gating.sides import Side

SESSIONS, PLANTS = "sessions.jsonl", "plants.jsonl"
MUST_HAVE = ("part", "session", "machine", FIRST, AGAIN, "complaints")


class TimeIsOver(Exception):
    """The call may not take longer."""


@dataclass
class Desk:
    """What all parts need: where lines are kept, who plays, until when."""

    path: Path
    identity: Line
    built: Line  # by what, from what
    side: Side
    cases: tuple[str, ...]
    every: tuple[str, ...]
    sessions: int
    seed: int
    until: float
    rounds: int = LOOKS[-1].rounds
    shape: Shape = Shape()

    def lines(self) -> list[Line]:
        return self.read(SESSIONS, MUST_HAVE)

    def tuned(self) -> list[Line]:
        return self.read(PLANTS, ("case", "wanted", "steps", "y", "machine"))

    def read(self, name: str, must_have: tuple[str, ...]) -> list[Line]:
        path = self.path / name
        found = kept.read(path, must_have) if path.exists() else []
        for line in found:
            kept.check_same_machine(line["machine"], self.identity, path)
        return found

    def check_time(self, seconds: float) -> None:
        """Begins nothing that would not end in time."""
        if time.monotonic() + seconds > self.until:
            raise TimeIsOver

    def trio(self, program: Path, planted: Mapping[str, int]) -> Trio:
        return Trio(Entrant("base", program), Entrant("candidate", program, planted), Entrant("twin", program))
