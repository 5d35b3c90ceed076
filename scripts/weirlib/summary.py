"""The table that ends `scripts/weir run`: at most 40 lines of at most 100 columns; failures first."""

from __future__ import annotations

import textwrap
from pathlib import Path

from weirlib import claims, results
from weirlib.charts import backpressure_cycle, backpressure_overload, backpressure_pause, backpressure_stall
from weirlib.charts import compare, correctness, db_update, dots, field, latency, machine, ping_pong, text, throughput
from weirlib.charts import own_scenario, truth, uncontended, work_sweep
from weirlib.charts.provenance import incomplete, verification
from weirlib.guide import answer, say
from weirlib.outcomes import Outcome
from weirlib.results import Case, Run

LINES, COLUMNS = 40, 100
MOST_FAILURES, FEW_FAILURES = 8, 5  # channels named; of few, the whole reason
NAME, CHANNEL, VALUE = 25, 28, 17
HEADING = f"{'workload':<{NAME}} {'best median':<{CHANNEL}} {'':>{VALUE}}  {'spread':>8}"
BACKPRESSURE = (backpressure_stall.sections, backpressure_pause.sections, backpressure_overload.sections, backpressure_cycle.sections)


def clip(line: str) -> str:
    return line if len(line) <= COLUMNS else line[: COLUMNS - 3].rstrip() + "..."


def _head(run: Run) -> list[str]:
    cpu = str(run.environment.get("cpu_model", "unknown processor"))
    rounds = text.plural(int(run.info.get("rounds") or 0), "round")
    lines = [f"{run.info.get('suite')}, seed {run.info.get('seed')}, {rounds}: {cpu}"]
    if incomplete(run):
        lines.append("INCOMPLETE: " + " ".join(incomplete(run)))
    if run.unreadable:
        lines.append(f"{text.plural(run.unreadable, 'line')} of trials.jsonl could not be read and are left out.")
    if run.doubled:
        lines.append(f"MIXED: {text.plural(run.doubled, 'line')} are of a round that their case already had.")
    if machine.unfit(run):
        lines.append("Not for quoting: " + " and ".join(machine.unfit(run)) + ".")
    return lines


def _failures(run: Run) -> list[str]:
    said = verification(run)
    if not said.failed:
        return [said.sentence.partition(":")[0] + "."] if said.trials else [said.sentence]
    failed = sorted((c for c in run.cases.values() if c.status == "failed"), key=lambda c: (c.channel, c.id))
    by_channel: dict[str, list[Case]] = {}
    for case in failed:
        by_channel.setdefault(case.channel, []).append(case)
    named = [
        (channel, f"in {cases[0].workload}: {cases[0].reason}", len(cases)) for channel, cases in by_channel.items()
    ]
    return [f"FAILED: {said.sentence}", *_named(named)]


def _named(failures: list[tuple[str, str, int]]) -> list[str]:
    """A line or two for each channel: its first failure, and how many cases failed in all."""
    lines = []
    for channel, what, cases in failures[:MOST_FAILURES]:
        more = f" (and {text.plural(cases - 1, 'more case')})" if cases > 1 else ""
        rows = 2 if len(failures) <= FEW_FAILURES else 1
        lines += textwrap.wrap(
            f"FAILED {channel} {what}{more}",
            COLUMNS,
            initial_indent="  ",
            subsequent_indent="    ",
            max_lines=rows,
            placeholder=" ...",
        )
    if len(failures) > MOST_FAILURES:
        lines.append(f"  and {len(failures) - MOST_FAILURES} more channels: see the report")
    return lines


def _stress(run: Run) -> list[str]:
    """What stress found; nothing where the run was not stressed."""
    stress = run.stress
    if stress is None:
        return []
    found: dict[str, list[Outcome]] = {}
    for outcome in stress.having("failed"):
        found.setdefault(outcome.channel, []).append(outcome)
    named = [(c, f"under stress in {o[0].case}: {o[0].sentence}", len(o)) for c, o in sorted(found.items())]
    lines = [("FAILED: " if named else "Stress: ") + correctness.sentence(stress), *_named(named)]
    if vacuous := stress.having("vacuous"):
        lines.append(f"Stress proves nothing in {text.plural(len(vacuous), 'case')}: see the report.")
    return [*lines, *(f"INCOMPLETE: {gap}" for gap in correctness.gaps(stress))]


def _guide(run: Run) -> list[str]:
    """Which channel for which need; nothing where no trial was made, and where claims take the lines."""
    rows = answer.rows(run) if run.cases and run.info.get("suite") != claims.SUITE else []
    return [f"{'need':<{say.LABEL}} best here, and where another is meant: to install", *say.lines(rows), ""] if rows else []


def _first_line(name: str, row: dots.Row, unit: str) -> str:
    e = row.estimate
    assert e is not None
    value = text.quantity(e.median, unit)
    return f"{name:<{NAME}} {row.channel:<{CHANNEL}} {value:>{VALUE}}  {text.spread(e):>8}"


