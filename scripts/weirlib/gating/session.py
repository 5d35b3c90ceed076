"""A session: rounds of all cases, interleaved, then new rounds of what looks changed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from weirlib.gating import fitness
from weirlib.gating.figures import CONFIRMING, LOOKS, median
from weirlib.gating.fitness import Round
from weirlib.gating.judge import Bounds, Data, Outcome, Series, conclude, seen
from weirlib.gating.rounds import Shape, Trio, play

FIRST, AGAIN = "first", "confirming"
SPARE = 3 / 2  # so many more rounds may be played for those that were dropped
FIRST_SHARE = 0.75  # of the time, for the first rounds: the rest is for confirming


@dataclass(frozen=True)
class Plan:
    """What to play. `relinked` plays the confirming rounds: the same code in another layout, where there is one."""

    trio: Trio
    relinked: Trio
    cases: tuple[str, ...]
    bounds: Bounds
    seed: int
    shape: Shape = Shape()
    rounds: int = LOOKS[-1].rounds
    seconds: float | None = None  # at most
    early: bool = True  # ends after the first look if that decides everything


class Session:
    """Its rounds so far are `rounds`; each new one is handed to `keep` at once."""

    def __init__(self, plan: Plan, kept: Iterable[Round] = (), keep: Callable[[Round], None] = lambda _: None) -> None:
        self.plan = plan
        self.rounds = list(kept)
        self.keep = keep
        self.started = time.monotonic()

    def run(self) -> Outcome:
        self.stage(FIRST, self.plan.trio, self.plan.cases, FIRST_SHARE)
        candidates = self.candidates()
        # One after the other: one that is confirmed is a verdict, many that are nearly confirmed are none. And once more
        # from the first: what its rounds are measured by, the usual clock, has moved since.
        while any(self.confirm(case) for case in candidates):
            pass
        return self.outcome()

    def confirm(self, case: str) -> bool:
        """Whether it played a round for that."""
        before = len(self.rounds)
        self.stage(AGAIN, self.plan.relinked, (case,), 1.0)
        return len(self.rounds) > before

    def candidates(self) -> tuple[str, ...]:
        """What looks changed, slower ones and large changes first; nobody asks that of an unfit machine."""
        if fitness.complaints(self.of(FIRST)):
            return ()
        saw = seen(self.data(FIRST), self.plan.bounds)
        size = {case: abs(median(saw.data[case].y)) for case in saw.worse | saw.better}
        return tuple(sorted(size, key=lambda case: (case not in saw.worse, -size[case], case)))

    def outcome(self) -> Outcome:
        stages = [self.of(stage) for stage in (FIRST, AGAIN)]
        complaints = [line for rounds in stages if rounds for line in fitness.complaints(rounds)]
        least = min(self.plan.rounds, CONFIRMING.rounds)
        return conclude(self.data(FIRST), self.data(AGAIN), complaints, self.plan.bounds, least)

    def of(self, stage: str) -> list[Round]:
        return [entry for entry in self.rounds if entry["stage"] == stage]

    def data(self, stage: str) -> Data:
        sound, _ = fitness.split(self.of(stage))
        known = {entry["case"] for entry in self.of(stage)}
        return {case: series(fitness.of_case(sound, case)) for case in self.plan.cases if case in known}

    def stage(self, stage: str, trio: Trio, cases: Sequence[str], share: float) -> None:
        """Plays rounds until each case has enough that count, all is decided, or the time is over."""
        have = {(entry["case"], entry["round"]) for entry in self.of(stage)}
        for number in range(int(self.plan.rounds * SPARE)):
            short = [case for case in cases if self.count(stage, case) < self.plan.rounds]
            if not short:
                return
            self.chance(stage, number, "order").shuffle(short)
            for case in short:
                if (case, number) in have:
                    continue
                if self.time_is_over(share):
                    return
                self.add(stage, number, play(trio, case, self.plan.shape, self.chance(stage, number, case)))
            if stage == FIRST and self.may_stop(number + 1):
                return

    def chance(self, stage: str, number: int, what: str) -> random.Random:
        return random.Random(f"{self.plan.seed}/{stage}/{number}/{what}")

    def count(self, stage: str, case: str) -> int:
        sound, _ = fitness.split(self.of(stage))
        return len(fitness.of_case(sound, case))

    def add(self, stage: str, number: int, found: dict[str, Any]) -> None:
        entry = {"schema": 1, "stage": stage, "round": number, **found}
        self.rounds.append(entry)
        self.keep(entry)

    def may_stop(self, played: int) -> bool:
        """More rounds would change nothing: all is decided, or the machine is unfit at the first look. That look is at the
        first rounds that count, so that where some were dropped it comes later and sees no more."""
        if not self.plan.early or played < LOOKS[0].rounds:
            return False
        if played == LOOKS[0].rounds and fitness.complaints(self.of(FIRST)):
            return True
        saw = seen(self.data(FIRST), self.plan.bounds)
        return saw.decided and saw.look == LOOKS[0]

    def time_is_over(self, share: float) -> bool:
        return self.plan.seconds is not None and time.monotonic() - self.started > share * self.plan.seconds


def series(rounds: Sequence[Round]) -> Series:
    return Series([entry["y"] for entry in rounds], [entry["twin"] for entry in rounds])


