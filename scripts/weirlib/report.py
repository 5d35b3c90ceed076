"""Makes charts/ and report.html of a run folder: one file, no network, what failed first."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from weirlib import comparison, orders, results, style
from weirlib.charts import correctness, inventory, layout, machine, margins, pages, provenance, raw, text
from weirlib.charts.section import Cell, Panel, Section, Table, number
from weirlib.guide import answer
from weirlib.results import Run

TEMPLATES = Path(__file__).parent / "templates"
SUMMARY = "summary.json"
SHEET_PX = 1150  # columns of a sheet are as many as fit
LONGEST_LINE = 170  # of the text above a sheet


def _svg(panel: Panel, prefix: str) -> Markup:
    label = str(escape(f"{panel.title}. {panel.caption}"))
    return Markup(layout.inline_svg(panel, prefix).replace("@label@", label))


def sections_of(run: Run) -> list[Section]:
    """Every section with charts."""
    return [section for page in pages.pages(run) for section in page.sections]


def write_charts(run: Run, sections: list[Section]) -> None:
    """KEY.png of each section, to be shown around; without what its page folds away."""
    folder = run.path / "charts"
    folder.mkdir(exist_ok=True)
    where = (
        f"{run.environment.get('cpu_model', '')}, suite {run.info.get('suite')}: {provenance.command(run)}"
    )
    unfit = [f"Not for quoting: {' and '.join(machine.unfit(run))}."] if machine.unfit(run) else []
    for section in sections:
        said = [n for n in section.readings[:1] + section.notes[:1] if n and len(n) < LONGEST_LINE]
        if panels := section.panels:
            columns = max(1, SHEET_PX // max(p.width for p in panels))
            path = folder / f"{section.key}.png"
            layout.write_sheet(panels, section.title, [where, *said, *unfit], path, min(columns, len(panels)))


def channel_of(row: list[Cell], known: set[str]) -> str:
    """Whose row it is, for the filter: the channel that it names first, or that of its id; nobody's, if it is no channel."""
    named = next((cell.channel for cell in row if cell.channel), "")
    if not named and row[0].kind.startswith("id") and "/" in row[0].text:
        named = row[0].text.split("/")[1]
    return named if named in known else ""


def environment(run: Run) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["glyph"] = lambda name: Markup(style.glyph(name))  # all else is escaped
    known = {str(channel["name"]) for channel in run.channels}
    made.filters |= {"quantity": text.quantity, "ratio": text.ratio, "channel_of": lambda row: channel_of(row, known)}
    made.filters["command_of"] = lambda ids: provenance.command_of(run, ids)
    made.globals["svg"] = _svg
    return made


def said_of(run: Run) -> dict[str, Any]:
    """What the page says of the run as a whole."""
    verification = provenance.verification(run)
    return {
        "run": run,
        "folder": f"{run.path.parent.name}/{run.path.name}",
        "facts": provenance.facts(run),
        "verification": verification,
        "incomplete": provenance.incomplete(run),
        "unfit": machine.unfit(run),
        "failed": sorted({f.channel for f in verification.failures}),
        "correctness": correctness.of(run),
        "limits": machine.section(run),
        "command": provenance.command(run),
        "raw": inventory.raw_table(run),
        "not_applicable": inventory.not_applicable(run),
        "channels": inventory.channels_table(run),
        "own": [str(c["name"]) for c in run.channels if c.get("own")],
    }


def build(run_dir: Path) -> Path:
    """Writes RUN/charts/, RUN/summary.json and RUN/report.html; the page appears whole or not at all. Raises ResultsError."""
    run = results.read(Path(run_dir).resolve())
    made, raw_trials, rows = pages.pages(run), raw.section(run), answer.rows(run)
    write_charts(run, [s for page in made for s in page.sections] + ([raw_trials] if raw_trials else []))
    page = environment(run).get_template("report.html.j2").render(
        pages=made,
        raw_trials=raw_trials,
        rows=rows,
        titles=answer.TITLES,
        margins=margins.table(rows),
        light=Markup(style.variables(False)),
        dark=Markup(style.variables(True)),
        **said_of(run),
    )
    whole(run.path / SUMMARY, json.dumps(summary_of(run, rows), indent=1, ensure_ascii=False))
    return whole(run.path / "report.html", re.sub(r"\n\s*\n+", "\n", page))


def summary_of(run: Run, rows: list[answer.Row]) -> dict[str, Any]:
    """The verdicts as data."""
    return {
        "schema": results.SCHEMA,
        "suite": run.info.get("suite"),
        "seed": run.info.get("seed"),
        "not_for_quoting": machine.unfit(run),
        "guide": [answer.data(row) for row in rows],
        "orders": orders.data(run),
    }


def build_comparison(first: Run, second: Run) -> tuple[Path, list[str]]:
    """Writes SECOND/against-FIRST.html; returns its path and the lines for a terminal."""
    found = comparison.compare(first, second)
    turned = [[Cell(x, "channel", x), Cell(y), Cell(where, "id")] for where, x, y in found.orders.reversed]
    moved = [[Cell(name, "channel", name), number(text.ratio(ratio)), Cell(identity, "id")] for ratio, identity, name in found.moved]
    page = environment(first).get_template("compare.html.j2").render(
        found=found,
        said=comparison.said(found),
        names=found.names(),
        folders=[f"{run.path.parent.name}/{run.path.name}" for run in (first, second)],
        own=[str(c["name"]) for c in first.channels if c.get("own")],
        reversed=Table("Declared one way in the first run, the other way in the second", ["ahead in the first", "ahead in the second", "where"], turned),
        moved=Table("The furthest first", ["channel", "second / first (95 %)", "id"], moved),
        light=Markup(style.variables(False)),
        dark=Markup(style.variables(True)),
    )
    path = whole(second.path / f"against-{first.path.name}.html", re.sub(r"\n\s*\n+", "\n", page))
    return path, comparison.lines(found)


def whole(target: Path, content: str) -> Path:
    """The file as it was, or as it is to be: never half of it."""
    half = target.with_name(f".{target.name}.part")
    half.write_text(content, encoding="utf-8")
    os.replace(half, target)
    return target
