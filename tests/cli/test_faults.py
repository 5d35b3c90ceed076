"""scripts/weir stress --faults: the list fits the headers, and what is said of an attack."""

import json
import os
import re
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from door import Weir
from weirlib import arguments, faults
from weirlib.errors import FAILED, INTERRUPTED, OK, UsageError
from weirlib.faults import detectors, kept, planted, table
from weirlib.faults.detectors import Attack, Outcome
from weirlib.faults.planted import ALL_CASES, COMPILER, EXPLORER, Fault
from weirlib.paths import ROOT

KNOWN = planted.read()
PLANTED = [fault for fault in KNOWN if not fault.sound]
SOUND = [fault for fault in KNOWN if fault.sound]
ORIGINALS = [fault for fault in SOUND if not fault.changes]
ONE = replace(PLANTED[0], detectors=("exactly_once",))


def named(name: str) -> Fault:
    return next(fault for fault in KNOWN if fault.name == name)


# --- the list


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


# --- detectors

Program = Callable[[str, int], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """What stands in for the program with the fault: prints lines, ends with a status. Nothing is built."""
    path = tmp_path / "stress"
    monkeypatch.setattr(Fault, "program", property(lambda _: path))
    monkeypatch.setattr(faults, "make", lambda *_: None)

    def write(lines: str, status: int) -> None:
        path.write_text("#!/bin/sh\ncat <<'END'\n" + lines + f"END\nexit {status}\n")
        os.chmod(path, 0o755)

    return write


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


# --- the table


def outcome(fault: Fault, seen: str, took: float = 1.0, seed: int = 1) -> Outcome:
    return Outcome(Attack(fault, fault.detectors[0], seed, 10), took, seen)


def test_a_fault_that_one_seed_did_not_show_has_survived() -> None:
    both = [outcome(ONE, "lost", 2.0), outcome(ONE, "", 10.0, seed=2)]
    assert re.search(r"exactly_once +1 of 2 +2\.0 +2\.0  SURVIVED some seeds: lost", table.row(both))
    assert "0 of 1 faults caught" in table.closing(both)
    assert f"survived: {ONE.name}" in table.closing(both)
    assert re.search(r"0 of 1 +10\.0 +10\.0  SURVIVED: nothing", table.row(both[1:]))


def test_an_alarm_about_a_sound_channel_is_called_one() -> None:
    false = outcome(ORIGINALS[0], "order: wrong")
    assert "ALARM: order: wrong" in table.row([false])
    assert table.closing([false]) == "\nalarms: 1 of 1 sound channels"
    assert "0 of 1  " in table.row([outcome(ORIGINALS[0], "")])


def test_the_end_counts_faults_kinds_and_reports() -> None:
    done = [outcome(fault, "x", 1.0 + number) for number, fault in enumerate(PLANTED)]
    text = table.closing(done)
    assert f"{len(PLANTED)} of {len(PLANTED)} faults caught, median " in text
    assert "32 of 32 kinds of the list\n" in text
    assert re.search(r"^(\d+) of \1 faults that others reported$", text, re.MULTILINE)
    assert "survived" not in text


# --- the command


def flags(*words: object) -> Namespace:
    return arguments.stress_parser().read(["--faults", *map(str, words)])


def test_a_survivor_makes_the_status_1(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    program('{"finding": "lost", "case": "a", "verdict": "failed", "reason": "lost"}\n', 1)
    assert faults.faults(flags(ONE.name)) == OK
    assert "1 of 1 faults caught" in capsys.readouterr().out
    program('{"finding": "", "case": "a", "verdict": "passed"}\n', 0)
    assert faults.faults(flags(ONE.name)) == FAILED
    assert "SURVIVED" in capsys.readouterr().out
    assert faults.faults(flags("sound_1")) == OK


def test_more_seeds_are_more_attacks_by_cases_and_not_by_the_explorer() -> None:
    fault = replace(ONE, detectors=(EXPLORER, "exactly_once"))
    attacks = list(faults.attacks_on(fault, flags("--seeds", 3, "--seed", 5)))
    assert [(attack.detector, attack.seed) for attack in attacks] == [
        (EXPLORER, 5),
        ("exactly_once", 5),
        ("exactly_once", 6),
        ("exactly_once", 7),
    ]


def test_an_interrupted_call_keeps_what_is_done_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(faults, "make", lambda *_: None)
    asked: list[str] = []
    last_of_the_first_call = 2

    def detect(attack: Attack) -> Outcome:
        if len(asked) == last_of_the_first_call and not capsys.readouterr().err:
            raise KeyboardInterrupt
        asked.append(attack.fault.name)
        return Outcome(attack, 0.5, "" if attack.fault.sound else "seen")

    monkeypatch.setattr(faults, "detect", detect)
    words = ("sound_[12]", "--resume", tmp_path / "outcomes.jsonl")
    assert faults.faults(flags(*words)) == INTERRUPTED
    before = (tmp_path / "outcomes.jsonl").read_text()
    assert len(before.splitlines()) == last_of_the_first_call
    assert f"interrupted after 2 of 4 attacks; --resume {words[2]} goes on from here" in capsys.readouterr().err
    monkeypatch.setattr(faults, "detect", lambda attack: asked.append(attack.fault.name) or Outcome(attack, 0.5, ""))
    assert faults.faults(flags(*words)) == OK
    assert asked == ["sound_1", "sound_1", "sound_2", "sound_2"]
    assert (tmp_path / "outcomes.jsonl").read_text().startswith(before)


def test_what_was_kept_of_another_fault_of_that_name_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    kept.Kept(path).add(outcome(ONE, "lost"))
    assert kept.Kept(path).find(outcome(ONE, "").attack) == outcome(ONE, "lost")
    changed = replace(ONE, changes=())
    assert kept.Kept(path).find(outcome(changed, "").attack) is None


def test_a_line_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    kept.Kept(path).add(outcome(ONE, "lost"))
    whole = path.read_text()
    path.write_text(whole + whole[:20])
    assert len(kept.Kept(path).lines) == 1
    assert path.read_text() == whole


def test_another_file_is_never_added_to(tmp_path: Path) -> None:
    for text in ("a letter\n", "{}\n", "[1]\n"):
        path = tmp_path / "other"
        path.write_text(text)
        with pytest.raises(UsageError, match="is no file of outcomes: nothing is added to it"):
            kept.Kept(path)
        assert path.read_text() == text
    with pytest.raises(UsageError, match="is not a file"):
        kept.Kept(tmp_path)
    with pytest.raises(UsageError, match="is not a folder"):
        kept.Kept(tmp_path / "no" / "outcomes")


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
