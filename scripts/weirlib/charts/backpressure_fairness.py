"""How evenly senders get their turn at a full channel, and how long one may go without."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from weirlib import style
from weirlib.results import Case, Run
from weirlib.charts import axes, kinds, multiples, text
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Panel, Section, number

WIDTH, HEIGHT = 272, 170
MOST_BARS = 32  # senders whose bars can still be told apart
EVEN, UNEVEN = 0.95, 0.8  # Jain's index
KINDS = {"jain": "1: all have the same; 1/n: one has all", "starved_ns": "longest time without a message accepted"}


def senders(case: Case) -> int:
    return int(case.params["p"]) if "p" in case.params else len(bp.records(case)[0]["fairness"]["accepted"])


def by_channel(cases: list[Case]) -> dict[str, list[Case]]:
    """Ascending by the number of senders."""
    found: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda c: (c.channel, senders(c))):
        found.setdefault(case.channel, []).append(case)
    return found


def curves(cases: list[Case], name: str) -> dict[str, multiples.Curve]:
    made = {}
    for channel, group in by_channel(cases).items():
        curve = multiples.over_rounds(
            ((senders(c), e) for c in group if (e := bp.figure(c, "fairness", name))), [c.id for c in group]
        )
        made[channel] = replace(curve, y=np.maximum(curve.y, 1.0)) if name == "starved_ns" else curve
    return made


def _finish(name: str, found: dict[str, multiples.Curve]) -> Callable[[Axes], None]:
    ticks = sorted({float(v) for c in found.values() for v in c.x})

    def finish(ax: Axes) -> None:
        axes.doubling(ax, ticks)
        ax.set_xlabel("senders (log scale)", size=9)
        if name == "jain":
            ax.set_ylim(0, 1.05)
            ax.set_ylabel("Jain's index", size=9)
        else:
            span = axes.padded([float(v) for c in found.values() for v in c.y])
            axes.logarithmic(ax, "y", span, "ns", most=5)
            ax.set_ylabel("starved, ns (log scale)", size=9)

    return finish


def shares(case: Case) -> np.ndarray:
    """Of what was accepted, percent, largest first; of the round whose index is the median one."""
    record = bp.middle(case, lambda r: float(r["fairness"]["jain"]))
    accepted = np.sort(bp.column(record["fairness"]["accepted"]))[::-1]
    return 100.0 * accepted / max(float(accepted.sum()), 1.0)


def _shares(case: Case, top: float, words: str) -> Panel:
    def draw(ax: Axes) -> None:
        found = shares(case)
        ax.plot(range(1, len(found) + 1), found, lw=1.4, **style.marker_props(case.channel, 4.0))
        ax.axhline(100.0 / len(found), color=style.colour("limit"), lw=1.1, ls=(0, (4, 2)))
        ax.set_ylim(0, top * 1.08)
        ax.set_xlim(0.3, len(found) + 0.7)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.set_xlabel("senders, the luckiest first", size=9)
        ax.set_ylabel("share of messages, %", size=9)
        ax.grid(axis="x", visible=False)

    jain = bp.median(case, "fairness", "jain") or 0.0
    said = f"{senders(case)} senders, Jain's index {jain:.2f}"
    found = shares(case)
    lucky = f"{words}: the" if words else "The"
    caption = f"{lucky} luckiest sender gets {text.digits(found[0])} %, the unluckiest {text.digits(found[-1])} %."
    return Panel(case.channel, draw, WIDTH, HEIGHT, kinds.LINES, [case.id], said, text.sentence(caption), (58, 12, 38, 40))


def _share_panels(cases: list[Case], words: str) -> list[Panel]:
    legible = [senders(c) for c in cases if senders(c) <= MOST_BARS]
    if not legible:
        return []
    shown = [c for group in by_channel(cases).values() for c in group if senders(c) == max(legible)]
    top = max(float(shares(c)[0]) for c in shown)
    return [_shares(case, top, words) for case in shown]


def _line_panels(cases: list[Case], rest: str) -> list[Panel]:
    made = []
    for name, words in KINDS.items():
        found = curves(cases, name)
        if any(len(c.x) > 1 for c in found.values()):
            grid = bp.grid_of(found)
            made += multiples.panels(
                found, grid, _finish(name, found), kind=kinds.LINES, subtitle=f"{words}{rest}", marked=True,
                say=(lambda v: f"{v:.2f}") if name == "jain" else (lambda v: text.quantity(v, "ns")), at=lambda v: f"{v:g} senders",
            )  # fmt: skip
    return made


def _extreme(case: Case, of: Callable[[Sequence[int]], int]) -> Cell:
    """The largest or the smallest share of what was accepted."""
    e = bp.each(case, lambda r: 100.0 * of(a := r["fairness"]["accepted"]) / max(sum(a), 1))
    return number(f"{text.digits(e.median)} %" if e else "–")


def _starved(case: Case) -> Cell:
    return number(text.quantity(bp.median(case, "fairness", "starved_ns"), "ns"))


COLUMNS: list[bp.Column] = [
    ("senders", lambda c: number(str(c.params.get("p", "–")))),
    ("Jain's index", lambda c: number(f"{bp.median(c, 'fairness', 'jain') or 0.0:.3f}")),
    ("IQR", lambda c: bp.spread_cell(bp.figure(c, "fairness", "jain"))),
    ("smallest share", lambda c: _extreme(c, min)),
    ("largest share", lambda c: _extreme(c, max)),
    ("longest starvation", _starved),
    ("IQR", lambda c: bp.spread_cell(bp.figure(c, "fairness", "starved_ns"))),
    ("goodput", lambda c: number(text.quantity(bp.median(c, "goodput"), "msg/s"))),
    bp.ROUNDS,
]


def reading(cases: list[Case]) -> list[str]:
    """At the largest number of senders: who shares evenly, who does not, and the longest starvation."""
    last = {name: group[-1] for name, group in by_channel(cases).items()}
    most = max(senders(c) for c in last.values())
    jain = {n: e for n, c in last.items() if senders(c) == most and (e := bp.median(c, "fairness", "jain")) is not None}
    starved = {n: e for n, c in last.items() if n in jain and (e := bp.median(c, "fairness", "starved_ns")) is not None}
    uneven = {n: v for n, v in jain.items() if v < UNEVEN}
    said = say.span_of(jain, lambda v: f"{v:.2f}")
    if min(jain.values()) >= EVEN:
        first = f"Evenly: among {most} senders Jain's index is {said}."
    elif uneven:
        first = f"Not evenly in {text.names(uneven)}: among {most} senders Jain's index is {said}."
    else:
        first = f"Fairly evenly: among {most} senders Jain's index is {said}."
    return [first, f"The longest that one of them went without is {say.span_of(starved, lambda v: text.quantity(v, 'ns'))}."]


def sections(run: Run) -> list[Section]:
    cases = bp.fair(run, "fairness")
    if not cases:
        return []
    section = Section(
        "backpressure_fairness",
        "Shares of the senders",
        question="Many senders wait at a full channel. Does each get its turn?",
    )
    groups = sorted(bp.grouped(cases, ("p",)).items(), key=lambda kv: -len(kv[1]))
    differ = say.apart(cases, ("p",))
    bars: list[Panel] = []
    for _, group in groups:
        rest = differ[group[0].id]
        section.panels += _line_panels(group, f"; {rest}" if rest else "")
        bars += _share_panels(group, rest)
        section.readings += say.of_group(rest, reading(group))
    if section.panels:
        section.folded, section.folded_title = bars, f"{len(bars)} more charts: the share of each sender"
    else:
        section.panels = bars
    section.tables = bp.tables(run, "fairness", ("p",), COLUMNS, caption="Shares", key=lambda c: (c.channel, int(c.params.get("p", 0))))
    section.notes = ["Starved: a sender had something due, and nothing of it was accepted. Dashed: an equal share. Medians over rounds."]
    return [section]
