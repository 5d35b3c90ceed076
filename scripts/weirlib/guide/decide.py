"""The rule: some rounds choose the first, the others say by how much it leads, and whoever is not behind is in the set.

Pure functions over figures by round. The first is chosen by rounds that its margins are not made of: the best of forty
by six noisy rounds would be ahead in those six by luck alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from weirlib import stats
from weirlib.contest import Entrant, Rounds, best
from weirlib.picking.judge import MATTERS, told_apart
from weirlib.stats import Estimate

CHOOSING = 3  # one round of so many chooses
NAMED = 6  # a larger set is no winner
PICK, SET, NONE = "pick", "any of these", "no clear winner"
FEW, ALONE, UNMEASURED, UNFIT = "too few rounds", "the only one measured", "not measured in this run", "nothing that fits"


@dataclass(frozen=True)
class Margin:
    """How much better the first is than another, over the rounds that did not choose it."""

    name: str
    id: str
    ratio: Estimate | None  # above 1: the first is better
    doubts: tuple[str, ...] = ()  # where it is the other way round

    @property
    def behind(self) -> bool:
        return self.ratio is not None and told_apart(self.ratio) and self.ratio.median > 1 and not self.doubts

    @property
    def near(self) -> bool:
        """Level with the first: less than 10 % worse, or better where the program lies otherwise."""
        return self.ratio is not None and not self.behind and (bool(self.doubts) or self.ratio.median < 1 + MATTERS)

    @property
    def ahead(self) -> bool:
        return self.ratio is not None and told_apart(self.ratio) and self.ratio.median < 1


@dataclass(frozen=True)
class Decision:
    kind: str
    first: Entrant | None = None
    among: tuple[str, ...] = ()  # the first, and who is level with it; best first
    unsure: tuple[str, ...] = ()  # whose rounds scatter too much to say, or are too few
    margins: tuple[Margin, ...] = ()
    chose: tuple[int, ...] = ()  # rounds
    judged: tuple[int, ...] = ()

    @property
    def untold(self) -> int:
        """How many are not told apart from the first, itself included."""
        return len(self.among) + len(self.unsure)

    @property
    def runner_up(self) -> Margin | None:
        """The closest of those that are behind."""
        found = [(m.ratio.median, m.name, m) for m in self.margins if m.behind and m.ratio]
        return min(found)[2] if found else None


@dataclass(frozen=True)
class Sides:
    """What a margin has to hold at besides: the layouts of the program, and behind opaque calls."""

    layouts: int = 1
    opaque: Mapping[str, Rounds] = field(default_factory=dict)


def split(rounds: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Those that choose, and the later ones that judge."""
    ordered = tuple(sorted(rounds))
    return ordered[: len(ordered) // CHOOSING], ordered[len(ordered) // CHOOSING :]


def decide(entrants: Sequence[Entrant], higher: bool, sides: Sides = Sides()) -> Decision:
    if not entrants:
        return Decision(UNMEASURED)
    chose, judged = split(sorted({n for e in entrants for n in e.rounds}))
    first = best([e for e in (e.within(chose.__contains__) for e in entrants) if e.rounds], higher)
    if first is None or len(judged) < stats.FEWEST:
        return Decision(FEW, chose=chose, judged=judged)
    whole = next(e for e in entrants if e.name == first.name)
    others = [e for e in entrants if e.name != first.name]
    margins = tuple(margin(whole, other, judged, higher, sides) for other in others)
    ordered = sorted(margins, key=_closest)
    among = (whole.name, *(m.name for m in ordered if m.near))
    unsure = tuple(m.name for m in ordered if not m.near and not m.behind)
    return Decision(kind(margins, len(among) + len(unsure)), whole, among, unsure, margins, chose, judged)


def kind(margins: Sequence[Margin], untold: int) -> str:
    """A first that somebody beats in the other rounds is none; nor is one of a crowd, or of whom nobody is behind."""
    if not margins:
        return ALONE
    if any(m.ahead for m in margins) or untold > NAMED or not any(m.behind for m in margins):
        return NONE
    return PICK if untold == 1 else SET


def _closest(margin: Margin) -> tuple[float, str]:
    return (margin.ratio.median if margin.ratio else float("inf"), margin.name)


def better(first: Rounds, other: Rounds, higher: bool) -> tuple[Rounds, Rounds]:
    """In the order in which the quotient is above 1 where the first is better."""
    return (first, other) if higher else (other, first)


def margin(first: Entrant, other: Entrant, judged: Sequence[int], higher: bool, sides: Sides) -> Margin:
    pair = better(first.within(judged.__contains__).rounds, other.within(judged.__contains__).rounds, higher)
    ratio = stats.margin(*pair)
    found = [f"layout {n}" for n in flipped_layouts(*pair, sides.layouts)]
    hidden = (sides.opaque.get(first.name), sides.opaque.get(other.name))
    if hidden[0] and hidden[1] and not leads(*better(hidden[0], hidden[1], higher)):
        found.append("behind opaque calls")
    return Margin(other.name, other.id, ratio, tuple(found))


def flipped_layouts(a: Rounds, b: Rounds, layouts: int) -> list[int]:
    """Where the quotient is not above 1; a layout that no round had says nothing."""
    by_layout = {n: [r for r in a.keys() & b.keys() if r % layouts == n] for n in range(layouts)}
    return [n for n, shared in by_layout.items() if shared and not leads({r: a[r] for r in shared}, b)]


def leads(a: Rounds, b: Rounds) -> bool:
    quotients = [a[r] / b[r] for r in a.keys() & b.keys() if b[r] > 0]
    return not quotients or median(quotients) > 1
