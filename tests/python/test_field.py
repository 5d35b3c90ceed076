"""Claims against planted figures: which hold, which do not, and which are withdrawn because the sign flips."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from weirlib import claims, results
from weirlib.charts import field
from weirlib.results import Run

ROUNDS = 15
Figures = dict[str, float]


def case_lines(workload: str, metric: str, unit: str, params: dict[str, Any], figures: Figures) -> list[dict[str, Any]]:
    """15 rounds each, of which no two are the same; what moves a round moves every channel."""
    words = "/".join(f"{key}:{value}" for key, value in params.items())
    lines = []
    for number in range(ROUNDS):
        for channel, value in figures.items():
            lines.append(
                {
                    "schema": 1, "id": f"{workload}/{channel}/{words}", "workload": workload, "channel": channel,
                    "params": params, "round": number, "status": "ok", "regime": "mixed",
                    "metrics": [{"metric": metric, "unit": unit, "value": value * (1 + 0.01 * (number % 5))}],
                }
            )
    return lines


def shape(topology: str, **more: Any) -> dict[str, Any]:
    p, c = (int(n) for n in topology.split("x"))
    return {"p": p, "c": c, "cap": 1024} | more


def run_of(lines: list[dict[str, Any]], layouts: int = 3) -> Run:
    waits = {"mine:spin": "spin", "mine:yield": "yield", "mine:park": "park", "lib:yield": "yield", "lib:park": "park"}
    waits |= {"lib": "park", "mutex_condvar": "park", "mutex_condvar:naive": "park"}
    channels = [
        {
            "name": name, "own": not name.startswith("lib"), "variant": name.partition(":")[2], "available": True,
            "contract": {"wait": wait},
        }
        for name, wait in waits.items()
    ]
    info = {"suite": "field", "layouts": layouts, "rounds": ROUNDS, "complete": True}
    return Run(results.Path("run"), info, {}, channels, results.group(lines), 0, False)


def throughput(topology: str, figures: Figures, workload: str = "throughput", **more: Any) -> list[dict[str, Any]]:
    params = shape(topology, **({"msg": 8} if workload == "throughput" else {})) | more
    return case_lines(workload, "throughput", "msg/s", params, figures)


def limit(name: str, metric: str, unit: str, value: float) -> list[dict[str, Any]]:
    return case_lines("machine", metric, unit, {}, {name: value})


def only(found: list[claims.Claim], cell: str, what: str = "") -> claims.Claim:
    picked = [claim for claim in found if claim.cell == cell and what in claim.what]
    assert len(picked) == 1, [(c.cell, c.what) for c in found]
    return picked[0]


def test_the_best_of_each_side_meet_and_the_ratio_is_theirs() -> None:
    lines = throughput("1x1", {"mine:spin": 240e6, "mine:yield": 200e6, "lib:yield": 200e6, "lib": 10e6})
    claim = only(claims.claims(run_of(lines)), "1x1, 8 bytes, one at a time", "fastest library")
    assert (claim.met.mine.name, claim.met.rival.name) == ("mine:spin", "lib:yield")
    assert claim.ratio.median == pytest.approx(1.2)
    assert claim.verdict == "met" and claim.holds and len(claim.layouts) == 3


def test_a_share_of_the_streaming_limit_counts_bytes_not_messages() -> None:
    lines = throughput("1x1", {"mine:spin": 140e6}, msg=16) + limit("stream_16KiB", "stream", "msg/s", 400e6)
    claim = only(claims.claims(run_of(lines)), "1x1, 16 bytes, one at a time", "streaming")
    assert claim.ratio.median == pytest.approx(140 / 200)  # 400 M words are 200 M messages of two words
    assert claim.verdict == "met"


@pytest.mark.parametrize(("mine", "verdict"), [(31e6, "met"), (29e6, "not met")])
def test_blocking_is_compared_with_the_librarys_own_form_alone(mine: float, verdict: str) -> None:
    lines = throughput("2x2", {"mine:park": mine, "mine:yield": 90e6, "lib": 10e6, "lib:park": 50e6, "lib:yield": 60e6})
    claim = only(claims.claims(run_of(lines)), "2x2, blocking")
    assert (claim.met.mine.name, claim.met.rival.name) == ("mine:park", "lib")
    assert claim.verdict == verdict


def test_yielding_is_compared_with_whatever_the_library_has() -> None:
    lines = throughput("4x4", {"mine:yield": 50e6, "lib": 10e6, "lib:park": 70e6, "lib:yield": 60e6})
    claim = only(claims.claims(run_of(lines)), "4x4, yield")
    assert claim.met.rival.name == "lib:park"
    assert claim.verdict == "not met" and "-29 %" in field.verdict(claim)


def test_a_sign_that_flips_at_a_layout_withdraws_the_claim() -> None:
    lines = throughput("1x1", {"mine:spin": 240e6, "lib:yield": 200e6})
    for line in lines:
        if line["channel"] == "mine:spin" and line["round"] % 3 == 2:
            line["metrics"][0]["value"] /= 1.3
    claim = only(claims.claims(run_of(lines)), "1x1, 8 bytes, one at a time", "fastest library")
    assert claim.flips == ["layout 2"] and not claim.holds
    assert "the other way round: layout 2" in field.verdict(claim)
    assert not only(claims.claims(run_of(lines, layouts=1)), claim.cell, claim.what).flips


def test_a_sign_that_flips_behind_virtual_calls_withdraws_the_claim() -> None:
    seen = throughput("2x1", {"mine:yield": 60e6, "lib:yield": 50e6})
    hidden = throughput("2x1", {"mine:yield": 40e6, "lib:yield": 50e6}, workload="throughput_opaque")
    claim = only(claims.claims(run_of(seen + hidden)), "2x1, yield")
    assert claim.verdict == "met" and claim.flips == ["behind virtual calls"]
    assert not claim.holds


def test_the_lock_may_not_be_slower_and_must_be_twice_as_fast_where_many_meet() -> None:
    lines = [
        *throughput("2x1", {"mutex_condvar": 10e6, "mutex_condvar:naive": 10e6}),
        *throughput("4x4", {"mutex_condvar": 15e6, "mutex_condvar:naive": 10e6}),
    ]
    found = claims.claims(run_of(lines))
    assert only(found, "2x1, under a lock").verdict == "met"
    assert only(found, "4x4, under a lock").verdict == "not met"


def test_a_wake_up_should_be_little_longer_than_the_bare_futex() -> None:
    wakes = case_lines("wake_up", "wake_p50", "ns", {"place": "one"}, {"mine:park": 5100.0, "lib": 5050.0})
    found = claims.claims(run_of(wakes + limit("futex_wake:one", "wake_p50", "ns", 5000.0)))
    claim = only(found, "both sides parked, one core")
    assert claim.met.mine.name == "mine:park", "the library is not in this contest"
    assert claim.verdict == "met" and claim.ratio.median == pytest.approx(1.02)


def test_too_few_rounds_decide_nothing() -> None:
    lines = [line for line in throughput("1x1", {"mine:spin": 240e6, "lib:yield": 100e6}) if line["round"] < 4]
    claim = only(claims.claims(run_of(lines)), "1x1, 8 bytes, one at a time", "fastest library")
    assert claim.verdict == "too few rounds" and not claim.holds


def test_an_interval_with_the_target_in_it_is_said_to_be_so() -> None:
    claim = claims.claims(run_of(throughput("1x1", {"mine:spin": 220e6, "lib:yield": 200e6})))[0]
    wide = replace(claim, met=replace(claim.met, ratio=replace(claim.ratio, low=1.05, high=1.2, median=1.12)))
    assert wide.verdict == "met by the median"
    assert replace(wide, target=1.15).verdict == "not met by the median"


def test_not_behind_is_what_the_interval_does_not_exclude() -> None:
    claim = only(claims.claims(run_of(throughput("2x1", {"mine:yield": 98e6, "lib:yield": 100e6}))), "2x1, yield")
    near = replace(claim, met=replace(claim.met, ratio=replace(claim.ratio, low=0.9, median=0.98, high=1.05)))
    assert near.verdict == "met: not behind" and near.holds
    assert replace(near, layouts=[1.1, 0.9, 1.0]).flips == [], "nobody is said to be ahead"
    far = replace(near, met=replace(near.met, ratio=replace(near.ratio, high=0.99)))
    assert far.verdict == "not met"
    assert replace(near, within=False).verdict == "not met by the median"


def test_a_claim_that_was_not_tried_at_three_layouts_does_not_hold() -> None:
    lines = throughput("1x1", {"mine:spin": 240e6, "lib:yield": 200e6})
    claim = only(claims.claims(run_of(lines, layouts=1)), "1x1, 8 bytes, one at a time", "fastest library")
    assert claim.verdict == "met" and not claim.holds
    assert "not tried at three layouts" in field.verdict(claim)
    assert any("unchecked" in line for line in field.lines(run_of(lines, layouts=1)))


def test_a_channel_that_failed_is_in_no_contest() -> None:
    lines = throughput("1x1", {"mine:spin": 240e6, "mine:yield": 230e6, "lib:yield": 200e6})
    failed = next(line for line in lines if line["channel"] == "mine:spin")
    failed.update(status="failed", failure="loss", reason="one is missing", metrics=[])
    claim = only(claims.claims(run_of(lines)), "1x1, 8 bytes, one at a time", "fastest library")
    assert claim.met.mine.name == "mine:yield"


def test_the_worst_round_of_an_idle_channel_counts() -> None:
    lines = case_lines("idle", "idle_cpu", "percent", {"place": "spread"}, {"mine:park": 0.05})
    lines[3]["metrics"][0]["value"] = 0.2
    said = field.more_sentences(run_of(lines), [])
    assert said and "0.200 %" in said[0] and "not met" in said[0]


def test_the_table_for_the_terminal_fits() -> None:
    lines = throughput("1x1", {"mine:spin": 240e6, "lib:yield": 200e6})
    said = field.lines(run_of(lines))
    assert any("1.20×" in line and "met" in line for line in said)
    assert all(len(line) <= 100 for line in said)


def test_another_suite_claims_nothing() -> None:
    run = run_of(throughput("1x1", {"mine:spin": 240e6, "lib:yield": 200e6}))
    run.info["suite"] = "quick"
    assert claims.claims(run) == [] and field.sections(run) == []
