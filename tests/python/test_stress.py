"""What stress left in a run folder: read as what is whole, shown on the page, and never beside praise."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import synthetic
from conftest import ROOT
from matplotlib.figure import Figure

from weirlib import outcomes, report, results, summary
from weirlib.charts import correctness

SCHEMA = json.loads((ROOT / "results" / "stress_schema.json").read_text(encoding="utf-8"))
FASTEST = "spsc_ring:spin"  # at one sender and one receiver, and in ping-pong and uncontended
NAMES = list(synthetic.PLANTED)


@pytest.fixture
def honest(tmp_path: Path) -> Path:
    """A run in which every trial is verified."""
    return synthetic.write(tmp_path / "20240101-120000-quick", synthetic.Plan(failing=""))


@pytest.fixture(scope="module")
def convicted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same; its fastest channel failed under stress, and only there. With its report; only read."""
    path = synthetic.write(tmp_path_factory.mktemp("runs") / "run", synthetic.Plan(failing=""))
    synthetic.write_stress(path, synthetic.stress_lines(NAMES, failed=[FASTEST], vacuous=["tbb"]))
    report.build(path)
    return path


def section_of(page: str) -> str:
    return page.partition('<section id="correctness">')[2].partition("</section>")[0]


def rows_of(table: str, name: str) -> list[str]:
    return [row for row in re.findall(r"<tr[ >].*?</tr>", table, flags=re.S) if f"{name}</td>" in row]


# --- the file


def test_every_line_of_every_stress_file_here_meets_the_schema() -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    for path in (ROOT / "results").glob("**/stress.jsonl"):
        for number, line in enumerate(path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines(), start=1):
            for error in validator.iter_errors(json.loads(line)):
                pytest.fail(f"{path.parent.name} line {number}: {error.json_path}: {error.message}")


def test_synthetic_lines_meet_the_schema() -> None:
    for line in synthetic.stress_lines(NAMES, failed=[FASTEST], vacuous=["tbb"]):
        jsonschema.validate(line, SCHEMA)


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (0, {"schema": 2}),
        (0, {"surprise": 1}),
        (0, {"cases": [{"name": "x"}]}),
        (1, {"verdict": "good"}),
        (1, {"reason": "a passed case has none"}),
        (1, {"verdict": "failed", "reason": "lost", "again": ""}),
        (1, {"met": {}}),
    ],
)
def test_the_schema_refuses(number: int, change: dict[str, object]) -> None:
    line = synthetic.stress_lines(["tbb"])[number]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line | change, SCHEMA)


def test_the_schema_names_every_field_of_the_readme() -> None:
    readme = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## stress.jsonl")[2].partition("\n## ")[0]
    for kind, table in zip(("plan", "outcome"), section.split("| field of ")[1:]):
        rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
        named = {name.strip(" `") for row in rows for name in row.split(",")}
        assert named == set(SCHEMA["definitions"][kind]["properties"]), kind


def test_a_run_without_the_file_was_not_stressed(honest: Path) -> None:
    assert results.read(honest).stress is None


def test_a_whole_file_is_complete_and_a_cut_off_one_is_not(honest: Path) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines(NAMES))
    stress = results.read_stress(honest)
    assert stress and stress.complete and stress.clean and stress.missing() == 0
    file = honest / "stress.jsonl"
    file.write_text(file.read_text()[:-40])
    stress = results.read_stress(honest)
    assert stress and stress.cut_off and stress.missing() == 1 and not stress.complete


def test_lines_that_are_no_outcomes_are_counted_and_left_out(honest: Path) -> None:
    lines = synthetic.stress_lines(["tbb"])
    synthetic.write_stress(honest, [*lines, {"schema": 1, "channel": "tbb"}, lines[1] | {"verdict": "splendid"}])
    with (honest / "stress.jsonl").open("a") as file:
        file.write('{"schema":1,"chan\n')
    stress = results.read_stress(honest)
    assert stress and stress.unreadable == 3 and len(stress.outcomes) == len(synthetic.CASES)
    assert not stress.complete


def test_findings_count_even_where_the_plan_is_lost(honest: Path) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines(NAMES, failed=[FASTEST])[1:])
    run = results.read(honest)
    assert run.stress and run.stress.plan is None and not run.stress.complete
    assert run.failed_channels() == {FASTEST}
    assert "whether all cases are there is not known" in section_of(report.build(honest).read_text())


