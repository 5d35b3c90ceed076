"""The gate from outside, over programs that only pretend to measure: what it refuses, what it keeps."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from door import ROOT, Weir

from weirlib.errors import Failure
from weirlib.gating import players

FAKE = Path(__file__).with_name("fake_turns.py")
CASE = "futex_ring/p:2*place:one"


def program(folder: Path, name: str, **said: Any) -> Path:
    path = folder / name
    shutil.copy(FAKE, path)
    path.with_suffix(".json").write_text(json.dumps(said))
    return path


def gate(weir: Weir, *words: object) -> subprocess.CompletedProcess[str]:
    return weir("gate", "--rounds", 1, "--cases", CASE, "--out", weir.folder / "gate", "--seed", 5, *words)


def is_refusal(said: subprocess.CompletedProcess[str], *words: str) -> bool:
    """One line that says what is wrong, exit 2, and not a word of a verdict."""
    lines = said.stderr.strip().splitlines()
    return said.returncode == 2 and len(lines) == 1 and all(word in lines[0] for word in words) and not said.stdout.count("###")


def rounds(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rounds.jsonl").read_text().splitlines()]


def test_a_session_keeps_its_rounds_its_record_and_its_page(weir: Weir) -> None:
    said = gate(weir, program(weir.folder, "base"), program(weir.folder, "head", rate=500_000))
    assert said.returncode == 0, "one round decides nothing: " + said.stderr
    (line,) = rounds(weir.folder / "gate")
    assert line["y"] == pytest.approx(0.693147, abs=1e-5), "half as fast: the logarithm of 2"
    assert line["twin"] == 0.0
    assert len(line["rates"]) >= 25
    record = json.loads((weir.folder / "gate" / "gate.json").read_text())
    assert (record["seed"], record["class"], record["complete"]) == (5, "abacus-9000-2-cpus", True)
    page = (weir.folder / "gate" / "report.md").read_text()
    assert page in said.stdout
    assert "No calibration for the class abacus-9000-2-cpus" in page


def test_strict_is_not_content_with_nothing(weir: Weir) -> None:
    base = program(weir.folder, "base")
    assert gate(weir, base, base, "--strict").returncode == 3


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("dies", ("candidate", "ended without a verdict")),
        ("loses", ("candidate", "loss: 3 messages of sender 0")),
        ("refuses", ("candidate", "unknown channel 'futex_ring'")),
        ("is_old", ("candidate", "no turns mode")),
    ],
)
def test_a_program_that_fails_is_an_error_and_no_verdict(weir: Weir, does: str, words: tuple[str, ...]) -> None:
    assert is_refusal(gate(weir, program(weir.folder, "base"), program(weir.folder, "head", does=does)), *words)
    assert not (weir.folder / "gate").exists(), "no round, no session"


def test_one_that_does_not_answer_is_an_error_and_lives_no_longer(weir: Weir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(players, "PATIENCE_S", 1.0)
    entrant = players.Entrant("candidate", program(weir.folder, "head", does="hangs"))
    with pytest.raises(Failure, match="candidate .* did not answer within 1 s"), players.Player(entrant, CASE, 10, 20) as player:
        player.await_ready()
        for _ in range(3):
            player.window()
    assert player.process.poll() is not None


def test_ctrl_c_ends_every_process_and_keeps_the_rounds(weir: Weir) -> None:
    base, head = program(weir.folder, "base"), program(weir.folder, "head", does="hangs")
    words = weir.command("gate", base, head, "--cases", CASE, "--out", weir.folder / "gate")
    # Where the tests run in the background, SIGINT is ignored, and who ignores it hands that on.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(
        words, cwd=weir.folder, env=weir.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard
    )
    while not (weir.folder / "head.hung").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "go on with: scripts/weir gate --resume gate" in stderr
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(base) not in left and str(head) not in left


def test_what_is_nothing_is_refused(weir: Weir) -> None:
    base = program(weir.folder, "base")
    assert is_refusal(gate(weir, base, "no-such-revision"), "no-such-revision is no git revision")
    assert is_refusal(gate(weir, base, weir.folder), "without weir-bench")
    (weir.folder / "text").write_text("no program")
    assert is_refusal(gate(weir, base, weir.folder / "text"), "is not a program")
    assert is_refusal(weir("gate", base), "say what to compare")
    assert is_refusal(weir("gate", base, base, "--cases", "futex_rnig"), "unknown case futex_rnig")
    assert is_refusal(weir("gate", base, base, "--sessions", 3), "--sessions is of --calibrate")


def test_what_nobody_thought_of_is_no_verdict_either(weir: Weir) -> None:
    """Status 1 is a confirmed regression, and nothing else."""
    kept = weir.folder / "kept"
    kept.mkdir()
    (kept / "gate.json").write_text("{}")
    (kept / "rounds.jsonl").touch()
    assert is_refusal(weir("gate", "--resume", kept), "no verdict")


def test_a_calibration_of_another_class_is_refused(weir: Weir) -> None:
    base = program(weir.folder, "base")
    other = weir.folder / "other"
    other.mkdir()
    (other / "summary.json").write_text(json.dumps({"schema": 1, "class": "sundial", "cases": {}}))
    assert is_refusal(gate(weir, base, base, "--calibration", other), "is of the class sundial")
    assert is_refusal(gate(weir, base, base, "--calibration", weir.folder / "none"), "cannot read")


def test_a_session_goes_on_where_it_stopped(weir: Weir) -> None:
    base, folder = program(weir.folder, "base"), weir.folder / "gate"
    assert gate(weir, base, base).returncode == 0
    record = json.loads((folder / "gate.json").read_text())
    (folder / "gate.json").write_text(json.dumps(record | {"rounds": 2}))
    before = (folder / "rounds.jsonl").read_bytes()
    said = weir("gate", "--resume", folder)
    assert said.returncode == 0, said.stderr
    assert (folder / "rounds.jsonl").read_bytes().startswith(before)
    assert [line["round"] for line in rounds(folder)] == [0, 1]


def test_rounds_that_are_not_whole_or_not_of_this_machine_are_refused(weir: Weir) -> None:
    base, folder = program(weir.folder, "base"), weir.folder / "gate"
    assert gate(weir, base, base).returncode == 0
    whole = (folder / "rounds.jsonl").read_text()
    (folder / "rounds.jsonl").write_text(whole[:-20])
    assert is_refusal(weir("gate", "--resume", folder), "is cut off")
    (folder / "rounds.jsonl").write_text("{}\n")
    assert is_refusal(weir("gate", "--resume", folder), "is of something else")
    (folder / "rounds.jsonl").write_text(whole)
    base.with_suffix(".json").write_text(json.dumps({"environment": {"cpu_model": "Abacus 10000"}}))
    assert is_refusal(weir("gate", "--resume", folder), "another machine", "Abacus 10000")
    base.write_text(base.read_text() + "# changed\n")
    assert is_refusal(weir("gate", "--resume", folder), "another one now")


def test_a_calibration_keeps_its_sessions_and_goes_on(weir: Weir) -> None:
    words = ("gate", "--calibrate", program(weir.folder, "base"), "--rounds", 1, "--cases", CASE, "--part", "aa")
    place = weir.folder / "class"
    assert weir(*words, "--sessions", 1, "--out", place).returncode == 0
    first = (place / "sessions.jsonl").read_text()
    said = weir(*words, "--sessions", 2, "--out", place)
    assert said.returncode == 0, said.stderr
    assert (place / "sessions.jsonl").read_text().startswith(first)
    summary = json.loads((place / "summary.json").read_text())
    assert (summary["class"], summary["alone"]["of"], summary["alone"]["hits"]) == ("abacus-9000-2-cpus", 2, 0)
    assert "0 of 2 (0 to 84 %)" in (place / "README.md").read_text()


def test_nothing_is_begun_that_would_not_end_in_time(weir: Weir) -> None:
    base = program(weir.folder, "base")
    said = weir("gate", "--calibrate", base, "--part", "aa", "--minutes", "0.01", "--out", weir.folder / "class", "--cases", CASE)
    assert said.returncode == 0
    assert "the same command goes on" in said.stdout
    assert not (weir.folder / "class" / "sessions.jsonl").exists()


def git(*words: str, stdin: str = "") -> str:
    """Writes objects alone: no branch and no worktree of the project is touched."""
    who = {f"GIT_{who}_{what}": "t@t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    said = subprocess.run(["git", *words], cwd=ROOT, env={**os.environ, **who}, input=stdin, text=True, capture_output=True, check=True)
    return said.stdout.strip()


@pytest.fixture
def commit() -> Iterator[str]:
    """A revision whose only file is an empty harness/turns.cpp."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    blob = git("hash-object", "-w", "--stdin")
    inner = git("mktree", stdin=f"100644 blob {blob}\tturns.cpp\n")
    name = git("commit-tree", git("mktree", stdin=f"040000 tree {inner}\tharness\n"), "-m", "no build")
    yield name
    for place in places(name):
        subprocess.run(["git", "worktree", "remove", "--force", place / "source"], cwd=ROOT, check=False, capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


def places(name: str) -> list[Path]:
    """Where a revision was built, or was tried to."""
    return list((ROOT / "build" / "gate").glob(f"{name[:12]}*"))


def test_a_revision_that_does_not_build_is_refused(weir: Weir, commit: str) -> None:
    assert is_refusal(gate(weir, program(weir.folder, "base"), commit), f"{commit} does not build", "(all of it: ")
    assert places(commit), "its log is there to be read"


def test_a_revision_from_before_there_were_turns_is_refused_before_it_is_built(weir: Weir) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    empty = git("commit-tree", git("mktree"), "-m", "empty")
    weir.env["GIT_DIR"] = "/nowhere"  # as in a hook of another repository
    assert is_refusal(gate(weir, program(weir.folder, "base"), empty), "no turns mode")
    assert not places(empty)
