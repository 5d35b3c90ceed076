"""JSON lines that are kept: whole, of one machine, or refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from weirlib import folder
from weirlib.errors import UsageError
from weirlib.paths import shown


def read(path: Path, must_have: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Every line; a file that was cut off or is of something else is refused, since a verdict hangs on it."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {shown(path)}: {error}") from error
    if content and not content.endswith("\n"):
        raise UsageError(f"{shown(path)} is cut off: its last line has no end")
    return [parsed(line, number, path, must_have) for number, line in enumerate(content.split("\n")[:-1], 1)]


def parsed(line: str, number: int, path: Path, must_have: Iterable[str]) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise UsageError(f"{shown(path)} is damaged: line {number} is no JSON") from None
    lacking = [name for name in ("schema", *must_have) if not isinstance(found, dict) or name not in found]
    if lacking or found["schema"] != 1:
        raise UsageError(f"{shown(path)} is of something else: line {number} lacks {', '.join(lacking) or 'schema 1'}")
    return dict(found)


def append(path: Path, entry: dict[str, Any]) -> None:
    """One whole line, in one write."""
    with folder.refusals(path), path.open("ab", buffering=0) as file:
        file.write((json.dumps(entry, ensure_ascii=False) + "\n").encode())


def check_same_machine(before: dict[str, Any], after: dict[str, Any], where: Path) -> None:
    for name, value in before.items():
        if after.get(name) != value:
            here = f"{name} was {value} and is {after.get(name)} here"
            raise UsageError(f"{shown(where)} was measured on another machine: {here}; results of two are not put together")
