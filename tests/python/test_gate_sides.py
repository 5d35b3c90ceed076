"""Revisions as programs: built once for what they are built with, by one at a time."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from weirlib import folder
from weirlib.errors import UsageError
from weirlib.gating import record, sides

NAME = "0123456789abcdef"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where something was built, each time."""
    places: list[Path] = []

    def make(word: str, name: str, place: Path, *_: Any) -> None:
        places.append(place)

    monkeypatch.setattr(sides, "WORKPLACE", tmp_path / "gate")
    monkeypatch.setattr(sides, "make", make)
    return places


def test_a_revision_is_built_once(built: list[Path]) -> None:
    first = sides.of_revision("HEAD", NAME, ["spsc_ring"], None)
    assert sides.of_revision("main", NAME, ["spsc_ring"], None).program == first.program
    assert len(built) == 1


def test_otherwise_built_it_is_another_program(built: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    sides.of_revision("HEAD", NAME, ["spsc_ring"], None)
    sides.of_revision("HEAD", NAME, ["mpsc_ring"], None)
    monkeypatch.setenv("LDFLAGS", "-static")
    sides.of_revision("HEAD", NAME, ["mpsc_ring"], None)
    monkeypatch.setenv("CXX", "no-such-compiler")
    sides.of_revision("HEAD", NAME, ["mpsc_ring"], None)
    assert len(set(built)) == 4


def test_one_whose_build_failed_is_built_again(built: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise UsageError("HEAD does not build")

    with monkeypatch.context() as failing:
        failing.setattr(sides, "make", fail)
        with pytest.raises(UsageError, match="does not build"):
            sides.of_revision("HEAD", NAME, [], None)
    sides.of_revision("HEAD", NAME, [], None)
    assert len(built) == 1


def test_a_checkout_that_was_interrupted_or_edited_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setattr(sides, "ROOT", project)
    for name in ("one", "two"):
        (project / name).write_text(name)
    who = ("-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false")
    for words in (("init", "--quiet"), ("add", "."), (*who, "commit", "--quiet", "--message", "x")):
        assert sides.git(*words).returncode == 0
    name = sides.git("rev-parse", "HEAD").stdout.strip()
    source = project / "build" / "source"
    sides.check_out("HEAD", name, source)
    (source / "one").unlink()
    (source / "two").write_text("edited")
    sides.check_out("HEAD", name, source)
    assert [(source / word).read_text() for word in ("one", "two")] == ["one", "two"]
    (source / ".git").write_text("half")
    (source / "two").unlink()
    sides.check_out("HEAD", name, source)
    assert [(source / word).read_text() for word in ("one", "two")] == ["one", "two"]
    # Inside the project, whose own files are not meant.
    (project / "one").write_text("not committed")
    shutil.rmtree(source)
    (source / ".git").mkdir(parents=True)
    sides.check_out("HEAD", name, source)
    assert [(source / word).read_text() for word in ("one", "two")] == ["one", "two"]
    assert (project / "one").read_text() == "not committed"
    # As a git that was killed leaves it.
    kept = project / ".git" / "worktrees" / "source"
    (kept / "locked").write_text("initializing")
    (kept / "index.lock").touch()
    (source / "one").unlink()
    sides.check_out("HEAD", name, source)
    assert [(source / word).read_text() for word in ("one", "two")] == ["one", "two"]
    with pytest.raises(UsageError, match="cannot check typo out"):
        sides.check_out("typo", "typo", tmp_path / "another")


def test_two_do_not_build_one_revision_at_a_time(built: list[Path]) -> None:
    sides.of_revision("HEAD", NAME, [], None)
    with folder.locked(built[0]), pytest.raises(UsageError, match="another run is writing"):
        sides.of_revision("HEAD", NAME, [], None)


def test_a_session_goes_on_with_the_very_programs_that_it_began_with(tmp_path: Path) -> None:
    for name in ("program", "relinked"):
        (tmp_path / name).write_text(name)
    side = record.described(sides.Side("HEAD", "HEAD", tmp_path / "program", tmp_path / "relinked"))
    record.check_program(side)
    for name in ("program", "relinked"):
        (tmp_path / name).write_text("another")
        with pytest.raises(UsageError, match=f"{name} is not there any more, or is another one"):
            record.check_program(side)
        (tmp_path / name).write_text(name)
