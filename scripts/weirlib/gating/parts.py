"""The parts of a calibration: sessions of base against itself, with plants, beside a busy loop."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from weirlib.errors import UsageError, say
from weirlib.gating import calibration, fitness, kept, plants
from weirlib.gating.calibration import Line
from weirlib.gating.desk import PLANTS, SESSIONS, Desk
from weirlib.gating.judge import Terms
from weirlib.gating.rounds import play
from weirlib.gating.session import AGAIN, FIRST, Plan, Session
from weirlib.paths import shown

EFFECTS = (10, 20)  # per cent
BUSY_SESSIONS = 10
ROUND_S = 1.2  # about what a round takes, until one was timed


def spreads(desk: Desk) -> None:
    """One session of all cases, so that each has a spread."""
    sessions(desk, "spread", 1, lambda _: {}, cases=desk.every)


def alone(desk: Desk) -> None:
    sessions(desk, "aa", desk.sessions, lambda _: {})


def planted(desk: Desk) -> None:
    steps = {(case, wanted): tune(desk, case, wanted) for wanted in EFFECTS for case in desk.cases}

    def of(number: int) -> Line:
        wanted = EFFECTS[number % 2]
        case = desk.cases[number // 2 % len(desk.cases)]
        return {"effect": wanted, "planted": case, "steps": steps[case, wanted]}

    sessions(desk, "plants", desk.sessions, of)


def busy(desk: Desk) -> None:
    """Base against itself, while a loop keeps one processor busy: there must be no verdict about the code."""
    with busy_loop(desk.identity["allowed_cpus"][-1]):
        sessions(desk, "busy", BUSY_SESSIONS, lambda _: {})


DOING: dict[str, Callable[[Desk], None]] = {"spread": spreads, "aa": alone, "plants": planted, "busy": busy}


@contextmanager
def busy_loop(cpu: int) -> Iterator[None]:
    # It ends by itself when this process is gone.
    code = f"import os\nos.sched_setaffinity(0, [{cpu}])\nwhile os.getppid() == {os.getpid()}: pass"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def sessions(desk: Desk, part: str, count: int, of: Callable[[int], Line], cases: tuple[str, ...] = ()) -> None:
    """Those that are missing, each kept as it ends."""
    known = [line for line in desk.lines()]
    bounds = margins(known) if part in ("plants", "busy") else {}
    # A spread that was taken on an unfit machine is none.
    these = [line for line in known if line["part"] == part and not (part == "spread" and line["complaints"])]
    have = {line["session"]: set(line[FIRST]) for line in these}
    if any(found != set(cases or desk.cases) for found in have.values()):
        raise UsageError(f"{shown(desk.path)} has {part} sessions of other cases; name another folder with --out")
    guess = ROUND_S * desk.rounds * len(cases or desk.cases)
    longest = max((line["seconds"] for line in known if line["part"] == part), default=guess)
    for number in range(count):
        if number in have:
            continue
        desk.check_time(longest)
        line = one(desk, part, number, of(number), bounds, cases or desk.cases)
        longest = max(longest, line["seconds"])
        kept.append(desk.path / SESSIONS, line)
        say(f"{part} session {number + 1} of {count}: {line['verdict']} ({line['seconds']:.0f} s)")


def margins(lines: list[Line]) -> dict[str, Terms]:
    """What the sessions of base against itself have shown so far. Those have the smallest margin, so that an alarm is seen."""
    return calibration.bounds_of([line for line in lines if line["part"] == "aa"])


def one(desk: Desk, part: str, number: int, more: Line, bounds: Mapping[str, Terms], cases: tuple[str, ...]) -> Line:
    """Plays a session, first rounds and confirming ones, and makes it a line."""
    least = {case: bounds.get(case, Terms(calibration.LEAST_MARGIN)) for case in cases}
    plant = {more["planted"]: more["steps"]} if more else {}
    trio = desk.trio(desk.side.program, plant)
    relinked = desk.trio(desk.side.relinked or desk.side.program, plant)
    chance = random.Random(f"{desk.seed}/{part}/{number}").getrandbits(32)
    plan = Plan(trio, relinked, cases, least, chance, desk.shape, desk.rounds, early=False)
    began = time.monotonic()
    session = Session(plan)
    outcome = session.run()
    return {
        "schema": 1,
        "part": part,
        "session": number,
        "seed": chance,
        "rounds": desk.rounds,
        **more,
        FIRST: plain(session, FIRST),
        AGAIN: plain(session, AGAIN),
        "complaints": [line for line in outcome.complaints if not line.startswith("base against itself")],
        "foreign": round(max(entry["foreign"] for entry in session.rounds), 2),
        "dropped": len(fitness.split(session.of(FIRST))[1]),
        "verdict": outcome.verdict,
        "start": session.rounds[0]["start"],
        "seconds": round(time.monotonic() - began, 1),
        "machine": desk.identity,
        "built": desk.built,
    }


def plain(session: Session, stage: str) -> dict[str, Any]:
    """The rounds that count, by case, with the digits that they deserve."""
    data = session.data(stage)
    return {c: {"y": [round(v, 5) for v in s.y], "twin": [round(v, 5) for v in s.twin]} for c, s in data.items()}


def tune(desk: Desk, case: str, wanted: int) -> int:
    """The steps of a plant of that effect, from earlier calls or measured now."""
    blocks = [dict(b) for b in desk.tuned() if (b["case"], b["wanted"]) == (case, wanted)]

    def measure(steps: int, rounds: int) -> list[float]:
        trio = desk.trio(desk.side.program, {case: steps})
        desk.check_time(ROUND_S * rounds)
        found = []
        for number in range(rounds):
            chance = random.Random(f"{desk.seed}/tune/{case}/{wanted}/{len(blocks)}/{number}")
            found.append(play(trio, case, desk.shape, chance))
        sound, _ = fitness.split(found)
        return [float(entry["y"]) for entry in sound]

    def keep(block: Line) -> None:
        line = {"schema": 1, "case": case, "wanted": wanted, **block, "machine": desk.identity}
        kept.append(desk.path / PLANTS, line)
        say(f"{wanted} % in {case}: {block['steps']} steps, {len(block['y'])} rounds: {plants.pooled([block])[0].effect:.1f} %")

    return plants.tune(wanted, blocks, measure, keep).steps
