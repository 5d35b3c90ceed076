"""scripts/weir gate --calibrate: how often the gate is wrong on this class of machine, and what it can see.

In pieces: every session is kept as it ends, and a later call goes on where the last one stopped.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weirlib import folder
from weirlib.errors import UsageError, say
from weirlib.gating import calibration, fitness, kept, machine, plants, report
from weirlib.gating.calibration import Line
from weirlib.gating.figures import LOOKS
from weirlib.gating.judge import Terms
from weirlib.gating.players import Entrant
from weirlib.gating.rounds import Shape, Trio, play
from weirlib.gating.session import AGAIN, FIRST, Plan, Session
from weirlib.gating.sides import Side
from weirlib.paths import shown

SESSIONS, PLANTS = "sessions.jsonl", "plants.jsonl"
PARTS = ("spread", "aa", "plants", "busy")
EFFECTS = (10, 20)  # per cent
BUSY_SESSIONS = 10
ROUND_S = 1.2  # about what a round takes, until one was timed
MUST_HAVE = ("part", "session", "machine", FIRST, AGAIN, "complaints")


class TimeIsOver(Exception):
    """The call may not take longer."""


@dataclass
class Desk:
    """What all parts need: where lines are kept, who plays, until when."""

    path: Path
    identity: Line
    built: Line  # by what, from what
    side: Side
    cases: tuple[str, ...]
    every: tuple[str, ...]
    sessions: int
    seed: int
    until: float
    rounds: int = LOOKS[-1].rounds
    shape: Shape = Shape()

    def lines(self) -> list[Line]:
        return self.read(SESSIONS, MUST_HAVE)

    def tuned(self) -> list[Line]:
        return self.read(PLANTS, ("case", "wanted", "steps", "y", "machine"))

    def read(self, name: str, must_have: tuple[str, ...]) -> list[Line]:
        path = self.path / name
        found = kept.read(path, must_have) if path.exists() else []
        for line in found:
            kept.check_same_machine(line["machine"], self.identity, path)
        return found

    def check_time(self, seconds: float) -> None:
        """Begins nothing that would not end in time."""
        if time.monotonic() + seconds > self.until:
            raise TimeIsOver

    def trio(self, program: Path, planted: Mapping[str, int]) -> Trio:
        return Trio(Entrant("base", program), Entrant("candidate", program, planted), Entrant("twin", program))


def run(desk: Desk, machine_class: str, parts: tuple[str, ...]) -> bool:
    """True when all parts are done; else another call goes on."""
    desk.path.mkdir(parents=True, exist_ok=True)
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
    summary |= {"machine": desk.identity, "built": desk.built}
    folder.write_json(desk.path / calibration.SUMMARY, summary)
    text = report.calibration_table(summary)
    (desk.path / "README.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"kept in {shown(desk.path)}")


def settled(desk: Desk) -> list[Line]:
    """The plants that are tuned."""
    found = []
    for case in desk.cases:
        for wanted in EFFECTS:
            blocks = [b for b in desk.tuned() if (b["case"], b["wanted"]) == (case, wanted)]
            if plant := plants.found(plants.pooled(blocks), wanted):
                found.append(plants.described(case, wanted, plant))
    return found


# --- the parts


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
    code = f"import os\nos.sched_setaffinity(0, [{cpu}])\nwhile True: pass"
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