def block(run: Run, name: str, cases: list[Case], metric: str, direction: str, unit: str) -> list[str]:
    """The first with its median and spread, and who is not told apart from it."""
    found = dots.rows(cases, metric, direction, run.failed_channels())
    place = compare.place_of(compare.eligible(found).values(), direction)
    if place is None:
        return [f"{name:<{NAME}} no verified figure"]
    row = {r.channel: r for r in found}
    lines = [_first_line(name, row[place.first], unit)]
    if place.untold and not place.together and not place.behind:
        lines.append(
            f"{'':<{NAME}} too few rounds to tell {text.plural(len(place.untold), 'other')} apart from it"
        )
    elif place.together:
        lines.append(f"{'':<{NAME}} not told apart: {text.names(place.together, 3)}")
    elif place.behind:
        second = row[place.behind[0]]
        assert second.estimate is not None
        rest = f" and {text.plural(len(place.behind) - 1, 'other')}" if len(place.behind) > 1 else ""
        lines.append(
            f"{'':<{NAME}} ahead of {place.behind[0]} ({text.quantity(second.estimate.median, unit)}){rest}"
        )
    return lines


def blocks(run: Run) -> list[list[str]]:
    if table := field.lines(run):
        return [table]
    made = []
    cases = run.of("throughput")
    key = throughput.base_key(cases)
    shapes: dict[tuple[int, int], list[Case]] = {}
    for case in cases:
        if throughput.others(case.params, ("p", "c")) == key:
            shapes.setdefault(throughput.topology_key(case), []).append(case)
    for (p, c), group in sorted(shapes.items(), key=lambda kv: (sum(kv[0]), kv[0][1])):
        over = " (oversub.)" if any(case.oversubscribed for case in group) else ""
        made.append(block(run, f"throughput {p}x{c}{over}", group, "throughput", "higher", "msg/s"))
    for workload, metric, direction, unit in (
        ("ping_pong", "round_trip_p50", "lower", "ns"),
        ("wake_up", "wake_p50", "lower", "ns"),
        ("uncontended", "pair", "lower", "ns"),
        ("db_update", "updates", "higher", db_update.UNIT),
    ):
        for group in ping_pong.by_rest(run.of(workload)).values():
            where = {"one": "one core", "spread": "spread", "free": "free"}.get(
                str(group[0].params.get("place")), ""
            )
            made.append(block(run, f"{workload} {where}".strip(), group, metric, direction, unit))
    made += _scenarios(run) + _own_scenarios(run)
    return [b for b in made if b]


def _scenarios(run: Run) -> list[list[str]]:
    """Latency at absolute rates, and the knee."""
    made = []
    for workload, metric, direction, unit in (
        ("paced", "response_p50", "lower", "ns"),
        ("paced", "response_p99", "lower", "ns"),
        ("request_reply", "response_p50", "lower", "ns"),
        ("knee", "knee", "higher", "msg/s"),
    ):
        cases = [c for c in run.of(workload) if workload == "knee" or "rate" in c.params]
        for group in ping_pong.by_rest(sorted(cases, key=lambda c: int(c.params.get("rate", 0)))).values():
            # What is saturated has no latency, only a backlog.
            fair = [c for c in group if workload == "knee" or not latency.saturated(c)]
            rate = text.short(float(group[0].params.get("rate", 0)), "msg/s").replace(" ", "")
            words = {"knee": "knee"}.get(workload, f"{workload} {rate} {metric.rpartition('_')[2]}")
            if fair:
                made.append(block(run, words.replace("request_reply", "reply"), fair, metric, direction, unit))
    return made


def _own_scenarios(run: Run) -> list[list[str]]:
    made = []
    for workload in own_scenario.workloads(run):
        for metric, direction, unit, _ in own_scenario.figures(run.of(workload)):
            for said, group in own_scenario.by_difference(run.of(workload)).items():
                made.append(block(run, f"{workload} {metric} {said}"[:NAME], group, metric, direction, unit))
    return made


def _sentences(run: Run) -> list[str]:
    lines = field.more_sentences(run, claims.claims(run))
    for sweep in work_sweep.sweeps(run)[:1]:
        lines.append(work_sweep.sentence(sweep.levels, run.failed_channels()))
    for cases in db_update.groups(run)[:1]:
        found = dots.rows(cases, db_update.METRIC, db_update.BETTER, run.failed_channels())
        lines.append(f"db_update: {db_update.sentence(db_update.against(found)[1])}")
    lines += filter(None, [uncontended.tax_sentence(run)])
    lines += [finding.sentence for finding in truth.findings(run)]
    for make in BACKPRESSURE:
        lines += [f"{made.title}: {made.readings[0]}" for made in make(run) if made.readings]
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, COLUMNS, subsequent_indent="  ", max_lines=2, placeholder=" ...")
    ]


def table(run_dir: Path) -> str:
    """Raises ResultsError. When there are more workloads than lines, the report has the rest."""
    run = results.read(Path(run_dir))
    lines = [*_head(run), *_failures(run), *_stress(run), "", *_guide(run)]
    tail = _sentences(run)[: max(0, LINES - len(lines) - 3)]
    room = LINES - len(lines) - len(tail) - 2 - bool(tail)
    heading = [] if run.info.get("suite") == claims.SUITE else [HEADING]
    for made in blocks(run):
        if len(made) + len(heading) > room:
            lines.append(f"{'':<{NAME}} more workloads: see the report")
            break
        lines += [*heading, *made]
        room -= len(made) + len(heading)
        heading = []
    return "\n".join(clip(line) for line in [*lines, *([""] if tail else []), *tail][:LINES])
