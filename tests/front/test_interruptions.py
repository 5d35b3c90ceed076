"""weir-durability from outside: what it prints, its status, and whose files it leaves alone."""

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import is_usage_error


def durability(*words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [os.environ["WEIR_DURABILITY_BUILT"], *map(str, words)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode == 2 and "was not found when Weir was built" in result.stderr:
        pytest.skip(result.stderr)
    return result


def counted(*words: object, folder: Path) -> dict[str, Any]:
    return dict(json.loads(durability(*words, "--json", folder=folder).stdout))


def test_kills_print_tries_acknowledged_found_and_lost(tmp_path: Path) -> None:
    said = durability("--kill", 4, "--seed", 2, folder=tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
    numbers = re.search(r"^tries 4  acknowledged (\d+)  found (\d+)  lost 0$", said.stdout, re.MULTILINE)
    assert numbers and 0 < int(numbers[1]) <= int(numbers[2])
    assert "A power failure is another matter" in said.stdout


def test_power_losses_say_that_no_disk_was_asked(tmp_path: Path) -> None:
    said = durability("--power-loss", 10, "--seed", 2, folder=tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
    assert re.search(r"^tries 10  acknowledged \d+  found \d+  lost 0$", said.stdout, re.MULTILINE)
    assert "No disk was asked" in said.stdout


def test_a_twin_that_answers_too_early_makes_the_status_1(tmp_path: Path) -> None:
    said = durability("--power-loss", 30, "--seed", 2, "--twin", "early-answer", folder=tmp_path)
    assert said.returncode == 1
    assert int(re.search(r"lost (\d+)", said.stdout)[1]) > 0  # type: ignore[index]


def until_it_says(terminal: int, pattern: bytes) -> None:
    said = b""
    while not re.search(pattern, said):
        said += os.read(terminal, 4096)


@pytest.mark.parametrize(("twin", "wanted", "status"), [("early-answer", rb"lost [1-9]", 1), ("none", rb"[1-9] of 100000, lost 0", 130)])
def test_a_loss_that_was_found_is_not_hidden_by_an_interrupt(tmp_path: Path, twin: str, wanted: bytes, status: int) -> None:
    durability("--power-loss", 1, folder=tmp_path)  # skips where there is no SQLite
    ours, theirs = pty.openpty()
    command = [os.environ["WEIR_DURABILITY_BUILT"], "--power-loss", "100000", "--seed", "2", "--twin", twin]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True) as child:
        os.close(theirs)
        until_it_says(ours, wanted)  # its progress goes to terminals only
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=60)
    os.close(ours)
    assert child.returncode == status, said
    assert (status == 1) == bool(re.search(r"lost [1-9]", said))


def test_a_database_of_ones_own_is_kept_and_not_taken_for_a_new_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.sqlite"
    first = counted("--kill", 3, "--db", file, folder=tmp_path)
    assert first["lost"] == 0 and file.exists()
    with sqlite3.connect(file) as mine:
        rows = mine.execute("SELECT count(*) FROM weir_rows WHERE key >= 1 << 48").fetchone()[0]
    assert rows == first["found"]
    again = durability("--kill", 1, "--db", file, folder=tmp_path)
    assert is_usage_error(again) and "of an earlier run" in again.stderr


@pytest.mark.parametrize("kind", ["another program's", "no database", "no folder"])
def test_a_file_that_is_not_ours_is_refused_in_one_line_and_left(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "theirs"
    if kind == "another program's":
        with sqlite3.connect(file) as theirs:
            theirs.execute("CREATE TABLE weir_rows(x)")
    elif kind == "no database":
        file.write_text("a letter\n" * 1000)
    else:
        file = tmp_path / "no" / "such" / "file"
    before = file.read_bytes() if file.exists() else None
    assert is_usage_error(durability("--kill", 1, "--db", file, folder=tmp_path))
    assert (file.read_bytes() if file.exists() else None) == before
    assert [path.name for path in tmp_path.iterdir()] == (["theirs"] if before else [])


def test_a_base_folder_in_which_none_can_be_made_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIR_DB_FOLDER", "/proc")  # root may write there, and nobody can make a folder
    refused = durability("--power-loss", 1, folder=tmp_path)
    assert is_usage_error(refused) and "/proc" in refused.stderr


@pytest.mark.parametrize(
    "words",
    [[], ["--kill", "1", "--twin", "x"], ["--kill", "1", "--channel", "spsc_ring:park"], ["--kill", "1", "--store", "hash"],
     ["--power-loss", "1", "--store", "lmdb"], ["--kill", "1", "--power-loss", "1"]],
)  # fmt: skip
def test_what_makes_no_sense_is_one_line(tmp_path: Path, words: list[str]) -> None:
    assert is_usage_error(durability(*words, folder=tmp_path))
