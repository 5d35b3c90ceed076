"""Every test of the command line has a time limit and may have a door of its own."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from door import ROOT, Weir

LIMIT_S = 60

sys.path.insert(0, str(ROOT / "scripts"))


@pytest.fixture(autouse=True)
def time_limit() -> Iterator[None]:
    """Nothing here may wait for ever, a FIFO whose other end never comes included."""

    def over(*_: object) -> None:
        raise TimeoutError(f"the test ran longer than {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def weir(tmp_path: Path) -> Weir:
    return Weir(tmp_path)
