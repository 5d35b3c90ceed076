"""The page and the terminal table: failures and gaps first, nothing from the network, everything escaped."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import synthetic

from weirlib import report, results, summary
from weirlib.charts import provenance

SMALL = {"mpmc_ring:spin": synthetic.PLANTED["mpmc_ring:spin"], "tbb": synthetic.PLANTED["tbb"]}


def page(path: Path, plan: synthetic.Plan) -> str:
    return report.build(synthetic.write(path, plan)).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def whole(built: Path) -> str:
    return (built / "report.html").read_text(encoding="utf-8")


def test_failures_come_before_everything_else(whole: str) -> None:
    told = whole.index("failed verification")
    assert told < whole.index("<section")
    assert "3 of 1000000 accepted messages never arrived" in whole[told : told + 1500]
    assert '<b class="failed">tbb: loss</b>' in whole


def test_a_run_without_failures_says_that_all_are_verified(tmp_path: Path) -> None:
    said = page(tmp_path / "run", synthetic.Plan(channels=SMALL, failing=""))
    assert "every one verified" in said and 'id="failures"' not in said


def test_an_incomplete_run_says_so_on_top(tmp_path: Path, whole: str) -> None:
    said = page(
        tmp_path / "run", synthetic.Plan(channels=SMALL, complete=False, cut_off=True, stop_after=150)
    )
    assert said.index("This run is incomplete.") < said.index("<section")
    assert "It was interrupted." in said and "was cut off" in said and "--resume" in said
    assert 'id="incomplete"' not in whole


def test_an_unfit_machine_is_not_for_quoting(whole: str, tmp_path: Path) -> None:
    assert "<strong>Not for quoting:</strong> a virtual machine (kvm) and only 2 processors." in whole
    fit = page(tmp_path / "run", synthetic.Plan(channels=SMALL, rounds=1, virtualized=False, cpus=8))
    assert "Not for quoting" not in fit


def test_the_page_asks_nothing_of_the_network(whole: str) -> None:
    for found in re.findall(r'(?:href|src)="([^"]*)"', whole):
        assert found.startswith("#"), found
    assert not re.search(r"<script [^>]*src|<link|@import|url\((?!#)|fetch\(|XMLHttpRequest", whole)


def test_ids_are_unique_and_every_reference_has_its_target(whole: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', whole)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', whole)) <= set(ids)


def test_every_chart_is_drawn_with_the_command_that_made_it(whole: str) -> None:
    sections = re.findall(r"<section id=.*?</section>", whole, flags=re.S)
    charts = [s for s in sections if "<figure" in s]
    assert len(charts) == 10
    figures = re.findall(r"<figure.*?</figure>", whole, flags=re.S)
    assert all("<code>scripts/weir run --suite quick --seed 42 --filter" in figure for figure in figures)
    for section in charts[:-1]:  # the raw trials have theirs in the section that follows
        assert "<code>scripts/weir run --suite quick --seed 42</code>" in section
        assert "<table" in section


def test_charts_are_written_as_png_too(built: Path) -> None:
    for section in report.sections_of(results.read(built)):
        assert (built / "charts" / f"{section.key}.png").read_bytes().startswith(b"\x89PNG")


def test_what_does_not_apply_is_told_with_its_reason(whole: str) -> None:
    assert "the channel takes one sender and one receiver" in whole
    assert "left out: package xenium was not found" in whole


def test_text_from_results_is_escaped(tmp_path: Path) -> None:
    plan = synthetic.Plan(channels=SMALL, rounds=1)
    path = synthetic.write(tmp_path / "run", plan)
    info = json.loads((path / "environment.json").read_text())
    (path / "environment.json").write_text(json.dumps(info | {"cpu_model": "<script>alert(1)</script>"}))
    assert "<script>alert" not in report.build(path).read_text(encoding="utf-8")


def test_a_page_that_cannot_be_made_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = synthetic.write(tmp_path / "run", synthetic.Plan(channels=SMALL, rounds=1))
    report.build(path)
    before = (path / "report.html").read_text()
    monkeypatch.setattr(report.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError):
        report.build(path)
    assert (path / "report.html").read_text() == before


@pytest.mark.parametrize(
    "plan",
    [
        synthetic.Plan(stop_after=0, complete=False),
        synthetic.Plan(stop_after=5, complete=False),
        synthetic.Plan(channels=SMALL, rounds=1),
        synthetic.Plan(channels=SMALL, works=(), topologies=((1, 1),), histogram=False),
    ],
    ids=["nothing ran", "five trials", "one round", "no sweep"],
)
def test_a_report_is_made_of_what_is_there(tmp_path: Path, plan: synthetic.Plan) -> None:
    path = synthetic.write(tmp_path / "run", plan)
    assert report.build(path).exists()
    assert summary.table(path)


def test_the_command_keeps_the_choice_and_drops_where_it_went(run_dir: Path) -> None:
    def command(*arguments: str) -> str:
        info = json.loads((run_dir / "run.json").read_text())
        (run_dir / "run.json").write_text(json.dumps(info | {"arguments": list(arguments)}))
        return provenance.command(results.read(run_dir))

    assert command() == "scripts/weir run --suite quick --seed 42"
    assert (
        command("--channels", "mpmc*", "--out", "/tmp/x")
        == "scripts/weir run --channels 'mpmc*' --suite quick --seed 42"
    )
    assert command("run", "--suite=quick", "--seed=7") == "scripts/weir run --suite=quick --seed=7"


def test_the_terminal_table_fits_and_tells_failures_first(tmp_path: Path) -> None:
    plan = synthetic.Plan(
        channels=dict(synthetic.MANY),
        topologies=((1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 4)),
        histogram=False,
    )
    lines = summary.table(synthetic.write(tmp_path / "run", plan)).splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 100
    failed = next(i for i, line in enumerate(lines) if line.startswith("FAILED:"))
    assert lines[failed + 1].startswith("  FAILED tbb in throughput: loss: 3 of 1000000")
    assert failed < next(i for i, line in enumerate(lines) if line.startswith("throughput"))
    assert any("not told apart" in line for line in lines)
    assert any(
        re.match(r"throughput 1x1 +spsc_ring:spin +\d+\.\d M msg/s +\d+\.\d %", line) for line in lines
    )


def test_many_failures_leave_room_for_the_rest(tmp_path: Path) -> None:
    path = synthetic.write(
        tmp_path / "run", synthetic.Plan(channels=dict(synthetic.MANY), rounds=1, histogram=False)
    )
    lines = [json.loads(line) for line in (path / "trials.jsonl").read_text().splitlines()]
    for line in lines:
        if line["workload"] != "machine" and line["status"] == "ok":
            line.update(
                status="failed", failure="hang", reason="sender 0 did not return within 10 s " * 5, metrics=[]
            )
    (path / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    said = summary.table(path).splitlines()
    assert len(said) <= 40 and max(map(len, said)) <= 100
    assert any("more channels: see the report" in line for line in said)


def test_an_incomplete_run_says_so_in_the_terminal(tmp_path: Path) -> None:
    said = summary.table(
        synthetic.write(tmp_path / "run", synthetic.Plan(channels=SMALL, complete=False, stop_after=100))
    )
    assert "INCOMPLETE: It was interrupted." in said
