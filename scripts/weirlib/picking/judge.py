"""Who meets the need, who is first, and who is not told apart from it. Pure functions over figures by round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weirlib import stats
from weirlib.picking.figures import Figures, floored
from weirlib.picking.need import DEFAULT, Bound, Metric, Need
from weirlib.stats import Estimate

MATTERS = 0.10  # a smaller difference of medians decides nothing
CLOSEST = 3  # that go on when none meets the need
KEPT = 2  # places of the final that are kept for each kind

All = Mapping[str, Figures]


def shares(figures: Figures, need: Need) -> dict[str, float]:
    """How much of each bound is used, in the median; what nobody could tell uses it up beyond all measure."""
    medians = ((bound, figures.median(bound.metric)) for bound in need)
    return {bound.said: float("inf") if value is None else bound.share(value) for bound, value in medians}


def missed(figures: Figures, need: Need) -> list[Bound]:
    """The bounds that fail in the median; what nobody could tell keeps none."""
    medians = ((bound, figures.median(bound.metric)) for bound in need)
    return [bound for bound, value in medians if value is None or not bound.met(value)]


def meets(figures: Figures, need: Need) -> bool:
    return not missed(figures, need)


def meeting(channels: All, need: Need) -> All:
    return {name: figures for name, figures in channels.items() if meets(figures, need)}


def shortfall(figures: Figures, need: Need) -> float:
    """The largest share; 0 without a need."""
    return max(shares(figures, need).values(), default=0.0)


def binding(channels: All, need: Need) -> Bound | None:
    """The bound that is closest to failing for the channel that is furthest from failing any: what decides."""
    if not need or not channels:
        return None
    best = channels[by_shortfall(channels, need)[0]]
    used = shares(best, need)
    return max(need, key=lambda bound: used[bound.said])


def objective(channels: All, need: Need) -> Metric:
    bound = binding(channels, need)
    return bound.metric if bound else DEFAULT


def ranked(channels: All, metric: Metric) -> list[str]:
    """Those that have the figure, best first."""
    medians = {name: figures.median(metric) for name, figures in channels.items()}
    known = {name: max(value, metric.floor) for name, value in medians.items() if value is not None}
    return sorted(known, key=lambda name: (-known[name] if metric.higher else known[name], name))


def ratio(a: Figures, b: Figures, metric: Metric) -> Estimate | None:
    """a over b, by round."""
    sides = [floored(figures.rounds.get(metric.name, {}), metric) for figures in (a, b)]
    return stats.paired_ratio(sides[0], sides[1])


def told_apart(of: Estimate | None) -> bool:
    """The whole interval is clear of 1, and the difference is one that matters."""
    if of is None or of.low is None or of.high is None:
        return False
    clear = of.low > 1.0 or of.high < 1.0
    return clear and max(of.median, 1 / of.median) >= 1 + MATTERS


def level(channels: All, need: Need, metric: Metric) -> list[str]:
    """Who meets the need, as good as the best of them by a difference that would matter; best first."""
    met = meeting(channels, need)
    order = ranked(met, metric)
    values = {name: max(met[name].median(metric) or 0.0, metric.floor) for name in order}
    best = values[order[0]] if order else 0.0
    return [n for n in order if max(values[n], best) <= (1 + MATTERS) * min(values[n], best)]


@dataclass(frozen=True)
class Choice:
    """Of one column: any of `among` will do; `behind` meets the need too and is told apart from the first."""

    among: tuple[str, ...] = ()
    behind: tuple[tuple[str, Estimate], ...] = ()
    closest: tuple[str, ...] = ()  # where none meets the need

    @property
    def first(self) -> str | None:
        return self.among[0] if self.among else None


def choose(channels: All, need: Need, metric: Metric) -> Choice:
    """The first has the best median; the others are compared with it round by round."""
    met = meeting(channels, need)
    order = ranked(met, metric)
    if not order:
        return Choice(closest=tuple(by_shortfall(channels, need)[:CLOSEST]))
    first = met[order[0]]
    compared = {name: ratio(met[name], first, metric) for name in order[1:]}
    behind = tuple((name, e) for name, e in compared.items() if e is not None and told_apart(e))
    apart = {name for name, _ in behind}
    return Choice(tuple(name for name in order if name not in apart), behind)


def by_shortfall(channels: All, need: Need) -> list[str]:
    return sorted(channels, key=lambda name: (shortfall(channels[name], need), name))


def finalists(channels: All, need: Need, own: Iterable[str], asked: Iterable[str], most: int) -> list[str]:
    """Those that go on: who meets the need, best first, or the closest few. A place or two is kept for what can be
    installed and for Weir's own, so that each column has somebody; the user's own channels always go on."""
    metric, own_names = objective(channels, need), set(own)
    met = ranked(meeting(channels, need), metric)
    order = met or by_shortfall(channels, need)
    most = most if met else min(most, CLOSEST)
    kinds = [[n for n in order if (n in own_names) is kind] for kind in (False, True)]
    kept = [name for kind in kinds for name in kind[: KEPT if met else 1]]
    wanted = [*(name for name in asked if name in channels), *kept, *order]
    found = list(dict.fromkeys(wanted))[: max(most, 1)]
    return sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))


def interval(figures: Figures, metric: Metric) -> Estimate | None:
    return stats.estimate(figures.rounds.get(metric.name, {}).values())


def smallest(by_capacity: Mapping[int, Figures], asked: int, need: Need) -> int | None:
    """The smallest capacity that meets the need, with every one between it and what was asked."""
    found = None
    for capacity in sorted((c for c in by_capacity if c <= asked), reverse=True):
        if not meets(by_capacity[capacity], need):
            break
        found = capacity
    return found


def larger(by_capacity: Mapping[int, Figures], asked: int, need: Need) -> int | None:
    """The smallest capacity above what was asked that meets a need which is not met there."""
    return next((c for c in sorted(by_capacity) if c > asked and meets(by_capacity[c], need)), None)
