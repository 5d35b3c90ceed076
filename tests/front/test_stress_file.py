"""`weir-stress --out`: a plan, then one whole line a case and channel, as results/stress_schema.json says."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from conftest import ROOT, is_usage_error

PROGRAM = os.environ["WEIR_STRESS_BUILT"]
CHEAP = ["--channel", "mutex_condvar,swap_buffer", "--case", "fills_and_drains,refuses_zero,one_to_one", "--seconds", "0.1"]


def stress(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, text=True, check=False)


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text()
    assert text.endswith("\n"), "the file ends in the middle of a line"
    return [json.loads(line) for line in text.splitlines()]


def test_each_case_of_the_plan_leaves_a_line_for_each_of_its_channels(tmp_path: Path) -> None:
    said = stress(tmp_path, *CHEAP, "--seed", "7", "--out", "stress.jsonl")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "mutex_condvar" in said.stdout, "the text is there too"
    plan, *outcomes = lines(tmp_path / "stress.jsonl")
    assert (plan["seed"], plan["seconds"]) == (7, 0.1)
    planned = [(channel, case["name"]) for channel in plan["channels"] for case in plan["cases"]]
    assert len(planned) >= 6
    assert sorted((line["channel"], line["case"]) for line in outcomes) == sorted(planned)


def test_a_case_that_does_not_apply_says_why(tmp_path: Path) -> None:
    said = stress(tmp_path, "--channel", "swap_buffer", "--case", "one_in_a_million", "--seconds", "0.1", "--json")
    assert said.returncode == 0, said.stdout + said.stderr
    found = {line["channel"]: (line["verdict"], line["reason"]) for line in map(json.loads, said.stdout.splitlines())}
    assert found["swap_buffer"] == ("passed", "")
    assert found["swap_buffer@delays"] == ("not_applicable", "takes too long with delays")


def test_cases_of_which_none_applies_are_a_mistake(tmp_path: Path) -> None:
    said = stress(tmp_path, "--channel", "swap_buffer@delays", "--case", "one_in_a_million", "--out", "stress.jsonl")
    assert is_usage_error(said), said.stderr
    assert "swap_buffer@delays with one_in_a_million: takes too long with delays" in said.stderr
    assert not (tmp_path / "stress.jsonl").exists()


def test_lines_are_as_the_schema_says(tmp_path: Path) -> None:
    jsonschema = __import__("jsonschema")
    schema = json.loads((ROOT / "results" / "stress_schema.json").read_text())
    stress(tmp_path, *CHEAP, "--out", "stress.jsonl")
    found = lines(tmp_path / "stress.jsonl")
    for line in found:
        jsonschema.validate(line, schema)
    assert {line["verdict"] for line in found[1:]} >= {"passed"}


def test_an_existing_file_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "stress.jsonl").write_text("mine\n")
    said = stress(tmp_path, *CHEAP, "--out", "stress.jsonl")
    assert is_usage_error(said) and "nothing is overwritten" in said.stderr
    assert (tmp_path / "stress.jsonl").read_text() == "mine\n"


def test_a_file_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    assert is_usage_error(stress(tmp_path, *CHEAP, "--out", "nowhere/stress.jsonl"))


def test_a_mistake_in_the_choice_leaves_no_file(tmp_path: Path) -> None:
    assert is_usage_error(stress(tmp_path, "--channel", "mutex_condvra", "--out", "stress.jsonl"))
    assert not (tmp_path / "stress.jsonl").exists()


def test_an_interrupt_keeps_the_lines_of_what_is_finished(tmp_path: Path) -> None:
    words = ["--channel", "mutex_condvar", "--case", "fills_and_drains,one_to_one", "--seconds", "100", "--json"]
    process = subprocess.Popen(
        [PROGRAM, *words, "--out", "stress.jsonl"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())  # the next would take 50 s
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    plan, *outcomes = lines(tmp_path / "stress.jsonl")
    assert outcomes == [first]
    assert len(plan["channels"]) * len(plan["cases"]) > len(outcomes)
