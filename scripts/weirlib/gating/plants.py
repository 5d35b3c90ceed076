"""Planted slowdowns, defined by what they do: throughput lower by so many per cent, measured over 200 rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from weirlib.errors import Failure
from weirlib.gating.figures import interval, median, percent

ROUNDS = 200
NEAR = 1.0  # per cent: the effect that 200 rounds must show lies so near the wanted one
TRIAL_ROUNDS, MORE_ROUNDS = 12, 40
FIRST_GUESS = 200
MOST_BLOCKS = 60

Measure = Callable[[int, int], list[float]]  # steps, rounds -> a log ratio for each round


@dataclass(frozen=True)
class Tried:
    """All rounds with so many steps."""

    steps: int
    y: Sequence[float]

    @property
    def effect(self) -> float:
        return percent(median(self.y))


def pooled(blocks: Sequence[dict[str, Any]]) -> list[Tried]:
    values: dict[int, list[float]] = {}
    for block in blocks:
        values.setdefault(int(block["steps"]), []).extend(block["y"])
    return [Tried(steps, y) for steps, y in sorted(values.items())]


def found(tried: Sequence[Tried], wanted: float) -> Tried | None:
    """The plant, if one is there: enough rounds, and near."""
    good = [t for t in tried if len(t.y) >= ROUNDS and abs(t.effect - wanted) <= NEAR]
    return min(good, key=lambda t: abs(t.effect - wanted), default=None)


def next_steps(tried: Sequence[Tried], wanted: float) -> int:
    """By straight lines between what was tried; without a plant the effect is 0."""
    if not tried:
        return FIRST_GUESS
    points = [(0, 0.0), *((t.steps, t.effect) for t in tried)]
    above = [p for p in points if p[1] >= wanted]
    low = max((p for p in points if p[1] < wanted), key=lambda p: p[0])
    if not above:
        return 2 * low[0] if low[1] < wanted / 3 else max(low[0] + 1, round(low[0] * wanted / low[1]))
    high = min(above, key=lambda p: p[0])
    share = (wanted - low[1]) / (high[1] - low[1]) if high[1] > low[1] else 0.5
    return max(1, round(low[0] + share * (high[0] - low[0])))


def tune(wanted: float, blocks: list[dict[str, Any]], measure: Measure, keep: Callable[[dict[str, Any]], None]) -> Tried:
    """Measures until 200 rounds show the wanted effect. `blocks` are those of earlier calls; new ones are kept."""
    for _ in range(MOST_BLOCKS):
        tried = pooled(blocks)
        if plant := found(tried, wanted):
            return plant
        steps, rounds = what_next(tried, wanted)
        block = {"steps": steps, "y": [round(value, 5) for value in measure(steps, rounds)]}
        blocks.append(block)
        keep(block)
    raise Failure(f"no plant of {wanted:.0f} % was found in {MOST_BLOCKS} blocks of rounds: the case is too noisy")


def what_next(tried: Sequence[Tried], wanted: float) -> tuple[int, int]:
    """More rounds of the nearest one, where it is near enough to be it; else another number of steps."""
    nearest = min(tried, key=lambda t: (abs(t.effect - wanted), t.steps), default=None)
    if nearest and abs(nearest.effect - wanted) <= NEAR and len(nearest.y) < ROUNDS:
        return nearest.steps, min(MORE_ROUNDS, ROUNDS - len(nearest.y))
    steps = next_steps(tried, wanted)
    known = next((t for t in tried if t.steps == steps), None)
    if known and len(known.y) >= ROUNDS:
        return steps + (1 if known.effect < wanted else -1), TRIAL_ROUNDS
    return steps, TRIAL_ROUNDS


def described(case: str, wanted: float, plant: Tried) -> dict[str, Any]:
    whole = interval(plant.y, 0.95)
    return {
        "case": case,
        "wanted": wanted,
        "steps": plant.steps,
        "rounds": len(plant.y),
        "effect": round(plant.effect, 3),
        "low": round(percent(whole.low), 3) if whole else None,
        "high": round(percent(whole.high), 3) if whole else None,
    }
