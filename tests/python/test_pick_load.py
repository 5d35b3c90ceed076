"""The words of `pick`: times, needs, loads and profiles, and what is said of those without sense."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted_pick import flags, load_of

from weirlib.errors import UsageError
from weirlib.picking import load, need, profile, words


@pytest.mark.parametrize(
    "text, ns", [("2us", 2_000), ("16.6ms", 16_600_000), ("1s", 1_000_000_000), ("250ns", 250), ("0.5us", 500)]
)
def test_a_time_is_a_number_with_a_unit(text: str, ns: int) -> None:
    assert words.duration_ns("--work", text) == ns


@pytest.mark.parametrize("text", ["5", "us", "-1us", "0us", "5 minutes", "1e3us", ""])
def test_a_time_without_sense_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        words.duration_ns("--work", text)


def test_a_time_is_written_in_the_largest_unit_that_divides_it() -> None:
    times = (16_600_000, 1_000_000, 250, 2_000_000_000)
    assert [words.duration_text(ns) for ns in times] == ["16600us", "1ms", "250ns", "2s"]


def test_a_need_is_read_with_its_units() -> None:
    bounds = need.parse("p99<50us, cpu<20%,goodput>190k,memory<4MiB")
    assert [(b.metric.name, b.limit) for b in bounds] == [
        ("p99", 50_000), ("cpu", 20), ("goodput", 190_000), ("memory", 4096)
    ]  # fmt: skip
    assert need.parse(None) == ()


@pytest.mark.parametrize(
    "text, says",
    [
        ("p99<50", "has no unit"),
        ("p98<50us", "nearest: p9"),
        ("p99>50us", "write p99<50us"),
        ("goodput<50k", "write goodput>50k"),
        ("p99<0us", "above 0"),
        ("p99<5uz", "nearest: u"),
        ("p99", "not like p99<50us"),
        ("p99<5us,p99<6us", "twice"),
    ],
)
def test_a_need_that_makes_no_sense_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        need.parse(text)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_bound_on_what_should_be_high_is_met_above_it() -> None:
    (bound,) = need.parse("goodput>100k")
    assert bound.met(150_000) and not bound.met(50_000)
    assert bound.share(50_000) == pytest.approx(2.0)


def test_flags_become_the_parameters_of_a_case() -> None:
    found = load_of("--producers", "3", "--work", "2us", "--size", "40", "--on-full", "timeout:1ms", "--place", "one")
    assert found.params() == {
        "p": 3, "c": 1, "msg": 64, "rate": 100_000, "arrivals": "exponential", "service": "2us", "full": "timeout-1ms",
        "place": "one",
    }  # fmt: skip
    assert any("40 bytes are measured as 64" in note for note in found.notes)


@pytest.mark.parametrize(
    "policy, full", [("block", "block"), ("fail", "drop"), ("drop-newest", "drop"), ("drop-oldest", "block")]
)
def test_a_policy_says_what_senders_do(policy: str, full: str) -> None:
    assert load_of("--on-full", policy).full == full


def test_bursts_bring_their_rate() -> None:
    found = load.from_flags(flags("--arrivals", "burst:500@16.6ms"))
    assert found.arrivals == "frames-16600us"
    assert found.rate == pytest.approx(500 / 0.0166)


@pytest.mark.parametrize(
    "given",
    [
        ["--rate", "0"],
        ["--rate", "1q"],
        [],
        ["--rate", "1k", "--arrivals", "burst:5@1ms"],
        ["--arrivals", "burst:0@1ms"],
        ["--rate", "1k", "--producers", "255", "--consumers", "2"],
        ["--rate", "1k", "--size", "257"],
        ["--rate", "1k", "--on-full", "blok"],
        ["--rate", "1k", "--take", "frames-16"],
        ["--rate", "1k", "--take", "batches-0-1us"],
        ["--rate", "1k", "--place", "two"],
    ],
)
def test_an_impossible_load_is_one_line(given: list[str]) -> None:
    with pytest.raises(UsageError) as error:
        load.from_flags(flags(*given))
    assert "\n" not in str(error.value)


def test_work_that_fills_the_consumer_is_known() -> None:
    assert load_of("--work", "20us").busy == pytest.approx(2.0)
    assert load_of("--work", "20us", "--consumers", "4").busy == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["trading", "game-frame", "db-writer", "logger"])
def test_each_profile_is_a_load_with_a_need(name: str) -> None:
    merged = profile.merged(flags("--profile", name))
    assert load.from_flags(merged).rate > 0
    assert need.parse(merged.need)


def test_flags_override_the_profile() -> None:
    merged = profile.merged(flags("--profile", "game-frame", "--producers", "5", "--need", "p50<1ms"))
    assert (merged.producers, merged.need, merged.take) == (5, "p50<1ms", "frames-16600us")


def test_a_rate_sets_the_size_of_a_profiles_bursts() -> None:
    merged = profile.merged(flags("--profile", "logger", "--rate", "10k"))
    found = load.from_flags(merged)
    assert (found.arrivals, found.rate) == ("frames-10ms", pytest.approx(10_000))


def test_bursts_replace_a_profiles_rate() -> None:
    found = load.from_flags(profile.merged(flags("--profile", "db-writer", "--arrivals", "burst:10@1ms")))
    assert found.rate == pytest.approx(10_000)


def test_a_profile_with_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('raet = "1k"\n')
    with pytest.raises(UsageError, match="unknown key raet; nearest: rate"):
        profile.read(tmp_path / "mine.toml")
