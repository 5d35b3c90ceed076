"""Signals during a run, and going on after them. The stand-in tells by a FIFO where it is: no test sleeps."""

import os
import signal
import subprocess
import time

import pytest
from door import Weir
from weirlib.rounds import Interrupts, run_round


def interrupted_run(weir: Weir, number: int = signal.SIGINT) -> str:
    process = weir.start_run("--seed", 7, "--filter", "cap:1/", FAKE_HOLD="1")
    assert weir.told().startswith("held")
    process.send_signal(number)
    said, _ = process.communicate()
    assert process.returncode == 130, said
    return said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_keeps_the_finished_trials_and_says_how_to_go_on(weir: Weir, number: int) -> None:
    said = interrupted_run(weir, number)
    assert "interrupted; go on with: scripts/weir run --resume run" in said
    record = weir.record()
    assert (record["complete"], record["interrupted"]) == (False, True)
    assert record["ended"] is not None
    assert len(weir.pairs()) == 4 + 2


def test_ctrl_c_makes_the_report_of_what_is_there(weir: Weir) -> None:
    pytest.importorskip("weirlib.report")
    process = subprocess.Popen(
        weir.command("run", "--suite", weir.suite, "--out", weir.out),
        cwd=weir.folder,
        env={**weir.env, "FAKE_HOLD": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    weir.told()
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "report: run/report.html"


def test_resume_goes_on_with_the_same_seed_and_selection(weir: Weir) -> None:
    interrupted_run(weir)
    before = weir.lines()
    said = weir("run", "--resume", "run", "--no-report")
    assert said.returncode == 0, said.stderr
    assert weir.lines()[: len(before)] == before
    assert sorted(set(weir.pairs())) == sorted(weir.pairs())
    assert len(weir.pairs()) == 3 * 4
    assert all("cap:1/" in line["id"] and line["seed"] == 7 for line in weir.lines())
    record = weir.record()
    assert (record["complete"], record["interrupted"]) == (True, False)


def test_resume_cuts_off_a_half_written_line_and_runs_that_trial_again(weir: Weir) -> None:
    interrupted_run(weir)
    trials = weir.out / "trials.jsonl"
    whole = trials.read_text()
    trials.write_text(whole + whole.splitlines()[-1][:40])
    said = weir("run", "--resume", weir.out, "--no-report")
    assert said.returncode == 0, said.stderr
    assert trials.read_text().startswith(whole)
    assert len(set(weir.pairs())) == len(weir.lines()) == 3 * 4


def test_resume_after_a_crash_runs_what_is_missing(weir: Weir) -> None:
    assert weir.run(FAKE_CRASH="1").returncode == 1
    assert weir("run", "--resume", "run", "--no-report").returncode == 0
    assert len(set(weir.pairs())) == len(weir.lines()) == 3 * 8
    assert weir.record()["complete"]


def test_resume_of_a_failed_run_still_names_what_failed(weir: Weir) -> None:
    bad = "throughput/spsc_ring/p:1/c:1/cap:100/msg:16"
    assert weir.run(FAKE_FAIL=bad).returncode == 1
    said = weir("run", "--resume", "run", "--no-report")
    assert said.returncode == 1
    assert bad in said.stdout


@pytest.mark.parametrize(
    "flags",
    [["--seed", 8], ["--suite", "smoke"], ["--channels", "x"], ["--filter", "x"], ["--rounds", 9], ["--out", "y"]],
)
def test_resume_refuses_another_choice(weir: Weir, flags: list[object]) -> None:
    assert weir.run().returncode == 0
    said = weir("run", "--resume", "run", *flags)
    assert said.returncode == 2
    assert said.stderr == f"weir: --resume goes on with the run's own choice: leave out {flags[0]}\n"


def test_resume_refuses_another_revision(weir: Weir) -> None:
    interrupted_run(weir)
    said = weir("run", "--resume", "run", FAKE_REVISION="def")
    assert said.returncode == 2
    assert said.stderr == "weir: cannot go on: revision was abc and is def; start a new run\n"


def test_resume_of_something_else_is_one_line(weir: Weir) -> None:
    said = weir("run", "--resume", ".")
    assert said.returncode == 2
    assert said.stderr == "weir: . holds no run: it has no run.json\n"


def test_two_runs_never_write_one_folder(weir: Weir) -> None:
    process = weir.start_run(FAKE_HOLD="1")
    weir.told()
    said = weir("run", "--resume", "run")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert said.returncode == 2
    assert said.stderr == "weir: another run is writing run\n"


def test_a_second_ctrl_c_ends_at_once_and_nothing_keeps_running(weir: Weir) -> None:
    process = weir.start_run(FAKE_HOLD="1", FAKE_DEAF="1")
    child = int(weir.told().split()[1])
    process.send_signal(signal.SIGINT)
    assert weir.told() == "heard"
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    assert time.monotonic() - started < 5
    assert weir.record()["interrupted"]
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_child_that_ignores_the_signal_is_killed_after_the_grace() -> None:
    script = "import os, signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print('{\"id\": 1}', flush=True); signal.pause()"
    with Interrupts(grace_s=0.2) as interrupts:
        outcome = run_round(
            ["/usr/bin/env", "python3", "-c", script], 0, interrupts, lambda _: os.kill(os.getpid(), signal.SIGINT)
        )
    assert outcome.status == -signal.SIGKILL
    assert interrupts.received == signal.SIGINT


def test_a_grandchild_that_keeps_the_pipe_does_not_hold_the_round_up() -> None:
    script = "import os, signal\nif os.fork() == 0: signal.pause()\nprint('{\"id\": 1}', flush=True)\nos.abort()"
    with Interrupts() as interrupts:
        seen: list[object] = []
        outcome = run_round(["/usr/bin/env", "python3", "-c", script], 0, interrupts, seen.append)
    assert outcome.status == -signal.SIGABRT
    assert seen == [{"id": 1}]
