"""History: runs as lines, tracks by machine and compiler, notes after which a trend begins anew."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import synthetic

from weirlib import history, results
from weirlib.errors import UsageError
from weirlib.gating import kept
from weirlib.history import line_of, tracks

CASE = "throughput/mpmc_ring:park/p:1/c:1/cap:1024/msg:16/work:0/place:spread throughput"


def run(folder: Path, name: str, speed: float = 1.0, **environment: Any) -> Path:
    """A run in which every channel, the anchor too, is that fast; its machine may be another one."""
    channels = {channel: (rate * speed, *rest) for channel, (rate, *rest) in synthetic.PLANTED.items()}
    path = synthetic.write(folder / name, synthetic.Plan(channels, 3, ((1, 1),), (), failing="boost_spsc:spin", histogram=False))  # type: ignore[arg-type]
    around = json.loads((path / "environment.json").read_text())
    (path / "environment.json").write_text(json.dumps(around | environment))
    return path


def said(file: Path, **flags: Any) -> int:
    return history.history(Namespace(**{"file": file, "add": None, "note": None, "cases": [], **flags}))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take seconds that only their own test needs to pay."""
    monkeypatch.setattr(history.trend, "draw", lambda *_: [])


def points(file: Path) -> dict[str, list[float]]:
    """Of the case, by key."""
    found = tracks(kept.read(file), ["mpmc_ring:park/p:1/c:1"])
    return {key: [p.value for t in group if t.case == CASE for p in t.points] for key, group in found.items()}


def test_a_run_becomes_one_line_with_values_and_ratios_to_the_anchor(tmp_path: Path) -> None:
    line = line_of(results.read(run(tmp_path, "one")))
    found = line["cases"][CASE]
    assert found["value"] == pytest.approx(22e6, rel=0.1)
    assert found["ratio"] == pytest.approx(22e6 / 4e6, rel=0.1)
    assert line["cases"][CASE.replace("mpmc_ring:park", "tbb")]["ratio"] is None, "the anchor is no ratio of itself"


def test_the_ratio_takes_out_what_moved_the_whole_machine(tmp_path: Path) -> None:
    slow, fast = (line_of(results.read(run(tmp_path, f"{v}", v)))["cases"][CASE] for v in (1.0, 2.0))
    assert fast["value"] / slow["value"] == pytest.approx(2.0, rel=0.1)
    assert fast["ratio"] / slow["ratio"] == pytest.approx(1.0, rel=0.1)


