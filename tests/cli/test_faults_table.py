"""The table of faults, its exit status, and the file that an interrupted call goes on from."""

import re
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest
from faulty import ONE, ORIGINALS, PLANTED, Program, outcome, program
from weirlib import arguments, faults
from weirlib.errors import FAILED, INTERRUPTED, OK, UsageError
from weirlib.faults import kept, table
from weirlib.faults.detectors import Attack, Outcome
from weirlib.faults.planted import EXPLORER

__all__ = ["program"]  # a fixture


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
    last_of_the_first_call = 3

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
    said = capsys.readouterr()
    assert f"interrupted after 3 of 4 attacks; --resume {words[2]} goes on from here" in said.err
    assert said.out.endswith("alarms: 0 of 1 sound channels\n"), "of the second nothing is known yet"
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
    for text in ("a letter\n", "a note without an end", "{}\n", "[1]\n", '{"name": "weir"}'):
        path = tmp_path / "other"
        path.write_text(text)
        with pytest.raises(UsageError, match="is no file of outcomes: nothing is added to it"):
            kept.Kept(path)
        assert path.read_text() == text
    with pytest.raises(UsageError, match="is not a file"):
        kept.Kept(tmp_path)
    with pytest.raises(UsageError, match="is not a folder"):
        kept.Kept(tmp_path / "no" / "outcomes")
