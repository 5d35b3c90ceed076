"""scripts/weir history: runs over time, of one kind of machine and compiler, as values and against an anchor.

The anchor is a channel that does not change with this project. A ratio to it takes out what moved the whole machine
between two runs, a value does not.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from weirlib import change_points, folder, results, trend
from weirlib.change_points import Change
from weirlib.errors import OK, UsageError
from weirlib.export import figures, whole
from weirlib.gating import kept
from weirlib.paths import RESULTS, shown
from weirlib.results import Case, Run
from weirlib.stats import paired_ratio

FILE = RESULTS / "history" / "history.jsonl"
ANCHOR = "tbb"  # oneTBB's concurrent_bounded_queue: any number of senders and receivers, any message
ANCHOR_LIBRARY = "TBB"
# With one of these changed, runs are not compared.
KEY = ("cpu_model", "allowed_cpus", "virtualized", "architecture", "compiler", "flags")

Line = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """One case in one run."""

    started: str
    revision: str
    value: float
    ratio: float | None
    unit: str
    direction: str


@dataclass(frozen=True)
class Track:
    """One case over the runs of one key, in their order; `notes` say before which run each stands."""

    case: str
    points: tuple[Point, ...]
    notes: tuple[tuple[int, str], ...]

    @property
    def since(self) -> int:
        """The first run after the last note: what is before it is another story."""
        return max((at for at, _ in self.notes), default=0)

    @property
    def by_ratio(self) -> bool:
        """Whether most runs since the last note, and of the last few, have a ratio to the anchor: then those are compared,
        else all values."""
        has = [point.ratio is not None for point in self.points[self.since :]]
        return all(2 * sum(part) > len(part) for part in (has, has[-change_points.LEAST_SIDE :]))

    @property
    def compared(self) -> dict[int, float]:
        """By the number of its run, what is compared since the last note."""
        runs = list(enumerate(self.points))[self.since :]
        if self.by_ratio:
            return {number: point.ratio for number, point in runs if point.ratio is not None}
        return {number: point.value for number, point in runs}


def history(flags: Namespace) -> int:
    file = flags.file or FILE
    lines = read(file) if file.is_file() else []
    new = [added(file, lines, flags.add)] if flags.add else []
    if flags.note:
        new.append({"schema": 1, "note": flags.note, "at": folder.now()})
    found = tracks([*lines, *new], flags.cases)
    if not found and any("cases" in line for line in [*lines, *new]):
        raise UsageError(f"{shown(file)} has no case with {' or '.join(flags.cases)}")
    if not found and not new:
        raise UsageError(f"{shown(file)} has no run yet; add one: scripts/weir history --add results/RUN")
    append(file, new)  # not before all that could be wrong was looked at
    if new:
        print(f"added to {shown(file)}\n")
    changes = {key: changes_of(group) for key, group in found.items()}
    for key, group in found.items():
        print(f"{key}\n{table(group)}\n\n{told(group, changes[key])}\n")
    for path in trend.draw(found, changes, file.parent):
        print(f"chart: {shown(path)}")
    return OK


def read(file: Path) -> list[Line]:
    """Runs and notes; anything else is refused."""
    lines = kept.read(file)
    for number, line in enumerate(lines, 1):
        if "note" not in line and not {"run", "key", "cases"} <= line.keys():
            raise UsageError(f"{shown(file)} is of something else: line {number} is neither a run nor a note")
    return lines


def append(file: Path, lines: Sequence[Line]) -> None:
    with folder.refusals(file, "name another file with --file"):
        file.parent.mkdir(parents=True, exist_ok=True)
    for line in lines:
        kept.append(file, line)


def added(file: Path, lines: Sequence[Line], path: Path) -> Line:
    """A run as one line. One that is there already is refused: it would count twice."""
    run = results.read(path)
    whole(run)
    if not run.complete:
        raise UsageError(f"{shown(path)} is not complete; go on with: scripts/weir run --resume {shown(path)}")
    line = line_of(run)
    # By when it began too: a folder's name may come again every night.
    if any((known.get("run"), known.get("started")) == (line["run"], line["started"]) for known in lines):
        raise UsageError(f"{shown(file)} has the run {line['run']} already")
    return line


def line_of(run: Run) -> Line:
    around = run.environment
    version = (around.get("libraries") or {}).get(ANCHOR_LIBRARY)
    return {
        "schema": 1,
        "run": run.path.resolve().name,
        "started": run.info.get("started"),
        "revision": around.get("revision"),
        "dirty": around.get("dirty"),
        "key": {name: around.get(name) for name in KEY} | {"anchor": f"{ANCHOR} {version}"},
        "cases": {f"{found.case.id} {found.metric}": entry(run, found) for found in figures(run)},
    }


def entry(run: Run, found: Any) -> Line:
    ratio = against_anchor(run, found.case, found.metric)
    return {
        "unit": found.unit,
        "direction": found.direction,
        "value": float(f"{found.estimate.median:.6g}"),
        "low": found.estimate.low,
        "high": found.estimate.high,
        "ratio": None if ratio is None else round(ratio, 5),
    }


def against_anchor(run: Run, case: Case, metric: str) -> float | None:
    """The median over rounds of its value by the anchor's in the same case."""
    anchor = run.cases.get(case.id.replace(f"/{case.channel}/", f"/{ANCHOR}/", 1))
    if anchor is None or anchor.status != "ok" or case.channel == ANCHOR:
        return None
    ratio = paired_ratio(case.all_rounds(metric), anchor.all_rounds(metric))
    return None if ratio is None else ratio.median


