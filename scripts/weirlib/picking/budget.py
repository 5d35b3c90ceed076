"""How much is measured: so many rounds and such windows that the whole takes two minutes at most."""

from __future__ import annotations

import math
from dataclasses import dataclass

from weirlib.charts.histogram import BEYOND
from weirlib.picking.load import Load

TOTAL_S = 105.0  # set-up, answers and judging take the rest of two minutes
TRIAL_S = 0.25  # what a trial costs beside its window
SELECTION_ROUNDS, FINAL_ROUNDS, CAPACITY_ROUNDS = 3, 7, 3
MOST_FINALISTS = 5
SHARE = 0.55  # of the time, at most, for the selection
CAPACITY_S = 12.0
LEAST_MS, MOST_MS = 100, 1000
PERIODS = 6  # of a burst, at least, in a window


@dataclass(frozen=True)
class Stage:
    """Rounds of windows of one length."""

    rounds: int
    window_ms: int
    warm_up_ms: int

    def seconds(self, cases: int) -> float:
        return self.rounds * cases * (TRIAL_S + (self.window_ms + self.warm_up_ms) / 1000)


def selection(load: Load, candidates: int) -> Stage:
    """Fewer rounds where there are too many candidates for three."""
    warm_up, least = warm_up_ms(load), least_ms(load)
    for rounds in range(SELECTION_ROUNDS, 0, -1):
        window = window_ms(TOTAL_S * SHARE, rounds * candidates, warm_up)
        if window >= least or rounds == 1:
            break
    return Stage(rounds, min(max(window, least), max(least, MOST_MS // 2)), warm_up)


def finals(load: Load, finalists: int, rounds: int, spent_s: float, quantile: float) -> Stage:
    """What is left, as far as the percentile needs it; never under the least window."""
    warm_up, least = warm_up_ms(load), least_ms(load)
    left = window_ms(TOTAL_S - CAPACITY_S - spent_s, rounds * finalists, warm_up)
    samples = BEYOND / (1 - quantile)
    wanted = math.ceil(1.2 * samples / max(1.0, load.rate) / rounds * 1000)
    return Stage(rounds, max(least, min(left, max(wanted, MOST_MS))), warm_up)


def capacities(load: Load, sizes: int) -> Stage:
    warm_up, least = warm_up_ms(load), least_ms(load)
    window = window_ms(CAPACITY_S, CAPACITY_ROUNDS * sizes, warm_up)
    return Stage(CAPACITY_ROUNDS, max(least, min(window, MOST_MS)), warm_up)


def window_ms(seconds: float, trials: int, warm_up: int) -> int:
    """So long may each window be."""
    return math.floor((seconds / max(1, trials) - TRIAL_S) * 1000) - warm_up


def warm_up_ms(load: Load) -> int:
    return max(20, math.ceil(load.period_ns / 1e6))


def least_ms(load: Load) -> int:
    return max(LEAST_MS, math.ceil(PERIODS * load.period_ns / 1e6))
