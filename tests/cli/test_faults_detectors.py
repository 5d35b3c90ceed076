"""What a detector is asked, and what counts as seen."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from faulty import ONE, ORIGINALS, Program, named, program
from weirlib.errors import UsageError
from weirlib.faults import detectors, planted
from weirlib.faults.detectors import Attack
from weirlib.faults.planted import ALL_CASES, COMPILER, EXPLORER, Fault

__all__ = ["program"]  # a fixture


def said(*verdicts: tuple[str, str]) -> str:
    return "".join(
        json.dumps({"case": case, "verdict": verdict, "reason": f"why {case}"}) + "\n" for case, verdict in verdicts
    )


def test_the_first_case_that_fails_is_what_was_seen(program: Program) -> None:
    program(said(("a", "passed"), ("b", "failed"), ("c", "failed")), 1)
    assert detectors.detect(Attack(ONE, "b", 1, 1)).seen == "why b"
    assert detectors.detect(Attack(ONE, ALL_CASES, 1, 1)).seen == "b: why b"


def test_a_case_that_proves_nothing_detects_nothing(program: Program) -> None:
    program(said(("a", "passed"), ("b", "vacuous")), 1)
    assert not detectors.detect(Attack(ONE, "b", 1, 1)).found


@pytest.mark.parametrize(
    ("detector", "words"),
    [("a", "--case=a"), ("a@delays", f"--case=a --channel={ONE.name}@delays"), (ALL_CASES, "")],
)
def test_a_detector_is_asked_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detector: str, words: str
) -> None:
    path = tmp_path / "stress"
    path.write_text('#!/bin/sh\nprintf \'{"case": "a", "verdict": "failed", "reason": "%s"}\\n\' "$*"\nexit 1\n')
    os.chmod(path, 0o755)
    monkeypatch.setattr(Fault, "program", property(lambda _: path))
    seen = detectors.detect(Attack(ONE, detector, 7, 2)).seen.removeprefix("a: ")
    assert seen == f"--json --seed=7 --seconds=2 --hang-after-ms={detectors.HANG_MS} {words}".rstrip()
    patient = detectors.detect(Attack(ORIGINALS[0], ALL_CASES, 7, 2)).seen
    assert patient == "a: --json --seed=7 --seconds=2"


def test_what_the_explorer_finds_is_a_detection(program: Program) -> None:
    program('{"finding": ""}\n{"finding": "lost wake-up"}\n', 1)
    assert detectors.detect(Attack(ONE, EXPLORER, 1, 1)).seen == "lost wake-up"
    program('{"finding": ""}\n', 0)
    assert not detectors.detect(Attack(ONE, EXPLORER, 1, 1)).found


def test_a_program_that_does_not_run_is_no_survivor(program: Program) -> None:
    program("", 2)
    with pytest.raises(UsageError, match="stress ended with status 2"):
        detectors.detect(Attack(ONE, "a", 1, 1))


def test_the_compiler_tells_a_channel_that_takes_what_may_throw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planted, "FOLDER", tmp_path)
    fault = named("moves_may_throw")
    sound = next(one for one in ORIGINALS if one.channel == fault.channel)
    assert fault.detectors == (COMPILER,) and not fault.runs
    for one in (fault, sound):
        planted.write(one)
    assert detectors.detect(Attack(fault, COMPILER, 1, 1)).seen == "a channel takes messages whose move may throw"
    assert COMPILER in sound.detectors
    assert not detectors.detect(Attack(sound, COMPILER, 1, 1)).found


def test_what_does_not_compile_for_another_reason_is_no_detection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planted, "FOLDER", tmp_path)
    fault = replace(named("moves_may_throw"), changes=(("#include <chrono>", "#include <nothing>"),))
    planted.write(fault)
    with pytest.raises(UsageError, match="moves_may_throw: refused.cpp does not compile: "):
        detectors.detect(Attack(fault, COMPILER, 1, 1))
