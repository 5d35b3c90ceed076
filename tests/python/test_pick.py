"""What pick decides, without measuring: words, loads, contracts, sets, bounds and what is said of them."""

from __future__ import annotations

import tomllib
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from weirlib.arguments import pick_parser
from weirlib.errors import UsageError
from weirlib.picking import answer, budget, changes, figures, filter, judge, load, need, profile, say, stage, trace
from weirlib.picking import words
from weirlib.picking.answer import HERE, INSTALL, Evidence
from weirlib.picking.figures import Figures

CONTRACT = {
    "producers": "many", "consumers": "many", "bound": "exact", "overflow": "block", "order": "fifo", "empty": "exact",
    "full": "exact", "close": "drain", "wait": "park", "timed": True, "batch": True, "message": "nothrow_movable",
    "progress": "lock_free", "min_capacity": 1, "max_capacity": None, "capacity_rule": "any",
}  # fmt: skip


def flags(*given: str) -> Namespace:
    return pick_parser().read(list(given))


def load_of(*given: str) -> load.Load:
    return load.from_flags(flags("--rate", "100k", *given))


def entry(name: str, source: str = "other", **contract: Any) -> dict[str, Any]:
    return {"name": name, "available": True, "reason": None, "contract": {**CONTRACT, **contract},
            "source": {"name": source, "version": "1", "licence": "MIT"}}  # fmt: skip


def listing(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"channels": list(entries), "workloads": [{"name": "load"}]}


