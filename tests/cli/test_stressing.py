"""Stress from the one door: into the folder of a run, and after a run."""

import json
import signal
import subprocess
from pathlib import Path

import pytest
from door import Weir
from weirlib import results

CASES = 3  # of the stand-in
ALL = ["mpmc_ring", "mpmc_ring:park", "mutex_condvar", "spsc_ring"]


@pytest.fixture
def done(weir: Weir) -> Weir:
    """With a finished run of all channels."""
    assert weir.run("--seed", 7).returncode == 0
    return weir


def assert_refused(said: subprocess.CompletedProcess[str], line: str) -> None:
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr == f"weir: {line}\n"


def kept(weir: Weir) -> str:
    """Where the stand-in keeps what it is called with."""
    return str(weir.folder / "calls")


def calls(weir: Weir) -> list[list[str]]:
    return [json.loads(line) for line in (weir.folder / "calls").read_text().splitlines()]


# --- stress --into


def test_stress_leaves_its_outcomes_in_the_runs_folder_and_the_text_on_the_terminal(done: Weir) -> None:
    said = done("stress", "--into", "run", "--seconds", 2, "--seed", 9)
    assert said.returncode == 0, said.stderr
    plan, *outcomes = done.outcomes()
    assert (plan["seed"], plan["seconds"], plan["channels"]) == (9, 2.0, ALL)
    assert len(outcomes) == CASES * len(ALL)
    assert said.stdout.splitlines() == [
        "4 channels, the table",
        "outcomes: run/stress.jsonl; the report with it: scripts/weir report run",
    ]


def test_without_a_choice_the_channels_of_the_run_are_attacked(weir: Weir) -> None:
    assert weir.run("--channels", "mpmc_ring:park,spsc_ring").returncode == 0
    assert weir("stress", "--into", "run").returncode == 0
    assert weir.outcomes()[0]["channels"] == ["mpmc_ring:park", "spsc_ring"]


def test_a_choice_is_kept(done: Weir) -> None:
    flags = ["--channel", "spsc_ring", "--case", "fills", "--case", "closes"]
    assert done("stress", "--into", "run", *flags, FAKE_STRESS_CALLS=kept(done)).returncode == 0
    out = f"--out={done.out / 'stress.jsonl'}"
    again = "--again=scripts/weir stress"
    assert calls(done) == [["--channel=spsc_ring", "--case=fills", "--case=closes", again, out]]


def test_a_finding_is_shown_makes_the_status_1_and_names_the_door(done: Weir) -> None:
    said = done("stress", "--into", "run", FAKE_FIND="spsc_ring")
    assert said.returncode == 1
    assert "spsc_ring FAILED: closes\nclose: receiver 0 sleeps on\n  |-recv\n" in said.stdout
    again = "scripts/weir stress --channel 'spsc_ring' --case closes --seconds 5 --seed 77"
    assert [line["again"] for line in done.outcomes()[1:] if line["verdict"] == "failed"] == [again]


def test_the_runs_own_channel_file_is_used_and_named_in_the_command(weir: Weir) -> None:
    (weir.folder / "my channel.cpp").write_text("// a channel\n")
    assert weir.run("--channel-file", "my channel.cpp", FAKE_OWN="mine").returncode == 0
    assert weir("stress", "--into", "run", FAKE_FIND="mine").returncode == 1
    (finding,) = [line for line in weir.outcomes()[1:] if line["verdict"] == "failed"]
    assert finding["again"].startswith(f"scripts/weir stress --channel-file '{weir.folder}/my channel.cpp' --channel 'mine'")


def test_a_channel_file_of_the_run_that_has_gone_is_one_line(weir: Weir) -> None:
    file = weir.folder / "mine.cpp"
    file.write_text("// a channel\n")
    assert weir.run("--channel-file", file, FAKE_OWN="mine").returncode == 0
    file.unlink()
    assert_refused(weir("stress", "--into", "run"), f"--channel-file {file} is not a file")


def test_an_existing_file_is_never_overwritten(done: Weir) -> None:
    assert done("stress", "--into", "run").returncode == 0
    before = (done.out / "stress.jsonl").read_bytes()
    line = "run/stress.jsonl exists and nothing is overwritten: move it away to stress this run again"
    assert_refused(done("stress", "--into", "run", FAKE_STRESS_CALLS=kept(done)), line)
    assert (done.out / "stress.jsonl").read_bytes() == before
    assert not (done.folder / "calls").exists()


