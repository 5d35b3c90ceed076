"""gate.json: what a session compares, on which machine, by which calibration."""

from __future__ import annotations

import hashlib
import secrets
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from weirlib import folder
from weirlib.bench import Bench
from weirlib.errors import UsageError, say
from weirlib.gating import calibration, machine, sides
from weirlib.gating.figures import LOOKS


def first_record(flags: Namespace, base: sides.Side, candidate: sides.Side, cases: tuple[str, ...]) -> dict[str, Any]:
    around = [environment(side.program) for side in (base, candidate)]
    how = built(around)
    if differences := unlike(how):
        say(differences)
    known = calibration.of_class(machine.class_of(around[0]), flags.calibration)
    return {
        "schema": 1,
        "base": described(base),
        "candidate": described(candidate),
        "cases": list(cases),
        "rounds": flags.rounds or LOOKS[-1].rounds,
        "seed": secrets.randbits(32) if flags.seed is None else flags.seed,
        "class": known.machine_class,
        "calibration": str(known.where) if known.where else None,
        "machine": machine.identity(around[0]),
        "built": how,
        "started": folder.now(),
        "complete": False,
    }


def environment(program: Path) -> dict[str, Any]:
    return Bench(program).environment()


def described(side: sides.Side) -> dict[str, Any]:
    return {
        "word": side.word,
        "what": side.what,
        "program": str(side.program),
        "relinked": str(side.relinked) if side.relinked else None,
        "sha256": digest(side.program),
        "relinked_sha256": digest(side.relinked) if side.relinked else None,
    }


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_program(side: dict[str, Any]) -> None:
    for which, known in ((side["program"], side["sha256"]), (side["relinked"], side.get("relinked_sha256"))):
        if which and known and (not Path(which).is_file() or digest(Path(which)) != known):
            raise UsageError(f"{which} is not there any more, or is another one now: the session cannot go on")


def built(around: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """How base and candidate were."""
    return {name: [of_one.get(name) for of_one in around] for name in ("compiler", "flags", "build_type")}


def unlike(how: dict[str, list[Any]]) -> str:
    """Empty where both were built in the same way."""
    found = [f"{name} {base} and {candidate}" for name, (base, candidate) in how.items() if base != candidate]
    return f"Base and candidate were built differently: {'; '.join(found)}." if found else ""


def uncalibrated(record: dict[str, Any], known: calibration.Known) -> str:
    """Empty where every case is calibrated."""
    if known.where is None:
        return f"No calibration for the class {known.machine_class}: each margin is 5 %, and nobody has counted the false alarms."
    cases = record["cases"]
    missing = sum(case not in known.counted for case in cases)
    alarms = "nobody has counted the false alarms on this class of machine"
    return f"For {missing} of {len(cases)} cases {alarms}." if missing else ""


def unlinked(record: dict[str, Any]) -> str:
    if record["base"]["relinked"] and record["candidate"]["relinked"]:
        return ""
    why = "There is no other link layout of both here: confirming rounds use the same programs, and a difference of layout "
    return why + "looks like one of code."
