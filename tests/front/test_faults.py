"""Six channels with a planted fault, each convicted of exactly that, and their honest twin."""

import re
from pathlib import Path
from typing import Any

from conftest import SANITIZED, Bench


def trial(faulty: Bench, faults: Path, channel: str, topology: str, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and record of one throughput trial; topology is like p:1/c:1."""
    result = faulty.plan(faults, "--channels", channel, "--filter", f"/{topology}/", *words)
    records = faulty.records()
    assert len(records) == 1, result.stderr
    assert records[0]["channel"] == channel
    return result.returncode, records[0]


def convicted(status: int, record: dict[str, Any], failure: str | set[str], reason: str) -> None:
    assert status == 1
    assert record["status"] == "failed"
    assert record["failure"] in ({failure} if isinstance(failure, str) else failure)
    assert re.search(reason, record["reason"]), record["reason"]
    assert "\n" not in record["reason"]
    assert record["metrics"] == [], "a failed trial has no figure"


def test_loses_is_convicted_of_loss_and_the_message_is_named(faulty: Bench, faults: Path) -> None:
    status, record = trial(faulty, faults, "faulty_loses", "p:1/c:1")
    convicted(status, record, "loss", r"^lost \d+ accepted: message 999999 of sender 0")


def test_loses_is_convicted_with_several_receivers_too(faulty: Bench, faults: Path) -> None:
    status, record = trial(faulty, faults, "faulty_loses", "p:2/c:2")
    convicted(status, record, "loss", r"^lost \d+ accepted: message \d+ of sender [01]")


def test_duplicates_is_convicted_and_the_message_is_named(faulty: Bench, faults: Path) -> None:
    status, record = trial(faulty, faults, "faulty_duplicates", "p:1/c:1")
    convicted(status, record, "duplicate", r"^message 49999 of sender 0 arrived twice$")


def test_duplicates_is_convicted_with_several_receivers_too(faulty: Bench, faults: Path) -> None:
    status, record = trial(faulty, faults, "faulty_duplicates", "p:2/c:2")
    convicted(status, record, "duplicate", r"^message \d+ of sender [01] arrived twice$")


def test_reorders_is_convicted_and_the_message_is_named(faulty: Bench, faults: Path) -> None:
    status, record = trial(faulty, faults, "faulty_reorders", "p:1/c:1")
    convicted(status, record, "order", r"^message \d+ of sender 0 arrived after a later one of the same sender")


def test_hangs_is_ended_and_says_where_each_role_stood(faulty: Bench, faults: Path) -> None:
    status, record = trial(faulty, faults, "faulty_hangs", "p:2/c:2", "--hang-after-ms", "1500")
    convicted(status, record, "hang", r"^no progress for \d+ ms: ")
    for role in ("sender 0", "sender 1", "receiver 0", "receiver 1"):
        assert re.search(rf"{role} running after \d+ messages", record["reason"]), record["reason"]


def test_crashes_is_a_failure_that_names_the_signal(faulty: Bench, faults: Path) -> None:
    status, record = trial(faulty, faults, "faulty_crashes", "p:1/c:1")
    # A sanitizer makes an exit status of the signal.
    convicted(status, record, {"signal", "exit"} if SANITIZED else "signal", r"receiver 0 running after \d+ messages")
    if not SANITIZED:
        assert record["reason"].startswith("ended by signal Segmentation fault: ")


def test_closes_is_a_failure_that_names_who_was_told_so(faulty: Bench, faults: Path) -> None:
    status, record = trial(faulty, faults, "faulty_closes", "p:1/c:1")
    convicted(status, record, "state", "^sender 0: send answered closed, which it may not here$")


def test_honest_is_not_convicted(faulty: Bench, faults: Path) -> None:
    result = faulty.plan(faults, "--channels", "faulty_honest")
    assert result.returncode == 0, result.stdout + result.stderr
    records = faulty.records()
    assert [record["status"] for record in records] == ["ok", "ok"]
    for record in records:
        assert record["counts"]["received"] >= 1_100_000
        assert record["counts"]["received"] == record["counts"]["accepted"]
        assert record["metrics"][0]["value"] > 0


def test_a_fault_of_one_channel_costs_the_others_nothing(faulty: Bench, faults: Path) -> None:
    names = "faulty_crashes,faulty_honest"
    result = faulty.plan(faults, "--channels", names, "--filter", "/p:1/c:1/")
    assert result.returncode == 1
    status = {record["channel"]: record["status"] for record in faulty.records()}
    assert status == {"faulty_crashes": "failed", "faulty_honest": "ok"}


def test_what_the_faulty_files_enter_is_known_as_the_users_own(faulty: Bench) -> None:
    suite = faulty.suite('[[case]]\nworkload = "ping_pong"\nonly = "file"\nwindow_ms = 5\n')
    result = faulty("plan", "--suite", suite, "--dry")
    assert result.returncode == 0, result.stderr
    assert '"trials_per_round":7' in result.stdout
