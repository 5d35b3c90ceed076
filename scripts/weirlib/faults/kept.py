"""A file of JSON lines, one for each attack that is done: an interrupted call goes on from there."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from weirlib.errors import UsageError
from weirlib.faults.detectors import Attack, Outcome
from weirlib.faults.planted import Fault, sources
from weirlib.paths import ROOT, shown


BEGIN = '{"fault": '  # of each line


class Kept:
    """Without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.lines = {key_of(line): line for line in self.read(path)} if path else {}

    @staticmethod
    def read(path: Path) -> list[dict[str, Any]]:
        if not path.exists():
            if not path.parent.is_dir():
                raise UsageError(f"--resume {shown(path)}: {shown(path.parent)} is not a folder")
            return []
        if not path.is_file():
            raise UsageError(f"--resume {shown(path)} is not a file")
        try:
            *whole, rest = path.read_text(encoding="utf-8").split("\n")
            lines = [json.loads(text) for text in whole]
            for line in lines:
                key_of(line), line["seconds"], line["seen"]
            if not (rest.startswith(BEGIN) or BEGIN.startswith(rest)):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"--resume {shown(path)} is no file of outcomes: nothing is added to it") from None
        if rest:  # of a call that was killed while it wrote
            path.write_text("".join(f"{text}\n" for text in whole), encoding="utf-8")
        return lines

    def find(self, attack: Attack) -> Outcome | None:
        line = self.lines.get(key_of(identity(attack))) if self.lines else None
        return Outcome(attack, line["seconds"], line["seen"]) if line else None

    def add(self, outcome: Outcome) -> None:
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                print(json.dumps(outcome.line() | identity(outcome.attack)), file=file, flush=True)


def identity(attack: Attack) -> dict[str, Any]:
    """What must be the same for an outcome to hold still."""
    return {
        "fault": attack.fault.name,
        "detector": attack.detector,
        "seed": attack.seed,
        "at_most": attack.seconds,
        "made_of": made_of(attack.fault),
    }


def key_of(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("fault", "detector", "seed", "at_most", "made_of"))


@cache
def made_of(fault: Fault) -> str:
    """Of everything that is compiled for it: a fault in a channel that has changed since is another one."""
    digest = hashlib.sha256(harness().encode())
    for path, text in sources(fault).items():
        digest.update(f"{path.name}\n{text}".encode())
    return digest.hexdigest()[:16]


@cache
def harness() -> str:
    """What is linked to every fault, and the flags that all of it is compiled with."""
    files = [path for name in ("harness", "workloads", "cmake") for path in sorted((ROOT / name).rglob("*"))]
    texts = [path for path in files if path.suffix in (".cpp", ".hpp", ".cmake")]
    return "".join(path.read_text(encoding="utf-8") for path in [ROOT / "CMakeLists.txt", ROOT / "CMakePresets.json", *texts])
