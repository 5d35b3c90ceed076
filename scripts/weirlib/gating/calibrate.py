"""scripts/weir gate --calibrate: how often the gate is wrong on this class of machine, and what it can see.

In pieces: every session is kept as it ends, and a later call goes on where the last one stopped.
"""

from __future__ import annotations

import math
import time
from argparse import Namespace

from weirlib import build, folder
from weirlib.errors import OK, UsageError
from weirlib.gating import calibration, machine, plants, players, record, report, settings, sides
from weirlib.gating.calibration import Line
from weirlib.gating.desk import Desk, TimeIsOver
from weirlib.gating.figures import LOOKS
from weirlib.gating.parts import DOING
from weirlib.gating.players import Entrant
from weirlib.paths import shown

SESSIONS = 40
SEED = 1  # its sessions are the same in every piece


def check(flags: Namespace) -> tuple[str, ...]:
    """The parts that are asked for; refuses flags that do not go together."""
    for name in ("HEAD", "strict", "resume", "calibration"):
        if getattr(flags, name):
            raise UsageError(f"--calibrate measures one program against itself: leave out {name}")
    parts = tuple(flags.part) or tuple(DOING)
    for part in parts:
        if part not in DOING:
            raise UsageError(f"unknown part {part}; there are {', '.join(DOING)}")
    return parts


def command(flags: Namespace) -> int:
    asked, parts = settings.read(), check(flags)
    side = sides.resolve([flags.BASE], asked.catalogue, flags.jobs)[0] if flags.BASE else own(flags.jobs)
    around = record.environment(side.program)
    name = machine.class_of(around)
    desk = desk_of(flags, asked, side, around)
    players.ask([Entrant("base", side.program)], desk.every if "spread" in parts else desk.cases)
    if not run(desk, name, parts):
        print("the time is over; the same command goes on")
    return OK


def desk_of(flags: Namespace, asked: settings.Settings, side: sides.Side, around: Line) -> Desk:
    return Desk(
        path=flags.out or calibration.PLACE / machine.class_of(around),
        identity=machine.identity(around),
        built={key: around.get(key) for key in ("revision", "compiler", "flags")},
        side=side,
        cases=settings.chosen(asked.cases, flags.cases or list(asked.calibrated)),
        every=asked.cases,
        sessions=flags.sessions or SESSIONS,
        seed=SEED if flags.seed is None else flags.seed,
        until=time.monotonic() + 60.0 * flags.minutes if flags.minutes else math.inf,
        rounds=flags.rounds or LOOKS[-1].rounds,
    )


def own(jobs: int | None) -> sides.Side:
    """The program of this tree as it stands."""
    program = build.bench(None, jobs)
    return sides.Side("this tree", "this tree", program, sides.relinked_of(program))


def run(desk: Desk, machine_class: str, parts: tuple[str, ...]) -> bool:
    """True when all parts are done; else another call goes on."""
    with folder.refusals(desk.path):
        desk.path.mkdir(parents=True, exist_ok=True)
    with folder.locked(desk.path):
        whole = True
        try:
            for part in parts:
                DOING[part](desk)
        except TimeIsOver:
            whole = False
        finally:
            write(desk, machine_class)
        return whole


def write(desk: Desk, machine_class: str) -> None:
    lines = desk.lines()
    if not lines:
        return
    summary = calibration.summarise(machine_class, lines, settled(desk))
    summary |= {"machine": desk.identity, "built": lines[-1].get("built") or kept_built(desk)}
    folder.write_json(desk.path / calibration.SUMMARY, summary)
    text = report.calibration_table(summary)
    (desk.path / "README.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"kept in {shown(desk.path)}")


def kept_built(desk: Desk) -> Line:
    """By what sessions were played that do not say it themselves."""
    path = desk.path / calibration.SUMMARY
    return dict(folder.read_json(path)["built"]) if path.is_file() else desk.built


def settled(desk: Desk) -> list[Line]:
    """The plants that are tuned."""
    found = []
    blocks = desk.tuned()
    for case, wanted in sorted({(block["case"], block["wanted"]) for block in blocks}):
        tried = plants.pooled([b for b in blocks if (b["case"], b["wanted"]) == (case, wanted)])
        if plant := plants.found(tried, wanted):
            found.append(plants.described(case, wanted, plant))
    return found
