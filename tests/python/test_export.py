"""Exports of a run with planted figures, as the tools that read them want them."""

import csv
import io
import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import synthetic

from weirlib import export, results
from weirlib.errors import UsageError

CASE = "throughput/mpmc_ring:park/p:1/c:1/cap:1024/msg:16/work:0/place:spread"


def exported(path: Path, capsys: pytest.CaptureFixture[str], format_: str, better: str = "bigger") -> str:
    assert export.export(Namespace(DIR=path, format=format_, better=better)) == 0
    return capsys.readouterr().out


def median(path: Path) -> float:
    values = sorted(results.read(path).cases[CASE].rounds("throughput").values())
    return values[len(values) // 2]


def test_bencher_reads_benchmarks_with_measures(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(exported(run_dir, capsys, "bmf"))
    value = found[CASE]["throughput"]
    assert value["value"] == median(run_dir)
    assert value["lower_value"] < value["value"] < value["upper_value"]
    numbers = [number for measures in found.values() for one in measures.values() for number in one.values()]
    assert all(isinstance(number, float) for number in numbers)


def test_github_action_benchmark_reads_one_direction_at_a_time(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bigger: list[dict[str, Any]] = json.loads(exported(run_dir, capsys, "github"))
    smaller: list[dict[str, Any]] = json.loads(exported(run_dir, capsys, "github", "smaller"))
    by_name = {entry["name"]: entry for entry in bigger}
    assert by_name[f"{CASE} throughput"]["value"] == median(run_dir)
    assert {entry["unit"] for entry in bigger} == {"msg/s"}
    assert any("round_trip_p50" in entry["name"] for entry in smaller)
    assert not {entry["name"] for entry in bigger} & {entry["name"] for entry in smaller}
    assert all({"name", "unit", "value"} <= entry.keys() for entry in bigger + smaller)


def test_csv_has_a_row_for_each_metric(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(run_dir, capsys, "csv"))))
    (row,) = [row for row in rows if (row["id"], row["metric"]) == (CASE, "throughput")]
    assert float(row["median"]) == median(run_dir)
    assert (row["channel"], row["direction"], row["rounds"]) == ("mpmc_ring:park", "higher", "7")


def test_a_channel_that_failed_has_no_figure_anywhere(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "tbb" in results.read(run_dir).failed_channels()
    export.export(Namespace(DIR=run_dir, format="csv", better="bigger"))
    said = capsys.readouterr()
    assert "/tbb/" not in said.out
    assert "/tbb/" in said.err and "is left out" in said.err


def test_a_run_that_is_cut_off_or_damaged_is_refused(run_dir: Path) -> None:
    trials = run_dir / "trials.jsonl"
    whole = trials.read_text()
    trials.write_text(whole[:-10])
    with pytest.raises(UsageError, match="is cut off"):
        export.export(Namespace(DIR=run_dir, format="bmf", better="bigger"))
    trials.write_text(whole + "{half a line\n")
    with pytest.raises(UsageError, match="is damaged"):
        export.export(Namespace(DIR=run_dir, format="bmf", better="bigger"))


def test_an_unknown_format_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = synthetic.write(tmp_path / "run", synthetic.Plan(rounds=1))
    for word, said in ((None, "say --format"), ("bfm", "nearest: bmf")):
        with pytest.raises(UsageError, match=said):
            export.export(Namespace(DIR=path, format=word, better="bigger"))
