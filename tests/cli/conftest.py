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
def time_limit(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing here may wait for ever, a FIFO whose other end never comes included."""
    limit_s = getattr(request.module, "LIMIT_S", LIMIT_S)  # some have more

    def over(*_: object) -> None:
        raise TimeoutError(f"the test ran longer than {limit_s} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(limit_s)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def weir(tmp_path: Path) -> Weir:
    return Weir(tmp_path)
