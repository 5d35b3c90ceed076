#!/usr/bin/env python3
"""Stands in for weir-stress in the tests of the command line: the same words, nothing attacked. By the environment:

FAKE_FIND=CHANNEL      that channel fails its second case
FAKE_VACUOUS=CHANNEL   that channel meets nothing in its second case
FAKE_STRESS_HOLD=1     stops after the first channel, says so through the FIFO named by FAKE_FIFO, waits for SIGINT
FAKE_STRESS_CRASH=1    ends by SIGSEGV after the first channel
FAKE_STRESS_CALLS=FILE  keeps what it is called with, one JSON line a call
"""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

CASES = {"fills": "it holds its capacity", "closes": "close() wakes who waits", "delivers": "each message arrives once"}
KNOWN = ["mine", "mpmc_ring", "mpmc_ring:park", "mutex_condvar", "spsc_ring"]


def outcome(channel: str, case: str, again: str) -> dict:
    line = {
        "schema": 1, "channel": channel, "case": case, "verdict": "passed", "reason": "", "stacks": "", "again": "",
        "seed": 5, "seconds": 0.1,
        "met": dict.fromkeys(("operations", "full", "empty", "blocked", "closed", "timed_out"), 9)
        | {"histories": 2, "undecided": 0},
    }  # fmt: skip
    if case == "closes" and channel == os.environ.get("FAKE_FIND"):
        line |= {"verdict": "failed", "reason": "close: receiver 0 sleeps on\n  |-recv", "again": again}
    if case == "closes" and channel == os.environ.get("FAKE_VACUOUS"):
        line |= {"verdict": "vacuous", "reason": "vacuous: never met a closed channel", "again": again}
    return line


def hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    Path(os.environ["FAKE_FIFO"]).write_text(f"held {os.getpid()}\n")
    signal.sigwait({signal.SIGINT})
    print("interrupted: the table is incomplete", file=sys.stderr)
    sys.exit(130)


def main() -> int:
    if calls := os.environ.get("FAKE_STRESS_CALLS"):
        with open(calls, "a") as file:
            print(json.dumps(sys.argv[1:]), file=file)
    parser = argparse.ArgumentParser()
    for name in ("--channel", "--case"):
        parser.add_argument(name, action="append", default=[])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--again", default="weir-stress")
    for name in ("--only-file", "--json", "--list"):
        parser.add_argument(name, action="store_true")
    flags = parser.parse_args()
    channels = ["mine"] if flags.only_file else flags.channel or KNOWN
    if unknown := [name for name in channels if name not in KNOWN]:
        print(f"weir-stress: unknown channel {unknown[0]}", file=sys.stderr)
        return 2
    plan = {
        "schema": 1, "started": "2024-01-01T00:00:00Z", "revision": "abc", "dirty": False, "seed": flags.seed,
        "seconds": flags.seconds, "channels": channels,
        "cases": [{"name": name, "sentence": sentence} for name, sentence in CASES.items()],
    }  # fmt: skip
    out = flags.out.open("x") if flags.out else open(os.devnull, "w")
    print(json.dumps(plan), file=out, flush=True)
    found = 0
    for number, channel in enumerate(channels):
        for case in CASES:
            again = f"{flags.again} --channel '{channel}' --case {case} --seconds {flags.seconds:g} --seed {flags.seed}"
            line = outcome(channel, case, again)
            print(json.dumps(line), file=out, flush=True)
            if flags.json:
                print(json.dumps(line), flush=True)
            elif line["verdict"] != "passed":
                found += 1
                print(f"{channel} FAILED: {case}\n{line['reason']}\nagain: {again}", flush=True)
        if number == 0 and os.environ.get("FAKE_STRESS_HOLD"):
            hold()
        if number == 0 and os.environ.get("FAKE_STRESS_CRASH"):
            os.kill(os.getpid(), signal.SIGSEGV)
    if not flags.json:
        print(f"{len(channels)} channels, the table")
    return 1 if found else 0


sys.exit(main())
