"""Which rounds count, and whether the machine was fit to measure on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from weirlib.gating.figures import median

Round = dict[str, Any]

SLOW_CLOCK = 0.93  # of the session's usual speed of dependent additions: a round below it is dropped
STOLEN_CORES = 0.05  # a round in which the host took more is dropped
FOREIGN_CORES = 0.20  # a round in which others kept more of the processors busy is a busy one
MOST_DROPPED = 1 / 3  # more of the rounds, and the machine is unfit
MOST_BUSY = 1 / 4


def split(rounds: Sequence[Round]) -> tuple[list[Round], list[Round]]:
    """The rounds that count, and those that are dropped: for a slow clock or stolen time, for nothing else."""
    usual = median([speed for entry in rounds for speed in entry["canary_ghz"]]) if rounds else 0.0
    sound, dropped = [], []
    for entry in rounds:
        slow = min(entry["canary_ghz"]) < SLOW_CLOCK * usual
        (dropped if slow or entry["stolen"] > STOLEN_CORES else sound).append(entry)
    return sound, dropped


def of_case(rounds: Iterable[Round], case: str) -> list[Round]:
    return [entry for entry in rounds if entry["case"] == case]


def complaints(rounds: Sequence[Round]) -> list[str]:
    """Why the machine is unfit, a sentence each; none when it is fit."""
    found = []
    _, dropped = split(rounds)
    if len(dropped) > MOST_DROPPED * len(rounds):
        found.append(f"the host slowed the clock or took processors away in {len(dropped)} of {len(rounds)} rounds")
    busy = [entry["foreign"] for entry in rounds if entry["foreign"] > FOREIGN_CORES]
    if len(busy) > MOST_BUSY * len(rounds):
        often = f"in {len(busy)} of {len(rounds)} rounds"
        found.append(f"other programs kept {median(busy):.1f} processors busy {often}")
    return found