@pytest.mark.usefixtures("undrawn")
def test_runs_of_two_machines_or_compilers_never_stand_in_one_track(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "history.jsonl"
    for name, around in (("a", {}), ("b", {"cpu_model": "Abacus"}), ("c", {"compiler": "another"}), ("d", {})):
        said(file, add=run(tmp_path, name, **around))
    assert sorted(len(values) for values in points(file).values()) == [1, 1, 2]
    assert "Abacus" in capsys.readouterr().out


@pytest.mark.usefixtures("undrawn")
def test_a_note_begins_the_trend_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "history.jsonl"
    said(file, add=run(tmp_path, "a"))
    said(file, note="another kernel")
    capsys.readouterr()
    said(file, add=run(tmp_path, "b", 2.0), cases=[CASE])
    (row,) = [line for line in capsys.readouterr().out.splitlines() if CASE in line]
    assert row.split()[0] == "2" and "%" not in row, "there is nothing since the note to compare with"
    said(file, add=run(tmp_path, "c", 2.2), cases=[CASE])
    (row,) = [line for line in capsys.readouterr().out.splitlines() if CASE in line]
    assert float(row.split()[2]) == pytest.approx(10, abs=4), "against the run since the note, not the one before"


def test_a_change_of_a_level_is_said_with_its_revision_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "history.jsonl"
    line = line_of(results.read(run(tmp_path, "a")))
    entry = line["cases"][CASE]
    for i in range(24):
        level = (0.8 if i >= 12 else 1.0) * (1.0 + 0.001 * (i % 5))
        cases = {CASE: entry | {"ratio": level * entry["ratio"]}, CASE.replace("mpmc", "none"): entry}
        kept.append(file, line | {"run": f"r{i}", "revision": f"rev{i}", "cases": cases})
    said(file)
    (told,) = [row for row in capsys.readouterr().out.splitlines() if "since" in row]
    assert told.startswith("  -20.0 % (worse, by its ratio) since rev12, ") and told.endswith(CASE)
    assert "-20 %" in (tmp_path / "trend-1.svg").read_text()
    said(file, note="another kernel", cases=[CASE])
    assert "no change of a level beyond chance in 0 of 1 cases; 1 have fewer than 10 runs" in capsys.readouterr().out


@pytest.mark.usefixtures("undrawn")
def test_a_run_without_the_anchor_does_not_blame_a_revision_for_the_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "history.jsonl"
    line = line_of(results.read(run(tmp_path, "a")))
    entry = line["cases"][CASE]
    for i in range(24):
        wobble = 1.0 + 0.001 * (i % 5)
        level = (0.8 if i >= 12 else 1.0) * wobble  # of the machine
        found = {"value": level * entry["value"], "ratio": None if i == 3 else wobble * entry["ratio"]}
        kept.append(file, line | {"run": f"r{i}", "revision": f"rev{i}", "cases": {CASE: entry | found}})
    said(file)
    out = capsys.readouterr().out
    assert "no change of a level beyond chance in 1 of 1 cases" in out
    assert "left out, since they have no ratio to the anchor: up to 1 runs, in 1 cases" in out
    for i in range(24, 36):
        found = {"ratio": 0.8 * (1.0 + 0.001 * (i % 5)) * entry["ratio"]}
        kept.append(file, line | {"run": f"r{i}", "revision": f"rev{i}", "cases": {CASE: entry | found}})
    said(file)
    assert "(worse, by its ratio) since rev24, " in capsys.readouterr().out, "counted in runs, not in those that have a ratio"
    for i in range(36, 46):
        found = {"value": 0.5 * (1.0 + 0.001 * (i % 5)) * entry["value"], "ratio": None}
        kept.append(file, line | {"run": f"r{i}", "revision": f"rev{i}", "cases": {CASE: entry | found}})
    said(file)
    out = capsys.readouterr().out
    assert "(worse, by its value) since rev36, " in out, "those that come last are never left out"
    assert "by their values, since most of their runs have no ratio to the anchor: 1 cases" in out


@pytest.mark.usefixtures("undrawn")
def test_a_refusal_leaves_the_file_and_a_folder_may_be_used_again(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    said(file, note="begun")
    assert len(kept.read(file)) == 1
    path = run(tmp_path, "nightly")
    with pytest.raises(UsageError, match="has no case with nonsense"):
        said(file, add=path, note="x", cases=["nonsense"])
    assert len(kept.read(file)) == 1
    said(file, add=path)
    info = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(info | {"started": "2031-01-01T00:00:00.000Z"}))
    said(file, add=path)
    assert [line.get("run") for line in kept.read(file)] == [None, "nightly", "nightly"]


def test_a_chart_is_drawn_for_each_kind_of_machine(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "history.jsonl"
    said(file, add=run(tmp_path, "a"), cases=[CASE])
    said(file, add=run(tmp_path, "b", cpu_model="Abacus"), note="moved", cases=[CASE])
    assert {path.name for path in file.parent.glob("trend-*")} == {f"trend-{n}.{s}" for n in (1, 2) for s in ("svg", "png")}
    assert "moved" in (file.parent / "trend-1.svg").read_text()


@pytest.mark.usefixtures("undrawn")
def test_what_is_not_whole_is_not_added(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    path = run(tmp_path, "a")
    said(file, add=path)
    with pytest.raises(UsageError, match="has the run a already"):
        said(file, add=path)
    cut = run(tmp_path, "b")
    (cut / "trials.jsonl").write_text((cut / "trials.jsonl").read_text()[:-10])
    with pytest.raises(UsageError, match="is cut off"):
        said(file, add=cut)
    half = run(tmp_path, "c")
    info = json.loads((half / "run.json").read_text())
    (half / "run.json").write_text(json.dumps(info | {"complete": False}))
    with pytest.raises(UsageError, match="is not complete"):
        said(file, add=half)
    file.write_text(file.read_text()[:-10])
    for words in ({"add": run(tmp_path, "d")}, {"note": "x"}, {}):
        with pytest.raises(UsageError, match="is cut off"):
            said(file, **words)


@pytest.mark.usefixtures("undrawn")
def test_an_empty_history_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--add"):
        said(tmp_path / "none.jsonl")
    file = tmp_path / "history.jsonl"
    said(file, add=run(tmp_path, "a"))
    with pytest.raises(UsageError, match="has no case with nonsense"):
        said(file, cases=["nonsense"])
