"""What the gate measures: cases.toml, or a file of the same kind."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path

from weirlib.errors import UsageError
from weirlib.nearest import unknown

DEFAULT = Path(__file__).with_name("cases.toml")
MOST_CASES = 10  # with eleven, no number of heads in 12 throws would reach the first look's level


@dataclass(frozen=True)
class Settings:
    cases: tuple[str, ...]
    calibrated: tuple[str, ...]
    catalogue: tuple[str, ...]
    instructions: tuple[str, ...]

    def counted(self, cases: tuple[str, ...]) -> tuple[str, ...]:
        """Those whose channel is among the cases."""
        channels = {case.split("/")[1] for case in cases}
        return tuple(case for case in self.instructions if case.split("/")[1] in channels)


def read(path: Path = DEFAULT) -> Settings:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        lists = {entry.name: tuple(str(word) for word in content[entry.name]) for entry in fields(Settings)}
        found = Settings(**lists)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    except KeyError as error:
        raise UsageError(f"{path} lacks {error}") from error
    if not 1 <= len(found.cases) <= MOST_CASES:
        raise UsageError(f"{path} has {len(found.cases)} cases; a gate has 1 to {MOST_CASES}, each with one figure")
    return found


def chosen(cases: tuple[str, ...], globs: list[str]) -> tuple[str, ...]:
    """Those that a pattern means, in order; a pattern without wildcards may be a part of an id."""
    if not globs:
        return cases
    for glob in globs:
        if not any(meant(case, glob) for case in cases):
            raise UsageError(unknown("case", glob, cases))
    return tuple(case for case in cases if any(meant(case, glob) for glob in globs))


def meant(case: str, glob: str) -> bool:
    return fnmatchcase(case, glob) or fnmatchcase(case, f"*{glob}*")
