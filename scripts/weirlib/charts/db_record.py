"""What a trial of `db` says beside its figures, and its parameters in words."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np

from weirlib.results import Case, Run
from weirlib.stats import estimate
from weirlib.charts import dots, text
from weirlib.charts.dots import Row
from weirlib.charts.ping_pong import by_rest as by_rest  # noqa: PLC0414  (the same for all db charts)

METRIC, BETTER, UNIT = "updates", "higher", "requests/s"
RIVALS = ("own_connection", "shared_lock", "rw_lock", "sharded_locks")
# What a case has that does not say it.
DEFAULTS = {"window": 1, "group": 1, "mix": "update", "keys": "uniform", "value": 8, "rows": 1024, "flush": 0, "linger": "0ns"}
STORES = {
    "array": "Array in memory",
    "hash": "Hash map in memory",
    "sqlite-full": "SQLite, synchronous FULL",
    "sqlite-normal": "SQLite, synchronous NORMAL",
    "lmdb": "LMDB",
    "lmdb-nosync": "LMDB, never synced",
}


def said(case: Case) -> list[dict[str, Any]]:
    """The `db` object of each round that was measured."""
    return [trial.line["db"] for trial in case.having("ok") if "db" in trial.line]


def median(case: Case, *names: str) -> float | None:
    """Of a number in it; None where nobody counted."""
    found = []
    for line in said(case):
        value: Any = line
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            found.append(float(value))
    return float(np.median(found)) if found else None


def rows(run: Run, cases: list[Case]) -> list[Row]:
    """Best first. All rounds together, whatever their channel met: the owner empties it with each group."""
    failed = run.failed_channels()
    found = []
    for case in cases:
        values = case.all_rounds(METRIC)
        if values or case.status == "failed":
            found.append(Row(case.channel, estimate(values.values()), values, values, case, case.channel in failed))
    return dots.order(found, BETTER)


def param(case: Case, name: str) -> Any:
    return case.params.get(name, DEFAULTS.get(name))


def has(case: Case, params: Mapping[str, Any]) -> bool:
    return all(param(case, name) == value for name, value in params.items())


def store_words(case: Case) -> str:
    """Its name, and whether a commit outlives a power failure: as the trials say it, not the name."""
    name = STORES.get(str(case.params.get("store")), str(case.params.get("store")))
    on_files = any(line["file_system"] is not None for line in said(case))
    return f"{name}: not durable" if on_files and not durable(case) else name


def durable(case: Case) -> bool:
    found = said(case)
    return bool(found) and all(line["durable"] for line in found)


def rest_words(case: Case) -> str:
    """Short, for the line below a panel's title. W: unanswered requests a task; n: the most in one transaction."""
    said = text.case_words(case.params, ("store", "place", "cap", "rows", "window", "group", "p"))
    tasks = text.plural(int(case.params.get("p", 1)), "task")
    return ", ".join(filter(None, (tasks, f"W {param(case, 'window')}, n {param(case, 'group')}", said)))


def usual_first(cases: list[Case]) -> tuple[Any, ...]:
    """Sorts groups of cases: durable updates before all else."""
    case = cases[0]
    return case.params.get("store") != "sqlite-full", param(case, "mix") != "update", int(case.params.get("p", 1)), case.id
