"""The charts of databases say what was planted, and nothing of what failed."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import planted_db
import pytest
from conftest import ROOT
from matplotlib.figure import Figure
from planted_db import MUTEX, RING

from weirlib import report, results
from weirlib.charts import db, db_crossover, db_goals, db_groups, db_update
from weirlib.results import Run
from weirlib.stats import Estimate

NOT_TOLD = "not told apart"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return planted_db.write(tmp_path_factory.mktemp("runs") / "db")


def test_the_planted_lines_follow_the_schema(planted: Run) -> None:
    schema = json.loads((ROOT / "results" / "schema.json").read_text())
    for line in (planted.path / "trials.jsonl").read_text().splitlines():
        jsonschema.validate(json.loads(line), schema)


def test_the_crossing_is_where_it_was_planted(planted: Run) -> None:
    found = db_crossover.maps(planted)
    assert set(found) == {RING}  # the lock crosses itself nowhere, and the other channel was measured at one length
    assert found[RING][2, 0].said == "ahead" and found[RING][2, 10_000].said == "not told apart"
    assert found[RING][2, 100_000].said == "behind"
    assert db_crossover.ranges(found[RING], 2, "ahead") == [(0, 1000)]
    assert db_crossover.ranges(found[RING], 4, "ahead") == [(0, 100_000)]
    (section,) = db_crossover.sections(planted)
    assert "with 2 tasks ahead of the lock from 0 to 1.00 µs, behind it at 100 µs" in section.readings[0]
    assert "with 4 tasks (oversubscribed) ahead of the lock from 0 to 100 µs." in section.readings[0]


def field_of(said: str, over: bool = False) -> db_crossover.Field:
    return db_crossover.Field(Estimate(1.0, 0.9, 1.1, 0.97, 6, 0.1), said, ("channel", "lock"), over)


@pytest.mark.parametrize(
    ("planted_words", "wanted"),
    [
        ((NOT_TOLD, "ahead", "ahead", NOT_TOLD), "ahead of the lock from 1.00 µs to 10.0 µs."),
        (("behind", "ahead", NOT_TOLD, NOT_TOLD), "ahead of the lock at 1.00 µs, behind it at 0."),
        (("ahead", NOT_TOLD, "ahead", "behind"), "ahead of the lock at 0 and at 10.0 µs, behind it at 100 µs."),
        ((NOT_TOLD, NOT_TOLD, NOT_TOLD, "ahead"), "ahead of the lock at 100 µs."),
        ((NOT_TOLD, NOT_TOLD, "behind", "behind"), "never ahead of the lock, behind it from 10.0 µs to 100 µs."),
        ((NOT_TOLD, NOT_TOLD, NOT_TOLD, NOT_TOLD), "never ahead of the lock."),
    ],
)
def test_the_sentence_names_the_lengths_at_which_the_channel_is_ahead(planted_words: tuple[str, ...], wanted: str) -> None:
    found = {(2, work): field_of(said) for work, said in zip((0, 1000, 10_000, 100_000), planted_words, strict=True)}
    assert db_crossover.reading("ring", found) == f"ring: with 2 tasks {wanted}"


def test_more_tasks_than_processors_are_marked(planted: Run) -> None:
    (section,) = db_crossover.sections(planted)
    assert {p for (p, _), field in db_crossover.maps(planted)[RING].items() if field.over} == {4}
    axes = Figure().add_subplot()
    section.panels[0].draw(axes)
    assert sum(patch.get_hatch() is not None for patch in axes.patches) == len(planted_db.BY_WORK[4])
    marked = {row[1].text for row in section.tables[0].rows if any(cell.text == "oversubscribed" for cell in row)}
    assert marked == {"4"}
    assert "Hatched: more threads than processors" in section.notes[0]


def test_each_place_of_the_map_is_drawn(planted: Run) -> None:
    (section,) = db_crossover.sections(planted)
    axes = Figure().add_subplot()
    section.panels[0].draw(axes)
    assert len(axes.texts) == sum(len(by_work) for by_work in planted_db.BY_WORK.values())


def test_aims_are_met_where_the_whole_interval_says_so(planted: Run) -> None:
    aims = db_goals.in_memory(planted)
    assert [a.verdict for a in aims] == ["met", "not met", "not told"]
    assert all(RING in a.what for a in aims)  # sharded locks are five times as fast, and no channel
    rate, tail = db_goals.durable(planted)
    assert (rate.verdict, tail.verdict) == ("met", "met")
    assert rate.found.median == pytest.approx(150, rel=0.1)
    assert tail.found.median == pytest.approx(1.5 * 15 / 2, rel=0.1)


def test_a_tail_that_is_too_long_misses_its_aim_and_the_page_says_so(tmp_path: Path) -> None:
    run = planted_db.write(tmp_path / "run", tail=4.0)
    rate, tail = db_goals.durable(run)
    assert (rate.verdict, tail.verdict) == ("met", "not met")
    (section,) = db_goals.sections(run)
    said = next(words for words in section.readings if "p99" in words)
    assert f"p99 of the responses of {RING} against one durable commit: 3" in said and said.endswith("at most 20× wanted: not met.")
    assert "(" in said  # the interval


def test_a_tail_of_which_a_part_was_not_measured_is_said_to_be_that(tmp_path: Path) -> None:
    run = planted_db.write(tmp_path / "run")
    lines = [json.loads(line) for line in (run.path / "trials.jsonl").read_text().splitlines()]
    kept = [line for line in lines if (line["workload"], line["params"].get("p")) != ("db", 1)]
    (run.path / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in kept))
    rate, tail = db_goals.durable(results.read(run.path))
    assert (rate.verdict, tail.verdict) == ("met", "not measured")
    (section,) = db_goals.sections(results.read(run.path))
    assert any("not measured" in words for words in section.readings)


def test_what_is_not_durable_says_so_and_is_compared_with_no_durable_transaction(planted: Run, tmp_path: Path) -> None:
    (section,) = db.sections(planted)
    assert {p.title for p in section.panels + section.folded} == {"SQLite, synchronous FULL", "LMDB, never synced: not durable"}
    groups = {tuple(sorted({c.params["store"] for c in cases})) for cases in db.record.by_rest(planted.of("db")).values()}
    assert groups == {("sqlite-full",), ("lmdb-nosync",)}
    # A disk that answers for nothing has no aim, whatever its database is called.
    assert db_goals.durable(planted_db.write(tmp_path / "run", durable=False)) == []


def test_two_rounds_meet_no_aim(tmp_path: Path) -> None:
    run = planted_db.write(tmp_path / "run", rounds=2)
    aims = db_goals.in_memory(run) + db_goals.durable(run)
    assert {a.verdict for a in aims} == {"too few rounds to say"}


def test_the_rival_is_a_line_and_the_channel_is_compared_with_it(planted: Run) -> None:
    (section,) = db.sections(planted)
    assert len(section.readings) == 2  # a rival alone, or a channel alone, is compared with nothing
    assert all(f"{RING} is ahead: 1" in r and "× (" in r and "own_connection" in r for r in section.readings)
    assert "costs at most 0.120 % of the time of a request" in section.notes[1]
    row = next(r for t in section.tables for r in t.rows if r[0].text == RING)
    texts = [cell.text for cell in row]
    assert "ahead" in texts and "1024" in texts and "900" in texts  # verdict, requests a group, bytes


def test_groups_are_points_of_one_panel(planted: Run) -> None:
    (points,) = db_groups.panels(planted).values()
    assert [round(p.group) for p in points] == [1, 64, 1024]
    assert points[0].responses[50.0] == pytest.approx(900e6, rel=0.05)
    times = points[-1].rate / points[0].rate
    assert times == pytest.approx(60_000 / 450, rel=0.1)
    assert f"{times:.0f}× the rate" in db_groups.reading(points)


def test_other_locks_are_in_no_sentence_about_channels(planted: Run) -> None:
    (section,) = db_update.sections(planted)
    assert not any("sharded_locks" in words for words in section.readings)
    assert any(row[0].text == "sharded_locks" for table in section.tables for row in table.rows)


def test_a_channel_that_failed_has_no_figure_and_no_place(tmp_path: Path) -> None:
    run = planted_db.write(tmp_path / "run", failing=True)
    assert RING in run.failed_channels()
    assert db_crossover.maps(run) == {} and db_groups.panels(run) == {} and db_goals.durable(run) == []
    assert all(MUTEX in a.what for a in db_goals.in_memory(run))
    assert not any(f"{RING} is ahead" in words for section in db.sections(run) for words in section.readings)


def test_the_report_has_the_charts(tmp_path: Path) -> None:
    planted_db.write(tmp_path / "run")
    page = report.build(tmp_path / "run").read_text()
    for key in ("db_goals", "db_update", "db_crossover", "db", "db_groups"):
        assert f'<section id="{key}">' in page
    for key in ("db_crossover", "db", "db_groups"):
        assert (tmp_path / "run" / "charts" / f"{key}.png").is_file()


def test_other_runs_have_none_of_it(built: Path) -> None:
    run = results.read(built)
    assert db.sections(run) == db_groups.sections(run) == db_goals.sections(run) == db_crossover.sections(run) == []
