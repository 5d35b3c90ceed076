"""Makes `weirlib` importable and holds synthetic runs for all tests that only read them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).resolve().parent)]

import planted_backpressure  # noqa: E402  (needs the path above)
import synthetic  # noqa: E402
from weirlib import report  # noqa: E402
from weirlib.results import Run  # noqa: E402


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """A small run of 7 rounds with planted figures, one failed and one inapplicable case."""
    return synthetic.write(tmp_path / "20240101-120000-quick", synthetic.Plan())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run with its report, built once; tests do not write to it."""
    path = synthetic.write(tmp_path_factory.mktemp("runs") / "20240101-120000-quick", synthetic.Plan())
    report.build(path)
    return path


@pytest.fixture(scope="session")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of every backpressure scenario, written and read once."""
    return planted_backpressure.write(tmp_path_factory.mktemp("runs") / "backpressure")