def test_a_folder_that_is_not_there_is_one_line(weir: Weir) -> None:
    assert_refused(weir("stress", "--into", "nowhere"), "nowhere is not a folder")


def test_a_folder_that_holds_no_run_is_one_line(weir: Weir) -> None:
    assert_refused(weir("stress", "--into", "."), ". holds no run: it has no run.json")
    assert not (weir.folder / "stress.jsonl").exists()


def test_a_run_without_a_trial_asks_for_channels(done: Weir) -> None:
    (done.out / "trials.jsonl").write_text("")
    assert_refused(
        done("stress", "--into", "run"), "run holds no finished trial: name what to attack with --channel"
    )
    assert done("stress", "--into", "run", "--channel", "spsc_ring").returncode == 0


def test_into_without_a_folder_says_what_is_missing(weir: Weir) -> None:
    assert_refused(
        weir("stress", "--into"), "argument --into: expected one argument (scripts/weir stress --help)"
    )


def test_a_list_attacks_nothing(done: Weir) -> None:
    assert_refused(done("stress", "--into", "run", "--list"), "--list attacks nothing: leave out --into")


def test_exploring_leaves_nothing_in_a_run(done: Weir) -> None:
    line = "--explore leaves nothing in the folder of a run: leave out --into"
    assert_refused(done("stress", "--into", "run", "--explore", "spsc_ring"), line)


def test_a_flag_of_exploring_asks_for_it(weir: Weir) -> None:
    assert_refused(weir("stress", "--bound", 3), "--bound goes with --explore CHANNEL")


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "x"])
@pytest.mark.parametrize("words", [["stress", "--seconds"], ["run", "--stress"]])
def test_a_time_that_is_none_is_one_line(weir: Weir, words: list[str], seconds: str) -> None:
    said = weir(words[0], f"{words[1]}={seconds}")
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 1
    assert said.stderr.startswith(f"weir: argument {words[1]}: ")


def test_an_unknown_channel_is_weir_stress_own_line(done: Weir) -> None:
    said = done("stress", "--into", "run", "--channel", "spsc_rign")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "weir-stress: unknown channel spsc_rign\n"
    assert not (done.out / "stress.jsonl").exists()


def test_json_stays_json(done: Weir) -> None:
    said = done("stress", "--into", "run", "--json")
    assert [json.loads(line) for line in said.stdout.splitlines()] == done.outcomes()[1:]


