"""Backpressure in the report: what is drawn and said is what was planted, and nothing of a channel that failed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest
import synthetic
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weirlib import report, results, summary
from weirlib.charts import backpressure_burst as burst
from weirlib.charts import backpressure_cycle as cycle
from weirlib.charts import backpressure_fairness as fairness
from weirlib.charts import backpressure_film as film
from weirlib.charts import backpressure_interleave as interleave
from weirlib.charts import backpressure_overload as overload
from weirlib.charts import backpressure_pause as pause
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_recovery as recovery
from weirlib.charts import backpressure_stall as stall
from weirlib.charts import backpressure_words as say
from weirlib.charts import capacity_sweep, oversubscribed
from weirlib.charts.section import Panel, Section
from weirlib.results import Case, Run

ROUNDS, STEP_MS, WINDOW_MS, BEGIN_MS = 7, 1.0, 600.0, 150.0
BLOCK, DROP, EVICT, NO_BOUND, FAILING = "mpmc_ring:park", "futex_ring", "spsc_ring:spin", "tbb", "mutex_condvar"
OWN = {BLOCK: "block", DROP: "drop", EVICT: "drop_oldest", NO_BOUND: "block", FAILING: "block"}
BACK_MS = {BLOCK: 60.0, DROP: 5.0, EVICT: 5.0, NO_BOUND: 80.0, FAILING: 1.0}
CAPACITY, RATE = 1024, 200_000.0
SECTIONS = ("stall", "pause", "overload", "burst", "pipeline", "fairness", "interleave", "cycle")


def counts(at: list[list[int]], overflow: int = 0) -> dict[str, Any]:
    total = sum(count for _, count in at) + overflow
    return {"unit": "ns", "count": total, "overflow": overflow, "min": 1, "max": 1, "mean": 1.0, "percentiles": {}, "buckets": at}


def moments(channel: str, length: float, back: float, peak: int, share: float) -> dict[str, Any]:
    """A depth that climbs to its peak, stays there until the stall is over, and falls until it is back."""
    at = np.arange(0.0, WINDOW_MS, STEP_MS) - BEGIN_MS
    climb = min(length, peak / RATE * 1e3)
    depth = np.interp(at, [0, climb, length, length + back], [3, peak, peak, 3], left=3, right=3)
    stands = ((at >= climb) & (at < length)).astype(float)
    loses, came = OWN[channel] in ("drop", "drop_oldest"), RATE / 1e3 * STEP_MS
    lost = stands * came * share if loses else stands * 0
    blocked = np.zeros(len(at)) if loses or channel == NO_BOUND else stands * 2
    return {
        "step_ms": STEP_MS,
        "depth": depth.astype(int).tolist(),
        "accepted": np.where(stands > 0, came * (1 - share if loses else 0), came).astype(int).tolist(),
        "received": np.full(len(at), int(came)).tolist(),
        "lost": lost.astype(int).tolist(),
        "blocked": blocked.tolist(),
        "resident_kib": [9000] * len(at),
    }


def record(channel: str, **more: Any) -> dict[str, Any]:
    capacity = None if channel == NO_BOUND else CAPACITY
    said: dict[str, Any] = {
        "policy": OWN[channel],
        "capacity": capacity,
        "window_ms": WINDOW_MS,
        "offered": 100_000,
        "accepted": 100_000,
        "refused": {"full": 0, "dropped": 0, "timed_out": 0},
        "evicted": 0,
        "received": 100_000,
        "offered_rate": RATE,
        "goodput": RATE,
        "blocked_share": [0.25, 0.75],
        "depth": {"max": 1024, "mean": 300.5},
        "fairness": {"accepted": [50_000, 50_000], "jain": 1.0, "starved_ns": 1000},
        "cpu": {"senders": 0.5, "receivers": 0.4, "waiting": None if channel == NO_BOUND else 0.25},
        "memory": {"before_kib": 9000, "peak_kib": 15_144 if channel == NO_BOUND else 9100, "after_kib": 9050, "sampler_share": 0.0},
        "stalls": [],
        "moments": moments(channel, 0.0, 1.0, 3, 0.0),
        "turns": None,
    }
    return said | more


def stalled(writer: synthetic.Writer, channel: str, length: float, what: str, others: dict[str, float]) -> dict[str, Any]:
    back = writer.noisy(BACK_MS[channel])
    peak = int(RATE / 1e3 * length) if channel == NO_BOUND else CAPACITY
    loses = OWN[channel] in ("drop", "drop_oldest")
    lost = int(RATE / 1e3 * length - CAPACITY) if loses else 0
    gone = {
        "what": what,
        "begin_ms": BEGIN_MS,
        "length_ms": length,
        "backlog": int(RATE / 1e3 * length),
        "baseline_depth": 3,
        "peak_depth": peak,
        "depth_back_ms": back,
        "response_back_ms": None if channel == EVICT else back * 1.1,
        "drain_rate": 1.5e6,
        "lost": lost,
        "blocked_ms": 0.0 if loses or channel == NO_BOUND else 2 * (length - 5.0),
        "stood_ms": {" ".join(what.split(" ")[:2]): length} | others,
    }
    return record(channel, stalls=[gone], moments=moments(channel, length, back, peak, 1.0))


def turns(capacity: int, slow: bool) -> dict[str, Any]:
    """The receiver starts after as many sends as there is room, and then takes that many at once; or after 3."""
    run = capacity if slow else 3
    sent, received, now = [], [], 0.0
    while len(sent) < 512 or len(received) < 512:
        for times in (sent, received):
            for _ in range(run):
                times.append(now)
                now += 40.0
            now += 500.0
    runs = {"count": 9, "p50": run, "p90": run, "max": run * 2}
    return {
        "send_runs": runs,
        "receive_runs": runs,
        "first_receive_ns": received[0],
        "before_first_receive": run,
        "accepted_ns": sent[:512],
        "received_ns": received[:512],
    }


class Planted:
    """The lines of a run, scenario by scenario."""

    def __init__(self) -> None:
        self.writer = synthetic.Writer(synthetic.Plan(rounds=ROUNDS))

    def add(self, number: int, workload: str, channel: str, params: dict[str, Any], said: dict[str, Any], **more: Any) -> None:
        metrics = [("goodput", "msg/s", "higher", said["goodput"]), ("response_p99", "ns", "lower", more.pop("p99", 9e4))]
        histograms = {
            "response": counts([[20_000, 19_000], [90_000, 1000]]),
            "staleness": counts([[10_000, 19_000], [70_000, 1000]]),
            "send": counts([[400, 80_000], [60_000, 20_000]]),
        }
        self.writer.add(number, workload, channel, params, metrics, **({"backpressure": said, "histograms": histograms} | more))

    def stalls(self, number: int) -> None:
        for channel in OWN:
            for length in (20.0, 100.0):
                params = {"p": 2, "c": 1, "cap": CAPACITY, "rate": int(RATE), "full": OWN[channel], "stall": f"{length:.0f}ms"}
                still = {"sender 0": 95.0, "sender 1": 95.0} if channel == BLOCK else {"sender 0": 0.2, "sender 1": 0.2}
                self.add(number, "stall", channel, params, stalled(self.writer, channel, length, "receiver 0", still))
        for channel, stood in ((BLOCK, 100.0), (DROP, 0.3)):
            said = stalled(self.writer, channel, 50.0, "sender 1 in ring.send.publish", {"sender 0": stood / 2, "receiver 0": stood / 2})
            self.add(number, "pause", channel, {"p": 2, "c": 1, "stall": "50ms"}, said)

    def overload(self, number: int) -> None:
        for channel in (BLOCK, DROP, FAILING):
            for load in (50, 100, 200, 400):
                passed = 1e6 * min(load, 100) / 100 * (0.5 if channel == DROP and load == 400 else 1.0)
                lost = 100_000 * (1 - 100 / load) if channel == DROP and load > 100 else 0.0
                refused = {"full": 0, "dropped": int(lost), "timed_out": 0}
                said = record(channel, goodput=passed, refused=refused, offered_rate=load * 1e4)
                params = {"p": 2, "c": 1, "load": load, "full": OWN[channel]}
                self.add(number, "overload", channel, params, said, latency=self.latency(1e6))

    def latency(self, capacity: float) -> dict[str, Any]:
        return {"capacity": capacity, "achieved": 1e6, "offered": 1e6, "saturated": False, "intervals": []}

    def others(self, number: int) -> None:
        for channel in (BLOCK, DROP):
            for p in (2, 4, 16, 64):
                taken = [1000.0] * p if channel == BLOCK else [1000.0 / (i + 1) for i in range(p)]
                jain = sum(taken) ** 2 / (p * sum(t * t for t in taken))
                shared = {"accepted": [int(t) for t in taken], "jain": jain, "starved_ns": 1e5 * p if channel == BLOCK else 4e6 * p}
                self.add(number, "fairness", channel, {"p": p, "c": 1}, record(channel, fairness=shared))
            for cap in (16, 256):
                for place in ("spread", "one"):
                    params = {"p": 1, "c": 1, "cap": cap, "place": place}
                    self.add(number, "interleave", channel, params, record(channel, capacity=cap, turns=turns(cap, place == "one")))
            for cap in (4, 64, 1024):
                rate = self.writer.noisy(2e6 if cap >= 64 else 0.5e6)
                params = {"p": 1, "c": 1, "cap": cap, "rate": 100_000}
                said = record(channel, capacity=cap)
                self.add(number, "capacity_sweep", channel, params, said, latency=self.latency(rate), p99=1000.0 * cap)
            self.add(number, "pipeline", channel, {"stages": 3, "cap": CAPACITY}, stalled(self.writer, channel, 100.0, "receiver 0", {}) | {"goodput": 5e5})
            self.add(number, "burst", channel, {"p": 2, "arrivals": "bursts-5ms-20ms"}, record(channel))
            for cap, stands in ((4, True), (16, False)):
                states = ["stage 0 waits in send, channel 1 is full (4 of 4)"] if stands else []
                found = {"deadlocked": stands, "after_ms": 12.5 if stands else None, "depths": [4, 4], "states": states}
                metric = [("deadlocked", "flag", "lower", float(stands))]
                self.writer.add(number, "cycle", channel, {"tokens": 8, "cap": cap}, metric, cycle=found)
        self.add(number, "burst", NO_BOUND, {"p": 2, "arrivals": "bursts-5ms-20ms"}, record(NO_BOUND))

    def threads(self, number: int) -> None:
        for channel, shares in ((BLOCK, (1.0, 0.8, 0.6)), ("mpmc_ring:spin", (1.0, 0.3, 0.01)), (FAILING, (1.0, 2.0, 3.0))):
            for p, share in zip((1, 2, 8), shares):
                params = {"p": p, "c": p, "cap": 1024, "msg": 16, "work": 0, "place": "free"}
                value = self.writer.noisy(1e7 * share)
                self.writer.add(number, "throughput", channel, params, [("throughput", "msg/s", "higher", value)])


def write(path: Path) -> Run:
    """One channel that fails, and is the best in everything before it does."""
    channels = {name: synthetic.PLANTED[name] for name in (*OWN, "mpmc_ring:spin")}
    synthetic.write(path, synthetic.Plan(rounds=ROUNDS, channels=channels, stop_after=0))
    planted = Planted()
    for number in range(ROUNDS):
        planted.stalls(number)
        planted.overload(number)
        planted.others(number)
        planted.threads(number)
    last = next(x for x in reversed(planted.writer.lines) if x["channel"] == FAILING and x["params"].get("stall") == "20ms")
    planted.writer.fail(last, "loss", "one message never arrived")
    last.pop("backpressure")
    (path / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in planted.writer.lines))
    info = json.loads((path / "run.json").read_text(encoding="utf-8"))
    (path / "run.json").write_text(json.dumps(info | {"suite": "backpressure"}))
    return results.read(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write(tmp_path_factory.mktemp("runs") / "backpressure")


def case_of(run: Run, workload: str, channel: str, **params: Any) -> Case:
    return next(c for c in run.of(workload) if c.channel == channel and params.items() <= c.params.items())


def drawn(panel: Panel) -> Axes:
    ax = Figure().add_subplot()
    panel.draw(ax)
    return ax


def line_of(ax: Axes, gid: str) -> Any:
    return next(line for line in ax.lines if line.get_gid() == gid)


def only(made: list[Section]) -> Section:
    (section,) = made
    return section


def cell_of(section: Section, channel: str, head: str, row: int = 0) -> str:
    """Of the first table that has the channel and the column."""
    for table in section.shown + section.tables:
        rows = [r for r in table.rows if r[0].text == channel]
        if rows and head in table.head:
            return rows[row][list(table.head).index(head)].text
    raise AssertionError((channel, head))


def test_what_failed_is_in_no_chart_and_no_sentence(run: Run) -> None:
    assert run.failed_channels() == {FAILING}
    made = [s for s in report.sections_of(run) if not s.key.startswith(("throughput", "cpu"))]
    assert {f"backpressure_{name}" for name in SECTIONS} <= {s.key for s in made}
    for section in made:
        for panel in section.panels + section.folded:
            ax = drawn(panel)
            words = [panel.title, panel.subtitle, *(t.get_text() for t in ax.get_yticklabels() + ax.texts)]
            words += [str(line.get_label()) for line in ax.lines]
            assert not any(FAILING in w for w in words), (section.key, words)
        assert not any(FAILING in words for words in section.readings), section.key


def test_figures_of_what_failed_are_struck_out_and_its_reason_is_told(run: Run) -> None:
    section = next(s for s in report.sections_of(run) if s.key == "backpressure_stall")
    rows = [r for table in section.shown + section.tables for r in table.rows if r[0].text == FAILING]
    assert len(rows) == 2 and "loss: one message never arrived" in [cell.text for row in rows for cell in row]
    whole = next(row for row in rows if any("struck" in cell.kind for cell in row))
    assert all("struck" in cell.kind for cell in whole if "number" in cell.kind)


def test_only_what_has_data_appears(tmp_path: Path) -> None:
    bare = results.read(synthetic.write(tmp_path / "run", synthetic.Plan(rounds=1, stop_after=40)))
    keys = {s.key for s in report.sections_of(bare)}
    assert not any(k.startswith("backpressure") or k in ("oversubscribed", "capacity_sweep") for k in keys)


def test_axes_have_labels_with_units_and_say_when_they_are_logarithmic(run: Run) -> None:
    units = ("ms", "µs", "ns", "msg/s", "%", "messages", "senders", "per core", "Jain's index")
    for section in report.sections_of(run):
        if section.key.startswith(("backpressure", "oversub", "capacity")):
            assert section.question and section.readings[0] and (section.tables or section.shown), section.key
            for panel in section.panels + section.folded:
                ax = drawn(panel)
                for scale, label in ((ax.get_xscale(), ax.get_xlabel()), (ax.get_yscale(), ax.get_ylabel())):
                    assert scale != "log" or "log scale" in label, (panel.title, label)
                    assert not label or any(u in label for u in units), (panel.title, label)


def test_tables_are_as_wide_as_their_heads_and_name_the_source(run: Run) -> None:
    for section in report.sections_of(run):
        for table in section.tables + section.shown:
            assert table.head[-1] == "source" and all(len(row) == len(table.head) for row in table.rows), table.caption


def test_the_film_shows_the_depth_the_capacity_and_when_it_was_back(run: Run) -> None:
    case = case_of(run, "stall", BLOCK, stall="100ms")
    found = film.film(case)
    assert found is not None and (found.length, found.capacity, found.edges[0]) == (100.0, 1024.0, -BEGIN_MS)
    backs = sorted(r["stalls"][0]["depth_back_ms"] for r in bp.records(case))
    assert found.back == 100.0 + backs[ROUNDS // 2]  # the median round, not the first or the best
    section = only(stall.sections(run))
    ax = drawn(next(p for p in section.panels if p.title == BLOCK))
    assert line_of(ax, "capacity").get_ydata()[0] == 1024
    assert line_of(ax, "back").get_xdata()[0] == found.back
    steps = next(p for p in ax.patches if p.get_gid() == "depth").get_data()
    assert steps.values.max() == 1024 and steps.edges[0] == -BEGIN_MS
    assert steps.values[steps.edges[:-1] == 50.0][0] == 1024 and steps.values[0] == 3


def test_panels_of_a_film_share_their_axes(run: Run) -> None:
    axes = [drawn(p) for p in only(stall.sections(run)).panels]
    assert len({ax.get_xlim() for ax in axes}) == len({ax.get_ylim() for ax in axes}) == 1
    assert axes[0].get_yscale() == "log" and axes[0].get_ylim()[1] > 20_000  # the unbounded one is 20 times as deep


def test_the_strip_tells_waiting_from_losing(run: Run) -> None:
    waits, loses = (film.film(case_of(run, "stall", c, stall="100ms")) for c in (BLOCK, DROP))
    assert waits is not None and loses is not None
    during = (waits.edges[:-1] >= 10) & (waits.edges[:-1] < 100)
    assert waits.blocked[during].min() == 1.0 and waits.lost.max() == 0.0
    assert loses.blocked.max() == 0.0 and loses.lost[during].min() == 1.0
    assert waits.blocked[~during][waits.edges[:-1][~during] > 100].max() == 0.0


def test_a_stall_is_read_as_who_waits_who_loses_and_who_grows(run: Run) -> None:
    said = only(stall.sections(run)).readings
    assert said[0] == (
        f"{BLOCK} made senders wait and lost nothing; {DROP} and {EVICT} lost 18,976 messages; "
        f"{NO_BOUND}, without a bound, grew to 20,000 messages."
    )
    assert re.search(rf"back after \S+ ms \(({DROP}|{EVICT})\) to \S+ ms \({NO_BOUND}\)", said[1])
    assert f"blocked for 190 ms ({BLOCK})" in said[2] and f"grew by 6.00 MiB ({NO_BOUND})" in said[2]


def test_the_longest_stall_is_shown_and_shorter_ones_are_folded(run: Run) -> None:
    section = only(stall.sections(run))
    assert [p.title for p in section.panels] == [BLOCK, DROP, EVICT, NO_BOUND]
    assert [p.title for p in section.folded] == [f"{c}, 20 ms" for c in (BLOCK, DROP, EVICT, NO_BOUND)]
    assert [t.caption for t in section.shown] == ["The receiver stands still for 100 ms"]


def test_the_table_of_a_stall_has_what_was_planted(run: Run) -> None:
    section = only(stall.sections(run))
    for head, said in (("policy", "senders wait"), ("backlog", "20,000"), ("peak depth", "1,024"), ("lost", "0"), ("blocked", "190 ms")):
        assert cell_of(section, BLOCK, head) == said, head
    assert cell_of(section, NO_BOUND, "memory growth") == "6.00 MiB" and cell_of(section, NO_BOUND, "policy") == "no bound"
    assert cell_of(section, BLOCK, "others stood still, longest") == "sender 1, 95.0 ms"
    assert cell_of(section, BLOCK, "drain rate") == "1.50 M msg/s"


def test_what_never_came_back_is_not_taken_for_fast(run: Run) -> None:
    section = only(stall.sections(run))
    assert cell_of(section, EVICT, "response back") == "not in the window"
    assert cell_of(section, BLOCK, "response back").endswith("ms")


@pytest.mark.parametrize("never, said", [(0, "7.00 ms"), (1, "7.00 ms (not in 1 of 3)"), (2, "not in the window")])
def test_a_median_counts_rounds_that_never_came_back_as_longest(never: int, said: str) -> None:
    lines = []
    for number in range(3):
        back = None if number < never else 7.0
        gone = {"what": "receiver 0", "depth_back_ms": back, "stood_ms": {}}
        lines.append(synthetic.Writer(synthetic.Plan()).add(number, "stall", BLOCK, {}, [], backpressure=record(BLOCK, stalls=[gone])))
    (case,) = results.group(lines).values()
    assert recovery.back_text(case, "depth_back_ms") == said


def test_a_stall_of_the_usual_length_has_it_from_its_record() -> None:
    gone = {"what": "receiver 0", "length_ms": 100.0, "stood_ms": {}}
    line = synthetic.Writer(synthetic.Plan()).add(0, "stall", BLOCK, {"p": 1}, [], backpressure=record(BLOCK, stalls=[gone]))
    (case,) = results.group([line]).values()
    assert recovery.stall_ns(case) == 100e6


def test_a_pause_says_who_else_stood_still(run: Run) -> None:
    section = only(pause.sections(run))
    assert section.readings[0] == f"A pause of 50 ms inside an operation stops others in {BLOCK}; in {DROP} others go on."
    assert "150 µs at most" in section.readings[2]
    ax = drawn(section.panels[0])
    marks = {line.get_gid().partition("/")[0] + line.get_gid().split("/")[1]: line.get_xdata()[0] for line in ax.lines if line.get_gid()}
    assert marks[f"sender-pause{BLOCK}"] == pytest.approx(50e6) and marks[f"receiver-pause{DROP}"] == pytest.approx(150e3)
    assert cell_of(section, BLOCK, "paused") == "sender 1 in ring.send.publish"
    assert cell_of(section, BLOCK, "others stood still, longest").endswith("50.0 ms")  # not the paused one itself


def test_goodput_and_losses_are_drawn_against_the_load(run: Run) -> None:
    section = only(overload.sections(run))
    assert [(p.title, p.subtitle) for p in section.panels] == [(BLOCK, "senders wait"), (DROP, "dropped when full")]
    ax = drawn(section.panels[1])
    goodput, ideal = line_of(ax, "goodput"), line_of(ax, "ideal")
    assert list(goodput.get_xdata()) == [50, 100, 200, 400] and list(ideal.get_ydata()) == [0, 1e6, 1e6]
    assert list(goodput.get_ydata()) == [5e5, 1e6, 1e6, 5e5]
    lost = line_of(ax.child_axes[0], "lost")
    assert list(lost.get_ydata()) == [0, 0, 50, 75]


def test_a_collapse_of_goodput_is_said(run: Run) -> None:
    said = only(overload.sections(run)).readings
    assert re.match(rf"Goodput collapses: offered 400 % of what can be served, 50 % \({DROP}, dropped when full\)", said[0])
    assert f"100 % ({BLOCK}, senders wait)" in said[1] and f"75 % ({DROP}" in said[2]
    found = overload.curves(bp.fair(run, "overload"))
    kept = overload.reading({name: points for name, points in found.items() if BLOCK in name})
    assert kept[0].startswith("Goodput holds: offered 400 %")


def test_the_table_of_an_overload_has_every_loss_by_its_kind(run: Run) -> None:
    section = only(overload.sections(run))
    heads = (("load", "400 %"), ("dropped", "75,000"), ("refused: full", "0"), ("lost", "75.0 %"), ("blocked share, median sender", "50.0 %"))
    for head, said in (*heads, ("worst sender", "75.0 %"), ("staleness p50", "10.0 µs"), ("CPU waiting", "0.25 cores")):
        assert cell_of(section, DROP, head, row=3) == said, head


def test_shares_of_senders_are_drawn_and_judged(run: Run) -> None:
    section = only(fairness.sections(run))
    assert section.readings[0].startswith(f"Not evenly in {DROP}: among 64 senders Jain's index is 0.22 ({DROP}) to 1.00 ({BLOCK})")
    jain = fairness.curves(bp.fair(run, "fairness"), "jain")
    assert list(jain[BLOCK].x) == [2, 4, 16, 64] and list(jain[BLOCK].y) == [1, 1, 1, 1]
    bars = next(p for p in section.folded if p.title == DROP)
    heights = [bar.get_height() for bar in drawn(bars).patches]
    assert len(heights) == 16 and sum(heights) == pytest.approx(100) and heights == sorted(heights, reverse=True)  # 64 are not legible
    assert cell_of(section, DROP, "longest starvation", row=3) == "256 ms"


def test_even_shares_are_called_even(run: Run) -> None:
    even = [c for c in bp.fair(run, "fairness") if c.channel == BLOCK]
    assert fairness.reading(even)[0].startswith("Evenly: among 64 senders")


def test_turns_are_staircases_of_what_was_sent_and_received(run: Run) -> None:
    section = only(interleave.sections(run))
    assert [p.subtitle for p in section.panels if p.title == BLOCK] == [
        "capacity 16, spread over cores",
        "capacity 256, spread over cores",
        "capacity 16, all on one core",
        "capacity 256, all on one core",
    ]
    ax = drawn(next(p for p in section.panels if p.subtitle == "capacity 256, all on one core"))
    sent, received = line_of(ax, "sent"), line_of(ax, "received")
    assert max(sent.get_ydata()) == 512 and received.get_ydata()[0] == 0
    first = received.get_xdata()[1]  # after 256 sends of 40 ns and a switch of 500 ns, in µs
    assert first == pytest.approx(10.74) and sent.get_ydata()[np.searchsorted(sent.get_xdata(), first) - 1] == 256


def test_turns_say_whether_the_receiver_waited_for_a_full_channel(run: Run) -> None:
    spread, one = only(interleave.sections(run)).readings
    assert spread.startswith("In 0 of 4 cases, spread over cores") and "after 3 sends (all)" in spread
    assert one.startswith("In 4 of 4 cases, all on one core") and "16 sends" in one and "256 sends" in one


def test_threads_per_core_are_drawn_and_who_collapses_is_said(run: Run) -> None:
    section = only(oversubscribed.sections(run))
    curves = oversubscribed.curves(run, oversubscribed.chosen(run))
    assert list(curves[BLOCK].x) == [1, 2, 8] and FAILING not in curves  # 2 processors
    assert np.allclose(curves[BLOCK].y, [1e7, 8e6, 6e6], rtol=0.05)
    assert section.readings[0].endswith("mpmc_ring:spin from 8 threads per core on.")
    assert re.match(rf"The others keep \d\d % \({BLOCK}\) at 8 threads per core", section.readings[1])


def test_other_suites_have_no_chart_of_threads_per_core(run: Run, built: Path) -> None:
    before = run.info["suite"]
    try:
        run.info["suite"] = "quick"
        assert oversubscribed.sections(run) == []
    finally:
        run.info["suite"] = before
    assert oversubscribed.sections(results.read(built)) == []


def test_the_smallest_capacity_that_is_enough_is_found(run: Run) -> None:
    section = only(capacity_sweep.sections(run))
    rates = capacity_sweep.curves([c for c in run.of("capacity_sweep")], capacity_sweep.rate)
    assert capacity_sweep.enough(rates) == {BLOCK: 64.0, DROP: 64.0}
    assert section.readings[0] == "90 % of a channel's best rate is there from a capacity of 64 (all) on."
    assert section.readings[1].endswith("becomes 256× (all) as long.")
    tails = capacity_sweep.curves([c for c in run.of("capacity_sweep")], capacity_sweep.p99)
    assert list(tails[BLOCK].y) == [4000.0, 64_000.0, 1_024_000.0]


def test_a_rate_that_falls_again_is_not_enough_before_it_recovers() -> None:
    curve = capacity_sweep.multiples.Curve(np.array([1.0, 8.0, 64.0]), np.array([1e6, 0.5e6, 1e6]))
    assert capacity_sweep.enough({"a": curve}) == {"a": 64.0}


def test_a_burst_says_what_was_taken_at_once_and_whether_memory_returned(run: Run) -> None:
    section = next(s for s in burst.sections(run) if s.key == "backpressure_burst")
    assert burst.absorption(case_of(run, "burst", BLOCK)) == 80.0  # of 100,000 sends 20,000 took 60 µs
    assert section.readings == ["Taken at once, without blocking: 80 % (all) of what came.", f"Memory that the burst took was returned by {NO_BOUND}."]
    assert cell_of(section, NO_BOUND, "afterwards") == "returned" and cell_of(section, BLOCK, "afterwards") == "did not grow"


def test_a_pipeline_says_when_its_first_sender_feels_a_stall_at_the_end(run: Run) -> None:
    section = next(s for s in burst.sections(run) if s.key == "backpressure_pipeline")
    assert section.readings[0] == f"A stall of the last stage reaches the first sender after 6.00 ms ({BLOCK})."  # full after 5.12 ms
    assert cell_of(section, BLOCK, "sender feels the stall after") == "6.00 ms" and cell_of(section, BLOCK, "goodput") == "500 k msg/s"
    assert cell_of(section, DROP, "sender feels the stall after") == "not felt"


def test_what_is_refused_at_once_is_not_absorbed() -> None:
    said = record(DROP, refused={"full": 0, "dropped": 30_000, "timed_out": 0})
    line = synthetic.Writer(synthetic.Plan()).add(
        0, "burst", DROP, {}, [], backpressure=said, histograms={"send": counts([[400, 100_000]])}
    )
    (case,) = results.group([line]).values()
    assert burst.absorption(case) == 70.0


def test_a_ring_says_with_what_it_stands_still(run: Run) -> None:
    section = only(cycle.sections(run))
    assert section.readings[0] == f"The ring stands still for good. With 8 tokens, capacity 4: {DROP} and {BLOCK}."
    assert cell_of(section, BLOCK, "where each task stood") == "stage 0 waits in send, channel 1 is full (4 of 4)"
    assert cell_of(section, BLOCK, "stood still") == "in 7 of 7 rounds" and cell_of(section, BLOCK, "stood still", row=1) == "no"


@pytest.mark.parametrize(
    "made, said",
    [
        (lambda: say.span_of({"a": 2.0, "b": 1.0}, str), "1.0 (b) to 2.0 (a)"),
        (lambda: say.span_of({"a": 2.0, "b": 2.0}, str), "2.0 (all)"),
        (lambda: say.span_of({"a": 2.0}, str), "2.0 (a)"),
        (lambda: say.policy_words("timeout-200us"), "senders wait 200 µs at most"),
        (lambda: say.words({"full": "timeout-200us", "take": "batches-64-100us"}), "senders wait 200 µs at most, taken batches 64 100us"),
        (lambda: say.many(48211.0), "48,211"),
        (lambda: say.size(2048.0), "2.00 MiB"),
    ],
)
def test_words(made: Callable[[], str], said: str) -> None:
    assert made() == said


def test_the_page_and_the_terminal_have_them(run: Run) -> None:
    page = report.build(run.path).read_text(encoding="utf-8")
    for name in (*(f"backpressure_{n}" for n in SECTIONS), "oversubscribed", "capacity_sweep"):
        assert f'id="{name}"' in page, name
    assert (run.path / "charts" / "backpressure_stall.png").exists()
    lines = summary.table(run.path).splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 100
    assert any(line.startswith("The receiver stands still for 100 ms: ") for line in lines)
