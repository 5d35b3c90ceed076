"""What Weir claims of its own channels, each with a target, and whether a run of the suite `field` bears it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from weirlib.contest import Contest, Entrant, by_layout, contest, entrants
from weirlib.results import Case, Run
from weirlib.stats import Estimate

SUITE = "field"
LAYOUTS = 3
SEVERAL = ("2x1", "4x1", "2x2", "4x4")
Chooser = Callable[["Channel"], bool]


@dataclass(frozen=True)
class Channel:
    name: str
    own: bool
    wait: str
    variant: str


@dataclass(frozen=True)
class Claim:
    """A ratio and what it should be. `layouts` and `opaque` are empty where nobody else's channel is the other side."""

    cell: str
    what: str
    target: float
    met: Contest
    at_least: bool = True
    within: bool = False  # holds as long as the interval does not exclude it
    layouts: list[float] = field(default_factory=list)
    opaque: Contest | None = None

    @property
    def ratio(self) -> Estimate:
        return self.met.ratio

    @property
    def verdict(self) -> str:
        low, high, sign = self.ratio.low, self.ratio.high, 1.0 if self.at_least else -1.0
        if low is None or high is None:
            return "too few rounds"
        near, far = (low, high) if self.at_least else (high, low)
        if sign * near >= sign * self.target:
            return "met"
        if self.within and sign * far >= sign * self.target:
            return "met: not behind"
        if sign * far < sign * self.target:
            return "not met"
        return "met by the median" if sign * self.ratio.median >= sign * self.target else "not met by the median"

    @property
    def flips(self) -> list[str]:
        """Where the other side is ahead although it is not claimed to be; what is not met is not claimed."""
        ahead = self.ratio.median >= 1.0
        if not self.verdict.startswith("met") or (self.within and not ahead):
            return []
        others = [(f"layout {n}", ratio) for n, ratio in enumerate(self.layouts)]
        if self.opaque:
            others.append(("behind virtual calls", self.opaque.ratio.median))
        return [where for where, ratio in others if (ratio >= 1.0) != ahead]

    @property
    def holds(self) -> bool:
        return self.verdict.startswith("met") and not self.flips and not self.unchecked

    @property
    def unchecked(self) -> bool:
        """A claim against somebody else's channel that was not tried at three layouts."""
        return bool(self.layouts) and len(self.layouts) < LAYOUTS


class Field:
    """The cases of a run by what they are about."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.layouts = int(run.info.get("layouts") or 1)
        failed = run.failed_channels()
        self.channels = {
            c["name"]: Channel(c["name"], c["own"], c["contract"]["wait"], c["variant"])
            for c in run.channels
            if c["available"] and c["name"] not in failed
        }

    def group(self, cases: Iterable[Case], metric: str, chosen: Chooser) -> list[Entrant]:
        known = [c for c in cases if c.channel in self.channels and chosen(self.channels[c.channel])]
        return entrants(known, metric)

    def cell(self, workload: str, topology: str, **params: Any) -> list[Case]:
        """Cases of that shape; a parameter that an id leaves out stands at its default."""
        p, c = (int(n) for n in topology.split("x"))
        wanted = {"msg": 8, "batch": 1} | params
        return [
            case
            for case in self.run.of(workload)
            if (case.params.get("p", 1), case.params.get("c", 1)) == (p, c)
            and all(case.params.get(k, {"msg": 8, "batch": 1}.get(k)) == v for k, v in wanted.items())
        ]

    def limit(self, name: str, scale: float = 1.0) -> list[Entrant]:
        case = self.run.machine(name)
        return [Entrant(name, case.id, {n: v * scale for n, v in case.figure().items()})] if case else []

    def against(
        self, cell: str, what: str, target: float, shape: dict[str, Any], own: Chooser, rival: Chooser, **more: Any
    ) -> list[Claim]:
        """A claim of one group of channels against another; 8-byte messages one by one are also tried behind virtual calls."""
        cases = self.cell("throughput", **shape)
        mine, rivals = (self.group(cases, "throughput", g) for g in (own, rival))
        met = contest(mine, rivals)
        if met is None:
            return []
        hidden = self.cell("throughput_opaque", **shape) if set(shape) == {"topology"} else []
        opaque = contest(*(self.group(hidden, "throughput", g) for g in (own, rival)))
        return [Claim(cell, what, target, met, layouts=by_layout(mine, rivals, self.layouts), opaque=opaque, **more)]

    def share(self, cell: str, target: float, shape: dict[str, Any], limit: str, scale: float) -> list[Claim]:
        met = contest(self.group(self.cell("throughput", **shape), "throughput", is_own), self.limit(limit, scale))
        return [Claim(cell, "share of the streaming limit", target, met)] if met else []


def is_own(channel: Channel) -> bool:
    return channel.own


def is_library(channel: Channel) -> bool:
    return not channel.own


def own_blocking(channel: Channel) -> bool:
    return channel.own and channel.wait == "park"


def library_blocking(channel: Channel) -> bool:
    """As its manual has it, not under Weir's Park."""
    return not channel.own and channel.wait == "park" and channel.variant != "park"


