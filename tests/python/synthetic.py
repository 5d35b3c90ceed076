"""Writes run folders with planted figures, so that readers, statistics and charts have something known to find.

`python3 tests/python/synthetic.py DIR` writes a large one, to be looked at with `scripts/weir report DIR`.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Sequence

# channel: (messages per second 1x1, CPU ns per message, round trip ns, single producer and consumer only)
PLANTED: dict[str, tuple[float, float, float, bool]] = {
    "spsc_ring:spin": (90e6, 21, 210, True),
    "mpmc_ring:spin": (24e6, 82, 260, False),
    "mpmc_ring:park": (22e6, 88, 2900, False),
    "futex_ring": (21.9e6, 89, 3000, False),
    "mutex_condvar": (3.1e6, 590, 9000, False),
    "boost_spsc:spin": (60e6, 33, 230, True),
    "tbb": (4.0e6, 410, 5200, False),
}
MANY = PLANTED | {
    "spsc_ring:yield": (88e6, 22, 250, True),
    "spsc_ring:park": (80e6, 25, 2850, True),
    "mpmc_ring:yield": (23e6, 84, 320, False),
    "mpsc_ring:spin": (31e6, 62, 240, False),
    "mpsc_ring:park": (29e6, 67, 2900, False),
    "mutex_condvar:naive": (0.6e6, 2900, 9300, False),
    "atomic_wait": (11e6, 170, 3300, False),
    "semaphore_ring": (6.5e6, 290, 4100, False),
    "swap_buffer": (9.5e6, 180, 8900, False),
    "moodycamel:spin": (14e6, 130, 310, False),
    "moodycamel:tokens": (33e6, 55, 300, False),
    "moodycamel:credit": (12e6, 150, 330, False),
    "moodycamel:blocking": (9e6, 210, 4900, False),
    "moodycamel_rwq:spin": (71e6, 27, 220, True),
    "moodycamel_brwq": (38e6, 50, 3900, True),
    "boost_queue:spin": (5.2e6, 350, 400, False),
    "boost_queue:park": (4.9e6, 370, 3300, False),
    "boost_spsc:park": (52e6, 36, 3000, True),
    "atomic_queue:spin": (26e6, 75, 230, False),
    "atomic_queue:optimist": (34e6, 58, 225, False),
    "atomic_queue2:spin": (19e6, 101, 260, False),
    "atomic_queue_spsc:spin": (84e6, 23, 205, True),
}


@dataclass
class Plan:
    channels: dict[str, tuple[float, float, float, bool]] = field(default_factory=lambda: dict(PLANTED))
    rounds: int = 7
    topologies: tuple[tuple[int, int], ...] = ((1, 1), (2, 1), (2, 2))
    works: tuple[int, ...] = (50, 200, 1000)
    noise: float = 0.02
    seed: int = 7
    failing: str = "tbb"  # loses messages in throughput 2x2
    regime_flips: str = "futex_ring"  # meets another regime in its last two rounds of throughput 1x1
    complete: bool = True
    cut_off: bool = False
    stop_after: int | None = None  # lines
    virtualized: bool = True
    cpus: int = 2
    histogram: bool = True


def buckets(rng: random.Random, middle: float, samples: int = 40000) -> dict[str, Any]:
    """A log-normal histogram with a slow tail, in buckets of about 1 %."""
    counts: dict[int, int] = {}
    values = [
        middle * rng.lognormvariate(0, 0.12) * (40 if rng.random() < 0.002 else 1)
        for _ in range(samples // 20)
    ]
    for value in values:
        width = max(1, 1 << max(0, int(value).bit_length() - 7))
        bound = int(value) // width * width + width - 1
        counts[bound] = counts.get(bound, 0) + 20
    ordered = sorted(values)
    return {
        "unit": "ns",
        "count": samples,
        "overflow": 0,
        "min": ordered[0],
        "max": ordered[-1],
        "mean": sum(values) / len(values),
        "percentiles": {"50": ordered[len(ordered) // 2]},
        "buckets": [[b, counts[b]] for b in sorted(counts)],
    }


MEASURED = (
    "regime",
    "oversubscribed",
    "counts",
    "cpu",
    "depth",
    "memory",
    "canary_ghz",
    "roles",
    "histograms",
)


class Writer:
    """Lines of one run; every figure is its planted median times log-normal noise."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.rng, self.lines = plan, random.Random(plan.seed), []

    def noisy(self, value: float) -> float:
        return value * self.rng.lognormvariate(0, self.plan.noise)

    def add(
        self,
        number: int,
        workload: str,
        channel: str,
        params: dict[str, Any],
        metrics: list[tuple[str, str, str, float]],
        **changes: Any,
    ) -> dict[str, Any]:
        line = {
            "schema": 1,
            "seq": len(self.lines),
            "round": number,
            "seed": self.rng.getrandbits(32),
            "start": "2024-01-01T12:00:00.000Z",
            "elapsed_ms": 141.5,
            "id": "/".join([workload, channel, *(f"{k}:{v}" for k, v in params.items())]),
            "workload": workload,
            "channel": channel,
            "params": params,
            "status": "ok",
            "failure": None,
            "reason": None,
            "metrics": [{"metric": m, "unit": u, "direction": d, "value": v} for m, u, d, v in metrics],
            "regime": "full" if workload == "throughput" else "unknown",
            "oversubscribed": params.get("p", 1) + params.get("c", 1) > self.plan.cpus,
            "counts": {
                "offered": 10**6,
                "accepted": 10**6,
                "refused": 0,
                "received": 10**6,
                "evicted": 0,
                "left": 0,
                "full_hits": None,
                "empty_hits": 12,
                "failed_tries": None,
                "parks": None,
            },
            "cpu": {
                "ns_per_message": 50.0,
                "voluntary_switches": 10,
                "involuntary_switches": 2,
                "steal_ms": 0.4,
            },
            "depth": {"max": 1024, "mean": 600.5},
            "memory": {"peak_kib": 9000, "growth_kib": 300},
            "canary_ghz": [2.9, 2.91],
            "roles": [
                {"role": role, "cpu": cpu, "messages": 10**6, "blocked_ms": None}
                for cpu, role in enumerate(("sender 0", "receiver 0"))
            ],
            "histograms": {},
        } | changes
        self.lines.append(line)
        return line

    def fail(self, line: dict[str, Any], failure: str, reason: str) -> None:
        """As a trial whose process ended before it could say anything: no counts, no regime."""
        line.update(status="failed", failure=failure, reason=reason, metrics=[])
        for name in MEASURED:
            line.pop(name)

    def machine(self, number: int) -> None:
        figures = [
            ("clock_monotonic", "ns", 21.0),
            ("clock_tsc", "ns", 7.5),
            ("cache_line_round_trip", "ns", 160.0),
            ("stream_8KiB", "msg/s", 310e6),
            ("stream_128KiB", "msg/s", 420e6),
            ("null", "msg/s", 520e6),
            ("futex_wake:one", "ns", 2600.0),
            ("futex_wake:spread", "ns", 11000.0),
            ("host_gap_max", "ns", 180e3),
        ]
        for name, unit, value in figures:
            self.add(
                number,
                "machine",
                name,
                {},
                [(name, unit, "higher" if unit == "msg/s" else "lower", self.noisy(value))],
                oversubscribed=False,
            )

    def throughput(self, number: int, channel: str, p: int, c: int, work: int, cap: int = 1024) -> None:
        speed, cpu_ns, _, alone = self.plan.channels[channel]
        params = {"p": p, "c": c, "cap": cap, "msg": 16, "work": work, "place": "spread"}
        if alone and (p, c) != (1, 1):
            if number == 0:
                reason = "the channel takes one sender and one receiver"
                line = self.add(0, "throughput", channel, params, [], status="not_applicable", reason=reason)
                for name in MEASURED:
                    line.pop(name)
            return
        value = self.noisy(1e9 / (1e9 / speed * (0.7 + 0.15 * (p + c)) + work / p))
        line = self.add(number, "throughput", channel, params, [("throughput", "msg/s", "higher", value)])
        line["cpu"]["ns_per_message"] = self.noisy(cpu_ns * (p + c) / 2 + work)
        line["cpu"]["voluntary_switches"] = int(self.noisy(5 if ":spin" in channel else 40000))
        if channel == self.plan.regime_flips and (p, c) == (1, 1) and number >= self.plan.rounds - 2:
            line["regime"] = "empty"
        if channel == self.plan.failing and (p, c) == (2, 2) and number == min(3, self.plan.rounds - 1):
            self.fail(
                line,
                "loss",
                "3 of 1000000 accepted messages never arrived; the first: sender 1, number 41217",
            )

    def others(self, number: int, channel: str) -> None:
        _, _, round_trip, _ = self.plan.channels[channel]
        for place, factor in (("spread", 1.0), ("one", 1.7)):
            middle = round_trip * factor
            written = {"round_trip": buckets(self.rng, middle)} if self.plan.histogram else {}
            self.add(
                number,
                "ping_pong",
                channel,
                {"place": place},
                [
                    ("round_trip_p50", "ns", "lower", self.noisy(middle)),
                    ("round_trip_p99", "ns", "lower", self.noisy(middle * 1.4)),
                ],
                histograms=written,
            )
            if not channel.endswith((":spin", ":yield")):
                wake = (11000 if place == "spread" else 2600) * (1.05 + round_trip / 60000)
                self.add(
                    number,
                    "wake_up",
                    channel,
                    {"place": place},
                    [
                        ("wake_p50", "ns", "lower", self.noisy(wake)),
                        ("wake_p90", "ns", "lower", self.noisy(wake * 3)),
                    ],
                    histograms={"wake": buckets(self.rng, wake, 2000)} if self.plan.histogram else {},
                )
        library = channel.startswith(("boost", "moodycamel", "tbb", "atomic_queue"))
        pair = [("pair", "ns", "lower", self.noisy(4e8 / self.plan.channels[channel][0]))]
        tax = [
            (
                "adapter_tax",
                "percent",
                "lower",
                (5.4 if channel.startswith("tbb") else 0.8) + self.rng.gauss(0, 0.3),
            )
        ]
        self.add(number, "uncontended", channel, {"msg": 16}, pair + (tax if library else []))