def key_of(line: Line) -> str:
    key = line["key"]
    cpus = ", ".join(map(str, key.get("allowed_cpus") or []))
    where = f"{key.get('cpu_model')} {key.get('architecture')}, processors {cpus}{', virtual' if key.get('virtualized') else ''}"
    return f"{where}; {key.get('compiler')} {key.get('flags')}; anchor {key.get('anchor')}"


def tracks(lines: Sequence[Line], parts: Sequence[str]) -> dict[str, list[Track]]:
    """By key: runs of two machines or compilers never stand in one track. Notes stand in all of them."""
    found: dict[str, list[Track]] = {}
    for key in dict.fromkeys(key_of(line) for line in lines if "note" not in line):
        these = [line for line in lines if "note" in line or key_of(line) == key]
        names = dict.fromkeys(name for line in these for name in line.get("cases", {}))
        wanted = [name for name in names if not parts or any(part in name for part in parts)]
        if wanted:
            found[key] = [track(name, these) for name in wanted]
    return found


def track(name: str, lines: Sequence[Line]) -> Track:
    points: list[Point] = []
    notes = []
    for line in lines:
        if "note" in line:
            notes.append((len(points), str(line["note"])))
        elif name in line["cases"]:
            c = line["cases"][name]
            revision = f"{line['revision']}{'+' if line.get('dirty') else ''}"
            points.append(Point(str(line["started"]), revision, c["value"], c["ratio"], c["unit"], c["direction"]))
    return Track(name, tuple(points), tuple(notes))


def table(group: Sequence[Track]) -> str:
    """The last run against the median of those since the last note."""
    rows = [f"{'runs':>5} {'last':>12} {'change':>8} {'ratio to anchor':>16} {'change':>8}  case"]
    rows += [row(found) for found in group if found.points]
    return "\n".join(rows)


def row(found: Track) -> str:
    last, before = found.points[-1], found.points[found.since : -1]
    value = change(last.value, [point.value for point in before])
    ratio = change(last.ratio, [point.ratio for point in before if point.ratio is not None])
    against = "" if last.ratio is None else f"{last.ratio:.3f}"
    return f"{len(found.points):>5} {last.value:>12.6g} {value:>8} {against:>16} {ratio:>8}  {found.case} ({last.unit})"


def changes_of(group: Sequence[Track]) -> dict[str, list[Change]]:
    """By case, counted in the track's own runs."""
    compared = {track.case: track.compared for track in group}
    found = change_points.found({case: list(by_run.values()) for case, by_run in compared.items()})
    return {case: [replace(c, at=list(compared[case])[c.at]) for c in changes] for case, changes in found.items()}


def told(group: Sequence[Track], changes: Mapping[str, Sequence[Change]]) -> str:
    """A line for each change of a level, or that there was none; and what was compared, where it was not every ratio."""
    return "\n".join([levels(group, changes), *filter(None, [by_value(group), left_out(group)])])


def by_value(group: Sequence[Track]) -> str:
    these = [track for track in group if not track.by_ratio]
    return f"by their values, since most of their runs have no ratio to the anchor: {len(these)} cases" if these else ""


def left_out(group: Sequence[Track]) -> str:
    these = [len(track.points) - track.since - len(track.compared) for track in group]
    cases = sum(count > 0 for count in these)
    return f"left out, since they have no ratio to the anchor: up to {max(these)} runs, in {cases} cases" if cases else ""


def levels(group: Sequence[Track], changes: Mapping[str, Sequence[Change]]) -> str:
    if not changes:
        asked = sum(len(track.compared) >= change_points.LEAST_RUNS for track in group)
        few = f"; {len(group) - asked} have fewer than {change_points.LEAST_RUNS} runs since the last note, too few to tell"
        return f"no change of a level beyond chance in {asked} of {len(group)} cases{few if asked < len(group) else ''}"
    lines = [sentence(track, found) for track in group for found in changes.get(track.case, ())]
    return "\n".join(["changes of a level (at 1 % over all cases):", *lines])


def sentence(track: Track, found: Change) -> str:
    point = track.points[found.at]
    better = (found.share > 0) == (point.direction == "higher")
    word = f"{'better' if better else 'worse'}, by its {'ratio' if track.by_ratio else 'value'}"
    return f"  {100 * found.share:+.1f} % ({word}) since {point.revision[:12]}, {point.started}: {track.case}"


def change(last: float | None, before: Sequence[float]) -> str:
    if last is None or not before:
        return ""
    middle = median(before)
    return f"{100 * (last / middle - 1):+.1f} %" if middle else ""