def own_yielding(channel: Channel) -> bool:
    return channel.own and channel.wait == "yield"


def named(name: str) -> Chooser:
    return lambda channel: channel.name == name


def claims(run: Run) -> list[Claim]:
    """In the order of the table; a cell that was not measured has none."""
    if run.info.get("suite") != SUITE:
        return []
    f = Field(run)
    made: list[Claim] = []
    one_by_one = {"topology": "1x1"}
    for size, limit, scale in ((8, "stream_8KiB", 1.0), (16, "stream_16KiB", 0.5)):
        shape = one_by_one | ({"msg": size} if size != 8 else {})
        cell = f"1x1, {size} bytes, one at a time"
        made += f.against(cell, "best own / fastest library", 1.1, shape, is_own, is_library)
        made += f.share(cell, 0.6, shape, limit, scale)
    made += f.share("1x1, 8 bytes, batches of 64", 0.85, one_by_one | {"batch": 64}, "stream_8KiB", 1.0)
    for topology in SEVERAL:
        made += f.against(
            f"{topology}, blocking", "best own that parks / fastest library's own blocking form", 3.0,
            {"topology": topology}, own_blocking, library_blocking,
        )
    for topology in SEVERAL:
        made += f.against(
            f"{topology}, yield", "best own that yields / fastest library, however it waits", 1.0,
            {"topology": topology}, own_yielding, is_library, within=True,
        )
    for topology in ("1x1", *SEVERAL):
        often = topology in ("2x2", "4x4")
        made += f.against(
            f"{topology}, under a lock", "mutex_condvar / mutex_condvar:naive", 2.0 if often else 1.0,
            {"topology": topology}, named("mutex_condvar"), named("mutex_condvar:naive"), within=not often,
        )
    for place in ("one", "spread"):
        cases = [case for case in run.of("wake_up") if case.params.get("place") == place]
        met = contest(f.group(cases, "wake_p50", own_blocking), f.limit(f"futex_wake:{place}"), higher=False)
        where = "one core" if place == "one" else "across cores"
        if met:
            made.append(Claim(f"both sides parked, {where}", "best own / a bare futex", 1.15, met, at_least=False))
    return made


def much_faster(found: list[Claim]) -> tuple[int, int]:
    """In how many of the yielding cells the best own channel is at least 1.3 times the fastest library."""
    cells = [claim for claim in found if claim.cell.endswith(", yield")]
    return sum(claim.ratio.median >= 1.3 for claim in cells), len(cells)


def idle(run: Run) -> list[tuple[str, float, str]]:
    """Channel, processor time of a waiting thread in % of a core (the worst round), id; the worst first."""
    if run.info.get("suite") != SUITE:
        return []
    measured = [c for c in run.of("idle") if c.all_rounds("idle_cpu")]
    found = [(c.channel, max(c.all_rounds("idle_cpu").values()), c.id) for c in measured]
    return sorted(found, key=lambda row: -row[1])