def database(writer: Writer, number: int, names: list[str]) -> None:
    params = {"p": 2, "cap": 100, "place": "spread"}
    for name in [n for n in names if not writer.plan.channels[n][3]] + ["shared_lock"]:
        base = 5.2e6 if name == "shared_lock" else min(writer.plan.channels[name][0] * 0.5, 9e6)
        writer.add(number, "db_update", name, params, [("updates", "msg/s", "higher", writer.noisy(base))])


def lines(plan: Plan) -> list[dict[str, Any]]:
    writer = Writer(plan)
    for number in range(plan.rounds):
        writer.machine(number)
        names = list(plan.channels)
        writer.rng.shuffle(names)
        for name in names:
            for p, c in plan.topologies:
                writer.throughput(number, name, p, c, 0)
            for work in plan.works:
                writer.throughput(number, name, 1, 1, work)
            writer.throughput(number, name, 1, 1, 0, cap=100)
            writer.others(number, name)
        database(writer, number, names)
    return writer.lines


CONTRACT: dict[str, Any] = {
    "producers": "many",
    "consumers": "many",
    "bound": "exact",
    "overflow": "block",
    "order": "fifo",
    "empty": "exact",
    "full": "exact",
    "close": "drain",
    "wait": "park",
    "timed": True,
    "batch": True,
    "message": "nothrow_movable",
    "progress": "claim",
    "min_capacity": 1,
    "max_capacity": 1 << 30,
    "capacity_rule": "any",
}