def measured(p99_us: float, cpu: float = 10.0, noise: float = 0.01, rounds: int = 7) -> Figures:
    """Rounds that lie evenly about the planted medians."""
    spread = [1 + noise * (i - rounds // 2) / max(1, rounds // 2) for i in range(rounds)]
    found = {"p99": p99_us * 1000, "p50": p99_us * 500, "cpu": cpu, "lost": 0.0, "memory": 100.0}
    values = {name: {i: value * spread[i] for i in range(rounds)} for name, value in found.items()}
    return Figures(values, {"response": 100_000, "send": 100_000, "staleness": 100_000})


# --- words


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


# --- the load


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


def test_a_trace_of_times_since_1970_keeps_its_nanoseconds(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1732000000000000001\n1732000000000000102\n1732000000000000203\n")
    assert trace.read(tmp_path / "t.csv").due_ns.tolist() == [0, 101, 202]


def test_a_trace_is_repeated_and_keeps_its_rate(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("time_us,what\n5,a\n8,b\n15,c\n")
    found = trace.read(tmp_path / "t.csv")
    assert found.due_ns.tolist() == [0, 3_000, 10_000]
    assert found.length_ns == 15_000
    assert trace.repeated(found, 31_000).tolist() == [0, 3_000, 10_000, 15_000, 18_000, 25_000, 30_000]
    assert found.rate == pytest.approx(200_000)


@pytest.mark.parametrize("text", ["", "1\n", "5\n4\n", "1\nx\n", "7\n7\n"])
def test_a_trace_without_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(UsageError):
        trace.read(tmp_path / "t.csv")


# --- contracts


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


# --- how much is measured


@pytest.mark.parametrize("candidates", [1, 5, 20, 45, 60])
def test_a_pick_fits_into_two_minutes(candidates: int) -> None:
    found = load_of()
    first = budget.selection(found, candidates)
    names = min(candidates, budget.MOST_FINALISTS)
    second = budget.finals(found, names, budget.FINAL_ROUNDS, first.seconds(candidates), 0.99)
    third = budget.capacities(found, 5)
    assert first.seconds(candidates) + second.seconds(names) + third.seconds(5) < 120
    assert min(first.window_ms, second.window_ms, third.window_ms) >= 100


def test_windows_hold_several_bursts_and_the_warm_up_one() -> None:
    found = load.from_flags(flags("--arrivals", "burst:500@50ms"))
    stage_ = budget.selection(found, 40)
    assert stage_.window_ms >= 300 and stage_.warm_up_ms >= 50


def test_the_final_is_long_enough_for_its_percentile_when_there_is_time() -> None:
    found = load.from_flags(flags("--rate", "2k"))
    second = budget.finals(found, 3, 7, 20.0, 0.99)
    assert 7 * second.window_ms / 1000 * 2_000 >= 10_000


def test_the_suite_is_toml_with_a_block_for_each_capacity() -> None:
    fits = filter.sort(listing(entry("a"), entry("latest", overflow="drop_oldest", max_capacity=1)), load_of()).fits
    groups = [*stage.by_capacity(fits.values()), (["latest"], [1])]
    read = tomllib.loads(stage.suite(load_of("--producers", "2"), budget.Stage(3, 170, 20), groups))
    assert (read["rounds"], read["window_ms"], read["warm_up_ms"]) == (3, 170, 20)
    blocks = [(block["channels"], block["cap"], block["p"]) for block in read["case"]]
    assert blocks == [(["a"], [1024], 2), (["latest"], [1], 2)]
    assert {block["workload"] for block in read["case"]} == {"load"}


# --- figures


def line(**changed: Any) -> dict[str, Any]:
    flow = {
        "offered": 1000, "refused": {"full": 10, "dropped": 5, "timed_out": 0}, "evicted": 5, "goodput": 980.0,
        "blocked_share": [0.2, 0.4], "cpu": {"waiting": 0.25}, "memory": {"before_kib": 100, "peak_kib": 356},
    }  # fmt: skip
    histogram = {"buckets": [[100, 900], [200, 95], [300, 5]], "overflow": 0}
    return {"backpressure": {**flow, **changed}, "histograms": {"response": histogram}}


@pytest.mark.parametrize(
    "metric, value",
    [("p50", 100), ("p99", 200), ("lost", 2.0), ("blocked", 30.0), ("cpu", 25.0), ("memory", 256), ("goodput", 980)],
)
def test_a_trial_line_has_each_metric(metric: str, value: float) -> None:
    assert figures.of_line(line(), need.METRICS[metric]) == pytest.approx(value)


def test_what_a_trial_cannot_tell_is_no_figure() -> None:
    assert figures.of_line(line(cpu={"waiting": None}), need.METRICS["cpu"]) is None
    assert figures.of_line(line(), need.METRICS["send-p99"]) is None


def test_a_quantile_among_undelivered_messages_is_never() -> None:
    lost = {"buckets": [[100, 900]], "overflow": 100}
    assert figures.quantile(lost, 0.99) == need.NEVER
    assert figures.quantile(lost, 0.5) == 100
    assert figures.quantile({"buckets": [[100, 50]], "overflow": 0}, 0.99) is None


def test_a_percentile_on_too_few_messages_is_known() -> None:
    rounds = {"p99": {0: 1.0}}
    assert Figures(rounds, {"response": 9_999}).few(need.METRICS["p99"]) == 9_999
    assert Figures(rounds, {"response": 10_000}).few(need.METRICS["p99"]) is None


# --- sets


def test_the_set_holds_who_is_not_told_apart_and_leaves_out_who_is() -> None:
    channels = {"a": measured(10), "b": measured(10.5), "c": measured(20)}
    found = judge.choose(channels, (), need.DEFAULT)
    assert found.among == ("a", "b")
    assert [name for name, _ in found.behind] == ["c"]
    assert found.behind[0][1].median == pytest.approx(2.0)


def test_a_clear_difference_below_ten_percent_does_not_matter() -> None:
    channels = {"a": measured(10, noise=0.0), "b": measured(10.9, noise=0.0), "c": measured(11.1, noise=0.0)}
    assert judge.choose(channels, (), need.DEFAULT).among == ("a", "b")


def test_a_large_difference_with_an_interval_across_1_is_not_told_apart() -> None:
    rounds = {i: 10_000.0 if i % 2 else 30_000.0 for i in range(7)}
    wild = Figures({"p99": {i: 10_000.0 + 15_000.0 - value / 2 for i, value in rounds.items()}})
    assert judge.choose({"a": measured(10), "b": wild, "c": Figures({"p99": rounds})}, (), need.DEFAULT).among[0] == "a"
    assert "c" in judge.choose({"b": wild, "c": Figures({"p99": rounds})}, (), need.DEFAULT).among


def test_too_few_rounds_tell_nothing_apart() -> None:
    channels = {"a": measured(10, rounds=3), "b": measured(90, rounds=3)}
    assert judge.choose(channels, (), need.DEFAULT).among == ("a", "b")


def test_two_nothings_are_the_same() -> None:
    lost = need.METRICS["lost"]
    a, b = (Figures({"lost": {i: value for i in range(7)}}) for value in (0.0, lost.floor / 2))
    assert judge.ratio(b, a, lost).median == pytest.approx(1.0)
    assert judge.choose({"a": a, "b": b}, (), lost).among == ("a", "b")
    more = Figures({"lost": {i: 1.0 for i in range(7)}})
    assert judge.choose({"a": a, "b": more}, (), lost).among == ("a",)


def test_only_who_meets_the_need_is_in_the_set() -> None:
    channels = {"a": measured(10, cpu=90), "b": measured(20, cpu=10)}
    assert judge.choose(channels, need.parse("cpu<20%,p99<100us"), need.DEFAULT).among == ("b",)


def test_none_meets_it_names_the_closest_first() -> None:
    channels = {"a": measured(90), "b": measured(60), "c": measured(70), "d": measured(500)}
    found = judge.choose(channels, need.parse("p99<50us"), need.DEFAULT)
    assert (found.first, found.among, found.closest) == (None, (), ("b", "c", "a"))


def test_what_cannot_be_told_does_not_meet_a_need() -> None:
    unknown = Figures({"p99": {0: 1.0}})
    assert not judge.meets(unknown, need.parse("cpu<20%"))
    assert judge.meets(unknown, need.parse("p99<1us"))


def test_the_bound_that_is_closest_to_failing_decides() -> None:
    bounds = need.parse("p99<50us,cpu<20%")
    assert judge.objective({"a": measured(10, cpu=15)}, bounds).name == "cpu"
    assert judge.objective({"a": measured(45, cpu=2)}, bounds).name == "p99"
    assert judge.objective({"a": measured(45)}, ()).name == "p99"
    # Of the one that is furthest from failing: what the others fail is not what decides.
    assert judge.objective({"a": measured(10, cpu=15), "b": measured(900, cpu=15)}, bounds).name == "cpu"


def test_finalists_are_the_best_with_places_for_what_can_be_installed() -> None:
    channels = {f"own{i}": measured(10 + i) for i in range(8)} | {"x": measured(80), "y": measured(90)}
    own = [name for name in channels if name.startswith("own")]
    assert judge.finalists(channels, (), own, [], 5) == ["own0", "own1", "own2", "x", "y"]
    assert judge.finalists(channels, (), own, ["own7"], 5) == ["own0", "own1", "own7", "x", "y"]


def test_those_within_ten_percent_of_the_best_are_level_with_it() -> None:
    channels = {"a": measured(40), "b": measured(43), "c": measured(47), "d": measured(60)}
    p99 = judge.objective(channels, need.parse("p99<50us"))
    assert judge.level(channels, need.parse("p99<50us"), p99) == ["a", "b"]
    assert judge.level(channels, need.parse("p99<10us"), p99) == []


def test_when_none_meets_the_need_the_closest_three_go_on() -> None:
    channels = {f"c{i}": measured(100 + i) for i in range(6)}
    assert judge.finalists(channels, need.parse("p99<50us"), [], [], 5) == ["c0", "c1", "c2"]


def test_the_smallest_capacity_has_no_gap_above_it() -> None:
    by_capacity = {4: measured(40), 16: measured(90), 64: measured(40), 1024: measured(40), 4096: measured(90)}
    bounds = need.parse("p99<50us")
    assert judge.smallest(by_capacity, 1024, bounds) == 64
    assert judge.smallest({1024: measured(90)}, 1024, bounds) is None
    assert judge.larger({1024: measured(90), 4096: measured(40)}, 1024, bounds) == 4096


def test_capacities_that_settle_nothing_are_not_called_enough() -> None:
    e = evidence("p99<50us")
    e.capacities, e.capacities_of = {4: measured(10), 1024: measured(60)}, "own"
    assert answer.answer(e)["capacity"]["enough"] is None
    assert any("do not settle which is enough for own" in line for line in say.lines(answer.answer(e)))
    e.capacities = {4096: measured(60)}
    assert any("a larger one does not help own (4096)" in line for line in say.lines(answer.answer(e)))


# --- the answer


def evidence(asked: str = "", final: dict[str, Figures] | None = None, *given: str, **contracts: Any) -> Evidence:
    """`own` is Weir's, all others are not."""
    channels = {"own": measured(10), "other": measured(40)} if final is None else final
    entries = [entry(n, "Weir" if n.startswith("own") else "other", **contracts.get(n, {})) for n in channels]
    found = load_of(*given)
    return Evidence(found, need.parse(asked), filter.sort(listing(*entries), found), final=channels, selection=channels,
                    rounds=7, processors=2)  # fmt: skip


def test_the_two_columns_are_judged_apart() -> None:
    found = answer.answer(evidence())
    assert found["columns"][INSTALL]["any_of"] == ["other"]
    assert found["columns"][HERE]["any_of"] == ["own"]
    assert list(found["columns"][HERE]["behind"]) == ["other"]


def test_the_binding_bound_comes_with_its_interval_and_whether_it_is_sure() -> None:
    found = answer.answer(evidence("p99<50us,cpu<90%"))["binding"]
    assert (found["bound"], found["channel"], found["sure"]) == ("p99<50us", "own", True)
    assert found["share"] == pytest.approx(0.2)
    near = answer.answer(evidence("p99<50us", {"own": measured(49.9, noise=0.05)}))["binding"]
    assert near["sure"] is False


def test_a_round_in_which_messages_never_came_is_the_end_of_the_interval() -> None:
    stuck = Figures({"p99": {i: 10_000.0 + i for i in range(6)} | {6: need.NEVER}}, {"response": 100_000})
    text = "\n".join(say.lines(answer.answer(evidence("p99<50us", {"own": stuck}))))
    assert "own has 10.0 µs, 10.0 µs to never, 20 % of the bound; the interval does not settle it" in text


def test_none_meets_it_says_by_how_much() -> None:
    found = answer.answer(evidence("p99<5us"))
    assert found["columns"][HERE]["any_of"] == []
    assert found["columns"][HERE]["closest"]["own"] == {"p99<5us": pytest.approx(10_000)}
    text = "\n".join(say.lines(found))
    assert "none meets the need; the closest, own has p99 10.0 µs (asked: p99<5us)" in text


def test_any_of_these_is_an_answer() -> None:
    found = answer.answer(evidence("", {"own": measured(10), "other": measured(10.2)}))
    assert found["columns"][HERE]["any_of"] == ["own", "other"]
    assert "any of these 2, which are not told apart by p99" in "\n".join(say.lines(found))


def test_more_roles_than_processors_is_said() -> None:
    crowded, roomy = (answer.answer(evidence("", None, "--producers", n)) for n in ("3", "1"))
    assert "Oversubscribed: 4 roles on 2 processors" in "\n".join(say.lines(crowded))
    assert "Oversubscribed" not in "\n".join(say.lines(roomy))


def test_an_unfit_machine_is_said() -> None:
    e = evidence()
    e.unfit = ["a virtual machine"]
    assert "Not for quoting: a virtual machine." in say.lines(answer.answer(e))


def test_what_changes_the_answer_is_computed() -> None:
    final = {"own": measured(10, cpu=50), "frugal": measured(30, cpu=5), "slow": measured(70)}
    e = evidence("p99<50us", final, own={"producers": "one"})
    said = answer.answer(e)["changes_if"]
    assert "what counts is cpu (5.00 % against 50.0 %): frugal" in said
    assert any(sentence.startswith("the need is p99<10.0 µs or harder") for sentence in said)
    assert "p99 may be just above 70.0 µs: slow meets the need too" in said
    assert "there are more producers than one: own cannot serve them; nobody of the set can" in said


def test_a_larger_bound_says_who_would_meet_it() -> None:
    e = evidence("p99<5us")
    said = changes.loosened(e.final, e.need, None, e.choice(HERE))
    assert said == ["p99 may be just above 10.0 µs: own meets the need"]


def test_the_text_fits_a_terminal() -> None:
    names = [f"{kind}_with_a_long_name:variant{i}" for i in range(3) for kind in ("own", "other")]
    final = {name: measured(10 + i / 20) for i, name in enumerate(names)}
    lax = {"order": "none", "close": "none", "timed": False, "progress": "claim", "full": "spurious"}
    given = ["--producers", "3", "--work", "20us", "--size", "9"]
    e = evidence("p99<50us,cpu<90%", final, *given, **{n: lax for n in names})
    for i in range(12):
        e.sorted.out[f"reason {i}"] = [f"channel{j}:x" for j in range(30)]
    e.failed = {"bad": "loss: " + "x " * 200}
    e.capacities, e.capacities_of = {4: measured(10), 1024: measured(10)}, next(iter(final))
    lines = say.lines(answer.answer(e))
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 110
    assert any(line.startswith("Capacity: 4 is enough") for line in lines)


def test_nothing_that_fits_is_an_answer() -> None:
    found = load_of("--producers", "2")
    e = Evidence(found, (), filter.sort(listing(entry("a", producers="one")), found))
    text = "\n".join(say.lines(answer.answer(e)))
    assert "0 of 1 channel fit" in text
    assert "one producer only: a" in text
