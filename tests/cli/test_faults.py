"""scripts/weir stress --faults: the list of faults fits the headers, and mistakes are one line."""

import re
from dataclasses import replace

import pytest
from door import Weir
from faulty import KNOWN, ONE, ORIGINALS, PLANTED, named
from weirlib.errors import UsageError
from weirlib.faults import planted
from weirlib.faults.planted import COMPILER, EXPLORER, Fault
from weirlib.paths import ROOT


@pytest.mark.parametrize("fault", [fault for fault in KNOWN if fault.changes], ids=lambda fault: fault.name)
def test_each_fault_changes_its_header_in_one_place(fault: Fault) -> None:
    header = ROOT / fault.file
    assert planted.planted(fault, header) != header.read_text(encoding="utf-8")


def test_every_channel_with_a_fault_has_its_sound_original() -> None:
    assert {fault.channel for fault in PLANTED} == {fault.channel for fault in ORIGINALS}


def test_every_kind_of_fault_is_planted() -> None:
    assert {fault.kind for fault in PLANTED} - {0} == set(range(1, 33))


def test_a_fault_that_others_reported_says_where() -> None:
    assert len([fault for fault in PLANTED if fault.reported]) >= 8
    assert all(fault.reported.startswith("https://") for fault in PLANTED if fault.reported)


def test_every_detector_that_is_named_exists() -> None:
    cases = set()
    for file in (ROOT / "harness" / "stress").glob("cases_*.cpp"):
        cases |= set(re.findall(r'^ +{"(\w+)",$', file.read_text(encoding="utf-8"), re.MULTILINE))
    for fault in PLANTED:
        assert fault.detectors
        for detector in fault.detectors:
            assert detector in (EXPLORER, COMPILER) or detector.removesuffix("@delays") in cases, fault.name


def test_a_header_that_has_changed_is_an_error_and_no_silent_survivor() -> None:
    fault = replace(ONE, name="gone", file="channels/latest.hpp", changes=(("not there", "x"),))
    with pytest.raises(UsageError, match="gone: what is to be replaced stands 0 times in channels/latest.hpp"):
        planted.planted(fault, ROOT / fault.file)


def test_an_unknown_fault_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown fault holds_one_les; nearest: holds_one_less"):
        planted.choose(KNOWN, ["holds_one_les"])


def test_globs_choose() -> None:
    assert planted.choose(KNOWN, ["sound_*"]) == ORIGINALS
    assert planted.choose(KNOWN, ["*"]) == KNOWN
    assert planted.choose(KNOWN, ["!sound_*"]) == [fault for fault in KNOWN if fault not in ORIGINALS]
    assert [fault.name for fault in planted.choose(KNOWN, ["holds_*", "!*_less"])] == ["holds_one_more"]


def test_a_choice_that_leaves_nothing_is_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"no fault is left of late_flag,!late_\*"):
        planted.choose(KNOWN, ["late_flag", "!late_*"])


def test_the_list_says_what_each_fault_is(weir: Weir) -> None:
    said_ = weir("stress", "--faults", "late_flag", "--list")
    assert said_.returncode == 0, said_.stderr
    assert said_.stdout.split(maxsplit=1)[0] == "late_flag"
    assert named("late_flag").says in said_.stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--faults", "--channel", "x"], "--channel does not go with --faults"),
        (["--faults", "--channel-file", "x"], "--channel-file does not go with --faults"),
        (["--faults", "--explore", "x"], "--explore does not go with --faults"),
        (["--faults", "--bound", "2"], "--bound does not go with --faults"),
        (["--faults", "!no_such"], r"unknown fault no_such; nearest: \w+"),
        (["--seeds", "3"], "--seeds goes with --faults"),
        (["--resume", "x"], "--resume goes with --faults"),
    ],
)
def test_a_mistake_is_one_line(weir: Weir, words: list[str], line: str) -> None:
    said_ = weir("stress", *words)
    assert (said_.returncode, said_.stdout) == (2, "")
    assert re.fullmatch(f"weir: {line}\n", said_.stderr)
