"""A stall as a film: depth over time, the capacity as a line, and below it a strip of blocked senders and of losses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from weirlib import style
from weirlib.results import Case
from weirlib.charts import axes, kinds, text
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_recovery as recovery
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Panel

WIDE, NARROW, HEIGHT = 350, 272, 232
BEFORE, AT = 0.35, 0.68  # of a stall's length that is shown before it; where the last recovery lies
WORDED = 0.3  # of the axis: a stall as wide has room for words
LOG_FROM = 8.0  # between the smallest and the largest peak: beyond, a linear axis would flatten the small ones
HEIGHTS = (0.74, 0.42, 0.2)  # of a label beside a line
STRIP = (0, -0.335, 1, 0.23)


@dataclass(frozen=True)
class Film:
    """One stall of one round. Times in ms after the stall began."""

    case: Case
    edges: np.ndarray
    depth: np.ndarray
    blocked: np.ndarray  # share of the senders
    lost: np.ndarray  # share of what came
    length: float
    back: float  # when the depth was back; infinite: not in the window
    capacity: float | None
    what: str


def film(case: Case) -> Film | None:
    """Of the round whose recovery is the median one."""
    if not any(r.get("stalls") and r.get("moments") for r in bp.records(case)):
        return None
    record = bp.middle(case, lambda r: recovery.of_round(r, "depth_back_ms") or 0.0)
    moments, stalls = record.get("moments") or {}, record.get("stalls") or []
    if not moments or not stalls:
        return None
    stall = max(stalls, key=lambda s: s["length_ms"])
    depth, lost, accepted = (bp.column(moments[name]) for name in ("depth", "lost", "accepted"))
    came = accepted if record["policy"] == "drop_oldest" else accepted + lost
    senders = max(len(record["blocked_share"]), 1)
    back = math.inf if stall["depth_back_ms"] is None else stall["length_ms"] + stall["depth_back_ms"]
    return Film(
        case,
        np.arange(len(depth) + 1) * float(moments["step_ms"]) - stall["begin_ms"],
        depth,
        np.clip(bp.column(moments["blocked"]) / senders, 0, 1),
        np.clip(lost / np.maximum(came, 1), 0, 1),
        float(stall["length_ms"]),
        back,
        None if record.get("capacity") is None else float(record["capacity"]),
        str(stall["what"]),
    )


@dataclass(frozen=True)
class Frame:
    """The axes that all panels share."""

    left: float
    right: float
    low: float
    high: float
    logarithmic: bool


def frame(films: Sequence[Film]) -> Frame:
    length = max(f.length for f in films)
    left = max(-BEFORE * length, min(float(f.edges[0]) for f in films))
    last = max([length, *(f.back for f in films if math.isfinite(f.back))])
    end = max(float(f.edges[-1]) for f in films)
    whole = any(math.isinf(f.back) for f in films)  # what never came back is shown until the window ends
    right = end if whole else min(max(left + (last - left) / AT, length * 1.5), end)
    tops = [max(float(f.depth.max()), f.capacity or 0.0, 1.0) for f in films]
    wide = max(tops) > LOG_FROM * min(tops)
    return Frame(left, right, 1.0 if wide else 0.0, max(tops) * (3.0 if wide else 1.25), wide)


def _strip(ax: Axes, found: Film) -> None:
    """Two rows: how many senders stood, and how much of what came was lost; full height is all of them."""
    strip = ax.inset_axes(STRIP, sharex=ax)
    for base, values, colour in ((1.25, found.blocked, "orange"), (0.0, found.lost, "failed")):
        hue = style.HUES[colour][0] if colour in style.HUES else style.colour(colour)
        strip.axhspan(base, base + 1, color=style.colour("band"), lw=0)
        strip.stairs(base + values, found.edges, baseline=base, fill=True, color=hue, lw=0)
    strip.set_ylim(0, 2.25)
    strip.set_yticks([1.75, 0.5], ["blocked", "lost"], size=8)
    strip.grid(visible=False)
    for side in ("left", "bottom"):
        strip.spines[side].set_visible(False)
    strip.tick_params(axis="y", length=0)


def _beside(found: Film, fit: Frame) -> float:
    """The height, as a part of the axis, of a label that keeps away from the line of the capacity and the words on it."""
    if found.capacity is None:
        return HEIGHTS[0]
    ends = (found.capacity - fit.low, fit.high - fit.low)
    if fit.logarithmic:
        ends = (math.log(max(found.capacity, fit.low) / fit.low), math.log(fit.high / fit.low))
    return max(HEIGHTS, key=lambda height: abs(height - ends[0] / ends[1] - 0.05))


def _labels(ax: Axes, found: Film, fit: Frame) -> None:
    muted, middle = style.colour("muted"), found.length / 2
    wide = found.length > WORDED * (fit.right - fit.left)
    who = f"{found.what.split(' ')[0]} stands" if wide else "stall"
    ax.text(middle, 0.985, who, transform=ax.get_xaxis_transform(), size=8, ha="center", va="top", color=muted)
    if found.capacity is not None:
        ax.axhline(found.capacity, color=style.colour("limit"), lw=1.2, ls=(0, (4, 2)), zorder=2, gid="capacity")
        said = f"capacity {say.many(found.capacity)}"
        ax.annotate(said, (fit.right, found.capacity), (0, 2.5), textcoords="offset points", size=8, ha="right", va="bottom", color=muted)
    else:
        ax.text(0.995, 0.985, "no bound", transform=ax.transAxes, size=8, ha="right", va="top", color=muted)
    if not math.isfinite(found.back):
        words, at = "not back in\nthe window", fit.right
        ax.text(at, 0.12, words, transform=ax.get_xaxis_transform(), size=8, ha="right", va="center")
    elif found.back <= fit.right:
        ax.axvline(found.back, color=style.colour("ink"), lw=0.9, ls=(0, (1, 1.5)), zorder=4, gid="back")
        took = text.ms(found.back - found.length)
        ax.annotate(
            f"back after\n{took}", (found.back, _beside(found, fit)), (4, 0), xycoords=ax.get_xaxis_transform(), textcoords="offset points", size=8, va="center"
        )


def draw(ax: Axes, found: Film, fit: Frame) -> None:
    colour = style.look(found.case.channel).colour
    ax.axvspan(0, found.length, color=style.colour("shade"), lw=0, zorder=0, gid="stall")
    values = np.maximum(found.depth, fit.low)
    ax.stairs(values, found.edges, baseline=fit.low, fill=True, color=colour, alpha=0.25, lw=0, zorder=1)
    ax.stairs(values, found.edges, baseline=None, color=colour, lw=1.6, zorder=3, gid="depth")
    if fit.logarithmic:
        axes.logarithmic(ax, "y", (fit.low, fit.high), "", most=5)
    else:
        ax.set_ylim(fit.low, fit.high)
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.yaxis.set_major_formatter(lambda v, _: say.many(v))
    ax.set_xlim(fit.left, fit.right)
    _labels(ax, found, fit)
    _strip(ax, found)
    ax.tick_params(axis="x", labelbottom=False, length=0)
    ax.set_ylabel("messages in it" + (" (log scale)" if fit.logarithmic else ""), size=9)
    ax.set_xlabel("time since the stall began, ms", size=9)
    ax.xaxis.set_label_coords(0.5, -0.53)


def _subtitle(case: Case) -> str:
    lost, blocked = (recovery.figure(case, name) for name in ("lost", "blocked_ms"))
    peak = recovery.figure(case, "peak_depth")
    parts = [f"grew to {say.many(peak.median)}"] if peak and bp.unbounded(case) else []
    parts.append(f"{say.many(lost.median)} lost" if lost and lost.median else "none lost")
    if blocked and blocked.median:
        parts.append(f"blocked for {text.ms(blocked.median)}")
    held = bp.policy_said(case)
    return f"{held}: {', '.join(parts)}"


def _caption(found: Film) -> str:
    """The round that is drawn."""
    back = f"back {text.ms(found.back - found.length)} after it" if math.isfinite(found.back) else "not back in the window"
    return f"In {text.ms(found.length)} the depth rises to {say.many(float(found.depth.max()))} messages; {back}."


def panels(cases: Sequence[Case], titles: dict[str, str]) -> list[Panel]:
    """On the same axes, in rows of three or four. Titles by the id of the case."""
    films = [f for f in map(film, cases) if f]
    if not films:
        return []
    fit = frame(films)
    width = NARROW if len(films) % 3 == 1 and len(films) > 3 or len(films) % 4 == 0 else WIDE
    made = []
    for found in films:

        def drawer(ax: Axes, found: Film = found) -> None:
            draw(ax, found, fit)

        made.append(Panel(titles[found.case.id], drawer, width, HEIGHT, kinds.DEPTH, [found.case.id], _subtitle(found.case), _caption(found), (64, 14, 38, 76)))
    return made