def test_another_schema_is_refused_in_one_line(honest: Path) -> None:
    synthetic.write_stress(honest, [{"schema": 2}])
    with pytest.raises(results.ResultsError, match="stress.jsonl line 1: result schema 2"):
        results.read(honest)


def test_of_two_outcomes_of_one_case_the_failed_one_counts() -> None:
    good = synthetic.stress_lines(["tbb"])[2]
    bad = synthetic.stress_lines(["tbb"], failed=["tbb"])[2]
    for lines in ([good, bad], [bad, good]):
        assert [o.verdict for o in outcomes.parse(lines, 0, False).outcomes] == ["failed"]


def test_what_fails_with_delays_has_failed(honest: Path) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines([f"{FASTEST}@delays"], failed=[f"{FASTEST}@delays"]))
    assert results.read(honest).failed_channels() == {FASTEST}


# --- the page


def test_a_run_that_was_not_stressed_says_so_with_the_command(honest: Path) -> None:
    said = section_of(report.build(honest).read_text())
    assert "This run was not stressed" in said and "<table" not in said
    assert f"<code>scripts/weir stress --into {honest.parent.name}/{honest.name}</code>" in said


def test_a_stressed_run_without_findings_claims_no_more_than_that(honest: Path) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines(NAMES))
    page = report.build(honest).read_text()
    assert "20 cases passed over 7 channels; no violation was found." in section_of(page)
    assert "not that nothing is there" in section_of(page)
    assert 'id="violations"' not in page and 'class="finding"' not in page


def test_a_finding_has_its_sentence_picture_stacks_and_command(convicted: Path) -> None:
    said = section_of((convicted / "report.html").read_text())
    finding = said.partition('<details class="finding" open>')[2].partition("</code></p>")[0]
    assert "<code>linearizable</code> recorded histories can be explained" in finding
    assert "<p>repeat: message 7 of sender 0 arrived twice</p>" in finding
    assert f"<pre>{synthetic.PICTURE}</pre>" in finding
    assert re.search(r"<details><summary>Stacks[^<]*</summary><pre>-- thread\n   main</pre></details>", finding)
    assert f"scripts/weir stress --channel &#39;{FASTEST}&#39; --case linearizable --seconds 5 --seed 42" in finding


def test_the_tables_count_what_was_met(convicted: Path) -> None:
    said = section_of((convicted / "report.html").read_text())
    channels = said.partition("<caption>What each channel")[2].partition("</table>")[0]
    (failed,), (vacuous,) = rows_of(channels, FASTEST), rows_of(channels, "tbb")
    cells = [re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<td.*?</td>", failed, flags=re.S)]
    assert cells == [FASTEST, "2 of 3", "1", "–", "3,000", "60", "–"]
    assert re.findall(r">([^<>]*)</td>", vacuous)[1:4] == ["2 of 3", "–", "1"]
    assert "proves nothing in 1 case" in said and "never met a full channel" in said
    assert rows_of(said, "linearizable")[0].count("5 of 7") == 1


def test_findings_are_told_before_everything_else(convicted: Path) -> None:
    page = (convicted / "report.html").read_text()
    assert page.index('id="violations"') < page.index("<section")
    assert '<span class="pill bad">1 failed under stress</span>' in page


def test_an_interrupted_stress_says_what_is_missing(honest: Path) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines(NAMES)[:9])
    page = report.build(honest).read_text()
    assert "Stress did not come to its end: 13 of 21 planned outcomes are missing." in section_of(page)
    assert "stress incomplete" in page and section_of(page).count("not begun") == 4
    assert '<td class="number marked">2 of 2 !</td>' in section_of(page)
    assert "INCOMPLETE: Stress did not come to its end" in summary.table(honest)


def test_figures_of_another_revision_are_said_to_be_of_another_program(honest: Path) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines(NAMES, revision="fedc321"))
    assert "The figures of this run are those of revision 0123abc" in section_of(report.build(honest).read_text())


def test_channels_that_were_measured_and_not_stressed_are_named(honest: Path) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines([n for n in NAMES if n != "tbb"]))
    assert "Measured here and not stressed: tbb." in section_of(report.build(honest).read_text())


