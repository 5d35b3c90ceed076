"""`weir-bench list` and `env`: what there is, and where it runs."""

import json
import re

import pytest
from conftest import ROOT, Bench, is_usage_error

CONTRACT = {
    "producers": {"one", "many"},
    "consumers": {"one", "many"},
    "bound": {"exact", "at_least", "unbounded", "rendezvous"},
    "overflow": {"block", "fail", "drop_newest", "drop_oldest"},
    "order": {"fifo", "per_sender", "none"},
    "empty": {"exact", "spurious"},
    "full": {"exact", "spurious"},
    "close": {"drain", "none"},
    "wait": {"none", "spin", "yield", "park"},
    "timed": {True, False},
    "message": {"nothrow_movable", "trivially_copyable", "nonzero_word"},
    "progress": {"lock", "claim", "lock_free"},
    "capacity_rule": {"any", "power_of_two"},
    "batch": {True, False},
}


def test_list_as_json_gives_each_contract(bench: Bench) -> None:
    result = bench("list", "--json")
    assert result.returncode == 0
    listing = json.loads(result.stdout)
    assert len(listing["channels"]) >= 20
    for channel in listing["channels"]:
        if not channel["available"]:
            assert channel["reason"]
            continue
        for key, words in CONTRACT.items():
            assert channel["contract"][key] in words, (channel["name"], key)
        assert channel["contract"]["min_capacity"] >= 0
        assert channel["summary"]
        assert channel["source"]["name"]
        assert channel["source"]["version"], channel["name"]
        assert channel["name"] == ":".join(filter(None, (channel["family"], channel["variant"])))
        assert channel["own"] == (channel["source"]["name"] == "Weir")


def test_list_as_json_gives_each_workload_with_its_parameters(bench: Bench) -> None:
    workloads = {w["name"]: w for w in json.loads(bench("list", "--json").stdout)["workloads"]}
    assert set(workloads) >= {"throughput", "ping_pong", "uncontended", "wake_up", "db_update", "machine"}
    assert workloads["throughput"]["params"][:4] == ["p", "c", "cap", "msg"]
    assert all(w["summary"] for w in workloads.values())


def test_list_has_one_line_for_each_channel(bench: Bench) -> None:
    names = [channel["name"] for channel in json.loads(bench("list", "--json").stdout)["channels"]]
    lines = bench("list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == names


def test_every_own_channel_of_the_issue_is_there(bench: Bench) -> None:
    names = {channel["name"] for channel in json.loads(bench("list", "--json").stdout)["channels"]}
    wanted = "mutex_condvar mutex_condvar:naive futex_ring atomic_wait semaphore_ring swap_buffer"
    rings = {f"{ring}:{policy}" for ring in ("spsc_ring", "mpmc_ring") for policy in ("spin", "yield", "park")}
    policies = {f"{name}:{p}" for name in ("mutex_condvar", "mpmc_ring") for p in ("fail", "drop_newest", "drop_oldest")}
    assert set(wanted.split()) | rings | policies | {"rendezvous", "unbounded", "latest"} <= names


def test_env_says_where_it_runs(bench: Bench) -> None:
    result = bench("env")
    assert result.returncode == 0
    environment = json.loads(result.stdout)
    for key in ("cpu_model", "kernel", "compiler", "flags", "build_type", "revision", "libraries"):
        assert environment[key], key
    assert environment["cpus"] >= 1
    assert environment["allowed_cpus"]
    assert isinstance(environment["dirty"], bool)
    assert environment["clock"]["cost_ns"] > 0
    assert re.fullmatch(r"[0-9a-f]{7,40}|unknown", environment["revision"])


@pytest.mark.parametrize("command", ["list", "env", "plan"])
def test_a_wrong_flag_of_a_command_gets_the_nearest_one(bench: Bench, command: str) -> None:
    result = bench(command, "--hepl")
    assert is_usage_error(result), result.stderr
    assert "unknown flag '--hepl': did you mean '--help'?" in result.stderr


def test_each_command_has_help(bench: Bench) -> None:
    for command in ("list", "env", "plan"):
        result = bench(command, "--help")
        assert result.returncode == 0
        assert "--help" in result.stdout


def test_the_suites_that_come_along_can_be_read(bench: Bench) -> None:
    for suite in sorted((ROOT / "harness" / "suites").glob("*.toml")):
        result = bench("plan", "--suite", suite, "--dry")
        assert result.returncode == 0, result.stderr
        plan = json.loads(result.stdout)
        assert plan["trials_per_round"] > 0, suite
