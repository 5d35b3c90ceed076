"""One stage of `pick`: a suite of the workload `load`, run as `scripts/weir run` runs any other.

Each stage has a folder of its own below that of the pick, so that rounds which chose the finalists are never pooled
with those that judge them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weirlib import folder, results, run
from weirlib.bench import Bench
from weirlib.charts import text
from weirlib.errors import INTERRUPTED, CommandError
from weirlib.job import Job, begin, first_record
from weirlib.paths import shown
from weirlib.picking.budget import Stage
from weirlib.picking.filter import Channel
from weirlib.picking.load import WORKLOAD, Load
from weirlib.results import Run
from weirlib.selection import Selection

Group = tuple[list[str], list[int]]  # channels, and the capacities that each is measured at


class Interrupted(CommandError):
    """The message says what is kept."""

    status = INTERRUPTED


@dataclass(frozen=True)
class Place:
    """What all stages share."""

    path: Path
    bench: Bench
    listing: dict[str, Any]
    environment: dict[str, Any]
    seed: int
    channel_file: Path | None


def by_capacity(channels: Iterable[Channel]) -> list[Group]:
    """Some are measured at a smaller capacity than the others."""
    found: dict[int, list[str]] = {}
    for channel in channels:
        found.setdefault(channel.capacity, []).append(channel.name)
    return [(names, [capacity]) for capacity, names in sorted(found.items())]


def suite(load: Load, stage: Stage, groups: Iterable[Group]) -> str:
    """As TOML. JSON's strings, numbers and lists are TOML's."""
    lines = [f"rounds = {stage.rounds}", f"warm_up_ms = {stage.warm_up_ms}", f"window_ms = {stage.window_ms}"]
    for names, capacities in groups:
        table: dict[str, object] = {"workload": WORKLOAD, "channels": names, "cap": capacities, **load.params()}
        lines += ["", "[[case]]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def measured(place: Place, name: str, load: Load, stage: Stage, groups: list[Group]) -> tuple[Run, list[str]]:
    """The stage's run, and a line for each process that died. Throws CommandError, Interrupted too."""
    path = place.path / name
    with folder.refusals(path):
        path.mkdir()
        file = path / f"{name}.toml"
        file.write_text(suite(load, stage, groups), encoding="utf-8")
    asked = Selection(file, channel_file=place.channel_file)
    try:
        extent = place.bench.extent(asked)
    except CommandError:
        with suppress(OSError):  # refused before anything ran: nothing is left behind
            file.unlink()
            path.rmdir()
            place.path.rmdir()
        raise
    with folder.locked(path) as lock:
        record = first_record(asked, place.seed, stage.rounds, None)
        begin(path, record, place.environment, place.listing)
        cases = sum(len(names) * len(capacities) for names, capacities in groups)
        rounds = text.plural(stage.rounds, "round")
        print(f"{name}: {text.plural(cases, 'case')}, {rounds}, windows of {stage.window_ms} ms", flush=True)
        end = run.measure(Job(place.bench, asked, extent, place.seed, stage.rounds, path, lock, record))
    if end.interrupted:
        raise Interrupted(
            f"interrupted in the {name}: there is no answer; what was finished: scripts/weir report {shown(path)}"
        )
    if end.refused:
        raise end.refused
    return results.read(path), end.crashes
