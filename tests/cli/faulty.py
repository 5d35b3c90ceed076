"""The planted faults as the tests use them, and what stands in for a program with one."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from weirlib import faults
from weirlib.faults import planted
from weirlib.faults.detectors import Attack, Outcome
from weirlib.faults.planted import Fault

KNOWN = planted.read()
PLANTED = [fault for fault in KNOWN if not fault.sound]
ORIGINALS = [fault for fault in KNOWN if fault.sound and not fault.changes]
ONE = replace(PLANTED[0], detectors=("exactly_once",))


def named(name: str) -> Fault:
    return next(fault for fault in KNOWN if fault.name == name)


def outcome(fault: Fault, seen: str, took: float = 1.0, seed: int = 1) -> Outcome:
    return Outcome(Attack(fault, fault.detectors[0], seed, 10), took, seen)


Program = Callable[[str, int], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """What stands in for the program with the fault: prints lines, ends with a status. Nothing is built."""
    path = tmp_path / "stress"
    monkeypatch.setattr(Fault, "program", property(lambda _: path))
    monkeypatch.setattr(faults, "make", lambda *_: None)

    def write(lines: str, status: int) -> None:
        path.write_text("#!/bin/sh\ncat <<'END'\n" + lines + f"END\nexit {status}\n")
        os.chmod(path, 0o755)

    return write
