"""Mistyped words and help: one line, status 2, the nearest valid word."""

import os
import re
import subprocess

import pytest
from door import ROOT, Weir
from weirlib.arguments import PARSERS
from weirlib.nearest import nearest

HELP = ROOT / "scripts" / "help"


def assert_one_line(said: subprocess.CompletedProcess[str], line: str) -> None:
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr == line + "\n"


def test_an_unknown_command_names_the_nearest(weir: Weir) -> None:
    assert_one_line(weir("rpeort"), "weir: unknown command rpeort; nearest: report (scripts/weir --help)")


def test_no_command_names_them_all(weir: Weir) -> None:
    assert_one_line(weir(), "weir: say what to do: export gate history list pick report run stress test (scripts/weir --help)")


def test_an_unknown_flag_names_the_nearest(weir: Weir) -> None:
    assert_one_line(
        weir("run", "--chanels=x"),
        "weir: unknown flag --chanels for run; nearest: --channels (scripts/weir run --help)",
    )


def test_a_flag_with_one_value_that_is_given_twice_is_refused(weir: Weir) -> None:
    said = weir("run", "--filter", "cap:1/", "--filter=cap:8/")
    assert_one_line(said, "weir: --filter is given twice, and takes one value (scripts/weir run --help)")


def test_an_unknown_suite_names_the_nearest(weir: Weir) -> None:
    if not list((ROOT / "harness" / "suites").glob("smoke.toml")):
        pytest.skip("there are no suites yet")
    assert_one_line(weir("run", "--suite", "smoek"), "weir: unknown suite smoek; nearest: smoke")


def test_a_suite_file_that_is_not_there_is_named(weir: Weir) -> None:
    assert_one_line(weir("run", "--suite", "./no.toml"), "weir: --suite ./no.toml is not a file")


def test_an_unknown_channel_names_the_nearest(weir: Weir) -> None:
    said = weir.run("--channels", "mpmc_ring,spsc_rign")
    assert_one_line(said, "weir: unknown channel spsc_rign; nearest: spsc_ring (scripts/weir list)")
    assert not weir.out.exists()


def test_a_channel_that_is_left_out_comes_with_the_reason(weir: Weir) -> None:
    assert_one_line(weir.run("--channels", "tbb"), "weir: channel tbb is left out: no TBB here")


def test_an_unknown_channel_that_is_to_be_taken_out_is_named_too(weir: Weir) -> None:
    said = weir.run("--channels", "*,!spsc_rign")
    assert_one_line(said, "weir: unknown channel spsc_rign; nearest: spsc_ring (scripts/weir list)")


def test_a_filter_that_matches_nothing_is_refused_before_a_folder_is_made(weir: Weir) -> None:
    assert_one_line(weir.run("--filter", "nothing"), "weir: no case matches the filter")
    assert not weir.out.exists()


@pytest.mark.parametrize(
    "flags",
    [
        ["--rounds", "0"],
        ["--rounds", "x"],
        ["--seed", "x"],
        ["--suite"],
        ["word"],
        ["--channel-file", "no.cpp"],
        ["--jobs", "0"],
    ],
)
def test_a_bad_value_is_one_line(weir: Weir, flags: list[str]) -> None:
    said = weir("run", *flags)
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 1
    assert said.stderr.startswith("weir: ")
    assert flags[0] in said.stderr


def test_report_of_a_folder_without_a_run_is_one_line(weir: Weir) -> None:
    assert_one_line(weir("report", "."), "weir: . holds no run: it has no run.json")


def test_report_without_a_folder_says_what_is_missing(weir: Weir) -> None:
    said = weir("report")
    assert_one_line(said, "weir: the following arguments are required: DIR (scripts/weir report --help)")


@pytest.mark.parametrize("command", sorted(PARSERS))
def test_help_names_exactly_the_flags_that_exist(command: str) -> None:
    named = re.findall(r"^  (--[a-z-]+)", (HELP / f"{command}.txt").read_text(), re.MULTILINE)
    assert sorted(named) == PARSERS[command]().flags()


def test_help_names_exactly_the_commands_that_exist() -> None:
    named = re.findall(r"^  ([a-z]+)  ", (HELP / "weir.txt").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(PARSERS)
    assert sorted(path.stem for path in HELP.glob("*.txt")) == sorted([*PARSERS, "weir"])


@pytest.mark.parametrize(
    "words", [["--help"], ["-h"], ["run", "--help"], ["list", "--help"], ["report", "-h"], ["test", "--help"]]
)
def test_help_works_with_neither_python_nor_set_up(tmp_path: object, words: list[str]) -> None:
    env = {"PATH": bare_path(tmp_path)}
    said = subprocess.run([ROOT / "scripts" / "weir", *words], env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("scripts/weir")


def test_a_mistyped_word_needs_no_python(tmp_path: object) -> None:
    env = {"PATH": bare_path(tmp_path)}
    said = subprocess.run([ROOT / "scripts" / "weir", "tset"], env=env, capture_output=True, text=True, check=False)
    assert_one_line(said, "weir: unknown command tset; nearest: test (scripts/weir --help)")


def bare_path(folder: object) -> str:
    """A PATH with what every machine has: bash and a few of the coreutils."""
    for name in ("env", "bash", "dirname", "readlink", "cat"):
        os.symlink(f"/usr/bin/{name}", f"{folder}/{name}")
    return str(folder)


def test_the_nearest_word_is_the_one_with_the_fewest_changes() -> None:
    assert nearest("quik", ["full", "quick", "smoke"]) == "quick"
    assert nearest("x", []) is None
