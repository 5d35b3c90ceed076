"""One round of one case: base, candidate and a second copy of base, alive together, take turns in random order.

           window   window   window   ...        at least 25 such triples
    base   ####              ...
    twin            ####                         each sleeps while another has its turn
    cand.                    ####
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from weirlib import folder
from weirlib.errors import Failure
from weirlib.gating import machine
from weirlib.gating.figures import median
from weirlib.gating.players import Entrant, Player


@dataclass(frozen=True)
class Shape:
    """How long a round is."""

    triples: int = 25
    window_ms: int = 10
    warm_up_ms: int = 20


@dataclass(frozen=True)
class Trio:
    base: Entrant
    candidate: Entrant
    twin: Entrant

    def __iter__(self) -> Any:
        return iter((self.base, self.candidate, self.twin))


def play(trio: Trio, case: str, shape: Shape, chance: random.Random) -> dict[str, Any]:
    """What a round found, ready to be kept. A process that fails raises a Failure that says which and how."""
    began, before = folder.now(), machine.moment()
    with ExitStack() as stack:
        players = []
        for entrant in trio:
            # One after the other, so that each warms up alone.
            players.append(stack.enter_context(Player(entrant, case, shape.window_ms, shape.warm_up_ms)))
            players[-1].await_ready()
        rates = [triple(players, chance) for _ in range(shape.triples)]
        ends = [player.finish() for player in players]
    after = machine.moment()
    return {
        "start": began,
        "case": case,
        **ratios(rates),
        "canary_ghz": [min(end["canary_ghz"]) for end in ends],
        "foreign": round(machine.foreign_cores(before, after), 3),
        "stolen": round(machine.stolen_cores(before, after), 3),
        "seconds": round(after.wall - before.wall, 3),
        "rates": [[round(rate) for rate in three] for three in rates],
    }


def triple(players: Sequence[Player], chance: random.Random) -> list[float]:
    """Messages a second of each, in the players' order; they play in a random one."""
    rates = [0.0] * len(players)
    for i in chance.sample(range(len(players)), len(players)):
        window = players[i].window()
        rates[i] = window["messages"] * 1e9 / window["ns"] if window["ns"] > 0 else 0.0
    return rates


def ratios(rates: Sequence[Sequence[float]]) -> dict[str, float]:
    """The round's log ratios, above 0 where the candidate, or the twin, is slower than base in the same triple."""
    whole = [three for three in rates if three[0] > 0 and three[2] > 0]
    if 2 * len(whole) < len(rates):
        raise Failure("in more than half of the windows base passed no message: the machine stands still")
    y = median([math.log(base / candidate) if candidate > 0 else math.inf for base, candidate, _ in whole])
    if math.isinf(y):
        raise Failure("in half of the windows the candidate passed no message, where base did")
    return {"y": round(y, 6), "twin": round(median([math.log(base / twin) for base, _, twin in whole]), 6)}
