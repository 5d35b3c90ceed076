"""The workload `db` on real files: every store and rival, its record, its folder, and channels that lie."""

import os
from pathlib import Path
from typing import Any

import pytest
from conftest import Bench, is_usage_error

STORES = ["array", "hash", "sqlite-full", "sqlite-normal", "lmdb", "lmdb-nosync"]


def play(bench: Bench, channel: str, *keys: str, window_ms: int = 150, **env: str) -> dict[str, Any]:
    words = ["rounds = 1", "warm_up_ms = 5", f"window_ms = {window_ms}", "[[case]]", 'workload = "db"', f'channels = ["{channel}"]']
    result = bench.plan(bench.suite("\n".join([*words, *keys]) + "\n"), env={**os.environ, **env})
    assert result.returncode in (0, 1), result.stderr
    return bench.records()[-1]


def measured(record: dict[str, Any]) -> dict[str, Any]:
    if record["status"] == "not_applicable" and "was not found when Weir was built" in record["reason"]:
        pytest.skip(record["reason"])
    assert record["status"] == "ok", record["reason"]
    return record


@pytest.mark.parametrize("store", STORES)
def test_the_owner_commits_groups_and_answers(bench: Bench, store: str) -> None:
    record = measured(play(bench, "mpmc_ring:park", f'store = ["{store}"]', "p = [2]", "window = [32]", "group = [16]", "rwork = [1000]", window_ms=500))
    said = record["db"]
    assert said["groups"]["max"] <= 16 and 1 < said["groups"]["mean"]
    assert said["durable"] == (store in ("sqlite-full", "lmdb"))
    assert 0 <= said["erasure"]["share"] <= 0.02 and said["erasure"]["erased"]["recv_ns"] > 0
    assert record["histograms"]["response"]["count"] > 0
    assert record["metrics"][0]["value"] > 0
    if store == "sqlite-full":
        assert 1 / 20 < said["syncs_per_request"] < 1 and said["bytes_per_request"] > 8


@pytest.mark.parametrize(("store", "rival"), [("hash", "shared_lock"), ("hash", "rw_lock"), ("array", "sharded_locks"), ("sqlite-full", "own_connection"), ("lmdb", "own_connection")])
def test_the_rivals_do_the_same_and_are_held_to_the_same(bench: Bench, store: str, rival: str) -> None:
    record = measured(play(bench, rival, f'store = ["{store}"]', "p = [3]", 'mix = ["a"]', 'keys = ["zipfian"]', "value = [100]"))
    assert record["db"]["groups"] is None and record["db"]["erasure"] is None and record["db"]["requests"] > 0
    assert record["counts"]["accepted"] == record["db"]["requests"]


def test_a_rival_of_another_kind_of_database_does_not_apply(bench: Bench) -> None:
    assert "locks of its own" in play(bench, "shared_lock", 'store = ["sqlite-full"]')["reason"]
    assert "no connections" in play(bench, "own_connection", 'store = ["hash"]')["reason"]


def test_fire_and_forget_has_no_answers_and_a_flush_ends_a_group(bench: Bench) -> None:
    record = measured(play(bench, "mutex_condvar", 'store = ["sqlite-full"]', "window = [0]", "group = [1000]", "flush = [9]"))
    assert "response" not in record["histograms"]
    assert record["db"]["groups"]["max"] <= 10


def test_an_open_loop_has_its_rate_and_counts_from_when_requests_were_due(bench: Bench) -> None:
    record = measured(play(bench, "mpmc_ring:park", 'store = ["array"]', "p = [2]", "window = [16]", "rate = [2000]"))
    assert record["metrics"][0]["value"] > 0  # how slow, the machine says; never faster than it is asked to be:
    assert record["db"]["requests"] <= 2000 * record["elapsed_ms"] / 1000 + 2
    assert record["id"].count("rate:2000") == 1


def test_latest_keys_and_reads_through_the_proxy(bench: Bench) -> None:
    measured(play(bench, "futex_ring", 'store = ["hash"]', "p = [2]", 'mix = ["b"]', 'keys = ["latest"]', "value = [1024]", "window = [8]", "group = [8]"))


def test_reads_without_answers_do_not_apply(bench: Bench) -> None:
    assert "need an answer" in play(bench, "mpmc_ring:park", 'mix = ["a"]', "window = [0]")["reason"]


def test_a_channel_that_promises_no_order_does_not_apply(bench: Bench) -> None:
    assert "no order" in play(bench, "atomic_queue2:spin", 'store = ["hash"]', "p = [2]")["reason"]


def test_files_are_where_they_were_asked_for_and_gone_afterwards(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "databases"
    folder.mkdir()
    before = folder.stat().st_mtime_ns
    record = play(bench, "mpmc_ring:park", 'store = ["sqlite-full"]', WEIR_DB_FOLDER=str(folder))
    if record["status"] == "not_applicable":
        pytest.skip(record["reason"])
    assert folder.stat().st_mtime_ns > before, "nothing was made there"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("folder", ["no/such/folder", "suite.toml"])
def test_a_folder_that_is_none_is_one_line(bench: Bench, folder: str) -> None:
    suite = bench.suite('[[case]]\nworkload = "db"\nchannels = ["mutex_condvar"]\n')
    result = bench.plan(suite, env={**os.environ, "WEIR_DB_FOLDER": folder})
    assert is_usage_error(result) and "WEIR_DB_FOLDER" in result.stderr
    assert not bench.out.exists()


@pytest.mark.parametrize("key", ['store = ["oracle"]', 'mix = ["c"]', 'keys = ["zipf"]', "value = [0]", "group = [0]", 'linger = ["1 ms"]'])
def test_what_makes_no_sense_is_refused_in_one_line(bench: Bench, key: str) -> None:
    suite = bench.suite(f'[[case]]\nworkload = "db"\nchannels = ["mutex_condvar"]\n{key}\n')
    assert is_usage_error(bench.plan(suite))


@pytest.mark.parametrize("fault", ["duplicates", "reorders"])
def test_a_channel_that_lies_has_no_figure(faulty: Bench, fault: str) -> None:
    keys = ('store = ["hash"]', "p = [2]", "window = [0]", "cap = [100]")
    record = play(faulty, f"faulty_{fault}", *keys, window_ms=2000)
    assert record["status"] == "failed", record["metrics"]
    assert record["failure"] in ("duplicate", "order", "count", "state") and record["metrics"] == []
