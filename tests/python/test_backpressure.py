"""Backpressure in the report as a whole: nothing of a channel that failed, axes, tables, words, page and terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest
import synthetic
from planted_backpressure import FAILING, SECTIONS, drawn

from weirlib import report, results, summary
from weirlib.charts import backpressure_words as say
from weirlib.charts import text
from weirlib.results import Run


def test_what_failed_is_in_no_chart_and_no_sentence(pressed: Run) -> None:
    assert pressed.failed_channels() == {FAILING}
    made = [s for s in report.sections_of(pressed) if not s.key.startswith(("throughput", "cpu"))]
    assert {f"backpressure_{name}" for name in SECTIONS} <= {s.key for s in made}
    for section in made:
        for panel in section.panels + section.folded:
            ax = drawn(panel)
            words = [panel.title, panel.subtitle, *(t.get_text() for t in ax.get_yticklabels() + ax.texts)]
            words += [str(line.get_label()) for line in ax.lines]
            assert not any(FAILING in w for w in words), (section.key, words)
        assert not any(FAILING in words for words in section.readings), section.key


def test_figures_of_what_failed_are_struck_out_and_its_reason_is_told(pressed: Run) -> None:
    section = next(s for s in report.sections_of(pressed) if s.key == "backpressure_stall")
    rows = [r for table in section.shown + section.tables for r in table.rows if r[0].text == FAILING]
    assert len(rows) == 2 and "loss: one message never arrived" in [cell.text for row in rows for cell in row]
    whole = next(row for row in rows if any("struck" in cell.kind for cell in row))
    assert all("struck" in cell.kind for cell in whole if "number" in cell.kind)


def test_only_what_has_data_appears(tmp_path: Path) -> None:
    bare = results.read(synthetic.write(tmp_path / "run", synthetic.Plan(rounds=1, stop_after=40)))
    keys = {s.key for s in report.sections_of(bare)}
    assert not any(k.startswith("backpressure") or k in ("oversubscribed", "capacity_sweep") for k in keys)


def test_axes_have_labels_with_units_and_say_when_they_are_logarithmic(pressed: Run) -> None:
    units = ("ms", "µs", "ns", "msg/s", "%", "messages", "senders", "per core", "Jain's index")
    for section in report.sections_of(pressed):
        if section.key.startswith(("backpressure", "oversub", "capacity")):
            assert section.question and section.readings[0] and (section.tables or section.shown), section.key
            for panel in section.panels + section.folded:
                ax = drawn(panel)
                for scale, label in ((ax.get_xscale(), ax.get_xlabel()), (ax.get_yscale(), ax.get_ylabel())):
                    assert scale != "log" or "log scale" in label, (panel.title, label)
                    assert not label or any(u in label for u in units), (panel.title, label)


def test_tables_are_as_wide_as_their_heads_and_name_the_source(pressed: Run) -> None:
    for section in report.sections_of(pressed):
        for table in section.tables + section.shown:
            assert table.head[-1] == "source" and all(len(row) == len(table.head) for row in table.rows), table.caption


@pytest.mark.parametrize(
    "made, said",
    [
        (lambda: say.span_of({"a": 2.0, "b": 1.0}, str), "1.0 (b) to 2.0 (a)"),
        (lambda: say.span_of({"a": 2.0, "b": 2.0}, str), "2.0 (all)"),
        (lambda: say.span_of({"a": 2.0}, str), "2.0 (a)"),
        (lambda: say.policy_words("timeout-200us"), "senders wait 200 µs at most"),
        (lambda: say.words({"full": "timeout-200us", "take": "batches-64-100us"}), "senders wait 200 µs at most, taken batches 64 100us"),
        (lambda: say.many(48211.0), "48,211"),
        (lambda: text.size(2048.0), "2.00 MiB"),
    ],
)
def test_words(made: Callable[[], str], said: str) -> None:
    assert made() == said


def test_the_page_and_the_terminal_have_them(pressed: Run) -> None:
    page = report.build(pressed.path).read_text(encoding="utf-8")
    for name in (*(f"backpressure_{n}" for n in SECTIONS), "oversubscribed", "capacity_sweep"):
        assert f'id="{name}"' in page, name
    assert (pressed.path / "charts" / "backpressure_stall.png").exists()
    lines = summary.table(pressed.path).splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 100
    assert any(line.startswith("The receiver stands still for 100 ms: ") for line in lines)
