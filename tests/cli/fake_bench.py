#!/usr/bin/env python3
"""Stands in for weir-bench in the tests of the command line: the same words, no measuring. What goes wrong is asked for
by the environment:

FAKE_FAIL=ID           that case fails, with the reason `loss: 3 messages`
FAKE_CRASH=ROUND       the process of that round ends by SIGSEGV after two trials, the third line half written
FAKE_HOLD=ROUND        that round stops after two trials, says so through the FIFO named by FAKE_FIFO, waits for SIGINT
FAKE_DEAF=1            SIGINT is told to the FIFO and ignored
FAKE_FULL=ROUND        that round ends as on a full disk
FAKE_REVISION=WORD     what `env` says the revision is
FAKE_SHORT=1           one trial of each round is left out without a word
"""

import argparse
import json
import os
import re
import signal
import sys
from fnmatch import fnmatchcase
from pathlib import Path

CHANNELS = ["mpmc_ring", "mpmc_ring:park", "mutex_condvar", "spsc_ring"]
ROUNDS = 3
CONTRACT = {
    "producers": "many", "consumers": "many", "bound": "exact", "overflow": "block", "order": "fifo", "empty": "exact",
    "full": "exact", "close": "drain", "wait": "park", "timed": True, "batch": True, "message": "nothrow_movable",
    "progress": "blocking", "min_capacity": 1, "max_capacity": 1073741824, "capacity_rule": "any",
}  # fmt: skip


def listing() -> dict:
    source = {"name": "Weir", "version": "0.1.0", "licence": "MIT", "url": ""}
    common = {"own": True, "summary": "a channel", "source": source}
    channels = [
        {"name": name, "family": name.split(":")[0], "variant": name.partition(":")[2], "available": True,
         "reason": None, "contract": CONTRACT, **common}
        for name in CHANNELS
    ]  # fmt: skip
    channels.append(
        {"name": "tbb", "family": "tbb", "variant": "", "available": False, "reason": "no TBB here", "contract": None,
         **common}
    )  # fmt: skip
    if own := os.environ.get("FAKE_OWN"):
        channels.append({**channels[0], "name": own, "family": own, "file": True})
    return {"channels": channels, "workloads": [{"name": "throughput", "summary": "messages per second"}]}


def environment() -> dict:
    return {
        "schema": 1, "cpu_model": "a processor", "cpus": 2, "allowed_cpus": [0, 1], "virtualized": False,
        "kernel": "6.1", "memory_mib": 4096, "compiler": "GNU 12.2.0", "flags": "-O3", "build_type": "Release",
        "revision": os.environ.get("FAKE_REVISION", "abc"), "dirty": False, "libraries": {},
        "clock": {"source": "CLOCK_MONOTONIC", "cost_ns": 20.0, "tsc_cost_ns": 10.0}, "time": "2024-01-01T00:00:00Z",
    }  # fmt: skip


def cases(flags: argparse.Namespace) -> list[str]:
    globs = flags.channels or ["*"]
    names = [c["name"] for c in listing()["channels"] if c["available"]]
    chosen = [name for name in names if any(fnmatchcase(name, glob) for glob in globs)]
    found = [f"throughput/{name}/p:1/c:1/cap:{cap}/msg:16" for name in chosen for cap in (1, 100)]
    return [identity for identity in found if re.search(flags.filter or "", identity)]


def trial_line(identity: str, flags: argparse.Namespace, seq: int) -> dict:
    workload, channel, *parts = identity.split("/")
    failed = os.environ.get("FAKE_FAIL") == identity
    rate = {"metric": "throughput", "unit": "msg/s", "direction": "higher", "value": 1e6 * (1 + seq + flags.round / 10)}
    return {
        "schema": 1, "seq": seq, "round": flags.round, "seed": flags.seed, "start": "2024-01-01T00:00:00.000Z",
        "elapsed_ms": 140.2, "id": identity, "workload": workload, "channel": channel,
        "params": {key: int(value) for key, value in (part.split(":") for part in parts)},
        "status": "failed" if failed else "ok", "failure": "loss" if failed else None,
        "reason": "3 messages" if failed else None, "metrics": [] if failed else [rate], "regime": "mixed",
        "oversubscribed": False,
        "counts": {"offered": 9, "accepted": 9, "refused": 0, "received": 6 if failed else 9, "evicted": 0, "left": 0,
                   "full_hits": 1, "empty_hits": 1, "failed_tries": 0, "parks": None},
        "cpu": {"ns_per_message": 50.0, "voluntary_switches": 1, "involuntary_switches": 0, "steal_ms": 0.0},
        "depth": None, "memory": {"peak_kib": 4096, "growth_kib": 0}, "canary_ghz": [3.0, 3.0],
        "roles": [{"role": "sender", "cpu": 0, "messages": 9, "blocked_ms": None}], "histograms": {},
    }  # fmt: skip


def tell(word: str) -> None:
    Path(os.environ["FAKE_FIFO"]).write_text(word + "\n")


def hold() -> None:
    """Waits for SIGINT, then ends as the real one does; deaf, it tells that the signal came and waits on."""
    signals = {signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    tell(f"held {os.getpid()}")
    while True:
        signal.sigwait(signals)
        if not os.environ.get("FAKE_DEAF"):
            sys.exit(130)
        tell("heard")


def asked(name: str, flags: argparse.Namespace) -> bool:
    return os.environ.get(name) == str(flags.round)


def plan(flags: argparse.Namespace) -> int:
    todo = cases(flags)
    if not todo:
        return refuse("no case matches the filter")
    if flags.dry:
        print(
            json.dumps({"rounds": ROUNDS, "trials_per_round": len(todo), "seconds_per_round": 1.0, "not_applicable": 1})
        )
        return 0
    if asked("FAKE_FULL", flags):
        return refuse(f"cannot append to {flags.out}: no space left on device")
    text = flags.out.read_text() if flags.out.exists() else ""
    assert not text or text.endswith("\n"), "the half line of before should have been cut off"
    there = {(line["id"], line["round"]) for line in map(json.loads, text.splitlines())}
    failed = False
    with flags.out.open("a") as out:
        for seq, identity in enumerate(todo):
            if (identity, flags.round) in there:
                continue
            if seq == 2 and asked("FAKE_HOLD", flags):
                hold()
            line = trial_line(identity, flags, seq)
            if seq == 2 and asked("FAKE_CRASH", flags):
                out.write(json.dumps(line)[:50])
                out.flush()
                os.kill(os.getpid(), signal.SIGSEGV)
            if seq == 1 and os.environ.get("FAKE_SHORT"):
                continue
            out.write(json.dumps(line) + "\n")
            out.flush()
            failed = failed or line["status"] == "failed"
            event = {"done": seq + 1, "of": len(todo), **{key: line[key] for key in ("id", "status", "reason")}}
            print(json.dumps({**event, "elapsed_ms": 140.2}), flush=True)
    return 1 if failed else 0


def refuse(line: str) -> int:
    print(f"weir-bench: {line}", file=sys.stderr)
    return 2


def main() -> int:
    if calls := os.environ.get("FAKE_CALLS"):
        with open(calls, "a") as file:
            print(json.dumps(sys.argv[1:]), file=file)
    command = sys.argv[1]
    if command in ("list", "env"):
        print(json.dumps(listing() if command == "list" else environment()))
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--suite", required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--round", type=int)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--channels", action="append")
    parser.add_argument("--filter")
    parser.add_argument("--dry", action="store_true")
    return plan(parser.parse_args(sys.argv[2:]))


sys.exit(main())
