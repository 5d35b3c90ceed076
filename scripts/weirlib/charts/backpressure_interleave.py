"""How sends and receives take turns: the first messages as two staircases."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from weirlib import style
from weirlib.results import Case, Run
from weirlib.charts import kinds, text
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Panel, Section, number

WIDTH, HEIGHT = 272, 190
MOST_SHOWN = 12


def capacity_of(case: Case) -> float:
    """Of the id, or of the record; unbounded ones last."""
    if bp.unbounded(case):
        return np.inf
    found = case.params.get("cap", bp.records(case)[0].get("capacity"))
    return np.inf if found is None else float(found)


def turns(case: Case) -> bp.Record | None:
    """Of the round in which as many were accepted before the first receive as in the median one."""
    if not any(r.get("turns") for r in bp.records(case)):
        return None
    made: bp.Record | None = bp.middle(case, lambda r: float((r.get("turns") or {}).get("before_first_receive") or 0)).get("turns")
    return made


def staircase(times: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Times and how many there were by then, from nothing on."""
    at = np.sort(bp.column(times))
    return np.concatenate(([0.0], at)), np.arange(len(at) + 1, dtype=float)


def _draw(ax: Axes, case: Case, found: bp.Record) -> None:
    colour = style.look(case.channel).colour
    (sent, sends), (received, receives) = staircase(found["accepted_ns"]), staircase(found["received_ns"])
    end = max(float(sent[-1]), float(received[-1]), 1.0)
    scale, unit = next((s for s in text.TIMES if end >= s[0]), text.TIMES[-1])
    grid = np.union1d(sent, received)
    above, below = (n[np.searchsorted(at, grid, side="right") - 1] for at, n in ((sent, sends), (received, receives)))
    ax.fill_between(grid / scale, below, above, step="post", color=style.colour("band"), lw=0, zorder=1)
    ax.step(sent / scale, sends, where="post", color=colour, lw=1.6, zorder=3, label="sent", gid="sent")
    ax.step(received / scale, receives, where="post", color=style.colour("ink"), lw=1.2, ls=(0, (4, 1.2)), zorder=3, label="received", gid="received")
    ax.set_xlim(0, end / scale * 1.02)
    ax.set_ylim(0, max(float(sends[-1]), float(receives[-1])) * 1.05)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.set_xlabel(f"time since the first send, {unit}", size=9)
    ax.set_ylabel("messages", size=9)
    ax.legend(loc="lower right", frameon=False, fontsize=8, borderpad=0)


def _ordered(cases: list[Case]) -> list[Case]:
    return sorted(cases, key=lambda c: (str(c.params.get("place", "")) != "spread", str(c.params.get("place", "")), c.channel, capacity_of(c), c.id))


def _holds(case: Case) -> str:
    return "no bound" if np.isinf(capacity_of(case)) else f"capacity {say.many(capacity_of(case))}"


def _name(case: Case, differ: dict[str, str]) -> str:
    """What sets the case apart, with its capacity first."""
    return ", ".join(filter(None, (_holds(case), differ[case.id])))


def panels(cases: list[Case]) -> list[Panel]:
    differ = say.apart(cases, ("cap",))
    made = []
    for case in _ordered(cases):
        found = turns(case)
        if not found or not found["accepted_ns"]:
            continue

        def drawer(ax: Axes, case: Case = case, found: bp.Record = found) -> None:
            _draw(ax, case, found)

        made.append(Panel(case.channel, drawer, WIDTH, HEIGHT, kinds.TURNS, [case.id], _name(case, differ), _caption(case), (48, 14, 38, 40)))
    return made


def _caption(case: Case) -> str:
    before, runs = bp.median(case, "turns", "before_first_receive"), bp.median(case, "turns", "send_runs", "p50")
    first = "no receive was recorded" if before is None else f"{text.plural(round(before), 'send')} before the first receive"
    return f"{text.sentence(first)}" + ("." if runs is None else f"; then half of the runs of sends are at most {say.many(runs)} long.")


def _runs(case: Case, side: str) -> Cell:
    found = [bp.median(case, "turns", f"{side}_runs", name) for name in ("p50", "p90", "max")]
    return number(" / ".join(say.many(v) for v in found))


def _first(case: Case) -> Cell:
    return number(text.quantity(bp.median(case, "turns", "first_receive_ns"), "ns"))


def _columns(differ: dict[str, str]) -> list[bp.Column]:
    return [
        ("case", lambda c: Cell(_name(c, differ))),
        ("sends before the first receive", lambda c: number(say.many(bp.median(c, "turns", "before_first_receive")))),
        ("IQR", lambda c: bp.spread_cell(bp.figure(c, "turns", "before_first_receive"))),
        ("first receive after", _first),
        ("runs of sends: p50 / p90 / max", lambda c: _runs(c, "send")),
        ("runs of receives: p50 / p90 / max", lambda c: _runs(c, "receive")),
        bp.ROUNDS,
    ]


def reading(cases: list[Case]) -> list[str]:
    """By placement: whether the receiver waited until the channel was full, and how long the runs are."""
    said = []
    for place in dict.fromkeys(str(c.params.get("place", "")) for c in _ordered(cases)):
        mine = {f"{c.channel}, {_holds(c)}": c for c in _ordered(cases) if str(c.params.get("place", "")) == place}
        before = {n: v for n, c in mine.items() if (v := bp.median(c, "turns", "before_first_receive")) is not None}
        if not before:
            continue
        full = [n for n in before if before[n] >= capacity_of(mine[n])]
        where = f", {text.case_words({'place': place})}" if place else ""
        opening = f"In {len(full)} of {text.plural(len(before), 'case')}{where}, the receiver started only when the channel was full"
        said.append(f"{opening}; the first receive came after {say.span_of(before, lambda v: text.plural(round(v), 'send'))}.")
        runs = {n: v for n, c in mine.items() if (v := bp.median(c, "turns", "send_runs", "p50")) is not None}
        if runs:
            said[-1] += f" Half of the runs of sends are no longer than {say.span_of(runs, say.many)}."
    return said or ["No turns were recorded."]


def sections(run: Run) -> list[Section]:
    cases = bp.fair(run, "interleave")
    if not cases:
        return []
    section = Section(
        "backpressure_interleave",
        "How sends and receives take turns",
        question="Does the receiver start only after the whole loop of sends, and do the two then take turns one by one?",
        readings=reading(cases),
    )
    section.fold(panels(cases), MOST_SHOWN)
    every = _ordered(run.of("interleave"))
    section.tables = [bp.table(run, "Turns", every, _columns(say.apart(every, ("cap",))))]
    section.notes = [
        "The first messages of the round that is the median one by sends before the first receive; the band between the lines "
        "is what is in the channel. A run: sends without a receive between, and the other way round; over the whole trial. "
        "Each chart has its own time axis. Medians over rounds."
    ]
    return [section]