def test_text_of_findings_is_escaped(honest: Path) -> None:
    lines = synthetic.stress_lines(["tbb"], failed=["tbb"])
    for line in lines[1:]:
        line["reason"] = line["reason"] and "<b>x\n<script>alert(1)</script>"
    synthetic.write_stress(honest, lines)
    page = report.build(honest).read_text()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


# --- no praise for what failed


def test_the_channel_was_the_fastest_before_it_was_stressed(honest: Path) -> None:
    """Otherwise the next tests would prove nothing."""
    said = [words for s in report.sections_of(results.read(honest)) for words in s.readings]
    assert any(words.startswith(f"{FASTEST} is") or f": {FASTEST} is" in words for words in said)
    assert FASTEST in summary.table(honest)


def test_no_sentence_names_a_channel_that_failed_under_stress(convicted: Path) -> None:
    for section in report.sections_of(results.read(convicted)):
        for words in section.readings + section.notes + [p.caption for p in section.panels + section.folded]:
            assert FASTEST not in words, (section.key, words)


def test_the_terminal_names_it_where_it_says_failed_and_nowhere_else(convicted: Path) -> None:
    lines = [line for line in summary.table(convicted).splitlines() if FASTEST in line]
    assert lines == [
        f"FAILED: 1 of 7 channels failed under stress, 1 violation: {FASTEST}.",
        f"  FAILED {FASTEST} under stress in linearizable: repeat: message 7 of sender 0 arrived twice",
    ]


def test_no_chart_has_a_point_or_a_curve_of_it(convicted: Path) -> None:
    families = [p.title for s in report.sections_of(results.read(convicted)) for p in s.panels + s.folded]
    assert "spsc_ring" not in families, "its family has no curves left"
    for section in report.sections_of(results.read(convicted)):
        assert FASTEST not in section.legend
        for panel in section.panels + section.folded:
            axes = Figure().add_subplot()
            panel.draw(axes)
            assert f"median-{FASTEST}" not in {line.get_gid() for line in axes.lines}, panel.title
            for tick in axes.get_yticklabels():
                assert not tick.get_text().startswith(FASTEST) or tick.get_text() == f"{FASTEST} ✗"


@pytest.mark.parametrize("names", [[FASTEST], ["futex_ring", "tbb"]], ids=["the fastest", "one that wakes, one with a tax"])
def test_every_figure_of_it_is_struck_out_in_every_table(honest: Path, names: list[str]) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines(NAMES, failed=names))
    met = set()
    for section in report.sections_of(results.read(honest)):
        for table in section.tables + section.shown:
            for row in table.rows:
                figures = [cell for cell in row if "number" in cell.kind]
                struck = row[0].channel in names
                assert all(("struck" in cell.kind) == struck for cell in figures), (table.caption, row[0].text)
                assert not struck or not {"ahead", "best median"} & {cell.text for cell in row}
                met |= {section.key} if struck else set()
    assert met >= {"throughput_by_topology", "ping_pong", "ping_pong_percentiles", "cpu_per_message", "uncontended"}
    assert names == [FASTEST] or {"wake_up", "db_update"} <= met


def test_every_median_of_it_is_struck_out(convicted: Path) -> None:
    raw = (convicted / "report.html").read_text().partition('<section id="raw">')[2].partition("</section>")[0]
    rows = [row for row in re.findall(r"<tr[ >].*?</tr>", raw, flags=re.S) if f"/{FASTEST}" in row]
    assert rows and all(row.count('class="number struck"') == 3 for row in rows)
    others = [row for row in re.findall(r"<tr[ >].*?</tr>", raw, flags=re.S) if "/mpmc_ring:spin" in row]
    assert others and not any("struck" in row for row in others)


def test_where_all_failed_there_is_no_praise_at_all(honest: Path) -> None:
    synthetic.write_stress(honest, synthetic.stress_lines(NAMES, failed=[*NAMES, "shared_lock"]))
    report.build(honest)
    for section in report.sections_of(results.read(honest)):
        for words in section.readings:
            assert not any(name in words for name in NAMES if f"{name} (+" not in words), words
    assert "no verified figure" in summary.table(honest)


def test_the_sentence_of_a_stress_that_ended_before_its_first_case() -> None:
    stress = outcomes.parse(synthetic.stress_lines(NAMES)[:1], 0, False)
    assert correctness.sentence(stress) == "Stress ended before its first case did."
