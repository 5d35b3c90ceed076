"""`weir-stress --explore`: what it prints, and its exit status."""

import json
import os
import re
import subprocess

from conftest import is_usage_error

PROGRAM = os.environ["WEIR_STRESS_BUILT"]


def explore(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=100)


def test_a_search_that_finds_nothing_says_how_much_it_saw() -> None:
    said = explore("--explore", "futex_ring", "--bound", "1", "--plan", "1: send send | recv recv")
    assert said.returncode == 0, said.stderr
    assert re.search(r"1: send send \| recv recv +\d+ +\d+ +\d+ +all seen", said.stdout)
    assert re.search(r"schedules [1-9]\d*, steps [1-9]\d*, states [1-9]\d*, findings 0 ", said.stdout)


def test_every_own_channel_can_be_explored() -> None:
    said = explore("--explore", "*", "--search", "random", "--runs", "3", "--json")
    assert said.returncode == 0, said.stdout
    channels = {json.loads(line)["channel"] for line in said.stdout.splitlines()}
    assert {"futex_ring", "latest", "mpmc_ring:park", "mutex_condvar", "rendezvous", "spsc_ring:park"} <= channels


def test_a_finding_has_its_trace_and_a_command_that_shows_it_again() -> None:
    # Nobody receives: the plan is wrong, and the sender sleeps for ever.
    said = explore("--explore", "rendezvous", "--plan", "1: send")
    assert said.returncode == 1
    assert "lost wake-up: sender sleeps, and nobody is left to change that" in said.stdout
    again = re.search(r"--plan '(.+)' --replay (\S+)", said.stdout)
    assert again is not None
    shown = explore("--explore", "rendezvous", "--plan", again[1], "--replay", again[2])
    assert shown.returncode == 1
    assert shown.stdout in said.stdout


def test_mistakes_are_one_line_and_status_2() -> None:
    for words in (
        ["--explore", "futex_rign"],
        ["--explore", "futex_ring", "--plan", "1: sned"],
        ["--explore", "futex_ring", "--plan", "1: send | recv | recv"],
        ["--explore", "futex_ring", "--replay", "1:1"],
        ["--explore", "futex_ring", "--search", "all"],
        ["--explore", "futex_ring", "--bound", "x"],
    ):
        said = explore(*words)
        assert is_usage_error(said), words
