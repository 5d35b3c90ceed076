"""Scenarios that no chart of their own is made for, such as a user's: the figures that a channel is picked by."""

from __future__ import annotations

from weirlib.results import Case, Run
from weirlib.charts import compare, dots, text
from weirlib.charts.section import Section

# Workloads that other modules draw, or that are no comparison.
DRAWN = frozenset(
    "throughput throughput_opaque ping_pong uncontended wake_up idle db_update db machine cycle paced knee request_reply overload "
    "stall stop pause burst fairness capacity_sweep interleave pipeline load".split()
)
# Of what a scenario recorded, the first that it has of each line: metric, direction, unit, words.
FIGURES = (
    ("knee", "higher", "msg/s", "messages per second at the knee"),
    ("goodput", "higher", "msg/s", "goodput, messages per second"),
    ("response_p99", "lower", "ns", "response, 99th percentile"),
    ("response_p50", "lower", "ns", "response, median"),
)
MOST_PANELS = 6


def workloads(run: Run) -> list[str]:
    return sorted({case.workload for case in run.cases.values()} - DRAWN)


def figures(cases: list[Case]) -> list[tuple[str, str, str, str]]:
    """Two at most, which every trial has: what came through, and how long it took."""
    trials = [trial.metrics.keys() for case in cases for trial in case.measured()]
    common = set.intersection(*map(set, trials)) if trials else set()
    return [figure for figure in FIGURES if figure[0] in common][:2]


def sections(run: Run) -> list[Section]:
    return [made for workload in workloads(run) if (made := _section(run, workload)) is not None]


def differing(cases: list[Case]) -> list[str]:
    """Keys that have more than one value in the run: what a panel has to say."""
    keys = dict.fromkeys(key for case in cases for key in case.params)
    return [key for key in keys if len({str(case.params.get(key)) for case in cases}) > 1]


def by_difference(cases: list[Case]) -> dict[str, list[Case]]:
    same = [key for key in cases[0].params if key not in differing(cases)]
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(text.case_words(case.params, same), []).append(case)
    return found


def _section(run: Run, workload: str) -> Section | None:
    cases = run.of(workload)
    chosen = figures(cases)
    if not chosen:
        return None
    common = text.case_words(cases[0].params, differing(cases))
    section = Section(f"scenario_{workload}", f"Scenario {workload}", question=f"What did each channel make of it? {text.sentence(common)}.")
    panels = []
    for metric, direction, unit, words in chosen:
        groups = {said: dots.rows(group, metric, direction, run.failed_channels()) for said, group in by_difference(cases).items()}
        span = dots.extent(list(groups.values()), [])
        for said, found in groups.items():
            title = text.sentence(f"{words.partition(',')[0]}, {said}" if said else words.partition(",")[0])
            lead = compare.lead(found, direction, unit)
            panels.append(dots.panel(found, unit, f"{words} (log scale)", title, span=span, caption=lead))
            section.tables.append(compare.table(run, found, direction, unit, title))
            section.readings.append(f"{title}: {lead}")
    section.fold(panels, MOST_PANELS)
    section.notes = ["A scenario without charts of its own: every figure of it is in the raw table."]
    return section
