"""Latency in the report: host share, saturation, the knee, planted against found."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import synthetic
from conftest import ROOT
from matplotlib.figure import Figure

from weirlib import report, results, summary
from weirlib.charts import latency, latency_load, latency_time, truth
from weirlib.results import Run

CHANNELS = ("mpmc_ring:spin", "mutex_condvar")


def made(counts: list[list[int]], overflow: int = 0) -> dict[str, Any]:
    total = sum(count for _, count in counts)
    bounds = [bound for bound, _ in counts] or [0]
    return {
        "unit": "ns",
        "count": total,
        "overflow": overflow,
        "min": bounds[0],
        "max": bounds[-1],
        "mean": 1.0,
        "percentiles": {},
        "buckets": counts,
    }


def interval(number: int) -> dict[str, Any]:
    at = {"at_ms": 100.0 * number, "length_ms": 100.0}
    return at | {"count": 100, "p50": 501, "p99": None, "max": 9023, "buckets": [[501, 99], [9023, 1]]}


def record(offered: float, achieved: float, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "loop": "open",
        "offered": offered,
        "achieved": achieved,
        "saturated": achieved < 0.99 * offered,
        "capacity": None,
        "scheduled": 20000,
        "arrived": 20000,
        "refused": 0,
        "undelivered": 0,
        "smallest_transit_ns": 70,
        "host": {"gaps": 3, "gap_ns": 90000, "longest_ns": 60000, "disturbed": 50},
        "clock": {
            "source": "monotonic",
            "skew_ns": -2.5,
            "uncertainty_ns": 80.0,
            "half_round_trip_ns": 77.5,
            "drift_ppm": None,
        },
        "erasure": {"direct": {"send_ns": 10.0, "recv_ns": 9.0}, "erased": {"send_ns": 11.0, "recv_ns": 11.0}},
        "intervals": [interval(i) for i in range(5)],
    }
    return said | more


def write(path: Path) -> Run:
    """Two channels at two rates, one of them too much for one; loads, a knee, a planted service time."""
    synthetic.write(path, synthetic.Plan(rounds=3, channels={c: synthetic.PLANTED[c] for c in CHANNELS}, failing=""))
    writer = synthetic.Writer(synthetic.Plan(rounds=3))
    for number in range(3):
        for channel in CHANNELS:
            for rate in (100000, 1000000):
                slow = channel == "mutex_condvar" and rate == 1000000
                add(writer, number, channel, {"rate": rate}, 500.0, record(rate, rate * (0.6 if slow else 1.0)))
            for load in (50, 95, 105):
                said = record(load * 1e4, min(load, 100) * 1e4, capacity=1e6)
                add(writer, number, channel, {"load": load}, 500.0 * load, said)
            steps = [{"rate": 8e5, "achieved": 8e5, "p99_ns": 9e5, "held": True}]
            knee = {"bound_ns": 1000000, "windows": 40, "repeated": 2, "disturbed": 0, "steps": steps}
            metrics = [("knee", "msg/s", "higher", writer.noisy(8e5)), ("capacity", "msg/s", "higher", 1e6)]
            writer.add(number, "knee", channel, {"p": 1}, metrics, latency=record(8e5, 8e5, knee=knee))
        add(writer, number, "mpmc_ring:spin", {"rate": 100000, "service": "20us"}, 20600.0, record(1e5, 1e5))
    with (path / "trials.jsonl").open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in writer.lines)
    info = json.loads((path / "run.json").read_text(encoding="utf-8"))
    (path / "run.json").write_text(json.dumps(info | {"suite": "truth"}), encoding="utf-8")
    return results.read(path)


def add(
    writer: synthetic.Writer, number: int, channel: str, params: dict[str, Any], p50: float, said: dict[str, Any]
) -> None:
    histograms = {
        "response": made([[int(p50), 19000], [int(p50) * 4, 700], [80000, 300]]),
        "disturbed": made([[80000, 150]]),
    }
    metrics = [("response_p50", "ns", "lower", p50)]
    writer.add(number, "paced", channel, params, metrics, histograms=histograms, latency=said)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write(tmp_path_factory.mktemp("runs") / "latency")


def test_lines_of_scenarios_meet_the_schema(run: Run) -> None:
    validator = jsonschema.Draft7Validator(json.loads((ROOT / "results" / "schema.json").read_text(encoding="utf-8")))
    for trial in run.trials():
        validator.validate(trial.line)


def test_percentiles_show_the_share_of_the_host(run: Run) -> None:
    case = next(c for c in run.of("paced") if c.params == {"rate": 100000})
    assert latency.host_share(case, 80000.0) == 0.5
    assert latency.host_share(case, 100.0) == pytest.approx(0.0075)
    rows = latency.table(run, [case], "").rows
    assert any("80.0 µs (50 % host)" in cell.text for row in rows for cell in row)


def test_what_is_saturated_has_no_curve_and_is_said(run: Run) -> None:
    (percentiles, *_) = latency.sections(run)
    said = next(words for words in percentiles.readings if "1.00 M msg/s" in words)
    assert "Saturated" in said and "mutex_condvar" in said
    assert any(cell.text.endswith("saturated") for table in percentiles.tables for row in table.rows for cell in row)


def test_load_and_knee_are_drawn_with_their_tables(run: Run) -> None:
    load, knee = latency_load.sections(run)
    assert [len(load.panels), len(load.tables)] == [2, 2]
    assert all("saturated from a load of 105 % on, knee at" in words for words in load.readings)
    assert "Of 240 windows 12 were repeated" in knee.readings[0]
    for panel in load.panels + latency_time.sections(run)[0].panels:
        axes = Figure().add_subplot()
        panel.draw(axes)
        assert axes.get_xlabel() and "log scale" in axes.get_ylabel()


def test_planted_is_compared_with_found(run: Run) -> None:
    (served,) = truth.findings(run)
    assert served.planted == 20000.0 and served.found.median == pytest.approx(20100.0)
    assert "planted 20.0 µs, found 20.1 µs (+0.5 %: within 5 %)" in served.sentence


def test_planted_overload_and_stall_are_compared_with_found(run: Run) -> None:
    writer = synthetic.Writer(synthetic.Plan(rounds=3))
    pressed = {"backpressure": {"stalls": [{"length_ms": 50.0, "backlog": 404, "response_back_ms": 34.0}]}}
    # 39 in each step of 2 ms, but for a tenth of the window in which the host had the processor.
    parts = {"backpressure": {"moments": {"step_ms": 2.0, "received": [39] * 90 + [0] * 10}}}
    metrics = [("goodput", "msg/s", "higher", 17100.0)]
    for number in range(3):
        much = {"rate": 40000, "service": "50us"}
        writer.add(number, "overload", "mpmc_ring:spin", much, metrics, **parts)
        calm = {"rate": 8000, "service": "50us", "stall": "50ms"}
        writer.add(number, "stall", "mpmc_ring:spin", calm, metrics, **pressed)
    goodput, backlog, back = truth.findings(dataclasses.replace(run, cases=results.group(writer.lines)))
    assert (goodput.planted, goodput.found.median, goodput.verdict) == (20000.0, 19500.0, "within 5 %")
    assert (backlog.planted, backlog.found.median) == (400.0, 404.0)
    # A consumer that is busy for two fifths of its time needs 50 ms * 0.4 / 0.6 for it.
    assert back.planted == pytest.approx(33.333e6, rel=1e-4) and back.found.median == 34e6


def test_nothing_is_planted_in_other_suites(run: Run) -> None:
    assert not truth.findings(dataclasses.replace(run, info=run.info | {"suite": "latency"}))


def test_the_page_and_the_terminal_have_them(run: Run) -> None:
    page = report.build(run.path).read_text(encoding="utf-8")
    for key in ("latency_percentiles", "latency_load", "latency_time", "knee", "truth"):
        assert f'id="{key}"' in page
    lines = summary.table(run.path)
    assert "planted 20.0 µs" in lines
