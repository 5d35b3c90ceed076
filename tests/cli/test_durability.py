"""Kills and power losses from the one door: what is passed on, and what is refused before anything is built."""

import json
from pathlib import Path

import pytest
from door import Weir


@pytest.fixture
def standing(weir: Weir) -> Weir:
    """With a stand-in that says what it is called with."""
    program = weir.folder / "weir-durability"
    program.write_text('#!/usr/bin/env python3\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\nsys.exit(1)\n')
    program.chmod(0o755)
    weir.env["WEIR_DURABILITY"] = str(program)
    return weir


def test_kill_passes_on_what_was_asked_and_the_status(standing: Weir) -> None:
    said = standing("stress", "--kill", 200, "--channel", "mpmc_ring:*", "--store", "lmdb", "--seed", 3, "--json")
    assert said.returncode == 1, said.stderr
    assert json.loads(said.stdout) == ["--kill=200", "--channel=mpmc_ring:*", "--store=lmdb", "--seed=3", "--json"]


def test_a_database_file_is_that_of_the_callers_folder(standing: Weir) -> None:
    said = standing("stress", "--kill", 1, "--db", "mine.sqlite")
    assert json.loads(said.stdout) == ["--kill=1", f"--db={standing.folder / 'mine.sqlite'}"]


def test_power_loss_is_passed_on(standing: Weir) -> None:
    assert json.loads(standing("stress", "--power-loss", 5).stdout) == ["--power-loss=5"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--kill", "0"], "--kill: 0 is not a whole number from 1 on"),
        (["--kill", "1", "--power-loss", "1"], "--kill and --power-loss are two commands"),
        (["--power-loss", "1", "--db", "mine.sqlite"], "--db goes with --kill: a power loss is simulated over files of its own"),
        (["--kill", "1", "--case", "fills"], "--case does not go with --kill or --power-loss"),
        (["--store", "lmdb"], "--store needs --kill N or --power-loss N"),
        (["--db", "x"], "--db needs --kill N"),
    ],
)
def test_what_makes_no_sense_is_one_line(standing: Weir, words: list[str], line: str) -> None:
    said = standing("stress", *words)
    assert said.returncode == 2 and said.stdout == ""
    assert len(said.stderr.splitlines()) == 1 and line in said.stderr


def test_run_tells_weir_bench_where_databases_go(weir: Weir, tmp_path: Path) -> None:
    bench = weir.folder / "bench"
    bench.write_text(f'#!/bin/sh\nprintf %s "$WEIR_DB_FOLDER" > "{weir.folder}/told"\nexec "{weir.env["WEIR_BENCH"]}" "$@"\n')
    bench.chmod(0o755)
    assert weir.run("--db-folder", tmp_path, WEIR_BENCH=str(bench)).returncode == 0
    assert (weir.folder / "told").read_text() == str(tmp_path)