def channel_list(plan: Plan) -> dict[str, Any]:
    said = []
    for name, (_, _, _, alone) in plan.channels.items():
        own = not name.startswith(("boost", "moodycamel", "tbb", "atomic_queue"))
        library = {
            "moodycamel": ("moodycamel concurrentqueue", "1.0.3"),
            "boost": ("Boost.Lockfree", "1.74"),
            "tbb": ("oneTBB", "2021.8"),
            "atomic": ("atomic_queue", "git20220518"),
        }
        source = ("Weir", "0.1.0") if own else library[name.partition("_")[0].partition(":")[0]]
        said.append(
            {
                "name": name,
                "family": name.partition(":")[0],
                "variant": name.partition(":")[2],
                "own": own,
                "available": True,
                "reason": None,
                "summary": "A planted channel.",
                "contract": CONTRACT | ({"producers": "one", "consumers": "one"} if alone else {}),
                "source": {"name": source[0], "version": source[1], "licence": "MIT", "url": ""},
            }
        )
    said.append(
        {
            "name": "xenium",
            "family": "xenium",
            "variant": "",
            "own": False,
            "available": False,
            "reason": "package xenium was not found",
            "summary": "",
            "contract": None,
            "source": {"name": "xenium"},
        }
    )
    return {"channels": said, "workloads": []}


