"""What else the machine did: time stolen by its host, load of others, and which class of machine it is."""

from __future__ import annotations

import os
import re
import resource
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STAT, CPUS = Path("/proc/stat"), Path("/proc/cpuinfo")
TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Moment:
    """Seconds since boot over the processors that this process may use, and what it and its ended children took of them."""

    wall: float
    busy: float
    stolen: float
    own: float


def moment() -> Moment:
    mine = {f"cpu{cpu}" for cpu in os.sched_getaffinity(0)}
    rows = [line.split() for line in STAT.read_text().splitlines()]
    ticks = [[int(field) for field in row[1:9]] for row in rows if row and row[0] in mine]
    user, nice, system, _idle, _iowait, irq, softirq, steal = (TICK_S * sum(column) for column in zip(*ticks))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return Moment(time.monotonic(), user + nice + system + irq + softirq, steal, own)


def foreign_cores(before: Moment, after: Moment) -> float:
    """How many processors others kept busy meanwhile. Children that have not been waited for count as others."""
    wall = after.wall - before.wall
    return max(0.0, (after.busy - before.busy) - (after.own - before.own)) / wall if wall > 0 else 0.0


def stolen_cores(before: Moment, after: Moment) -> float:
    """How many processors the host kept for itself meanwhile."""
    wall = after.wall - before.wall
    return (after.stolen - before.stolen) / wall if wall > 0 else 0.0


# With one of these changed, it is another machine.
SAME_MACHINE = ("cpu_model", "allowed_cpus", "virtualized", "architecture", "kernel", "memory_mib")


def identity(environment: dict[str, Any]) -> dict[str, Any]:
    return {name: environment.get(name) for name in SAME_MACHINE}


def class_of(environment: dict[str, Any]) -> str:
    """Machines of one class share a calibration: the processor, how many there are, virtual or not."""
    model = str(environment.get("cpu_model") or "unknown")
    words = [model, f"{len(environment.get('allowed_cpus') or [])} cpus"]
    if environment.get("virtualized"):
        words.append("virtual")
    words.append(generation(model))
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")


def generation(model: str) -> str:
    """Family and model number of a processor of that name here: hypervisors give several generations one name."""
    with suppress(OSError):
        for block in CPUS.read_text().split("\n\n"):
            fields = dict(re.findall(r"^([^\t:]+?)\s*: *(.*)$", block, re.MULTILINE))
            if fields.get("model name") == model and {"cpu family", "model"} <= fields.keys():
                return f"family {fields['cpu family']} model {fields['model']}"
    return ""
