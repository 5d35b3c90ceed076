"""The rows of the guide: what is needed, which contracts promise it, and where a run shows who does it best."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from weirlib.charts import db_update, text
from weirlib.charts.ping_pong import by_rest
from weirlib.charts.throughput import METRIC, base_key, others, topology_key
from weirlib.picking import figures, filter
from weirlib.picking.load import Load
from weirlib.picking.need import METRICS
from weirlib.results import Case, Run

Contract = Mapping[str, Any]
ByRound = Callable[[Case], Mapping[int, float]]


@dataclass(frozen=True)
class Arena:
    """Cases that differ in nothing but the channel, and the figure that decides between them."""

    words: str
    cases: list[Case]
    figure: ByRound
    metric: str
    unit: str
    higher: bool = True
    opaque: list[Case] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        return topology_key(self.cases[0])


@dataclass(frozen=True)
class Need:
    words: str
    short: str  # for a terminal
    policy: str  # when full, as `pick --on-full` has it
    arenas: Callable[[Run], list[Arena]]
    suite: str  # that measures it
    promises: Callable[[Contract], bool] = lambda contract: True
    shape: tuple[int, int] = (1, 1)  # that a contract must allow where nothing was measured

    def fits(self, entry: Mapping[str, Any], arena: Arena | None) -> bool:
        producers, consumers = arena.shape if arena else self.shape
        capacity = int(arena.cases[0].params.get("cap", 1024)) if arena else 1024
        load = Load(producers, consumers, 0.0, "fixed", 0, "0ns", 0, 8, self.policy, "", capacity, "each", "spread")
        return not filter.why_not(entry, load) and self.promises(entry["contract"])


def metric(name: str) -> ByRound:
    return lambda case: case.all_rounds(name)


def cpu(case: Case) -> Mapping[int, float]:
    """Processor time of all threads per message, whatever regime the round met."""
    trials = case.having("ok") if case.status == "ok" else []
    found = {trial.round: trial.get("cpu", "ns_per_message") for trial in trials}
    return {number: value for number, value in found.items() if value}


def age(case: Case) -> Mapping[int, float]:
    """The 99th percentile of a message's age when it is received."""
    found = figures.of_case(case)
    return found.rounds.get("age-p99", {}) if found else {}


def waiting(case: Case) -> Mapping[int, float]:
    """Below a thousandth of a core nothing is told apart."""
    return {number: max(value, 0.1) for number, value in case.all_rounds("idle_cpu").items()}


def shapes(run: Run) -> dict[tuple[int, int], list[Case]]:
    """Throughput under the parameters that most topologies have."""
    cases = run.of("throughput")
    key = base_key(cases)
    found: dict[tuple[int, int], list[Case]] = {}
    for case in cases:
        if others(case.params, ("p", "c")) == key:
            found.setdefault(topology_key(case), []).append(case)
    return dict(sorted(found.items()))


def top_speed(chosen: Callable[[int, int], bool]) -> Callable[[Run], list[Arena]]:
    def arenas(run: Run) -> list[Arena]:
        hidden = run.of("throughput_opaque")
        return [
            Arena(words(cases), cases, metric(METRIC), "messages per second", "msg/s", True,
                  [case for case in hidden if topology_key(case) == shape])
            for shape, cases in shapes(run).items() if chosen(*shape)
        ]  # fmt: skip

    return arenas


def words(cases: list[Case]) -> str:
    params = cases[0].params
    crowded = ", oversubscribed" if any(case.oversubscribed for case in cases) else ""
    rest = text.case_words(params, ("p", "c", "work", "min", "msg", "batch"))
    return f"{text.topology(params)}, {rest}{crowded}" if "p" in params else rest


def wake_up(run: Run) -> list[Arena]:
    return [Arena(words(cases), cases, metric("wake_p50"), "median wake-up", "ns", False) for cases in by_rest(run.of("wake_up")).values()]


def little_cpu(run: Run) -> list[Arena]:
    """Of a load that comes at a given rate; else, at top speed, with several senders if there are some."""
    given = [case for case in run.of("paced") if "rate" in case.params]
    slowest = min((int(case.params["rate"]) for case in given), default=0)
    paced = list(by_rest([case for case in given if int(case.params["rate"]) == slowest]).values())[:1]
    several = [cases for (p, c), cases in shapes(run).items() if c == 1]
    busy = [(cases, cpu, "CPU per message", "ns") for cases in paced or several[-1:]]
    idle = [(cases, waiting, "of a core while nothing comes", "percent") for cases in by_rest(run.of("idle")).values()]
    return [Arena(words(cases), cases, figure, said, unit, False) for cases, figure, said, unit in busy + idle]


def updates(run: Run) -> list[Arena]:
    """The proxy that owns a table: what was accepted is applied."""
    def arena(cases: list[Case]) -> Arena:
        return Arena(f"db-update, {words(cases)}", cases, metric("updates"), "updates per second", "updates/s")

    return [arena(cases) for cases in db_update.groups(run)[:1]]


def overloaded(run: Run) -> list[Arena]:
    """Where most is offered and the channel, not the sender, decides what is lost."""
    cases = [case for case in run.of("overload") if "full" not in case.params]
    most = max((int(case.params.get("rate", 0)) for case in cases), default=0)
    groups = by_rest([case for case in cases if int(case.params.get("rate", 0)) == most])
    said = METRICS["age-p99"].meaning
    return [Arena(f"overload, {words(found)}", found, age, said, "ns", False) for found in groups.values()]


def unbounded(run: Run) -> list[Arena]:
    return [arena for arena in top_speed(lambda p, c: c == 1)(run) if arena.shape[0] <= 2]


def bounded(contract: Contract) -> bool:
    return contract["bound"] in ("exact", "at_least")


NEEDS = (
    Need("One producer, one consumer, top speed", "1 to 1, top speed", "block", top_speed(lambda p, c: (p, c) == (1, 1)), "quick"),
    Need("Many producers, one owner", "many to 1", "block", top_speed(lambda p, c: p > 1 and c == 1), "quick", shape=(2, 1)),
    Need("Many to many", "many to many", "block", top_speed(lambda p, c: p > 1 and c > 1), "quick", shape=(2, 2)),
    Need("Low wake-up latency", "low wake-up", "block", wake_up, "quick"),
    Need("Little CPU", "little CPU", "block", little_cpu, "quick"),
    Need("Never lose: bounded, senders wait", "never lose", "block", updates, "quick", bounded, (2, 1)),
    Need("Drop the oldest when full", "drop the oldest", "drop-oldest", overloaded, "backpressure", lambda c: c["max_capacity"] != 1),
    Need("Only the latest counts", "only the latest", "drop-oldest", overloaded, "backpressure"),
    Need("Unbounded: senders never wait", "unbounded", "fail", unbounded, "quick", lambda c: c["bound"] == "unbounded"),
)
