"""Reading a run folder: what is not whole is not taken for whole."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import synthetic
from conftest import ROOT

from weirlib import results

SCHEMA = json.loads((ROOT / "results" / "schema.json").read_text(encoding="utf-8"))


def whole_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()


def test_every_line_of_every_run_here_meets_the_schema() -> None:
    """Kept reference runs, and those that were made here; a checkout without runs has nothing to break."""
    validator = jsonschema.Draft7Validator(SCHEMA)
    for path in (ROOT / "results").glob("*/trials.jsonl"):
        for number, line in enumerate(whole_lines(path), start=1):
            for error in validator.iter_errors(json.loads(line)):
                pytest.fail(f"{path.parent.name} line {number}: {error.json_path}: {error.message}")


def test_synthetic_lines_meet_the_schema() -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    for line in synthetic.lines(synthetic.Plan(rounds=2)):
        validator.validate(line)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"status": "good"},
        {"failure": "loss"},
        {"metrics": []},
        {"regime": "busy"},
        {"surprise": 1},
        {"status": "failed", "metrics": []},
        {"start": "yesterday"},
        {"params": {"cap": [1]}},
    ],
)
def test_the_schema_refuses(change: dict[str, object]) -> None:
    line = synthetic.lines(synthetic.Plan(rounds=1))[0]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line | change, SCHEMA)


def test_the_schema_names_every_field_of_the_readme() -> None:
    readme = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## A trial line")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert {name.strip(" `") for row in rows for name in row.split(",")} == set(SCHEMA["properties"])


def test_a_line_that_was_cut_off_is_skipped_and_said(tmp_path: Path) -> None:
    run = results.read(synthetic.write(tmp_path / "cut", synthetic.Plan(cut_off=True)))
    assert run.cut_off and run.unreadable == 0 and not run.complete
    assert sum(len(c.trials) for c in run.cases.values()) == len(synthetic.lines(synthetic.Plan())) - 1


def test_a_whole_line_that_is_no_json_is_counted(run_dir: Path) -> None:
    with (run_dir / "trials.jsonl").open("a") as out:
        out.write('{"schema":1,"seq"\n')
    assert results.read(run_dir).unreadable == 1


def test_another_schema_is_refused_in_one_line(run_dir: Path) -> None:
    with (run_dir / "trials.jsonl").open("a") as out:
        out.write('{"schema":2}\n')
    with pytest.raises(results.ResultsError, match="result schema 2, and this Weir reads schema 1") as caught:
        results.read(run_dir)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_run_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(results.ResultsError, match="run.json is missing"):
        results.read(tmp_path)


def test_one_failed_round_takes_the_figure_of_the_case(run_dir: Path) -> None:
    run = results.read(run_dir)
    case = next(c for c in run.cases.values() if c.status == "failed")
    assert case.channel == "tbb" and len(case.having("ok")) == 6
    assert case.rounds("throughput") == {}
    assert case.reason.startswith("loss: 3 of 1000000 accepted messages never arrived")
    assert run.failed_channels() == {"tbb"}


def test_rounds_of_different_regimes_are_not_pooled(run_dir: Path) -> None:
    run = results.read(run_dir)
    case = next(c for c in run.of("throughput") if len(c.regimes) > 1)
    assert case.channel == "futex_ring"
    assert case.regimes == {"full": 5, "empty": 2}
    assert sorted(case.rounds("throughput")) == [0, 1, 2, 3, 4]
    assert sorted(case.rounds("throughput", "empty")) == [5, 6]


def test_of_two_lines_of_one_round_the_failed_one_counts() -> None:
    good, again = synthetic.lines(synthetic.Plan(rounds=1))[0], synthetic.lines(synthetic.Plan(rounds=1))[0]
    bad = again | {"status": "failed", "failure": "hang", "reason": "sender 0 did not return", "metrics": []}
    for lines in ([good, bad], [bad, good]):
        (case,) = results.group(lines).values()
        assert case.status == "failed" and len(case.trials) == 1


def test_missing_rounds_make_a_run_incomplete(tmp_path: Path) -> None:
    plan = synthetic.Plan(stop_after=400)
    run = results.read(synthetic.write(tmp_path / "short", plan))
    assert not run.complete and run.missing() > 0
    assert results.read(synthetic.write(tmp_path / "whole", synthetic.Plan())).complete


def test_a_time_of_zero_is_no_figure(run_dir: Path) -> None:
    lines = [json.loads(line) for line in (run_dir / "trials.jsonl").read_text().splitlines()]
    for line in lines:
        if line["id"] == "ping_pong/mpmc_ring:spin/place:one":
            line["metrics"][0]["value"] = line["metrics"][1]["value"] = 0
    (run_dir / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    run = results.read(run_dir)
    assert run.cases["ping_pong/mpmc_ring:spin/place:one"].rounds("round_trip_p50") == {}
    assert run.without_figure() == 7
