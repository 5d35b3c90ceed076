"""The two programs as they were built, and how a test calls them. CMake says where they are."""

import contextlib
import functools
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ParamSpec

import pytest

P = ParamSpec("P")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT_S = int(os.environ.get("WEIR_TEST_LIMIT_S", "110"))
SANITIZED = os.environ.get("WEIR_SANITIZED") == "true"


@pytest.fixture(autouse=True)
def time_limit() -> Iterator[None]:
    """Nothing here may wait for ever."""

    def over(*_: object) -> None:
        raise TimeoutError(f"the test ran longer than {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


class Bench:
    """A weir-bench, called in a folder of the test's own."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = os.environ[program]
        self.folder = folder
        self.out = folder / "trials.jsonl"

    def __call__(self, *words: object, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [self.program, *map(str, words)]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **options)

    def plan_words(self, suite: Path, *words: object) -> list[str]:
        return [self.program, "plan", "--suite", str(suite), "--out", str(self.out), *map(str, words)]

    def plan(self, suite: Path, *words: object, **options: Any) -> subprocess.CompletedProcess[str]:
        command = self.plan_words(suite, *words)
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **options)

    def start_plan(self, suite: Path, *words: object) -> subprocess.Popen[str]:
        command = self.plan_words(suite, *words)
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def suite(self, text: str) -> Path:
        path = self.folder / "suite.toml"
        path.write_text(text)
        return path

    def records(self) -> list[dict[str, Any]]:
        text = self.out.read_text()
        assert text == "" or text.endswith("\n"), "the file ends in the middle of a line"
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench("WEIR_BENCH_BUILT", tmp_path)


@pytest.fixture
def faulty(tmp_path: Path) -> Bench:
    """As `bench`, with the channels of tests/faulty beside all others."""
    return Bench("WEIR_BENCH_FAULTY", tmp_path)


@pytest.fixture
def faults() -> Path:
    return HERE / "faults.toml"


@pytest.fixture
def small() -> Path:
    return HERE / "small.toml"


class NotShown(AssertionError):
    """What a window on the real clock should have shown, and may not have where a processor was taken away just then."""


def shows(what: bool, words: object = "") -> None:
    if not what:
        raise NotShown(words)


def three_chances(test: Callable[P, None]) -> Callable[P, None]:
    """For what shows(): a program that never does fails all three. What must never be fails the first."""

    @functools.wraps(test)
    def tried(*words: P.args, **named: P.kwargs) -> None:
        for _ in range(2):
            with contextlib.suppress(NotShown):
                return test(*words, **named)
        return test(*words, **named)

    return tried


def is_usage_error(result: subprocess.CompletedProcess[str]) -> bool:
    """Exit 2, and one line that says what is wrong."""
    return result.returncode == 2 and len(result.stderr.strip().splitlines()) == 1
