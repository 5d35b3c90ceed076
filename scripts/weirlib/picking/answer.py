"""The answer as data: what `--json` prints, what answer.json keeps and what the text is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weirlib.picking import changes, judge
from weirlib.picking.figures import Figures
from weirlib.picking.filter import Sorted, given_up
from weirlib.picking.judge import All, Choice
from weirlib.picking.load import Load
from weirlib.picking.need import METRICS, NEVER, Metric, Need

INSTALL, HERE = "install", "here"
SHOWN = ("p50", "p99", "cpu", "lost", "blocked", "memory")


@dataclass
class Evidence:
    """Everything that the stages brought."""

    load: Load
    need: Need
    sorted: Sorted  # by contract and, after the selection, by what the driver refused
    selection: All = field(default_factory=dict)
    final: All = field(default_factory=dict)
    capacities: Mapping[int, Figures] = field(default_factory=dict)
    capacities_of: str = ""  # whose they are
    failed: dict[str, str] = field(default_factory=dict)
    unfit: list[str] = field(default_factory=list)
    machine: str = ""
    processors: int = 0
    rounds: int = 0
    seed: int = 0
    crashes: list[str] = field(default_factory=list)
    interrupted: bool = False  # when the answer was there

    @property
    def metric(self) -> Metric:
        return judge.objective(self.final, self.need)

    def column(self, name: str) -> All:
        """The finalists of a column: `install` has those of others only, `here` has all."""
        fits = self.sorted.fits
        return {n: f for n, f in self.final.items() if n in fits and (name == HERE or not fits[n].own)}

    def choice(self, name: str) -> Choice:
        return judge.choose(self.column(name), self.need, self.metric)


def answer(e: Evidence) -> dict[str, Any]:
    choices = {name: e.choice(name) for name in (INSTALL, HERE)}
    here, metric = choices[HERE], e.metric
    return {
        "schema": 1,
        "load": {**e.load.params(), "cap": e.load.capacity, "on_full": e.load.policy, "words": e.load.sentence(),
                 "notes": list(e.load.notes)},
        "need": [{"metric": b.metric.name, "limit": b.limit, "unit": b.metric.unit, "words": b.said} for b in e.need],
        "objective": metric.name,
        "seed": e.seed,
        "rounds": e.rounds,
        "machine": {"cpu": e.machine, "processors": e.processors, "not_for_quoting": e.unfit},
        "oversubscribed": e.load.roles > e.processors > 0,
        "columns": {name: column(e, choice) for name, choice in choices.items()},
        "channels": {name: channel(e, name) for name in e.final},
        "level": sorted(level(e)),
        "not_run_again": sorted(set(not_run_again(e)) - set(level(e))),
        "measured": len(e.sorted.fits.keys() | e.failed.keys()),
        "out": {reason: sorted(names) for reason, names in e.sorted.out.items()},
        "failed": e.failed,
        "binding": constraint(e, here),
        "capacity": capacity(e),
        "changes_if": changes.sentences(e.final, e.sorted.fits, e.load, e.need, here, metric) if e.final else [],
        "few_samples": few(e),
        "crashes": e.crashes,
        "interrupted": e.interrupted,
    }  # fmt: skip


def column(e: Evidence, choice: Choice) -> dict[str, Any]:
    behind = {name: [ratio.median, ratio.low, ratio.high] for name, ratio in choice.behind}
    misses = {name: missed(e.final[name], e.need) for name in choice.closest}
    return {"any_of": list(choice.among), "behind": behind, "closest": misses}


def missed(figures: Figures, need: Need) -> dict[str, float | None]:
    """The bounds that fail in the median, with the figure."""
    return {bound.said: plain(figures.median(bound.metric)) for bound in judge.missed(figures, need)}


def channel(e: Evidence, name: str) -> dict[str, Any]:
    known, figures = e.sorted.fits[name], e.final[name]
    return {
        "source": dict(known.source),
        "own": known.own,
        "capacity": known.capacity,
        "figures": {m.name: figure(figures, m) for m in METRICS.values() if m.name in figures.rounds},
        "gives_up": given_up(known.contract),
        "notes": list(known.notes),
        "saturated": figures.saturated,
    }


def figure(figures: Figures, metric: Metric) -> dict[str, Any]:
    found = judge.interval(figures, metric)
    assert found is not None
    ends = {"low": plain(found.low), "high": plain(found.high), "interval": found.low is not None}
    return {"median": plain(found.median), **ends, "unit": metric.unit}


def plain(value: float | None) -> float | None:
    """JSON knows no infinity; null is what was never delivered or could not be told."""
    return None if value is None or value >= NEVER else value


def level(e: Evidence) -> list[str]:
    """As good as the best when the finalists were chosen, and not among them: there were more than places."""
    found = judge.level(e.selection, e.need, judge.objective(e.selection, e.need))
    return [name for name in found if name not in e.final and name in e.sorted.fits]


def not_run_again(e: Evidence) -> list[str]:
    """They met the need when the finalists were chosen, and were not among the best."""
    return [n for n, f in e.selection.items() if n not in e.final and n in e.sorted.fits and judge.meets(f, e.need)]


def constraint(e: Evidence, here: Choice) -> dict[str, Any] | None:
    """The bound that decides, and how the first of the set (or the closest) stands to it."""
    name, bound = here.first or next(iter(here.closest), None), judge.binding(e.final, e.need)
    if name is None or bound is None:
        return None
    used = judge.shares(e.final[name], e.need)
    found = judge.interval(e.final[name], bound.metric)
    if found is None:
        return {"bound": bound.said, "channel": name, "share": None, "sure": False}
    ends = [end for end in (found.low, found.high) if end is not None]
    # Sure: the whole interval lies on the side of the bound on which the median lies.
    sure = bool(ends) and all(bound.met(end) == bound.met(found.median) for end in ends)
    said = {"bound": bound.said, "channel": name, "metric": bound.metric.name, "sure": sure}
    return {**said, "share": plain(used[bound.said]), **figure(e.final[name], bound.metric)}


def capacity(e: Evidence) -> dict[str, Any] | None:
    name = e.capacities_of
    if not e.capacities or name not in e.sorted.fits:
        return None
    asked = e.sorted.fits[name].capacity
    tried = sorted(e.capacities)
    find = judge.larger if tried[0] > asked else judge.smallest
    return {"channel": name, "tried": tried, "asked": asked, "enough": find(e.capacities, asked, e.need)}


def few(e: Evidence) -> dict[str, int]:
    """Percentiles that rest on too few samples, with the smallest number of any finalist."""
    wanted = {bound.metric.name: bound.metric for bound in e.need} | {e.metric.name: e.metric}
    found = {name: [n for f in e.final.values() if (n := f.few(m)) is not None] for name, m in wanted.items()}
    return {name: min(counts) for name, counts in found.items() if counts}
