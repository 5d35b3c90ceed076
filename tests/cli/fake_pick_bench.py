#!/usr/bin/env python3
"""Stands in for weir-bench in the tests of `pick`: the workload `load`, with planted figures. What goes wrong is asked
for by the environment:

FAKE_FAIL=CHANNEL      its trials fail, with the reason `loss: 3 messages`
FAKE_HOLD=STAGE        in round 1 of that stage it stops after two trials, says so through the FIFO named by FAKE_FIFO,
                       and waits for SIGINT
FAKE_REFUSES=CHANNEL   the driver says that it cannot do it
FAKE_OLD=1             a weir-bench without the workload `load`
"""

import argparse
import json
import os
import random
import signal
import sys
import tomllib
from pathlib import Path

MANY = {
    "producers": "many", "consumers": "many", "bound": "exact", "overflow": "block", "order": "fifo", "empty": "exact",
    "full": "exact", "close": "drain", "wait": "park", "timed": True, "batch": True, "message": "nothrow_movable",
    "progress": "lock_free", "min_capacity": 1, "max_capacity": 1073741824, "capacity_rule": "any",
}  # fmt: skip
ONE = {**MANY, "producers": "one", "consumers": "one"}
# name: contract, p99 in us, cores that it burns, and the smallest capacity at which its p99 is that
PLANTED = {
    "mpmc_ring:park": (MANY, 20.0, 0.10, 16),
    "mpmc_ring:spin": (MANY, 10.0, 0.90, 16),
    "spsc_ring": (ONE, 4.0, 0.80, 4),
    "mutex_condvar": ({**MANY, "progress": "lock"}, 40.0, 0.15, 64),
    "latest": ({**MANY, "overflow": "drop_oldest", "max_capacity": 1}, 5.0, 0.10, 1),
    "boost_queue": ({**MANY, "close": "none", "message": "trivially_copyable"}, 10.2, 0.50, 16),
    "moodycamel": ({**MANY, "bound": "unbounded", "order": "per_sender", "close": "none"}, 30.0, 0.10, 1),
    "atomic_queue": ({**MANY, "capacity_rule": "power_of_two", "timed": False}, 30.0, 0.30, 64),
    "words_only": ({**MANY, "message": "nonzero_word"}, 3.0, 0.30, 16),
}
OWN = ("mpmc_ring", "spsc_ring", "mutex_condvar", "latest")


def listing() -> dict:
    channels = []
    for name, (contract, *_) in PLANTED.items():
        family, _, variant = name.partition(":")
        own = family in OWN
        source = {"name": "Weir" if own else family, "version": "1.2", "licence": "MIT", "url": ""}
        channels.append(
            {"name": name, "family": family, "variant": variant, "own": own, "file": False, "available": True,
             "reason": None, "summary": "", "contract": contract, "source": source}
        )  # fmt: skip
    channels.append({**channels[0], "name": "tbb", "available": False, "reason": "no TBB here", "contract": None})
    names = ["throughput"] if os.environ.get("FAKE_OLD") else ["throughput", "load"]
    return {"channels": channels, "workloads": [{"name": name, "summary": ""} for name in names]}


def environment() -> dict:
    return {
        "schema": 1, "cpu_model": "a processor", "cpus": 2, "allowed_cpus": [0, 1], "virtualized": True,
        "kernel": "6.1", "compiler": "GNU", "flags": "-O3", "build_type": "Release", "revision": "abc", "dirty": False,
        "libraries": {},
    }  # fmt: skip


def cases(suite: dict) -> list[dict]:
    return [
        {**block, "channel": name, "cap": cap}
        for block in suite["case"]
        for name in block["channels"]
        for cap in block["cap"]
    ]


def histogram(p99_us: float, count: int) -> dict:
    """99.2 % lie below the planted p99 and a little above its half."""
    bucket = round(p99_us * 1000)
    return {"unit": "ns", "count": count, "overflow": 0, "min": 1, "max": 2 * bucket, "mean": bucket,
            "percentiles": {}, "buckets": [[bucket // 2, count * 9 // 10], [bucket, count // 10 - count // 500],
                                           [2 * bucket, count // 500]]}  # fmt: skip


def trial_line(case: dict, flags: argparse.Namespace, suite: dict, seq: int) -> dict:
    name = case["channel"]
    _, p99, cores, least = PLANTED[name]
    keys = [key for key in case if key not in ("workload", "channels", "channel")]
    identity = f"load/{name}/" + "/".join(f"{key}:{case[key]}" for key in keys)
    noise = random.Random(f"{identity}{flags.round}{flags.seed}").uniform(0.97, 1.03)
    p99 *= noise * (1 if case["cap"] >= least else 20)
    count = int(case.get("rate", 1000) * suite["window_ms"] / 1000)
    status, reason = ("failed", "3 messages") if os.environ.get("FAKE_FAIL") == name else ("ok", None)
    if os.environ.get("FAKE_REFUSES") == name:
        status, reason = "not_applicable", "the driver cannot"
    good = status == "ok"
    return {
        "schema": 1, "seq": seq, "round": flags.round, "seed": flags.seed, "start": "2024-01-01T00:00:00.000Z",
        "elapsed_ms": 140.2, "id": identity, "workload": "load", "channel": name,
        "params": {key: case[key] for key in keys}, "status": status, "failure": "loss" if status == "failed" else None,
        "reason": reason, "regime": "mixed", "oversubscribed": case["p"] + case["c"] > 2,
        "metrics": [{"metric": "goodput", "unit": "msg/s", "direction": "higher", "value": 1e5}] if good else [],
        "histograms": {n: histogram(p99 * f, count) for n, f in (("response", 1), ("send", 0.1), ("staleness", 0.8))},
        "latency": {"saturated": False},
        "backpressure": {
            "policy": case.get("full", "block"), "offered": count, "accepted": count, "received": count, "evicted": 0,
            "refused": {"full": 0, "dropped": 0, "timed_out": 0}, "goodput": 1e5, "blocked_share": [0.0] * case["p"],
            "cpu": {"senders": 0.5, "receivers": 0.5, "waiting": cores * noise},
            "memory": {"before_kib": 4000, "peak_kib": 4500, "after_kib": 4200, "sampler_share": 0.0},
        },
    }  # fmt: skip


def hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    Path(os.environ["FAKE_FIFO"]).write_text("held\n")
    signal.sigwait({signal.SIGINT})
    sys.exit(130)


def plan(flags: argparse.Namespace) -> int:
    suite = tomllib.loads(flags.suite.read_text())
    todo = cases(suite)
    if flags.dry:
        print(json.dumps({"rounds": suite["rounds"], "trials_per_round": len(todo), "seconds_per_round": 1.0}))
        return 0
    random.Random(flags.seed + flags.round).shuffle(todo)
    failed = False
    with flags.out.open("a") as out:
        for seq, case in enumerate(todo):
            if seq == 2 and flags.round == 1 and os.environ.get("FAKE_HOLD") == flags.suite.stem:
                hold()
            line = trial_line(case, flags, suite, seq)
            out.write(json.dumps(line) + "\n")
            out.flush()
            failed = failed or line["status"] == "failed"
            print(json.dumps({key: line[key] for key in ("id", "status", "reason")}), flush=True)
    return 1 if failed else 0


def main() -> int:
    command = sys.argv[1]
    if command in ("list", "env"):
        print(json.dumps(listing() if command == "list" else environment()))
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--round", type=int)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--dry", action="store_true")
    return plan(parser.parse_args(sys.argv[2:]))


sys.exit(main())
