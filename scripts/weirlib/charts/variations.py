"""Throughput where capacity, message, batch or placement differ from the base; a section for each."""

from __future__ import annotations

from typing import Any, Mapping

from weirlib.charts import compare, dots, text, throughput
from weirlib.charts.section import Section
from weirlib.results import Case, Run

WORDS = {"cap": "capacity", "msg": "message", "batch": "batch", "place": "placement"}
MOST_SHOWN = 6  # panels; the rest opens on demand


def _differences(base: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """By key; `batch` is absent where there is none."""
    rest = {k: v for k, v in params.items() if k not in ("p", "c", "min", "work", "rwork")}
    return {
        k: rest.get(k, 1)
        for k in sorted(rest.keys() | base.keys())
        if k in WORDS and rest.get(k) != base.get(k)
    }


def _groups(cases: list[Case], base: Mapping[str, Any]) -> dict[tuple[str, ...], dict[str, list[Case]]]:
    """Cases by the keys that differ, then by title; in the order of value and topology."""
    found: dict[tuple[str, ...], dict[str, list[Case]]] = {}
    for case in sorted(
        cases, key=lambda c: (_sortable(_differences(base, c.params)), throughput.topology_key(c))
    ):
        differs = _differences(base, case.params)
        title = f"{text.topology(case.params)}, {text.case_words(differs) or 'otherwise the same'}"
        found.setdefault(tuple(differs), {}).setdefault(title, []).append(case)
    return found


def _sortable(differs: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    return [(k, v, "") if isinstance(v, int) else (k, 1 << 60, str(v)) for k, v in differs.items()]


def _section(
    run: Run,
    keys: tuple[str, ...],
    groups: dict[str, list[Case]],
    base: dict[str, Any],
    limits: dict[str, float],
) -> Section:
    words = text.names(WORDS[k] for k in keys) if keys else "others"
    section = Section(
        "_".join(["throughput_by", *(WORDS[k] for k in keys)]) if keys else "throughput_others",
        f"Throughput by {words}" if keys else "Other throughput",
        question=f"What changes with {words}? Otherwise as the base: {text.case_words(base)}.",
    )
    tainted = run.failed_channels()
    rows = {
        title: dots.rows(cases, throughput.METRIC, throughput.BETTER, tainted)
        for title, cases in groups.items()
    }
    span = dots.extent(list(rows.values()), list(limits.values()))
    panels = [throughput.case_panel(run, cases, title, span, limits, "") for title, cases in groups.items()]
    section.fold(panels, MOST_SHOWN)
    for title, found in rows.items():
        section.tables.append(compare.table(run, found, throughput.BETTER, throughput.UNIT, title))
    first = next(iter(rows))
    section.readings = [f"{first}: {compare.lead(rows[first], throughput.BETTER, throughput.UNIT)}"]
    return section


def sections(run: Run) -> list[Section]:
    cases = run.of("throughput")
    key = throughput.base_key(cases)
    if key is None:
        return []
    rest = [
        c for c in cases if throughput.work_of(c) == (0, 0) and throughput.others(c.params, ("p", "c")) != key
    ]
    limits = throughput.machine_limits(run)
    return [
        _section(run, keys, groups, dict(key), limits) for keys, groups in _groups(rest, dict(key)).items()
    ]
