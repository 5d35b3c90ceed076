"""A run from its flags to its folder."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from door import FAKE, Weir


def test_a_run_leaves_every_trial_of_every_round_and_says_complete(weir: Weir) -> None:
    said = weir.run("--seed", 7)
    assert said.returncode == 0, said.stderr
    record = weir.record()
    assert record["schema"] == 1
    assert (record["suite"], record["seed"], record["rounds"]) == ("tiny", 7, 3)
    assert record["complete"] and not record["interrupted"]
    assert record["started"] <= record["ended"]
    assert len(set(weir.pairs())) == len(weir.pairs()) == 3 * 8
    assert json.loads((weir.out / "environment.json").read_text())["revision"] == "abc"
    assert len(json.loads((weir.out / "channels.json").read_text())["channels"]) == 5
    assert f"report: {weir.out}" not in said.stdout


def test_progress_in_a_pipe_is_plain_lines_with_the_remaining_time(weir: Weir) -> None:
    said = weir.run()
    assert "round 1 of 3: 0 of 24 trials, about 3 s left" in said.stdout
    assert "\x1b" not in said.stdout


def test_each_round_is_a_process_of_its_own_with_the_seed_and_the_selection(weir: Weir) -> None:
    calls = weir.folder / "calls"
    flags = ["--seed", 7, "--channels", "mpmc_ring*,spsc_ring", "--channels", "mutex*", "--filter", "cap:1/"]
    said = weir.run(*flags, FAKE_CALLS=str(calls))
    assert said.returncode == 0, said.stderr
    plans = [call for call in map(json.loads, calls.read_text().splitlines()) if "--round" in call]
    globs = ["--channels", "mpmc_ring*", "--channels", "spsc_ring", "--channels", "mutex*"]
    chosen = ["plan", "--suite", str(weir.suite), "--filter", "cap:1/", *globs, "--seed", "7"]
    assert plans == [[*chosen, "--round", str(n), "--out", str(weir.out / "trials.jsonl")] for n in range(3)]


def test_the_arguments_in_run_json_make_the_same_run_again(weir: Weir) -> None:
    assert weir.run("--rounds", 2, "--filter", "cap:1/").returncode == 0
    first = weir.record()
    weir.out = weir.folder / "again"
    assert weir("run", *first["arguments"], "--out", weir.out, "--no-report").returncode == 0
    assert weir.record()["arguments"] == first["arguments"]
    assert weir.record()["seed"] == first["seed"]


def test_a_report_is_made_and_its_path_is_the_last_line(weir: Weir) -> None:
    pytest.importorskip("weirlib.report")
    said = weir("run", "--suite", weir.suite, "--out", weir.out)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[-1] == "report: run/report.html"
    assert (weir.out / "report.html").is_file()


def test_a_failed_trial_is_named_with_its_reason_and_makes_the_status_1(weir: Weir) -> None:
    bad = "throughput/spsc_ring/p:1/c:1/cap:100/msg:16"
    said = weir.run(FAKE_FAIL=bad)
    assert said.returncode == 1
    assert "failed: 3 of 24 trials" in said.stdout
    assert f"{bad}  loss: 3 messages (3 times)" in said.stdout
    assert weir.record()["complete"]


def test_a_process_that_dies_is_one_line_and_the_other_rounds_go_on(weir: Weir) -> None:
    said = weir.run(FAKE_CRASH="1")
    assert said.returncode == 1
    assert said.stdout.count("SIGSEGV") == 1
    assert "round 1: weir-bench was ended by SIGSEGV" in said.stdout
    assert "6 trials are missing; go on with: scripts/weir run --resume run" in said.stdout
    assert not weir.record()["complete"]
    assert [sum(number == n for _, number in weir.pairs()) for n in range(3)] == [8, 2, 8]


def test_a_round_that_leaves_trials_out_without_a_word_is_not_complete(weir: Weir) -> None:
    said = weir.run(FAKE_SHORT="1")
    assert said.returncode == 1
    assert "3 trials are missing" in said.stdout
    assert not weir.record()["complete"]


def test_a_full_disk_is_one_line_and_nothing_is_taken_for_whole(weir: Weir) -> None:
    said = weir.run(FAKE_FULL="1")
    assert said.returncode == 2
    reason = f"cannot append to {weir.out}/trials.jsonl: no space left on device"
    assert said.stderr == f"weir: {reason}; go on with: scripts/weir run --resume run\n"
    assert not weir.record()["complete"]
    assert len(weir.pairs()) == 8


def test_a_run_that_cannot_write_its_first_trial_leaves_no_folder(weir: Weir) -> None:
    said = weir.run(FAKE_FULL="0")
    assert said.returncode == 2
    assert not weir.out.exists()


def test_a_folder_that_cannot_be_made_is_one_line(weir: Weir) -> None:
    (weir.folder / "file").write_text("")
    said = weir("run", "--suite", weir.suite, "--out", "file/run")
    assert said.returncode == 2
    assert said.stderr == "weir: cannot write file/run: Not a directory; name another folder with --out\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that root cannot write either")
def test_a_folder_that_cannot_be_written_is_one_line(weir: Weir) -> None:
    said = weir("run", "--suite", weir.suite, "--out", "/proc/self/run")
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 1
    assert said.stderr.startswith("weir: cannot write /proc/")


def test_a_folder_that_holds_something_is_never_written(weir: Weir) -> None:
    assert weir.run("--seed", 7).returncode == 0
    before = {path: path.read_bytes() for path in weir.out.iterdir() if path.is_file()}
    said = weir.run("--seed", 8)
    assert said.returncode == 2
    assert "is not empty and nothing is overwritten" in said.stderr
    assert before == {path: path.read_bytes() for path in weir.out.iterdir() if path.is_file()}


def test_the_own_channel_is_measured_beside_the_chosen_ones(weir: Weir) -> None:
    source = weir.folder / "mine.cpp"
    source.write_text("// a channel\n")
    said = weir.run("--channel-file", "mine.cpp", "--channels", "spsc*", FAKE_OWN="mine")
    assert said.returncode == 0, said.stderr
    assert {line["channel"] for line in weir.lines()} == {"spsc_ring", "mine"}
    assert weir.record()["channel_file"] == str(source)


def test_a_channel_file_that_registers_nothing_is_refused(weir: Weir) -> None:
    (weir.folder / "mine.cpp").write_text("// no channel\n")
    said = weir.run("--channel-file", "mine.cpp")
    assert said.returncode == 2
    assert said.stderr.endswith("mine.cpp registers no channel\n")


@pytest.mark.parametrize("word", ["run", "list"])
def test_a_second_call_starts_within_3_seconds(weir: Weir, word: str) -> None:
    """The set-up itself is in it: its checks, without WEIR_NO_SETUP, must be as quick."""
    env = {key: value for key, value in weir.env.items() if key not in ("WEIR_NO_SETUP", "WEIR_PYTHON")}
    flags = ["--suite", weir.suite, "--channels", "nothing"] if word == "run" else ["--json"]
    command = weir.command(word, *flags)
    seconds = []
    for _ in range(4):  # the machine may be busy, but not each time
        began = time.monotonic()
        done = subprocess.run(command, env=env, capture_output=True, check=False)
        seconds.append(time.monotonic() - began)
        assert done.returncode == (2 if word == "run" else 0)
    assert min(seconds[1:]) < 3


def test_list_shows_contracts_and_what_is_left_out(weir: Weir) -> None:
    said = weir("list")
    assert said.returncode == 0, said.stderr
    assert "left out: tbb: no TBB here" in said.stdout
    assert any("mpmc_ring:park" in line and "n:n" in line for line in said.stdout.splitlines())


def test_list_json_passes_through(weir: Weir) -> None:
    said = weir("list", "--json")
    direct = subprocess.run([FAKE, "list"], capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == json.loads(direct.stdout)


def test_a_reader_who_has_gone_is_no_traceback(weir: Weir) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        said = subprocess.run(
            weir.command("list"), env=weir.env, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writer)
    assert "Traceback" not in said.stderr
