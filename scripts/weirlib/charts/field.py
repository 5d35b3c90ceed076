"""Own channels against their field: each claim with its ratio, interval and target, met or not."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from weirlib import claims, style
from weirlib.claims import Claim
from weirlib.results import Run
from weirlib.charts import axes, kinds, provenance, text
from weirlib.charts.section import Cell, Panel, Section, Table, number

WIDTH, ROW = 760, 17
IDLE_TARGET = 0.1  # percent of a core
YIELD_TARGET = 1.3
UNCHECKED = "; not tried at three layouts"


def target(claim: Claim) -> str:
    return f"{'at least' if claim.at_least else 'at most'} {claim.target:g}×"


def verdict(claim: Claim) -> str:
    """`met`, or by how much it is missed; and where the sign is another."""
    flipped = f"; the other way round: {text.names(claim.flips)}" if claim.flips else ""
    missed = "" if claim.verdict.startswith("met") else f" ({100 * (claim.ratio.median / claim.target - 1):+.0f} %)"
    return f"{claim.verdict}{missed}{flipped}{UNCHECKED if claim.unchecked else ''}"


def sentence(found: Sequence[Claim]) -> str:
    held = [claim for claim in found if claim.holds]
    lost = [claim for claim in found if not claim.holds]
    said = f"{len(held)} of {text.plural(len(found), 'claim')} hold."
    return said + (f" Not: {text.names((c.cell + ' (' + verdict(c) + ')' for c in lost), 12)}." if lost else "")


def _draw(ax: Axes, found: Sequence[Claim], span: tuple[float, float]) -> None:
    axes.logarithmic(ax, "x", span, "×", most=6)
    ax.set_ylim(len(found) - 0.4, -0.6)
    ax.set_yticks(range(len(found)), [f"{c.cell}: {c.what.split(' / ')[-1]}" for c in found], size=8.5)
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("ratio of Weir's own to it (log scale); bar: what it should be", size=9)
    ax.axvline(1.0, color=style.colour("limit"), lw=1.0, zorder=1)
    for y, claim in enumerate(found):
        e, shade = claim.ratio, style.HUES["blue" if claim.holds else "red"][0]
        ax.plot([claim.target] * 2, [y - 0.35, y + 0.35], color=style.colour("ink"), lw=1.4, zorder=2)
        if e.low is not None and e.high is not None:
            ax.plot([e.low, e.high], [y, y], color=shade, lw=1.8, solid_capstyle="butt", zorder=3)
        ax.plot([e.median], [y], "o", color=shade, ms=5, zorder=4)
        ax.text(1.02, y, f"{text.digits(e.median)}× {claim.met.mine.name}", transform=ax.get_yaxis_transform(), va="center", size=8.5)


def _panel(found: Sequence[Claim]) -> Panel:
    ends = [v for c in found for v in (c.ratio.median, c.ratio.low or c.ratio.median, c.ratio.high or c.ratio.median, c.target, 1.0)]
    span = axes.padded(ends)
    return Panel(
        "Each claim with its interval",
        lambda ax: _draw(ax, found, span),
        WIDTH,
        74 + ROW * len(found),
        kinds.FOREST,
        [e.id for c in found for e in (c.met.mine, c.met.rival)],
        "blue: holds, red: does not",
        f"{sum(claim.holds for claim in found)} of {text.plural(len(found), 'claim')} hold.",
        (330, 190, 36, 38),
    )


def _table(found: Sequence[Claim]) -> Table:
    rows = [
        [
            Cell(claim.cell),
            Cell(claim.what),
            Cell(claim.met.mine.name, "channel", claim.met.mine.name),
            Cell(claim.met.rival.name),
            number(text.ratio(claim.ratio)),
            number(target(claim)),
            Cell(verdict(claim), "" if claim.holds else "marked"),
            number(", ".join(text.digits(v) for v in claim.layouts)),
            number(f"{text.ratio(claim.opaque.ratio)} {claim.opaque.mine.name} / {claim.opaque.rival.name}" if claim.opaque else ""),
            Cell(claim.met.mine.id, "id"),
        ]
        for claim in found
    ]
    head = ["cell", "what", "own", "against", "ratio", "target", "verdict", "by layout", "behind virtual calls", "id"]
    return Table("Weir's own channels against their field", head, rows)


def more_sentences(run: Run, found: list[Claim]) -> list[str]:
    """What is no single ratio."""
    said = []
    often, cells = claims.much_faster(found)
    if cells:
        word = "met" if 2 * often >= cells else "not met"
        said.append(f"Yielding, the best own is at least {YIELD_TARGET}× the fastest library in {often} of {cells} cells (half of them: {word}).")
    if idle := claims.idle(run):
        name, worst, _ = idle[0]
        word = "met" if worst < IDLE_TARGET else "not met"
        said.append(
            f"Parked and idle for 2 s, the worst round of {text.plural(len(idle), 'own channel')} used {text.digits(worst)} % of a core "
            f"({name}; under {IDLE_TARGET:g} %: {word})."
        )
    return said


def sections(run: Run) -> list[Section]:
    found = claims.claims(run)
    if not found:
        return []
    return [
        Section(
            "field",
            "Weir's own channels against their field",
            question="Do the own channels lead, cell by cell?",
            readings=[sentence(found), *more_sentences(run, found)],
            panels=[_panel(found)],
            shown=[_table(found)],
            notes=[
                "Each group sends the channel with the best median; the ratio is taken round by round, so what is compared was "
                "measured within the same minute. A claim holds if its ratio is what it should be and the sign is the same in each "
                "layout of the program and behind virtual calls; there each group again sends its best. The best are chosen by the "
                "rounds from which the ratio is made, and of the channels that this run has."
            ],
        )
    ]


def lines(run: Run) -> list[str]:
    """For the terminal: a line a claim."""
    found = claims.claims(run)
    if not found:
        return []
    made = [f"{'cell':<32}{'ratio (interval)':<24}{'target':<8}{'verdict':<11}own"]
    for claim in found:
        aim = f"{'>=' if claim.at_least else '<='} {claim.target:g}"
        made.append(f"{claim.cell:<32}{text.ratio(claim.ratio):<24}{aim:<8}{_word(claim):<11}{claim.met.mine.name}")
    return [
        *made,
        "  ?: the target is in the interval; flips: met, but not at each layout and behind virtual calls",
        f"  against whom: in the report; again: {provenance.command(run)}",
    ]


def _word(claim: Claim) -> str:
    if claim.flips:
        return "flips"
    if claim.unchecked:
        return "unchecked"
    return claim.verdict.replace(" by the median", "?").replace("met: ", "")