def test_a_stress_that_dies_is_one_line_and_its_outcomes_are_kept(done: Weir) -> None:
    said = done("stress", "--into", "run", FAKE_STRESS_CRASH="1")
    assert said.returncode == 1
    assert said.stderr == "weir: weir-stress was ended by SIGSEGV\n"
    assert len(done.outcomes()) == 1 + CASES


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_keeps_what_is_finished_and_says_so(done: Weir, number: int) -> None:
    process = subprocess.Popen(
        done.command("stress", "--into", "run"),
        cwd=done.folder,
        env={**done.env, "FAKE_STRESS_HOLD": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.told().startswith("held")
    process.send_signal(number)
    said, _ = process.communicate()
    assert process.returncode == 130
    assert "interrupted: what was finished is in run/stress.jsonl" in said
    assert len(done.outcomes()) == 1 + CASES
    stress = results.read_stress(done.out)
    assert stress is not None and stress.missing() == CASES * 3
    table = done("report", "run").stdout
    assert "INCOMPLETE: Stress did not come to its end: 9 of 12 planned outcomes are missing." in table


def test_a_folder_that_a_run_is_writing_is_left_alone(weir: Weir) -> None:
    process = weir.start_run(FAKE_HOLD="1")
    weir.told()
    said = weir("stress", "--into", "run")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert_refused(said, "another run is writing run")


# --- run --stress


def test_a_run_is_not_stressed_unless_it_is_asked_for(weir: Weir) -> None:
    assert weir.run(FAKE_STRESS_CALLS=kept(weir)).returncode == 0
    assert not (weir.folder / "calls").exists() and not (weir.out / "stress.jsonl").exists()


def test_a_run_can_stress_what_it_measured(weir: Weir) -> None:
    said = weir.run("--channels", "spsc_ring,mpmc_ring", "--seed", 7, "--stress", 0.5, FAKE_STRESS_CALLS=kept(weir))
    assert said.returncode == 0, said.stderr
    assert "stress: 0.5 s for each channel" in said.stdout
    words = ["--channel=mpmc_ring", "--channel=spsc_ring", "--seconds=0.5", "--seed=7", "--again=scripts/weir stress"]
    assert calls(weir) == [[*words, f"--out={weir.out / 'stress.jsonl'}"]]
    assert "Stress: 6 cases passed over 2 channels; no violation was found." in said.stdout
    assert weir.record()["complete"]
    assert weir.record()["arguments"][-2:] == ["--stress", "0.5"]


def test_a_finding_makes_the_status_of_the_run_1_and_takes_the_rank(weir: Weir) -> None:
    fastest = "spsc_ring"  # the last in the stand-in's order, whose figures grow
    before = weir("run", "--suite", weir.suite, "--out", "before", "--no-report")
    assert before.returncode == 0 and f"  {fastest}  " in before.stdout.partition("workload ")[2]
    said = weir.run("--stress", 1, FAKE_FIND=fastest)
    assert said.returncode == 1
    assert f"FAILED: 1 of 4 channels failed under stress, 1 violation: {fastest}." in said.stdout
    ranking = said.stdout.partition("workload ")[2]
    assert "mutex_condvar" in ranking and fastest not in ranking
    assert weir.record()["complete"], "the trials are all there"


def test_a_case_that_proves_nothing_makes_the_status_1_and_convicts_nobody(weir: Weir) -> None:
    said = weir.run("--stress", 1, FAKE_VACUOUS="spsc_ring")
    assert said.returncode == 1
    assert "Stress proves nothing in 1 case: see the report." in said.stdout
    assert "spsc_ring" in said.stdout.partition("workload ")[2]


def test_the_report_of_the_run_has_the_finding(weir: Weir) -> None:
    said = weir("run", "--suite", weir.suite, "--out", weir.out, "--stress", 1, FAKE_FIND="spsc_ring")
    assert said.returncode == 1
    assert said.stdout.splitlines()[-1] == "report: run/report.html"
    page = (weir.out / "report.html").read_text()
    assert "close: receiver 0 sleeps on" in page and "<pre>  |-recv</pre>" in page


def test_ctrl_c_during_stress_keeps_the_whole_run_and_says_what_is_incomplete(weir: Weir) -> None:
    process = weir.start_run("--stress", 1, FAKE_STRESS_HOLD="1")
    assert weir.told().startswith("held")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate()
    assert process.returncode == 130
    assert "stress was interrupted: what was finished is in run/stress.jsonl" in said
    assert "INCOMPLETE: Stress did not come to its end" in said
    assert "go on with" not in said, "no trial is missing"
    record = weir.record()
    assert (record["complete"], record["interrupted"]) == (True, False)


def test_an_interrupted_run_is_stressed_when_it_is_resumed(weir: Weir) -> None:
    process = weir.start_run("--stress", 1, FAKE_HOLD="1")
    weir.told()
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert not (weir.out / "stress.jsonl").exists()
    assert weir("run", "--resume", "run", "--no-report").returncode == 0
    assert weir.outcomes()[0]["seconds"] == 1.0


def test_resume_leaves_outcomes_that_are_there_and_still_tells_of_findings(weir: Weir) -> None:
    assert weir.run("--stress", 1, FAKE_FIND="spsc_ring").returncode == 1
    before = (weir.out / "stress.jsonl").read_bytes()
    said = weir("run", "--resume", "run", "--no-report")
    assert said.returncode == 1
    assert "failed under stress" in said.stdout
    assert (weir.out / "stress.jsonl").read_bytes() == before


def test_resume_takes_no_other_stress(done: Weir) -> None:
    assert_refused(
        done("run", "--resume", "run", "--stress", 3),
        "--resume goes on with the run's own choice: leave out --stress",
    )


def test_a_stress_that_dies_after_a_run_is_one_line(weir: Weir) -> None:
    said = weir.run("--stress", 1, FAKE_STRESS_CRASH="1")
    assert said.returncode == 1
    assert "weir-stress was ended by SIGSEGV" in said.stdout
    assert weir.record()["complete"]


def test_a_weir_stress_that_is_none_is_refused_before_anything_is_measured(weir: Weir) -> None:
    said = weir.run("--stress", 1, WEIR_STRESS=str(Path("no/such")))
    assert_refused(said, "WEIR_STRESS=no/such is not a program")
    assert not weir.out.exists()
