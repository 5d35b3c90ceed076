"""scripts/weir faults: the list fits the headers, and what is said of an attack."""

import json
import os
from pathlib import Path

import pytest
from weirlib import faults
from weirlib.errors import UsageError
from weirlib.paths import ROOT

PLANTED = [fault for fault in faults.read() if not fault.sound]
SOUND = [fault for fault in faults.read() if fault.sound]


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: fault.name)
def test_each_fault_changes_its_header_in_one_place(fault: faults.Fault) -> None:
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    assert faults.planted(fault, text) != text


def test_every_channel_with_a_fault_has_its_sound_original() -> None:
    assert {fault.channel for fault in PLANTED} == {fault.channel for fault in SOUND}


def test_a_header_that_has_changed_is_an_error_and_no_silent_survivor() -> None:
    fault = faults.Fault("gone", "", "", "channels/x.hpp", changes=(("not there", "x"),))
    with pytest.raises(UsageError, match="gone: what is to be replaced stands 0 times in channels/x.hpp"):
        faults.planted(fault, "something else")


def test_an_unknown_fault_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown fault holds_one_les; nearest: holds_one_less"):
        faults.choose(faults.read(), ["holds_one_les"])


def test_globs_choose() -> None:
    assert faults.choose(faults.read(), ["sound_*"]) == SOUND


def program(folder: Path, verdicts: list[tuple[str, str]], status: int) -> Path:
    """Says one line for each case, then ends."""
    path = folder / "stress"
    lines = [
        json.dumps({"channel": "x@delays", "case": case, "verdict": verdict, "reason": "because"})
        for case, verdict in verdicts
    ]
    path.write_text("#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines) + f"exit {status}\n")
    os.chmod(path, 0o755)
    return path


def test_the_first_case_that_fails_is_the_detector(tmp_path: Path) -> None:
    outcome = faults.attack(PLANTED[0], program(tmp_path, [("a", "passed"), ("b", "failed"), ("c", "failed")], 1), 1, 1)
    assert (outcome.found, outcome.case, outcome.subject) == (True, "b", "x@delays")
    assert "b with delays" in faults.line(outcome)


def test_a_fault_that_is_not_found_has_survived(tmp_path: Path) -> None:
    outcome = faults.attack(PLANTED[0], program(tmp_path, [("a", "passed"), ("b", "vacuous")], 1), 1, 1)
    assert not outcome.found
    assert "SURVIVED" in faults.line(outcome)
    assert "0 of 1 faults found" in faults.closing([outcome])


def test_an_alarm_about_a_sound_channel_is_called_false(tmp_path: Path) -> None:
    outcome = faults.attack(SOUND[0], program(tmp_path, [("a", "failed")], 1), 1, 1)
    assert "FALSE ALARM" in faults.line(outcome)
    assert "false alarms: 1 of 1 sound originals" in faults.closing([outcome])


def test_a_program_that_does_not_run_is_no_survivor(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="stress ended with status 2"):
        faults.attack(PLANTED[0], program(tmp_path, [], 2), 1, 1)


def test_what_the_explorer_finds_is_a_detection(tmp_path: Path) -> None:
    path = program(tmp_path, [], 1)
    path.write_text('#!/bin/sh\necho \'{"finding": ""}\'\necho \'{"finding": "lost wake-up"}\'\nexit 1\n')
    trouble, seconds = faults.explore(path)
    outcome = faults.Outcome(PLANTED[0], 1, 10.0, trouble=trouble, explored=seconds)
    assert outcome.found and outcome.soonest == seconds
    assert "lost wake-up" in faults.line(outcome)
    assert "by the explorer 1, by cases 0" in faults.closing([outcome])


def test_a_fault_that_others_reported_says_where() -> None:
    assert len([fault for fault in PLANTED if fault.reported]) >= 8
    assert all(fault.reported.startswith("https://") for fault in PLANTED if fault.reported)
