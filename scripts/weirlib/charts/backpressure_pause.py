"""One thread paused inside an operation: who else stands still meanwhile."""

from __future__ import annotations

from matplotlib.axes import Axes

from weirlib import style
from weirlib.results import Case, Run
from weirlib.charts import axes, kinds, text
from weirlib.charts import backpressure_film as film
from weirlib.charts import backpressure_recovery as recovery
from weirlib.charts import backpressure_stall as stall
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Panel, Section

WIDTH, ROW, LETTER = 620, 30, 5.3
STOOD = 0.5  # of the pause: who stood for longer waited for the paused thread
KINDS = (("sender", "o", "full", -0.14), ("receiver", "s", "none", 0.14))


def stood(case: Case) -> dict[str, float]:
    """The longest stand-still of another sender and of another receiver, ms."""
    found = {kind: recovery.others_stood(case, kind) for kind, *_ in KINDS}
    return {kind: value[1] for kind, value in found.items() if value}


def _drawer(cases: list[Case], names: list[str], length_ms: float, span: tuple[float, float]) -> Panel:
    def draw(ax: Axes) -> None:
        axes.logarithmic(ax, "x", span, "ns", most=5)
        ax.axvline(length_ms * 1e6, color=style.colour("limit"), lw=1.2, ls=(0, (4, 2)))
        for y, case in enumerate(cases):
            ax.axhline(y, color=style.colour("grid"), lw=0.6, zorder=0)
            found, colour = stood(case), style.look(case.channel).colour
            for kind, marker, fill, off in KINDS:
                if kind in found:
                    face = colour if fill == "full" else style.colour("paper")
                    ax.plot([found[kind] * 1e6], [y + off], marker, color=colour, mfc=face, ms=6, gid=f"{kind}-{case.id}")
        ax.set_ylim(len(cases) - 0.4, -0.6)
        ax.set_yticks(range(len(cases)), names, size=8)
        ax.grid(axis="y", visible=False)
        ax.set_xlabel("longest stand-still, ns (log scale); dashed: the pause", size=9)
        ink = style.colour("ink")
        handles = [
            ax.plot([], [], marker, color=ink, mfc=ink if fill == "full" else style.colour("paper"), ms=6, label=f"another {kind}")[0]
            for kind, marker, fill, _ in KINDS
        ]
        ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8, ncol=2, borderpad=0)

    wide = max(len(line) for name in names for line in name.split("\n"))
    left = min(230, 12 + int(wide * LETTER))
    return Panel(f"Paused for {stall.length_words(length_ms * 1e6)}", draw, WIDTH, 84 + ROW * max(len(cases), 2), kinds.INTERVALS,
                 [case.id for case in cases], "", reading(cases, stall.length_words(length_ms * 1e6))[0], (left, 20, 44, 40))  # fmt: skip


def reading(cases: list[Case], lasting: str) -> list[str]:
    """Whom a pause inside an operation stops, and whom it does not."""
    label = say.labels(cases, ("stall",))
    worst = {c.id: max(stood(c).values(), default=0.0) for c in cases}
    stopped = [c for c in cases if worst[c.id] >= STOOD * recovery.stall_ns(c) / 1e6]
    going = [c for c in cases if c not in stopped]

    def named(some: list[Case]) -> str:
        return text.names(list(dict.fromkeys(label[c.id] for c in some)), stall.NAMED)

    if not stopped:
        return [f"Nobody else stands still for long: {text.ms(max(worst.values()))} at most of a pause of {lasting}."]
    on = f"; in {named(going)} others go on" if going else ""
    said = [f"A pause of {lasting} inside an operation stops others in {named(stopped)}{on}."]
    points = {f"{label[c.id]}, {recovery.where(c)}": worst[c.id] for c in stopped}
    said.append(f"They stood for {say.span_of(points, text.ms)}.")
    if going:
        said.append(f"Where others went on, they stood for {text.ms(max(worst[c.id] for c in going))} at most.")
    return said


def sections(run: Run) -> list[Section]:
    everything, fair = (stall.groups(run, "pause", only) for only in (False, True))
    if not fair:
        return []
    section = Section(
        "backpressure_pause",
        "One thread is paused inside an operation",
        question="The scheduler may take a thread off its processor anywhere, also in the middle of a send. Who else stands still until it is back?",
    )
    values = [ms * 1e6 for cases in fair.values() for c in cases for ms in (*stood(c).values(), recovery.stall_ns(c) / 1e6)]
    for number, (ns, cases) in enumerate(fair.items()):
        names = [f"{c.channel}\n{recovery.where(c)}" for c in cases]
        made = _drawer(cases, names, ns / 1e6, axes.padded(values))
        (section.folded if number else section.panels).append(made)
        label = say.labels(cases, ("full", "stall"))
        section.folded += film.panels(cases, {c.id: f"{label[c.id]}, {stall.length_words(ns)}" for c in cases})
        if not number:
            section.readings = reading(cases, stall.length_words(ns))
    section.folded_title = f"{len(section.folded)} more charts: depth over time, other durations"
    for number, (ns, cases) in enumerate(everything.items()):
        table = recovery.table(run, cases, f"Paused for {stall.length_words(ns)}")
        (section.tables if number else section.shown).append(table)
    section.notes = [
        "A role stands still between two of its finished operations; the longest such time that touches the pause counts. "
        "A receiver without messages stands too: that its senders stop shows at both. Medians over rounds."
    ]
    return [section]
