"""The arm without noise: how many instructions a send and a receive take on one thread, counted by callgrind.

It says nothing of time: a cache line that moves between cores is no instruction. But it is the same at every run, so
that one per cent is seen where a clock sees ten.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from weirlib.errors import Failure

MARGIN = 0.01
FEW, MANY = 1_000, 11_000  # pairs: what both runs have in common, starting up included, falls out of the difference
LIMIT_S = 60.0
COLLECTED = re.compile(r"Collected : (\d+)")
MORE, FEWER, SAME = "more", "fewer", "as many"


@dataclass(frozen=True)
class Count:
    """Of one case: instructions for a send and a receive."""

    case: str
    base: float
    candidate: float

    @property
    def change(self) -> float:
        return self.candidate / self.base - 1.0

    @property
    def verdict(self) -> str:
        if abs(self.change) <= MARGIN:
            return SAME
        return MORE if self.change > 0 else FEWER


def compare(base: Path, candidate: Path, cases: Sequence[str]) -> list[Count] | str:
    """The counts of all cases, or in a line why there are none."""
    if not cases:
        return "none of these channels has a case for it"
    if shutil.which("valgrind") is None:
        return "there is no valgrind (Debian: valgrind)"
    for program in {base, candidate}:
        if reason := cannot(program, cases):
            return f"{program} cannot be counted: {reason}"
    # Counting disturbs nobody and is disturbed by nobody: side by side.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        of_base = pool.map(lambda case: of_a_pair(base, case), cases)
        of_candidate = pool.map(lambda case: of_a_pair(candidate, case), cases)
        try:
            return [Count(*three) for three in zip(cases, of_base, of_candidate)]
        except Failure as failure:
            return str(failure)  # the session has its verdict all the same


def cannot(program: Path, cases: Sequence[str]) -> str:
    """Why the program cannot run a pair of each case; empty when it can."""
    for case in cases:
        try:
            said = subprocess.run([program, "pairs", case, "1"], capture_output=True, text=True, check=False, timeout=LIMIT_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{case}: {error}"
        if said.returncode != 0:
            line = said.stderr.strip().splitlines()[-1:] or [said.stdout.strip()]
            return "it was built before there were pairs" if "'pairs'" in line[0] else line[0]
    return ""


def of_a_pair(program: Path, case: str) -> float:
    return (counted(program, case, MANY) - counted(program, case, FEW)) / (MANY - FEW)


def counted(program: Path, case: str, pairs: int) -> int:
    argv = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "pairs", case, str(pairs)]
    try:
        said = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise Failure(f"callgrind did not end {case} within {LIMIT_S:.0f} s") from None
    found = COLLECTED.search(said.stderr)
    if said.returncode != 0 or found is None:
        last = (said.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Failure(f"callgrind ended {case} with status {said.returncode}: {last}")
    return int(found.group(1))
