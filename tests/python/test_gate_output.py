"""What a session leaves for people: a page, a forest plot, counted instructions."""

import os
from pathlib import Path

import pytest

from weirlib.gating import forest, instructions, record, report, settings
from weirlib.gating.instructions import Count
from weirlib.gating.judge import Series, Terms, conclude

CASES = ("throughput/spsc_ring:yield/p:1/c:1/place:one", "throughput/futex_ring/p:2/c:1/place:spread")
RECORD = {"seed": 7, "base": {"word": "main", "what": "abc Older"}, "candidate": {"word": "HEAD", "what": "def Newer"}}


def flat(middle: float) -> Series:
    return Series([middle + 0.0001 * (i % 5) for i in range(24)], [0.0001 * (i % 5) for i in range(24)])


SLOWER = conclude({CASES[0]: flat(0.105), CASES[1]: flat(0.0)}, {CASES[0]: flat(0.11)}, [], {c: Terms(0.03, 0.01) for c in CASES})


def test_the_page_names_the_case_its_change_and_where_it_was_confirmed() -> None:
    page = report.page(RECORD, SLOWER, "", report.instructions("left out"))
    assert page.startswith("### Weir's gate: regression")
    (row,) = [line for line in page.splitlines() if CASES[0] in line]
    assert "| regression | -10.0 % |" in row and row.endswith("| -10.4 % |")
    assert "`HEAD` (def Newer) against `main` (abc Older), seed 7" in page
    assert report.closing(SLOWER) == f"regression: {CASES[0]} -10.0 %"


def test_the_last_line_names_what_improved_and_what_was_not_confirmed() -> None:
    terms = {case: Terms(0.03, 0.01) for case in CASES}
    first = {CASES[0]: flat(-0.1), CASES[1]: flat(0.1)}
    better = conclude({CASES[0]: flat(-0.1), CASES[1]: flat(0.0)}, {CASES[0]: flat(-0.1)}, [], terms)
    assert report.closing(better) == f"improvement: {CASES[0]} +10.5 %"
    doubtful = conclude(first, {CASES[0]: flat(-0.1), CASES[1]: flat(0.0)}, [], terms)
    assert report.closing(doubtful) == f"inconclusive: looked slower, and not confirmed: {CASES[1]} -9.5 %"


def test_the_last_line_names_an_advisory_case_beyond_its_margin() -> None:
    quiet, wild = CASES
    said = report.closing(conclude({quiet: flat(0.0), wild: flat(0.3)}, {}, [], {quiet: Terms(0.03, 0.01), wild: Terms(0.05, 0.08)}))
    assert said.startswith("no change beyond the margins; beyond their margins are cases that scatter too much to decide: ")
    assert said.endswith(f"{wild} -25.9 %")
    better = conclude({quiet: flat(-0.1), wild: flat(0.3)}, {quiet: flat(-0.1)}, [], {quiet: Terms(0.03, 0.01), wild: Terms(0.05, 0.08)})
    said = report.closing(better)
    assert said.startswith(f"improvement: {quiet} +10.5 %; beyond their margins") and said.endswith(f"{wild} -25.9 %")


def test_another_build_is_said_on_the_page() -> None:
    same = {"compiler": ["GNU 12", "GNU 12"], "flags": ["-O3", "-O3"]}
    assert record.unlike(same) == ""
    said = record.unlike(same | {"flags": ["-O3", "-O2"]})
    assert said == "Base and candidate were built differently: flags -O3 and -O2."


def test_the_page_says_what_instructions_are_not() -> None:
    counts = [Count("uncontended/a", 200.0, 201.0), Count("uncontended/b", 200.0, 210.0), Count("uncontended/c", 200.0, 150.0)]
    text = report.instructions(counts)
    assert "not time" in text and "decide nothing" in text
    assert [line.split("|")[-2].strip() for line in text.splitlines()[-3:]] == ["as many", "more", "fewer"]


def test_without_a_round_the_time_is_said_to_be_too_short() -> None:
    assert report.closing(conclude({CASES[0]: Series([], [])}, {}, [], {})) == "inconclusive: there was no time for a single round"


def test_the_forest_has_a_row_for_each_case(tmp_path: Path) -> None:
    forest.draw(SLOWER, "HEAD against main", tmp_path)
    svg = (tmp_path / "forest.svg").read_text()
    for words in ("spsc_ring:yield 1x1, one: regression", "futex_ring 2x1, spread: no change", "HEAD against main"):
        assert words in svg
    assert (tmp_path / "forest.png").read_bytes().startswith(b"\x89PNG")


def test_a_session_without_rounds_can_be_drawn(tmp_path: Path) -> None:
    forest.draw(conclude({CASES[0]: Series([], [])}, {}, [], {}), "nothing", tmp_path)
    assert (tmp_path / "forest.svg").exists()


@pytest.fixture
def valgrind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in: 5000 instructions to begin with, and so many a pair as the program's name says."""
    fake = tmp_path / "valgrind"
    fake.write_text('#!/bin/sh\necho "==1== Collected : $((5000 + $(basename "$3") * $6))" >&2\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return fake


def program(folder: Path, name: str, text: str = "exit 0") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_what_both_numbers_of_pairs_have_in_common_falls_out(valgrind: Path, tmp_path: Path) -> None:
    found = instructions.compare(program(tmp_path, "200"), program(tmp_path, "210"), ["uncontended/a"])
    assert found == [Count("uncontended/a", 200.0, 210.0)]


def test_a_program_without_pairs_is_not_counted_and_that_is_said(valgrind: Path, tmp_path: Path) -> None:
    old = program(tmp_path, "1", "echo \"weir-bench: unknown flag or command 'pairs': did you mean\" >&2; exit 2")
    assert "built before there were pairs" in str(instructions.compare(old, program(tmp_path, "2"), ["uncontended/a"]))


def test_a_callgrind_that_fails_takes_no_verdict_away(valgrind: Path, tmp_path: Path) -> None:
    valgrind.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    said = instructions.compare(program(tmp_path, "1"), program(tmp_path, "2"), ["uncontended/a"])
    assert said == "callgrind ended uncontended/a with status 1: broken"


def test_instructions_are_counted_for_the_channels_that_are_measured() -> None:
    asked = settings.read()
    assert len(asked.cases) <= settings.MOST_CASES
    assert asked.counted(asked.cases) == asked.instructions
    assert [case.split("/")[1] for case in asked.counted((asked.cases[0],))] == [asked.cases[0].split("/")[1]]
    assert set(asked.calibrated) <= set(asked.cases)