def write(path: Path, plan: Plan) -> Path:
    path.mkdir(parents=True)
    made = lines(plan)[: plan.stop_after]
    whole = "".join(json.dumps(line) + "\n" for line in made)
    (path / "trials.jsonl").write_text(whole[:-40] if plan.cut_off else whole)
    (path / "run.json").write_text(
        json.dumps(
            {
                "schema": 1,
                "suite": "quick",
                "seed": 42,
                "rounds": plan.rounds,
                "arguments": ["--suite", "quick", "--seed", "42"],
                "started": "2024-01-01T12:00:00Z",
                "ended": "2024-01-01T12:03:41Z" if plan.complete else None,
                "complete": plan.complete,
                "interrupted": not plan.complete,
                "channel_file": None,
            }
        )
    )
    (path / "environment.json").write_text(
        json.dumps(
            {
                "schema": 1,
                "cpu_model": "Planted CPU @ 2.9 GHz",
                "cpus": plan.cpus,
                "allowed_cpus": list(range(plan.cpus)),
                "virtualized": "kvm" if plan.virtualized else None,
                "kernel": "Linux 6.1.0-28-amd64",
                "memory_mib": 8000,
                "compiler": "g++ 12.2.0",
                "flags": "-O3 -DNDEBUG",
                "build_type": "Release",
                "revision": "0123abc",
                "dirty": False,
                "libraries": {"moodycamel concurrentqueue": "1.0.3", "Boost": "1.74", "oneTBB": "2021.8"},
                "clock": {"source": "CLOCK_MONOTONIC", "cost_ns": 21.0, "tsc_cost_ns": 7.5},
                "time": "2024-01-01T12:00:00Z",
            }
        )
    )
    (path / "channels.json").write_text(json.dumps(channel_list(plan)))
    return path


CASES = {
    "fills_and_drains": "it holds exactly its capacity",
    "linearizable": "recorded histories can be explained",
    "close_wakes": "close() wakes who waits",
}
PICTURE = "  sender 0    |-send 0.7-|\n  receiver 0               |-recv 0.7-|"


def stress_lines(
    channels: Sequence[str], failed: Sequence[str] = (), vacuous: Sequence[str] = (), revision: str = "0123abc"
) -> list[dict[str, Any]]:
    """A plan, and an outcome of each case; those of `failed` fail in `linearizable`, of `vacuous` meet nothing in it."""
    plan = {
        "schema": 1,
        "started": "2024-01-01T12:05:00Z",
        "revision": revision,
        "dirty": False,
        "seed": 42,
        "seconds": 5.0,
        "channels": list(channels),
        "cases": [{"name": name, "sentence": sentence} for name, sentence in CASES.items()],
    }
    return [plan, *(_outcome(channel, case, failed, vacuous) for channel in channels for case in CASES)]


def _outcome(channel: str, case: str, failed: Sequence[str], vacuous: Sequence[str]) -> dict[str, Any]:
    line = {
        "schema": 1,
        "channel": channel,
        "case": case,
        "verdict": "passed",
        "reason": "",
        "stacks": "",
        "again": "",
        "seed": 9,
        "seconds": 0.5,
        "met": dict.fromkeys(("operations", "full", "empty", "blocked", "closed", "timed_out"), 1000)
        | {"histories": 20, "undecided": 0},
    }
    again = f"scripts/weir stress --channel '{channel}' --case {case} --seconds 5 --seed 42"
    if case == "linearizable" and channel in failed:
        reason = f"repeat: message 7 of sender 0 arrived twice\n{PICTURE}"
        line |= {"verdict": "failed", "reason": reason, "stacks": "-- thread\n   main", "again": again}
    elif case == "linearizable" and channel in vacuous:
        line |= {"verdict": "vacuous", "reason": "vacuous: never met a full channel", "again": again}
    elif case == "close_wakes" and channel.startswith("boost"):
        line |= {"verdict": "not_applicable", "reason": "has no close", "seed": 0, "seconds": 0.0}
    return line


def write_stress(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    (path / "stress.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    write(
        Path(sys.argv[1]),
        Plan(channels=dict(MANY), noise=0.04, topologies=((1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 4))),
    )
