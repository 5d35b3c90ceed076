"""Plants a run of the suite db: what is ahead of what, and by how much, is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import synthetic

from weirlib import results
from weirlib.results import Run

ROUNDS = 6
RING, MUTEX = "mpmc_ring:park", "mutex_condvar"
COMMIT_NS, RIVAL_RATE = 2e6, 400.0
ERASURE_SHARE = 0.0012
# Ratios to the lock, by rows and by nanoseconds in the critical section.
BY_ROWS = {16: 3.0, 1000: 1.5, 1_000_000: 2.0}
BY_WORK = {2: {0: 3.0, 1000: 1.5, 10_000: 1.0, 100_000: 0.8}, 4: {0: 2.0, 1000: 2.0, 10_000: 2.0, 100_000: 2.0}}
# By the size of a group: rate and response.
BY_GROUP = {1: (450.0, 900e6), 64: (25_000.0, 20e6), 1024: (60_000.0, 15e6)}


class Planted(synthetic.Writer):
    durable = True  # what the trials say of SQLite FULL
    tail = 1.5  # p99 to the median of responses

    def update(self, number: int, channel: str, rate: float, **params: Any) -> None:
        self.add(number, "db_update", channel, params | {"place": "spread"}, [("updates", "msg/s", "higher", rate)])

    def db(self, number: int, channel: str, rate: float, response: float, mean: float | None, **params: Any) -> None:
        p99 = [("response_p99", "ns", "lower", self.noisy(response * self.tail))] if mean else []
        said = {
            "durable": self.durable and params["store"] == "sqlite-full", "file_system": "ext4", "requests": 1000, "syncs": 10,
            "syncs_per_request": 1.0 if mean is None else 1.0 / mean, "bytes_per_request": 900.0,
            "cpu_ns_per_request": 5000.0,
            "erasure": None if mean is None else {"direct": {"send_ns": 10.0, "recv_ns": 9.0}, "erased": {"send_ns": 11.0, "recv_ns": 11.0}, "share": ERASURE_SHARE},
            "groups": None if mean is None else {"count": 10, "mean": mean, "max": int(mean), "buckets": [[int(mean), 10]]},
        }  # fmt: skip
        metrics = [("updates", "msg/s", "higher", self.noisy(rate)), ("response_p50", "ns", "lower", self.noisy(response)), *p99]
        histograms = {"response": synthetic.buckets(self.rng, response)}
        self.add(number, "db", channel, params | {"place": "spread"}, metrics, db=said, histograms=histograms)

    def round(self, number: int) -> None:
        lock = self.noisy(1e7)
        for rows, ratio in BY_ROWS.items():
            for channel, times in (("shared_lock", 1.0), ("sharded_locks", 5.0), (RING, ratio), (MUTEX, ratio / 2)):
                self.update(number, channel, self.noisy(lock * times), p=2, cap=1024, rows=rows)
        for p, by_work in BY_WORK.items():
            for work, ratio in by_work.items():
                more = {"rwork": work} if work else {}
                slow = lock / (1 + work / 100)
                self.update(number, "shared_lock", slow, p=p, cap=100, **more)
                # Not told apart needs rounds on both sides.
                swing = 1.0 if ratio != 1.0 else 1.1 if number % 2 else 0.9
                self.update(number, RING, slow * ratio * swing, p=p, cap=100, **more)
        wide = {"p": 2, "cap": 1024, "store": "sqlite-full", "window": 512}
        self.db(number, "own_connection", RIVAL_RATE, 5e6, None, **wide, group=1024)
        self.db(number, "own_connection", 500.0, COMMIT_NS, None, p=1, cap=1024, store="sqlite-full")
        for channel, rate in (("own_connection", 2000.0), (RING, 300_000.0)):
            self.db(number, channel, rate, 1e6, None if channel != RING else 1024.0, **(wide | {"store": "lmdb-nosync"}), group=1024)
        for group, (rate, response) in BY_GROUP.items():
            self.db(number, RING, rate, response, float(group), **wide, **({} if group == 1 else {"group": group}))


def write(path: Path, rounds: int = ROUNDS, failing: bool = False, durable: bool = True, tail: float = 1.5) -> Run:
    plan = synthetic.Plan(rounds=rounds, cpus=4, channels={n: synthetic.PLANTED[n] for n in (RING, MUTEX)}, stop_after=0)
    synthetic.write(path, plan)
    planted = Planted(plan)
    planted.durable, planted.tail = durable, tail
    for number in range(rounds):
        planted.round(number)
    if failing:
        last = next(x for x in reversed(planted.lines) if x["workload"] == "db" and x["channel"] == RING)
        planted.fail(last, "state", "row 3: 4 writes and a balance of 5; a replay has 3 and 4")
        last.pop("db")
    (path / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in planted.lines))
    info = json.loads((path / "run.json").read_text(encoding="utf-8"))
    (path / "run.json").write_text(json.dumps(info | {"suite": "db"}))
    return results.read(path)
