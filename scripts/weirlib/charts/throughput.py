"""Throughput by topology: senders × receivers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from weirlib.results import Case, Run
from weirlib.stats import estimate
from weirlib.charts import compare, dots, text
from weirlib.charts.section import Panel, Section

UNIT, METRIC, BETTER = "msg/s", "throughput", "higher"
USUAL_CAPACITY = 1024  # of several with as many topologies
Key = tuple[tuple[str, Any], ...]


def others(params: dict[str, Any], without: tuple[str, ...]) -> Key:
    """The rest of the parameters; not `min`, which only keeps a window open until enough has passed."""
    return tuple(sorted((k, v) for k, v in params.items() if k not in (*without, "min")))


def work_of(case: Case) -> tuple[int, int]:
    """Work before each send and after each receive, ns."""
    return int(case.params.get("work", 0)), int(case.params.get("rwork", 0))


def topology_key(case: Case) -> tuple[int, int]:
    return int(case.params.get("p", 1)), int(case.params.get("c", 1))


def base_key(cases: list[Case]) -> Key | None:
    """The parameters under which most topologies were measured, no work before others."""
    met: dict[Key, set[tuple[int, int]]] = {}
    for case in cases:
        met.setdefault(others(case.params, ("p", "c")), set()).add(topology_key(case))
    counted: dict[Key, int] = {}
    for case in cases:
        key = others(case.params, ("p", "c"))
        counted[key] = counted.get(key, 0) + 1
    work = {key: dict(key).get("work", 0) + dict(key).get("rwork", 0) for key in met}
    usual = {key: dict(key).get("cap") != USUAL_CAPACITY for key in met}
    best = sorted(met, key=lambda k: (-len(met[k]), work[k], usual[k], -counted[k], str(k)))
    return best[0] if best else None


def machine_limits(run: Run) -> dict[str, float]:
    """What this machine can do at all, in the order of the lines."""
    said = {
        "stream_8KiB": "streaming 8-byte words between cores, 8 KiB ring",
        "stream_128KiB": "the same, 128 KiB ring",
        "null": "no channel, one thread (null)",
    }
    limits = {}
    for name, words in said.items():
        case = run.machine(name)
        e = estimate(case.figure().values()) if case else None
        if e:
            limits[words] = e.median
    return limits


def _groups(cases: list[Case]) -> dict[tuple[int, int], list[Case]]:
    found: dict[tuple[int, int], list[Case]] = {}
    for case in cases:
        found.setdefault(topology_key(case), []).append(case)
    return dict(sorted(found.items(), key=lambda kv: (sum(kv[0]), kv[0][1])))


def _people(p: int, c: int) -> str:
    return f"{text.plural(p, 'sender')}, {text.plural(c, 'receiver')}"


def case_panel(
    run: Run,
    cases: list[Case],
    title: str,
    span: tuple[float, float],
    limits: dict[str, float],
    subtitle: str,
) -> Panel:
    found = dots.rows(cases, METRIC, BETTER, run.failed_channels())
    over = any(case.oversubscribed for case in cases)
    said = ", ".join(filter(None, [subtitle, "oversubscribed: more threads than processors" if over else ""]))
    return dots.panel(
        found,
        UNIT,
        "messages per second (log scale)",
        title,
        span=span,
        subtitle=said,
        caption=compare.lead(found, BETTER, UNIT),
        limits=limits,
        shaded=over,
    )


def _overall(run: Run, groups: dict[tuple[int, int], list[Case]]) -> str:
    """Who is most often first or not told apart from it; with too few rounds, only who has the best median."""
    rows = [dots.rows(cases, METRIC, BETTER, run.failed_channels()) for cases in groups.values()]
    fair = [compare.eligible(found).values() for found in rows]
    places = [place for place in (compare.place_of(found, BETTER) for found in fair) if place]
    if not places:
        return "No verified figure."
    told = any(place.together or place.behind for place in places)
    counted = Counter(name for place in places for name in (place.first, *place.together))
    most = max(counted.values())
    names = sorted(name for name, count in counted.items() if count == most)
    shapes = f"in {most} of {text.plural(len(groups), 'topology', 'topologies')}"
    said, alone = text.names(names), len(names) == 1
    if not told:
        return (
            f"{said} {'has' if alone else 'each have'} the best median {shapes}; too few rounds to tell more."
        )
    return f"{said} {'is' if alone else 'are each'} fastest, or not told apart from the fastest, {shapes}."


def sections(run: Run) -> list[Section]:
    cases = run.of("throughput")
    key = base_key(cases)
    if key is None:
        return []
    base = [c for c in cases if others(c.params, ("p", "c")) == key]
    groups, limits, tainted = _groups(base), machine_limits(run), run.failed_channels()
    span = dots.extent(
        [dots.rows(g, METRIC, BETTER, tainted) for g in groups.values()], list(limits.values())
    )
    section = Section(
        "throughput_by_topology",
        "Throughput by topology",
        question=f"How many messages per second pass, with {text.case_words(dict(key))}?",
    )
    section.readings = [_overall(run, groups), dots.limit_note(limits, UNIT)]
    stream = next(iter(limits.items()), None)
    for (p, c), group in groups.items():
        section.panels.append(case_panel(run, group, _people(p, c), span, limits, ""))
        found = dots.rows(group, METRIC, BETTER, tainted)
        share = ("streaming", stream[1]) if stream and stream[0].startswith("streaming") else None
        section.tables.append(compare.table(run, found, BETTER, UNIT, _people(p, c), share))
    return [section]
