"""Makes charts/ and report.html of a run folder: one file, no network, what failed first."""

from __future__ import annotations

import os
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from weirlib import results, style
from weirlib.charts import backpressure_burst, backpressure_cycle, backpressure_fairness, backpressure_interleave
from weirlib.charts import backpressure_overload, backpressure_pause, backpressure_stall, capacity_sweep
from weirlib.charts import correctness, cpu_cost, db, db_crossover, db_goals, db_groups, db_update, field, inventory
from weirlib.charts import latency, latency_load, latency_time
from weirlib.charts import layout, machine, oversubscribed, own_scenario, ping_pong, provenance
from weirlib.charts import throughput, truth, uncontended, variations, wake_up, work_sweep
from weirlib.charts.section import Panel, Section, strike
from weirlib.results import Run

TEMPLATES = Path(__file__).parent / "templates"
MAKERS = (
    field.sections,
    throughput.sections,
    variations.sections,
    work_sweep.sections,
    ping_pong.sections,
    truth.sections,
    latency.sections,
    latency_load.sections,
    latency_time.sections,
    backpressure_stall.sections,
    backpressure_pause.sections,
    backpressure_overload.sections,
    backpressure_burst.sections,
    backpressure_fairness.sections,
    backpressure_interleave.sections,
    capacity_sweep.sections,
    backpressure_cycle.sections,
    oversubscribed.sections,
    own_scenario.sections,
    db_goals.sections,
    db_update.sections,
    db_crossover.sections,
    db.sections,
    db_groups.sections,
    cpu_cost.sections,
    wake_up.sections,
    uncontended.sections,
)
SHEET_PX = 1150  # columns of a sheet are as many as fit
LONGEST_LINE = 170  # of the text above a sheet


def _svg(panel: Panel, prefix: str) -> Markup:
    label = str(escape(f"{panel.title}. {panel.caption or panel.subtitle}".strip()))
    return Markup(layout.inline_svg(panel, prefix).replace("@label@", label))


def sections_of(run: Run) -> list[Section]:
    """Every section with charts. Here, for all of them, figures of channels that failed are struck out."""
    made = [section for make in MAKERS for section in make(run)]
    failed = run.failed_channels()
    for section in made:
        section.tables = [strike(table, failed) for table in section.tables]
        section.shown = [strike(table, failed) for table in section.shown]
    return made


def write_charts(run: Run, sections: list[Section]) -> None:
    """KEY.svg and KEY.png of each section; what its page folds away goes into KEY_more.svg."""
    folder = run.path / "charts"
    folder.mkdir(exist_ok=True)
    where = (
        f"{run.environment.get('cpu_model', '')}, suite {run.info.get('suite')}: {provenance.command(run)}"
    )
    unfit = [f"Not for quoting: {' and '.join(machine.unfit(run))}."] if machine.unfit(run) else []
    for section in sections:
        said = [n for n in section.readings[:1] + section.notes[:1] if n and len(n) < LONGEST_LINE]
        for panels, name, kinds in (
            (section.panels, section.key, ("svg", "png")),
            (section.folded, f"{section.key}_more", ("svg",)),
        ):
            if panels:
                columns = max(1, SHEET_PX // max(p.width for p in panels))
                lines = [where, *said, *unfit]
                layout.write_sheet(
                    panels, section.title, lines, folder / name, min(columns, len(panels)), kinds
                )


def build(run_dir: Path) -> Path:
    """Writes RUN/charts/ and RUN/report.html; the page appears whole or not at all. Raises ResultsError."""
    run = results.read(Path(run_dir).resolve())
    sections = sections_of(run)
    limits = machine.section(run)
    verification = provenance.verification(run)
    write_charts(run, sections)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["glyph"] = lambda name: Markup(style.glyph(name))  # all else is escaped
    environment.globals["svg"] = _svg
    page = environment.get_template("report.html.j2").render(
        run=run,
        folder=f"{run.path.parent.name}/{run.path.name}",
        facts=provenance.facts(run),
        verification=verification,
        incomplete=provenance.incomplete(run),
        unfit=machine.unfit(run),
        failed=sorted({f.channel for f in verification.failures}),
        correctness=correctness.of(run),
        sections=sections,
        limits=limits,
        command=provenance.command(run),
        raw=inventory.raw_table(run),
        not_applicable=inventory.not_applicable(run),
        channels=inventory.channels_table(run),
        light=Markup(style.variables(False)),
        dark=Markup(style.variables(True)),
    )
    target, half = run.path / "report.html", run.path / ".report.html.part"
    half.write_text(re.sub(r"\n\s*\n+", "\n", page), encoding="utf-8")
    os.replace(half, target)
    return target
