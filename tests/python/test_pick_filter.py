"""Which channels can carry a load by their contracts, and the reason of each that cannot."""

from __future__ import annotations

from typing import Any

import pytest
from planted_pick import CONTRACT, entry, listing, load_of

from weirlib.picking import filter


@pytest.mark.parametrize(
    "contract, given, reason",
    [
        ({"producers": "one"}, ["--producers", "2"], "one producer only"),
        ({"producers": "one"}, [], ""),
        ({"consumers": "one"}, ["--consumers", "2"], "one consumer only"),
        ({"message": "nonzero_word"}, ["--size", "64"], "carries words of 8 bytes only"),
        ({"message": "nonzero_word"}, ["--size", "8"], ""),
        ({"overflow": "drop_newest"}, [], "does not wait when full"),
        ({"overflow": "fail"}, [], "does not wait when full"),
        ({"overflow": "drop_newest"}, ["--on-full", "drop-newest"], ""),
        ({"overflow": "block"}, ["--on-full", "drop-newest"], ""),
        ({"overflow": "drop_oldest"}, ["--on-full", "drop-newest"], "gives up the oldest message when full"),
        ({"overflow": "block"}, ["--on-full", "drop-oldest"], "never gives up the oldest message"),
        ({"overflow": "drop_oldest"}, ["--on-full", "drop-oldest"], ""),
        ({"overflow": "drop_oldest", "max_capacity": 1}, ["--on-full", "drop-oldest"], ""),
        ({"timed": False}, ["--on-full", "timeout:1ms"], "its waits have no time-out"),
        ({"timed": False}, ["--on-full", "block"], ""),
        ({"capacity_rule": "power_of_two"}, ["--capacity", "1000"], "its capacity is a power of two"),
        ({"capacity_rule": "power_of_two"}, ["--capacity", "1024"], ""),
        ({"min_capacity": 4096}, [], "its capacity is 4096 or more"),
        ({"min_capacity": 64, "max_capacity": 64}, ["--capacity", "8"], "its capacity is 64"),
        ({"max_capacity": 512}, [], "its capacity is at most 512"),
        ({"bound": "unbounded", "max_capacity": 1}, [], ""),
    ],
)
def test_a_contract_fits_or_says_why_not(contract: dict[str, Any], given: list[str], reason: str) -> None:
    assert filter.why_not(entry("x", **contract), load_of(*given)) == reason


def test_channels_are_sorted_with_one_reason_each() -> None:
    missing = {**entry("tbb"), "available": False, "reason": "no TBB here", "contract": None}
    entries = [entry("a"), entry("b", producers="one", timed=False), entry("c", producers="one"), missing]
    found = filter.sort(listing(*entries), load_of("--producers", "2"))
    assert list(found.fits) == ["a"]
    assert found.out == {"one producer only": ["b", "c"], "not in this build: no TBB here": ["tbb"]}


def test_patterns_choose_and_take_out_but_never_the_users_own_file() -> None:
    entries = [entry("a:1"), entry("a:2"), entry("b"), {**entry("mine"), "file": True}]
    found = filter.sort(listing(*entries), load_of(), ["a:*", "!a:2"])
    assert list(found.fits) == ["a:1", "mine"]
    assert found.out == {}


def test_who_wants_the_newest_gets_a_smaller_channel_with_a_note() -> None:
    latest = entry("latest", overflow="drop_oldest", max_capacity=1)
    found = filter.sort(listing(latest, entry("u", bound="unbounded")), load_of("--on-full", "drop-oldest"))
    assert (found.fits["latest"].capacity, found.fits["latest"].notes) == (1, ("holds 1",))
    blocking = filter.sort(listing(entry("u", bound="unbounded")), load_of())
    assert "memory grows" in blocking.fits["u"].notes[0]


def test_what_is_given_up_is_counted_against_the_strictest_contract() -> None:
    assert filter.given_up(CONTRACT) == []
    lax = {**CONTRACT, "order": "none", "close": "none", "timed": False, "progress": "claim", "full": "spurious"}
    gone = ["order", "exactness", "close", "time-outs", "progress"]
    assert filter.given_up(lax) == gone
