"""What would change the answer, computed from the figures of the final and from contracts."""

from __future__ import annotations

from collections.abc import Mapping

from weirlib.charts import text
from weirlib.picking import judge
from weirlib.picking.filter import Channel
from weirlib.picking.judge import All, Choice
from weirlib.picking.load import Load
from weirlib.picking.need import METRICS, Bound, Metric, Need

OTHERS = ("p50", "p99", "cpu", "send-p99", "lost", "memory")


def sentences(channels: All, known: Mapping[str, Channel], load: Load, need: Need, choice: Choice,
              metric: Metric) -> list[str]:  # fmt: skip
    """Each begins with the condition."""
    if choice.first is None:
        return loosened(channels, need, None, choice)
    found = by_metric(channels, need, choice, metric)
    bound = judge.binding(channels, need)
    found += tightened(channels, need, bound) + loosened(channels, need, bound, choice)
    return found + by_topology(known, load, choice)


def by_metric(channels: All, need: Need, choice: Choice, metric: Metric) -> list[str]:
    """Another metric counts, and somebody is told apart by it from the first. One line a winner."""
    said: dict[str, list[str]] = {}
    first = choice.first or ""
    met = judge.meeting(channels, need)
    for other in (METRICS[name] for name in OTHERS if name != metric.name):
        order = judge.ranked(met, other)
        if first not in order or not judge.told_apart(judge.ratio(met[order[0]], met[first], other)):
            continue
        values = [other.show(met[name].median(other) or 0.0) for name in (order[0], first)]
        said.setdefault(order[0], []).append(f"{other.name} ({values[0]} against {values[1]})")
    of_set = {name: ", which is of the set" if name in choice.among else "" for name in said}
    return [f"what counts is {' or '.join(parts)}: {name}{of_set[name]}" for name, parts in said.items()]


def tightened(channels: All, need: Need, bound: Bound | None) -> list[str]:
    """From where on nobody meets the bound any more."""
    if bound is None:
        return []
    met = judge.meeting(channels, need).values()
    values = [value for value in (figures.median(bound.metric) for figures in met) if value is not None]
    best = max(values, default=None) if bound.metric.higher else min(values, default=None)
    sign = ">" if bound.metric.higher else "<"
    if best is None or best < bound.metric.floor:
        return []
    return [f"the need is {bound.metric.name}{sign}{bound.metric.show(best)} or harder: none of these meets it"]


def loosened(channels: All, need: Need, bound: Bound | None, choice: Choice) -> list[str]:
    """Who would come in when one bound were easier: the nearest, of those that miss nothing else."""
    best: tuple[float, str, Bound, float] | None = None
    for name, figures in channels.items():
        missed = judge.missed(figures, need)
        if len(missed) != 1 or (bound is not None and missed[0] is not bound):
            continue
        value = figures.median(missed[0].metric)
        if value is not None and (best is None or missed[0].share(value) < best[0]):
            best = (missed[0].share(value), name, missed[0], value)
    if best is None:
        return []
    _, name, missed_bound, value = best
    side = "below" if missed_bound.metric.higher else "above"
    easier = f"{missed_bound.metric.name} may be just {side} {missed_bound.metric.show(value)}"
    return [f"{easier}: {name} meets the need{' too' if choice.first else ''}"]


def by_topology(known: Mapping[str, Channel], load: Load, choice: Choice) -> list[str]:
    """Who leaves the set with another thread on a side."""
    found = []
    for side, count in (("producers", load.producers), ("consumers", load.consumers)):
        leaving = [name for name in choice.among if known[name].contract[side] == "one"]
        if count == 1 and leaving:
            rest = [name for name in choice.among if name not in leaving]
            left = f"of the set, {text.names(rest)} can" if rest else "nobody of the set can"
            found.append(f"there are more {side} than one: {text.names(leaving)} cannot serve them; {left}")
    return found
