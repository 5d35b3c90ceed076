#!/usr/bin/env python3
"""Stands in for a weir-bench that takes turns. A copy of it is made for each test; a file of the same name with the
suffix .json says how it behaves: {"rate": messages a second, "does": dies | hangs | loses | refuses | is_old}."""

import json
import os
import signal
import sys
import time
from pathlib import Path

ME = Path(sys.argv[0])
SAID = json.loads(ME.with_suffix(".json").read_text()) if ME.with_suffix(".json").exists() else {}
DOES = SAID.get("does")
ENVIRONMENT = {
    "cpu_model": "Abacus 9000", "allowed_cpus": [0, 1], "virtualized": "", "architecture": "beads", "kernel": "none",
    "memory_mib": 64, "compiler": "GNU 12", "flags": "-O3", "build_type": "Release",
}  # fmt: skip


def say(line: dict) -> None:
    print(json.dumps(line), flush=True)


def refuse(line: str) -> int:
    print(f"weir-bench: {line}", file=sys.stderr)
    return 2


def turns() -> int:
    if DOES == "is_old":
        return refuse("unknown flag or command 'turns': did you mean 'env'?")
    if DOES == "refuses":
        return refuse("unknown channel 'futex_ring': did you mean 'mutex_condvar'?")
    say({"ready": True})
    for number, _ in enumerate(sys.stdin):
        if DOES == "dies" and number == 2:
            os.kill(os.getpid(), signal.SIGSEGV)
        if DOES == "hangs" and number == 2:
            ME.with_suffix(".hung").touch()
            time.sleep(3600)
        say({"messages": int(SAID.get("rate", 1_000_000)), "ns": 1_000_000_000})
    if DOES == "loses":
        say({"status": "failed", "failure": "loss", "reason": "3 messages of sender 0"})
        return 1
    say({"status": "ok", "canary_ghz": [3.0, 3.0]})
    return 0


def main() -> int:
    if sys.argv[1] == "env":
        say({**ENVIRONMENT, **SAID.get("environment", {})})
        return 0
    if sys.argv[1] == "pairs":
        return refuse("unknown flag or command 'pairs': did you mean 'plan'?")
    return turns()


if __name__ == "__main__":
    sys.exit(main())
