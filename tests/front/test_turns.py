"""`weir-bench turns`: a window for each line, roles that rest in between, a verdict at the end; and the gate over it."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Bench, is_usage_error

SPIN = "throughput/spsc_ring:spin/p:1/c:1/cap:64/msg:8/work:0/place:spread"
PARK = "throughput/mpmc_ring:park/p:2/c:2/cap:64/msg:8/work:0/place:spread"
LOCK = "throughput/mutex_condvar/p:1/c:1/cap:64/msg:8/work:0/place:one"


class Playing:
    """One process of the turns front."""

    def __init__(self, bench: Bench, *words: str) -> None:
        argv = [bench.program, "turns", *words]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdin and self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def read(self) -> dict[str, Any]:
        return json.loads(self.stdout.readline())

    def window(self) -> dict[str, Any]:
        self.stdin.write("\n")
        self.stdin.flush()
        return self.read()

    def end(self) -> dict[str, Any]:
        self.stdin.close()
        said = self.read()
        self.process.wait()
        return said

    def cpu_ticks(self) -> int:
        """Of the process and its trial's: 10 ms each."""
        child = int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])
        fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in (self.process.pid, child)]
        return sum(int(field[11]) + int(field[12]) for field in fields)


@pytest.mark.parametrize("case", [SPIN, PARK, LOCK])
def test_windows_come_one_by_one_and_every_message_is_verified(bench: Bench, case: str) -> None:
    playing = Playing(bench, case)
    ready = playing.read()
    assert (ready["ready"], ready["id"]) == (True, case)
    windows = [playing.window() for _ in range(5)]
    end = playing.end()
    assert end["status"] == "ok", end
    assert sum(window["messages"] for window in windows) > 0
    assert all(window["ns"] >= 10_000_000 for window in windows)
    assert end["accepted"] == end["received"] >= sum(window["messages"] for window in windows)
    assert playing.process.returncode == 0


def test_nobody_spins_while_another_has_its_turn(bench: Bench) -> None:
    playing = Playing(bench, SPIN)
    playing.read()
    playing.window()
    before = playing.cpu_ticks()
    time.sleep(1.0)
    # Two roles that spun would take up to two hundred; looking for a hang every 20 ms takes some.
    assert playing.cpu_ticks() - before <= 10
    assert playing.end()["status"] == "ok"


def test_a_channel_that_loses_messages_is_found_out(faulty: Bench) -> None:
    playing = Playing(faulty, "throughput/faulty_loses/p:1/c:1/cap:64/msg:8/work:0/place:spread")
    assert playing.read()["ready"]
    passed = 0
    while passed < 1_000_000:  # of which it keeps all but one
        passed += playing.window()["messages"]
    end = playing.end()
    assert (end["status"], end["failure"]) == ("failed", "loss")
    assert playing.process.returncode == 1


def test_a_role_that_has_given_up_ends_the_game_with_its_reason(faulty: Bench) -> None:
    playing = Playing(faulty, "throughput/faulty_closes/p:1/c:1/cap:64/msg:8/work:0/place:spread")
    answer = playing.read()
    while answer.get("ready") or "messages" in answer:
        answer = playing.window()
    # Who waited for it to freeze was told of a hang, ten seconds later.
    assert (answer["status"], answer["failure"]) == ("failed", "state")
    assert answer["reason"] == "sender 0: send answered closed, which it may not here"
    playing.process.communicate()
    assert playing.process.returncode == 1


def test_a_planted_slowdown_loses_no_message(bench: Bench) -> None:
    for at in ("sender", "receiver"):
        playing = Playing(bench, PARK, "--plant-steps", "1000", "--plant-at", at)
        playing.read()
        playing.window()
        assert playing.end()["status"] == "ok"


@pytest.mark.parametrize(
    "words",
    [
        ("throughput/no_such/p:1",),
        ("throughput/spsc_ring:spin/p:2/c:1",),
        ("throughput/spsc_ring:spin/nonsense:2",),
        ("throughput/spsc_ring:spin/p:two",),
        ("uncontended/spsc_ring:spin/cap:64",),
        ("nonsense",),
        (SPIN, "--plant-at", "nowhere"),
        (SPIN, "--window-ms", "0"),
    ],
)
def test_what_cannot_be_played_is_one_line(bench: Bench, words: tuple[str, ...]) -> None:
    assert is_usage_error(bench("turns", *words, input=""))


def test_pairs_are_run_without_a_clock_and_counted_by_others(bench: Bench) -> None:
    said = bench("pairs", "uncontended/mutex_condvar/cap:64/msg:8", "500")
    assert json.loads(said.stdout) == {"status": "ok", "reason": "", "pairs": 500}
    for words in (("uncontended/mutex_condvar", "0"), (SPIN, "5"), ("uncontended/no_such", "5"), ("uncontended/mutex_condvar",)):
        assert is_usage_error(bench("pairs", *words))


def test_the_gate_compares_a_program_with_itself(bench: Bench, tmp_path: Path) -> None:
    gate = [ROOT / "scripts" / "weir", "gate", bench.program, bench.program, "--rounds", "1", "--seed", "1"]
    words = ["--cases", "futex_ring*spread,mutex_condvar*one", "--out", tmp_path / "gate", "--no-instructions"]
    env = {**os.environ, "WEIR_NO_SETUP": "1"}
    said = subprocess.run([*gate, *words], capture_output=True, text=True, check=False, env=env)
    assert said.returncode == 0, said.stderr
    lines = [json.loads(line) for line in (tmp_path / "gate" / "rounds.jsonl").read_text().splitlines()]
    assert {line["case"].split("/")[1] for line in lines} == {"futex_ring", "mutex_condvar"}
    assert "no change" not in said.stdout, "one round says nothing"
    assert (tmp_path / "gate" / "forest.svg").is_file()
