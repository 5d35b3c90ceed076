"""scripts/weir pick from outside, over a stand-in for weir-bench with planted figures."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from door import Weir

FAKE = Path(__file__).with_name("fake_pick_bench.py")
Picked = tuple[Weir, subprocess.CompletedProcess[str]]
NEED = ("--producers", 3, "--rate", "200k", "--work", "2us", "--size", 64, "--need", "p99<50us,cpu<20%")


@pytest.fixture
def picking(weir: Weir) -> Weir:
    weir.env["WEIR_BENCH"] = str(FAKE)
    return weir


@pytest.fixture(scope="module")
def picked(tmp_path_factory: pytest.TempPathFactory) -> Picked:
    """One pick that several tests look at."""
    weir = Weir(tmp_path_factory.mktemp("picked"))
    weir.env["WEIR_BENCH"] = str(FAKE)
    return weir, pick(weir, *NEED)


def pick(weir: Weir, *words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return weir("pick", "--out", weir.out, "--seed", 7, *words, **env)


def answer(weir: Weir) -> dict[str, Any]:
    return json.loads((weir.out / "answer.json").read_text())


def stage(weir: Weir, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (weir.out / name / "trials.jsonl").read_text().splitlines()]


def test_a_pick_answers_with_a_set_in_each_column(picked: Picked) -> None:
    weir, said = picked
    assert said.returncode == 0, said.stderr
    columns = answer(weir)["columns"]
    assert columns["install"]["any_of"] == ["moodycamel"]
    assert set(columns["here"]["any_of"]) == {"mpmc_ring:park", "moodycamel"}
    assert "any of these 2, which are not told apart by cpu" in said.stdout
    assert "moodycamel 1.2, MIT" in said.stdout
    assert (weir.out / "answer.txt").read_text() in said.stdout


def test_each_channel_that_is_out_has_its_reason(picked: Picked) -> None:
    weir, said = picked
    assert answer(weir)["out"] == {
        "carries words of 8 bytes only": ["words_only"],
        "gives up the oldest message when full": ["latest"],
        "not in this build: no TBB here": ["tbb"],
        "one producer only": ["spsc_ring"],
    }
    assert "1  one producer only: spsc_ring" in said.stdout


def test_the_final_has_rounds_of_its_own(picked: Picked) -> None:
    weir, _ = picked
    chosen = {(line["channel"], line["round"]) for line in stage(weir, "selection")}
    judged = {(line["channel"], line["round"]) for line in stage(weir, "finals")}
    assert {number for _, number in chosen} == {0, 1, 2}
    assert {number for _, number in judged} == set(range(7))
    assert {name for name, _ in judged} == {"moodycamel", "mpmc_ring:park", "mutex_condvar"}
    assert not (weir.out / "trials.jsonl").exists()
    for name in ("selection", "finals", "capacity"):
        record = json.loads((weir.out / name / "run.json").read_text())
        assert record["complete"] and record["seed"] == 7


def test_the_smallest_capacity_that_meets_the_need_is_found(picking: Weir) -> None:
    load = ["--rate", "200k", "--need", "p99<45us", "--channels", "mutex_condvar"]
    assert pick(picking, *load, "--rounds", 1).returncode == 0
    assert answer(picking)["capacity"] == {
        "channel": "mutex_condvar", "tried": [4, 16, 64, 256, 1024], "asked": 1024, "enough": 64,
    }  # fmt: skip


def test_none_meets_it_is_an_answer(picking: Weir) -> None:
    said = pick(picking, "--rate", "200k", "--need", "p99<1us", "--rounds", 1)
    assert said.returncode == 0
    assert "none meets the need" in said.stdout
    assert answer(picking)["columns"]["here"]["any_of"] == []


def test_a_channel_that_fails_its_verification_is_named_and_out(picking: Weir) -> None:
    said = pick(picking, "--rate", "200k", "--channels", "mpmc_ring:*", FAKE_FAIL="mpmc_ring:spin")
    assert said.returncode == 1
    assert "FAILED and out: mpmc_ring:spin: loss: 3 messages" in said.stdout
    assert answer(picking)["columns"]["here"]["any_of"] == ["mpmc_ring:park"]


def test_what_the_driver_refuses_is_out_with_its_reason(picking: Weir) -> None:
    said = pick(picking, "--rate", "200k", "--rounds", 1, FAKE_REFUSES="words_only")
    assert said.returncode == 0, said.stderr
    assert answer(picking)["out"]["the driver cannot"] == ["words_only"]


def test_json_is_all_that_stdout_gets(picking: Weir) -> None:
    said = pick(picking, "--json", "--rate", "200k", "--channels", "mpmc_ring:*")
    assert said.returncode == 0
    found = json.loads(said.stdout)
    assert found["columns"]["here"]["any_of"] == ["mpmc_ring:spin"]
    assert found["folder"] == str(picking.out)
    assert "selection: 2 cases" in said.stderr


def test_a_load_that_nothing_carries_is_answered_without_measuring(picking: Weir) -> None:
    said = pick(picking, "--rate", "1k", "--on-full", "drop-oldest", "--channels", "mpmc_ring:*")
    assert said.returncode == 0
    assert "never gives up the oldest message: mpmc_ring (2)" in said.stdout
    assert not picking.out.exists()


def test_a_profile_runs_and_its_answer_fits_a_terminal(picking: Weir) -> None:
    said = pick(picking, "--profile", "logger", "--rounds", 2)
    assert said.returncode == 0, said.stderr
    assert len((picking.out / "answer.txt").read_text().splitlines()) <= 40


def test_a_trace_is_written_into_the_folder(picking: Weir) -> None:
    (picking.folder / "mine.csv").write_text("0\n2000\n10000\n")
    assert pick(picking, "--arrivals", "mine.csv", "--channels", "spsc_ring", "--rounds", 1).returncode == 0
    assert (picking.out / "trace.txt").read_text().startswith("0\n2000\n10000\n15000\n")
    assert f'"trace-{picking.out}/trace.txt"' in (picking.out / "selection" / "selection.toml").read_text()


@pytest.mark.parametrize(("where", "answered"), [("selection", False), ("finals", False), ("capacity", True)])
def test_ctrl_c_keeps_what_is_finished(picking: Weir, where: str, answered: bool) -> None:
    words = picking.command("pick", "--out", picking.out, *NEED)
    env = {**picking.env, "FAKE_HOLD": where}
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert picking.told() == "held"
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()
    assert process.returncode == 130
    assert len(stage(picking, where)) > 2
    record = json.loads((picking.out / where / "run.json").read_text())
    assert record["interrupted"] and not record["complete"]
    assert (picking.out / "answer.json").exists() == answered
    assert answered or stderr.startswith(f"weir: interrupted in the {where}: there is no answer")


def test_a_folder_that_holds_something_is_not_written(picking: Weir) -> None:
    picking.out.mkdir()
    (picking.out / "mine").write_text("x")
    said = pick(picking, "--rate", "1k")
    assert said.returncode == 2
    assert "is not empty and nothing is overwritten" in said.stderr
    assert [path.name for path in picking.out.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--rate", "0"], "weir: --rate 0 must be above 0: write 200k"),
        (["--raet", "1k"], "weir: unknown flag --raet for pick; nearest: --rate (scripts/weir pick --help)"),
        (["--rate", "1k", "--need", "p99<50"], "weir: --need p99 50 has no unit (ns, us, ms, s): write 50us"),
        (["--profile", "tradign"], "weir: unknown profile tradign; nearest: trading"),
        (["--rate", "1k", "--channels", "spsc_rign"], "weir: unknown channel spsc_rign; nearest: spsc_ring"),
        (["--rate", "1k", "--producers", "0"], "weir: argument --producers: 0 is not a whole number from 1 on"),
    ],
)
def test_a_mistake_is_one_line(picking: Weir, words: list[str], says: str) -> None:
    said = pick(picking, *words)
    assert said.returncode == 2
    assert said.stderr.startswith(says)
    assert len(said.stderr.splitlines()) == 1
    assert not picking.out.exists()


def test_a_weir_bench_without_the_workload_is_said(picking: Weir) -> None:
    said = pick(picking, "--rate", "1k", FAKE_OLD="1")
    assert said.returncode == 1
    assert said.stderr == "weir: this weir-bench has no workload load: build it anew\n"
