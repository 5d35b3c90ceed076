"""Where things lie in the project."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
RESULTS = ROOT / "results"
SUITES = ROOT / "harness" / "suites"


def shown(path: Path) -> str:
    """The path as people like to read it: relative where that is shorter to type from here."""
    path = path.resolve()
    here = Path(os.getcwd())
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
