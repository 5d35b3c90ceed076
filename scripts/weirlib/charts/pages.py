"""The pages of a report, and which charts are on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from weirlib.results import Run
from weirlib.charts import backpressure_burst, backpressure_cycle, backpressure_fairness, backpressure_interleave
from weirlib.charts import backpressure_overload, backpressure_pause, backpressure_stall, capacity_sweep
from weirlib.charts import cpu_cost, db, db_crossover, db_goals, db_groups, db_update, latency, latency_load, latency_time
from weirlib.charts import field as claims
from weirlib.charts import oversubscribed, own_scenario, ping_pong, throughput, truth, uncontended, variations, wake_up, work_sweep
from weirlib.charts.section import Section, strike

Maker = Callable[[Run], list[Section]]


@dataclass(frozen=True)
class Page:
    key: str
    title: str
    suite: str  # that measures what it shows
    sections: list[Section] = field(default_factory=list)

    @property
    def missing(self) -> str:
        return "" if self.sections else f"scripts/weir run --suite {self.suite}"


MADE: tuple[tuple[str, str, str, Sequence[Maker]], ...] = (
    ("throughput", "Throughput", "quick", (
        claims.sections, throughput.sections, variations.sections, work_sweep.sections, oversubscribed.sections, cpu_cost.sections,
        uncontended.sections,
    )),
    ("latency", "Latency", "latency", (
        latency.sections, latency_load.sections, latency_time.sections, ping_pong.sections, wake_up.sections, truth.sections,
    )),
    ("backpressure", "Backpressure", "backpressure", (
        backpressure_stall.sections, backpressure_pause.sections, backpressure_overload.sections, backpressure_burst.sections,
        backpressure_fairness.sections, backpressure_interleave.sections, capacity_sweep.sections, backpressure_cycle.sections,
        own_scenario.sections,
    )),
    ("db-update", "db-update", "db", (
        db_goals.sections, db_update.sections, db_crossover.sections, db.sections, db_groups.sections,
    )),
)  # fmt: skip


def pages(run: Run) -> list[Page]:
    """With figures of channels that failed struck out, here for all of them."""
    failed = run.failed_channels()
    made = [Page(key, title, suite, [s for make in makers for s in make(run)]) for key, title, suite, makers in MADE]
    for section in (section for page in made for section in page.sections):
        section.tables = [strike(table, failed) for table in section.tables]
        section.shown = [strike(table, failed) for table in section.shown]
    return made
