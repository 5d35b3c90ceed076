"""Plants a run of every backpressure scenario, and finds in its sections what was planted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import synthetic
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weirlib import results
from weirlib.charts.section import Panel, Section
from weirlib.results import Case, Run

ROUNDS, STEP_MS, WINDOW_MS, BEGIN_MS = 7, 1.0, 600.0, 150.0
BLOCK, DROP, EVICT, NO_BOUND, FAILING = "mpmc_ring:park", "futex_ring", "spsc_ring:spin", "tbb", "mutex_condvar"
OWN = {BLOCK: "block", DROP: "drop", EVICT: "drop_oldest", NO_BOUND: "block", FAILING: "block"}
BACK_MS = {BLOCK: 60.0, DROP: 5.0, EVICT: 5.0, NO_BOUND: 80.0, FAILING: 1.0}
CAPACITY, RATE = 1024, 200_000.0
SECTIONS = ("stall", "pause", "overload", "burst", "pipeline", "fairness", "interleave", "cycle")


def counts(at: list[list[int]], overflow: int = 0) -> dict[str, Any]:
    total = sum(count for _, count in at) + overflow
    return {"unit": "ns", "count": total, "overflow": overflow, "min": 1, "max": 1, "mean": 1.0, "percentiles": {}, "buckets": at}


def moments(channel: str, length: float, back: float, peak: int, share: float) -> dict[str, Any]:
    """A depth that climbs to its peak, stays there until the stall is over, and falls until it is back."""
    at = np.arange(0.0, WINDOW_MS, STEP_MS) - BEGIN_MS
    climb = min(length, peak / RATE * 1e3)
    depth = np.interp(at, [0, climb, length, length + back], [3, peak, peak, 3], left=3, right=3)
    stands = ((at >= climb) & (at < length)).astype(float)
    loses, came = OWN[channel] in ("drop", "drop_oldest"), RATE / 1e3 * STEP_MS
    lost = stands * came * share if loses else stands * 0
    blocked = np.zeros(len(at)) if loses or channel == NO_BOUND else stands * 2
    return {
        "step_ms": STEP_MS,
        "depth": depth.astype(int).tolist(),
        "accepted": np.where(stands > 0, came * (1 - share if loses else 0), came).astype(int).tolist(),
        "received": np.full(len(at), int(came)).tolist(),
        "lost": lost.astype(int).tolist(),
        "blocked": blocked.tolist(),
        "resident_kib": [9000] * len(at),
    }


def record(channel: str, **more: Any) -> dict[str, Any]:
    capacity = None if channel == NO_BOUND else CAPACITY
    said: dict[str, Any] = {
        "policy": OWN[channel],
        "capacity": capacity,
        "window_ms": WINDOW_MS,
        "offered": 100_000,
        "accepted": 100_000,
        "refused": {"full": 0, "dropped": 0, "timed_out": 0},
        "evicted": 0,
        "received": 100_000,
        "offered_rate": RATE,
        "goodput": RATE,
        "blocked_share": [0.25, 0.75],
        "depth": {"max": 1024, "mean": 300.5},
        "fairness": {"accepted": [50_000, 50_000], "jain": 1.0, "starved_ns": 1000},
        "cpu": {"senders": 0.5, "receivers": 0.4, "waiting": None if channel == NO_BOUND else 0.25},
        "memory": {"before_kib": 9000, "peak_kib": 15_144 if channel == NO_BOUND else 9100, "after_kib": 9050, "sampler_share": 0.0},
        "stalls": [],
        "moments": moments(channel, 0.0, 1.0, 3, 0.0),
        "turns": None,
    }
    return said | more


def stalled(writer: synthetic.Writer, channel: str, length: float, what: str, others: dict[str, float]) -> dict[str, Any]:
    back = writer.noisy(BACK_MS[channel])
    peak = int(RATE / 1e3 * length) if channel == NO_BOUND else CAPACITY
    loses = OWN[channel] in ("drop", "drop_oldest")
    lost = int(RATE / 1e3 * length - CAPACITY) if loses else 0
    gone = {
        "what": what,
        "begin_ms": BEGIN_MS,
        "length_ms": length,
        "backlog": int(RATE / 1e3 * length),
        "baseline_depth": 3,
        "peak_depth": peak,
        "depth_back_ms": back,
        "response_back_ms": None if channel == EVICT else back * 1.1,
        "drain_rate": 1.5e6,
        "lost": lost,
        "blocked_ms": 0.0 if loses or channel == NO_BOUND else 2 * (length - 5.0),
        "stood_ms": {" ".join(what.split(" ")[:2]): length} | others,
    }
    return record(channel, stalls=[gone], moments=moments(channel, length, back, peak, 1.0))


def turns(capacity: int, slow: bool) -> dict[str, Any]:
    """The receiver starts after as many sends as there is room, and then takes that many at once; or after 3."""
    run = capacity if slow else 3
    sent, received, now = [], [], 0.0
    while len(sent) < 512 or len(received) < 512:
        for times in (sent, received):
            for _ in range(run):
                times.append(now)
                now += 40.0
            now += 500.0
    runs = {"count": 9, "p50": run, "p90": run, "max": run * 2}
    return {
        "send_runs": runs,
        "receive_runs": runs,
        "first_receive_ns": received[0],
        "before_first_receive": run,
        "accepted_ns": sent[:512],
        "received_ns": received[:512],
    }


class Planted:
    """The lines of a run, scenario by scenario."""

    def __init__(self) -> None:
        self.writer = synthetic.Writer(synthetic.Plan(rounds=ROUNDS))

    def add(self, number: int, workload: str, channel: str, params: dict[str, Any], said: dict[str, Any], **more: Any) -> None:
        metrics = [("goodput", "msg/s", "higher", said["goodput"]), ("response_p99", "ns", "lower", more.pop("p99", 9e4))]
        histograms = {
            "response": counts([[20_000, 19_000], [90_000, 1000]]),
            "staleness": counts([[10_000, 19_000], [70_000, 1000]]),
            "send": counts([[400, 80_000], [60_000, 20_000]]),
        }
        self.writer.add(number, workload, channel, params, metrics, **({"backpressure": said, "histograms": histograms} | more))

    def stalls(self, number: int) -> None:
        for channel in OWN:
            for length in (20.0, 100.0):
                params = {"p": 2, "c": 1, "cap": CAPACITY, "rate": int(RATE), "full": OWN[channel], "stall": f"{length:.0f}ms"}
                still = {"sender 0": 95.0, "sender 1": 95.0} if channel == BLOCK else {"sender 0": 0.2, "sender 1": 0.2}
                self.add(number, "stall", channel, params, stalled(self.writer, channel, length, "receiver 0", still))
        for channel, stood in ((BLOCK, 100.0), (DROP, 0.3)):
            said = stalled(self.writer, channel, 50.0, "sender 1 in ring.send.publish", {"sender 0": stood / 2, "receiver 0": stood / 2})
            self.add(number, "pause", channel, {"p": 2, "c": 1, "stall": "50ms"}, said)

    def overload(self, number: int) -> None:
        for channel in (BLOCK, DROP, FAILING):
            for load in (50, 100, 200, 400):
                passed = 1e6 * min(load, 100) / 100 * (0.5 if channel == DROP and load == 400 else 1.0)
                lost = 100_000 * (1 - 100 / load) if channel == DROP and load > 100 else 0.0
                refused = {"full": 0, "dropped": int(lost), "timed_out": 0}
                said = record(channel, goodput=passed, refused=refused, offered_rate=load * 1e4)
                params = {"p": 2, "c": 1, "load": load, "full": OWN[channel]}
                self.add(number, "overload", channel, params, said, latency=self.latency(1e6))

    def latency(self, capacity: float) -> dict[str, Any]:
        return {"capacity": capacity, "achieved": 1e6, "offered": 1e6, "saturated": False, "intervals": []}

    def others(self, number: int) -> None:
        for channel in (BLOCK, DROP):
            for p in (2, 4, 16, 64):
                taken = [1000.0] * p if channel == BLOCK else [1000.0 / (i + 1) for i in range(p)]
                jain = sum(taken) ** 2 / (p * sum(t * t for t in taken))
                shared = {"accepted": [int(t) for t in taken], "jain": jain, "starved_ns": 1e5 * p if channel == BLOCK else 4e6 * p}
                self.add(number, "fairness", channel, {"p": p, "c": 1}, record(channel, fairness=shared))
            for cap in (16, 256):
                for place in ("spread", "one"):
                    params = {"p": 1, "c": 1, "cap": cap, "place": place}
                    self.add(number, "interleave", channel, params, record(channel, capacity=cap, turns=turns(cap, place == "one")))
            for cap in (4, 64, 1024):
                rate = self.writer.noisy(2e6 if cap >= 64 else 0.5e6)
                params = {"p": 1, "c": 1, "cap": cap, "rate": 100_000}
                said = record(channel, capacity=cap)
                self.add(number, "capacity_sweep", channel, params, said, latency=self.latency(rate), p99=1000.0 * cap)
            self.add(number, "pipeline", channel, {"stages": 3, "cap": CAPACITY}, stalled(self.writer, channel, 100.0, "receiver 0", {}) | {"goodput": 5e5})
            self.add(number, "burst", channel, {"p": 2, "arrivals": "bursts-5ms-20ms"}, record(channel))
            for cap, stands in ((4, True), (16, False)):
                states = ["stage 0 waits in send, channel 1 is full (4 of 4)"] if stands else []
                found = {"deadlocked": stands, "after_ms": 12.5 if stands else None, "depths": [4, 4], "states": states}
                metric = [("deadlocked", "flag", "lower", float(stands))]
                self.writer.add(number, "cycle", channel, {"tokens": 8, "cap": cap}, metric, cycle=found)
        self.add(number, "burst", NO_BOUND, {"p": 2, "arrivals": "bursts-5ms-20ms"}, record(NO_BOUND))

    def threads(self, number: int) -> None:
        for channel, shares in ((BLOCK, (1.0, 0.8, 0.6)), ("mpmc_ring:spin", (1.0, 0.3, 0.01)), (FAILING, (1.0, 2.0, 3.0))):
            for p, share in zip((1, 2, 8), shares):
                params = {"p": p, "c": p, "cap": 1024, "msg": 16, "work": 0, "place": "free"}
                value = self.writer.noisy(1e7 * share)
                self.writer.add(number, "throughput", channel, params, [("throughput", "msg/s", "higher", value)])


def write(path: Path) -> Run:
    """One channel that fails, and is the best in everything before it does."""
    channels = {name: synthetic.PLANTED[name] for name in (*OWN, "mpmc_ring:spin")}
    synthetic.write(path, synthetic.Plan(rounds=ROUNDS, channels=channels, stop_after=0))
    planted = Planted()
    for number in range(ROUNDS):
        planted.stalls(number)
        planted.overload(number)
        planted.others(number)
        planted.threads(number)
    last = next(x for x in reversed(planted.writer.lines) if x["channel"] == FAILING and x["params"].get("stall") == "20ms")
    planted.writer.fail(last, "loss", "one message never arrived")
    last.pop("backpressure")
    (path / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in planted.writer.lines))
    info = json.loads((path / "run.json").read_text(encoding="utf-8"))
    (path / "run.json").write_text(json.dumps(info | {"suite": "backpressure"}))
    return results.read(path)


def case_of(run: Run, workload: str, channel: str, **params: Any) -> Case:
    return next(c for c in run.of(workload) if c.channel == channel and params.items() <= c.params.items())


def drawn(panel: Panel) -> Axes:
    ax = Figure().add_subplot()
    panel.draw(ax)
    return ax


def line_of(ax: Axes, gid: str) -> Any:
    return next(line for line in ax.lines if line.get_gid() == gid)


def only(made: list[Section]) -> Section:
    (section,) = made
    return section


def cell_of(section: Section, channel: str, head: str, row: int = 0) -> str:
    """Of the first table that has the channel and the column."""
    for table in section.shown + section.tables:
        rows = [r for r in table.rows if r[0].text == channel]
        if rows and head in table.head:
            return rows[row][list(table.head).index(head)].text
    raise AssertionError((channel, head))
