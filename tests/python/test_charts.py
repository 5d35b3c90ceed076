"""Charts: axes with units, no point for what failed, sentences from the data, any order of lines."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import synthetic
from matplotlib.figure import Figure

from weirlib import report, results
from weirlib.charts import compare, cpu_cost, db_update, dots, kinds, layout, machine, provenance, throughput
from weirlib.charts import uncontended, work_sweep
from weirlib.charts.axes import ticks as axes_ticks
from weirlib.charts.section import Panel, Section
from weirlib.stats import Standing

ROOT = Path(__file__).resolve().parents[2]
UNITS = (
    "messages per second",
    "msg/s",
    "round trip",
    "percentile, %",
    "ns",
    "updates per second",
    "ratio",
    "switches per million",
    "CPU time",
    "median wake-up",
    "one send and one receive",
)


@pytest.fixture(scope="module")
def sections(built: Path) -> list[Section]:
    return report.sections_of(results.read(built))


def every_panel(sections: list[Section]) -> list[Panel]:
    return [p for s in sections for p in s.panels + s.folded]


def test_every_kind_of_chart_is_there(sections: list[Section]) -> None:
    assert [s.key for s in sections] == [
        "throughput_by_topology",
        "throughput_by_capacity",
        "work_sweep",
        "cpu_per_message",
        "uncontended",
        "ping_pong",
        "ping_pong_percentiles",
        "wake_up",
        "db_update",
    ]


def test_there_are_at_most_eight_kinds_of_chart_and_the_docs_name_them() -> None:
    assert len(kinds.MEANING) <= 8
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", told, flags=re.M)) == kinds.MEANING
    with pytest.raises(ValueError, match="no kind of chart"):
        Panel("A pie", lambda ax: None, 100, 100, "pie", [])


def test_every_chart_has_a_kind_a_sentence_and_the_ids_it_is_drawn_from(built: Path, pressed: results.Run) -> None:
    runs = (results.read(built), pressed)
    for run, panel in [(run, panel) for run in runs for panel in every_panel(report.sections_of(run))]:
        assert panel.kind in kinds.MEANING and panel.caption.endswith("."), (panel.title, panel.caption)
        assert panel.ids and set(panel.ids) <= run.cases.keys(), panel.title
        match = re.search(r"--filter '?([^']*)'?$", provenance.command_of(run, panel.ids))
        assert match and all(re.search(match[1], identity) for identity in panel.ids), match


def test_every_chart_has_labelled_axes_with_units_a_reading_and_a_table(sections: list[Section]) -> None:
    for section in sections:
        assert section.readings and section.readings[0], section.key
        assert section.tables or section.shown, section.key
    for panel in every_panel(sections):
        axes = Figure().add_subplot()
        panel.draw(axes)
        labels = [axes.get_xlabel(), *([axes.get_ylabel()] if axes.get_ylabel() else [])]
        assert all(any(unit in label for unit in UNITS) for label in labels), (panel.title, labels)


def test_the_log_axes_say_so(sections: list[Section]) -> None:
    for panel in every_panel(sections):
        axes = Figure().add_subplot()
        panel.draw(axes)
        for scale, label in ((axes.get_xscale(), axes.get_xlabel()), (axes.get_yscale(), axes.get_ylabel())):
            assert scale != "log" or "log scale" in label, (panel.title, label)


def test_every_library_has_its_version_in_every_table(sections: list[Section]) -> None:
    for section in sections:
        for table in section.tables + section.shown:
            assert "source" in table.head, (section.key, table.caption)
            for row in table.rows:
                if row[0].text == "boost_spsc:spin":
                    assert any(cell.text == "Boost.Lockfree 1.74" for cell in row), (
                        section.key,
                        table.caption,
                    )


def test_a_failed_channel_has_a_row_but_no_point(built: Path) -> None:
    run = results.read(built)
    section = throughput.sections(run)[0]
    panel = next(p for p in section.panels if p.title == "2 senders, 2 receivers")
    axes = Figure().add_subplot()
    panel.draw(axes)
    drawn = {line.get_gid() for line in axes.lines if line.get_gid()}
    assert "median-mpmc_ring:spin" in drawn and "median-tbb" not in drawn
    assert "tbb" in [tick.get_text() for tick in axes.get_yticklabels()]
    assert "failed" in [t.get_text() for t in axes.texts]
    svg = layout.inline_svg(panel, "x")
    assert "median-tbb" not in svg and "median-futex_ring" in svg


def test_a_failed_channel_is_never_said_to_lead(tmp_path: Path) -> None:
    plan = synthetic.Plan(failing="mpmc_ring:spin")  # the fastest of those that take several senders
    run = results.read(synthetic.write(tmp_path / "run", plan))
    for section in report.sections_of(run):
        for words in section.readings + [p.caption for p in section.panels]:
            assert not re.search(r"mpmc_ring:spin (is ahead|has the best|alone)", words), words
    assert not any(
        p.channel == "mpmc_ring:spin"
        for c in (run.of("throughput"),)
        for p in filter(None, (cpu_cost.point(case, set()) for case in c if case.status == "failed"))
    )


def test_a_case_that_does_not_apply_has_no_row(built: Path) -> None:
    run = results.read(built)
    panel = next(p for p in throughput.sections(run)[0].panels if p.title == "2 senders, 2 receivers")
    axes = Figure().add_subplot()
    panel.draw(axes)
    assert "spsc_ring:spin" not in [tick.get_text() for tick in axes.get_yticklabels()]


def test_charts_do_not_depend_on_the_order_of_the_lines(run_dir: Path) -> None:
    before = [layout.inline_svg(p, "x") for p in throughput.sections(results.read(run_dir))[0].panels]
    lines = (run_dir / "trials.jsonl").read_text().splitlines(keepends=True)
    random.Random(3).shuffle(lines)
    (run_dir / "trials.jsonl").write_text("".join(lines))
    after = [layout.inline_svg(p, "x") for p in throughput.sections(results.read(run_dir))[0].panels]
    assert [re.sub(r"\s+", " ", s) for s in after] == [re.sub(r"\s+", " ", s) for s in before]


def test_the_first_of_a_planted_run_is_found(built: Path) -> None:
    run = results.read(built)
    cases = [
        c
        for c in run.of("throughput")
        if c.params["p"] == c.params["c"] == 1 and c.params["work"] == 0 and c.params["cap"] == 1024
    ]
    found = dots.rows(cases, "throughput", "higher", run.failed_channels())
    assert compare.lead(found, "higher", "msg/s").startswith("spsc_ring:spin is ahead of all")


def test_equal_channels_are_not_told_apart(tmp_path: Path) -> None:
    same = (20e6, 50.0, 300.0, False)
    plan = synthetic.Plan(
        channels={"mpmc_ring:spin": same, "mpmc_ring:yield": same}, noise=0.05, failing="", regime_flips=""
    )
    run = results.read(synthetic.write(tmp_path / "run", plan))
    assert "not told apart" in throughput.sections(run)[0].panels[0].caption


def test_the_work_from_which_on_channels_are_not_told_apart() -> None:
    apart, level = Standing("a", ("b",), ("c",), ()), Standing("b", ("a", "c"), (), ())
    assert work_sweep.threshold({0: apart, 200: level, 1000: level}) == (200, ["a", "b", "c"])
    assert work_sweep.threshold({0: level, 200: apart, 1000: level}) == (1000, ["a", "b", "c"])
    assert work_sweep.threshold({0: level, 1000: apart}) == (0, ["a", "b"])
    assert work_sweep.threshold({0: Standing("a", (), (), ("b",))}) is None


def test_the_work_sentence_of_a_planted_run(built: Path) -> None:
    run = results.read(built)
    (sweep,) = work_sweep.sweeps(run)
    assert (sweep.side, list(sweep.levels)) == ("before each send", [0, 50, 200, 1000])
    said = work_sweep.sentence(sweep.levels, run.failed_channels())
    assert re.match(r"From \d+ ns of work per message on, (these|all) ", said), said
    assert "mutex_condvar" in said.partition("Behind:")[2], said


def test_three_rounds_tell_nothing_apart(tmp_path: Path) -> None:
    run = results.read(synthetic.write(tmp_path / "run", synthetic.Plan(rounds=3)))
    for section in report.sections_of(run):
        for words in section.readings + [p.caption for p in section.panels]:
            assert not re.search(r"(?<!lock )is ahead|are ahead|not told apart from", words), words


def test_the_rival_is_compared_by_round(built: Path) -> None:
    run = results.read(built)
    found = dots.rows(run.of("db_update"), "updates", "higher", run.failed_channels())
    ratios, said = db_update.against(found)
    assert (
        said["mpmc_ring:spin"] == "ahead" and said["mutex_condvar"] == "behind" and "shared_lock" not in said
    )
    assert db_update.sentence(said).endswith(
        "1 channel is behind it (mutex_condvar)."
    )  # tbb failed elsewhere


def test_the_adapter_tax_beyond_3_percent_is_said(built: Path) -> None:
    said = uncontended.tax_sentence(results.read(built))
    assert said.startswith("The adapter costs more than 3 %") and "tbb (+5." in said and "boost" not in said


def test_the_machine_is_unfit_when_virtual_or_small(tmp_path: Path) -> None:
    def reasons(virtualized: bool, cpus: int) -> list[str]:
        plan = synthetic.Plan(rounds=1, virtualized=virtualized, cpus=cpus)
        return machine.unfit(results.read(synthetic.write(tmp_path / f"{virtualized}{cpus}", plan)))

    assert reasons(True, 8) == ["a virtual machine (kvm)"]
    assert reasons(False, 2) == ["only 2 processors"]
    assert reasons(False, 4) == []


def test_ticks_are_few_and_at_least_two() -> None:
    assert axes_ticks(1e5, 1e9) == [1e5, 1e6, 1e7, 1e8, 1e9]
    assert axes_ticks(90.0, 1100.0) == [100.0, 200.0, 500.0, 1000.0]
    for low, high in ((19.5, 27.6), (0.97, 1.31), (3e6, 9e6), (210.0, 230.0), (1e-4, 1e4)):
        assert 2 <= len(axes_ticks(low, high)) <= 6, (low, high)


def test_rounds_of_another_regime_are_drawn_apart_and_still_compared(built: Path) -> None:
    run = results.read(built)
    cases = [c for c in run.of("throughput") if len(c.regimes) > 1]
    (row,) = dots.rows(cases[:1], "throughput", "higher", set())
    assert (len(row.rounds), len(row.paired)) == (5, 7)
    assert row.estimate is not None and row.estimate.n == 5 and row.estimate.low is None
    table = compare.table(run, [row], "higher", "msg/s", "")
    assert any("full in 5; not pooled: empty in 2 (median" in cell.text for cell in table.rows[0])


def test_what_failed_in_another_case_is_listed_below_all_others(built: Path) -> None:
    run = results.read(built)
    cases = [c for c in run.of("ping_pong") if c.params["place"] == "one"]
    found = dots.rows(cases, "round_trip_p50", "lower", run.failed_channels())
    assert [r.channel for r in found][-1] == "tbb" and found[-1].estimate is not None
    assert found[-2].estimate is not None and found[-1].estimate.median < found[-2].estimate.median
    assert compare.lead(found, "lower", "ns").endswith("Not ranked: 1 that failed in another case.")
