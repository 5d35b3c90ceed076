"""Folders that are not what they should be: one line and exit status 2, or a report that says what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import synthetic

from weirlib import cli, results

SMALL = {"mpmc_ring:spin": synthetic.PLANTED["mpmc_ring:spin"], "tbb": synthetic.PLANTED["tbb"]}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return synthetic.write(tmp_path / "run", synthetic.Plan(channels=SMALL, topologies=((1, 1),), works=(), rounds=2, histogram=False))


def changed_lines(path: Path, change: Callable[[list[dict[str, object]]], list[object]]) -> None:
    file = path / "trials.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps(line) + "\n" for line in change(lines)))


def write(name: str, content: str) -> Callable[[Path], None]:
    return lambda path: (path / name).write_text(content) and None


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (lambda p: p.rename(p.with_name("gone")), "is not a folder"),
    "no run.json": (lambda p: (p / "run.json").unlink(), "holds no run: it has no run.json"),
    "a cut off run.json": (write("run.json", '{"schema": 1, "sui'), "cannot be read"),
    "run.json is a list": (write("run.json", "[1]"), "cannot be read"),
    "another schema": (write("run.json", '{"schema": 7}'), "result schema 7, and this Weir reads schema 1"),
    "a trial of another schema": (lambda p: changed_lines(p, lambda ls: [{**ls[0], "schema": 9}]), "result schema 9"),
    "no trials.jsonl": (lambda p: (p / "trials.jsonl").unlink(), "holds no finished trial"),
    "an empty trials.jsonl": (write("trials.jsonl", ""), "holds no finished trial"),
    "only a cut off line": (write("trials.jsonl", '{"schema": 1'), "holds no finished trial"),
    "no line is a trial": (lambda p: changed_lines(p, lambda ls: [{"schema": 1}, {"schema": 1}]), "(2 lines could not be read)"),
    "rounds in words": (write("run.json", '{"schema": 1, "rounds": "six"}'), "rounds is 'six' and no number"),
    "a cut off environment.json": (write("environment.json", '{"sch'), "cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_one_line(small: Path, case: str, capsys: pytest.CaptureFixture[str]) -> None:
    spoil, said = REFUSED[case]
    spoil(small)
    assert cli.main(["report", str(small)]) == 2
    told = capsys.readouterr()
    assert said in told.err and len(told.err.splitlines()) == 1 and not told.out


TOLD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a line that is no trial": (
        lambda p: changed_lines(p, lambda ls: [*ls, {"schema": 1, "id": "throughput/x"}]),
        "1 line of trials.jsonl could not be read",
    ),
    "a metric without a value": (
        lambda p: changed_lines(p, lambda ls: [*ls[:-1], {**ls[-1], "metrics": [{"metric": "updates"}]}]),
        "1 line of trials.jsonl could not be read",
    ),
    "a line cut off": (lambda p: (p / "trials.jsonl").open("a").write('{"schema":1,"se') and None, "was cut off"),
    "half of the trials": (lambda p: changed_lines(p, lambda ls: ls[: len(ls) // 2 + 3]), "planned trials are missing"),
    "another run mixed in": (lambda p: changed_lines(p, lambda ls: [*ls, *ls[:5]]), "5 lines are of a round that their case already had"),
    "no environment.json": (lambda p: (p / "environment.json").unlink(), "environment.json is missing"),
    "no channels.json": (lambda p: (p / "channels.json").unlink(), "channels.json is missing: without contracts the guide can name nobody"),
}


@pytest.mark.parametrize("case", TOLD)
def test_the_report_is_made_and_says_what_is_missing(small: Path, case: str, capsys: pytest.CaptureFixture[str]) -> None:
    spoil, said = TOLD[case]
    spoil(small)
    assert cli.main(["report", str(small)]) == 0
    assert said in capsys.readouterr().out.replace("\n  ", " ")
    page = (small / "report.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")


def test_mixed_lines_are_told_on_the_page(small: Path) -> None:
    changed_lines(small, lambda ls: [*ls, *ls[:5]])
    cli.main(["report", str(small)])
    assert 'id="doubled"' in (small / "report.html").read_text(encoding="utf-8")
    assert results.read(small).doubled == 5
