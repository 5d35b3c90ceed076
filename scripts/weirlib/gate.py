"""scripts/weir gate: compares a candidate with its base, or calibrates that for this class of machine."""

from __future__ import annotations

import hashlib
import secrets
import time
from argparse import Namespace
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from weirlib import build, folder
from weirlib.bench import Bench
from weirlib.errors import FAILED, OK, UNSURE, Failure, UsageError, say
from weirlib.gating import calibrate, calibration, instructions, kept, machine, players, report, settings, sides
from weirlib.gating.figures import LOOKS
from weirlib.gating.instructions import Count
from weirlib.gating.judge import INCONCLUSIVE, REGRESSION, UNFIT, Outcome
from weirlib.gating.players import Entrant
from weirlib.gating.rounds import Trio
from weirlib.gating.session import Plan, Session
from weirlib.paths import shown

RECORD, ROUNDS, PAGE = "gate.json", "rounds.jsonl", "report.md"
MINUTES = 8.0
SEED = 1  # of a calibration: its sessions are the same in every piece
OF_A_ROUND = ("stage", "round", "case", "y", "twin", "canary_ghz", "foreign", "stolen")
CALIBRATING = ("sessions", "part")


def gate(flags: Namespace) -> int:
    try:
        return dispatch(flags)
    except Failure as error:
        # Status 1 is kept for a confirmed regression: whatever else went wrong is no verdict.
        raise UsageError(str(error)) from error


def dispatch(flags: Namespace) -> int:
    checked(flags)
    if flags.calibrate:
        return calibrating(flags)
    return resumed(flags) if flags.resume else fresh(flags)


def checked(flags: Namespace) -> tuple[str, ...]:
    """The cases that the flags choose; refuses flags that do not go together."""
    for name in CALIBRATING:
        if getattr(flags, name) and not flags.calibrate:
            raise UsageError(f"--{name} is of --calibrate")
    if not (flags.calibrate or flags.resume or (flags.BASE and flags.HEAD)):
        raise UsageError("say what to compare: scripts/weir gate BASE HEAD, each a revision, a build folder or a program")
    return settings.chosen(settings.read().cases, flags.cases)


def fresh(flags: Namespace) -> int:
    asked = settings.read()
    cases = settings.chosen(asked.cases, flags.cases)
    base, candidate = sides.resolve([flags.BASE, flags.HEAD], asked.catalogue, flags.jobs)
    record = first_record(flags, base, candidate, cases)
    path = folder.make("gate", flags.out)
    with folder.locked(path):
        try:
            folder.write_json(path / RECORD, record)
            (path / ROUNDS).touch()
            return measured(flags, path, record, [])
        except UsageError:
            discard(path)
            raise


def discard(path: Path) -> None:
    """Takes back a folder in which no round was played."""
    if not (path / ROUNDS).exists() or (path / ROUNDS).stat().st_size == 0:
        for name in (RECORD, ROUNDS):
            (path / name).unlink(missing_ok=True)
        path.rmdir()


def resumed(flags: Namespace) -> int:
    if flags.BASE or flags.cases or flags.out or flags.seed is not None or flags.rounds:
        raise UsageError("--resume goes on with the session's own choice: leave BASE, HEAD and the other choices out")
    path = session(flags.resume)
    with folder.locked(path):
        record = folder.read_json(path / RECORD)
        rounds = kept.read(path / ROUNDS, OF_A_ROUND)
        for side in ("base", "candidate"):
            check_program(record[side])
        identity = machine.identity(environment(Path(record["base"]["program"])))
        kept.check_same_machine(record["machine"], identity, path)
        return measured(flags, path, record, rounds)


def session(path: Path) -> Path:
    """A folder that holds one."""
    if not (path / RECORD).is_file():
        raise UsageError(f"{path} holds no session of the gate: it has no {RECORD}")
    return path


def check_program(side: dict[str, Any]) -> None:
    program = Path(side["program"])
    if not program.is_file() or digest(program) != side["sha256"]:
        raise UsageError(f"{program} is not there any more, or is another one now: the session cannot go on")


def first_record(flags: Namespace, base: sides.Side, candidate: sides.Side, cases: tuple[str, ...]) -> dict[str, Any]:
    around = [environment(side.program) for side in (base, candidate)]
    for name in ("compiler", "flags", "build_type"):
        if around[0].get(name) != around[1].get(name):
            say(f"base and candidate were built differently: {name} {around[0].get(name)} and {around[1].get(name)}")
    known = calibration.of_class(machine.class_of(around[0]), flags.calibration)
    return {
        "schema": 1,
        "base": described(base),
        "candidate": described(candidate),
        "cases": list(cases),
        "rounds": flags.rounds or LOOKS[-1].rounds,
        "seed": secrets.randbits(32) if flags.seed is None else flags.seed,
        "class": known.machine_class,
        "calibration": str(known.where) if known.where else None,
        "machine": machine.identity(around[0]),
        "compiler": around[0].get("compiler"),
        "started": folder.now(),
        "complete": False,
    }


def environment(program: Path) -> dict[str, Any]:
    return Bench(program).environment()


def described(side: sides.Side) -> dict[str, Any]:
    return {
        "word": side.word,
        "what": side.what,
        "program": str(side.program),
        "relinked": str(side.relinked) if side.relinked else None,
        "sha256": digest(side.program),
    }


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def measured(flags: Namespace, path: Path, record: dict[str, Any], rounds: list[dict[str, Any]]) -> int:
    """Plays what is missing, says what it means."""
    known = calibration.of_class(record["class"], Path(record["calibration"]) if record["calibration"] else None)
    plan = plan_of(flags, record, known)
    record["warning"] = " ".join(filter(None, [uncalibrated(record, known), unlinked(record)]))
    players.ask(list(plan.trio), plan.cases)
    print(f"session: {shown(path)} (seed {record['seed']}); at most {(plan.seconds or 0) / 60:g} minutes", flush=True)
    session = Session(plan, rounds, Keeper(path / ROUNDS, plan))
    try:
        outcome = session.run()
    except KeyboardInterrupt:
        say(f"its rounds are kept; go on with: scripts/weir gate --resume {shown(path)}")
        raise
    counts = counted(flags, record)
    record.update(ended=folder.now(), complete=True, outcome=asdict(outcome), instructions=plain(counts))
    folder.write_json(path / RECORD, record)
    return concluded(flags, path, record, outcome, counts)


def counted(flags: Namespace, record: dict[str, Any]) -> list[Count] | str:
    """Instructions, or why there are none."""
    if flags.no_instructions:
        return "left out"
    cases = settings.read().counted(tuple(record["cases"]))
    return instructions.compare(Path(record["base"]["program"]), Path(record["candidate"]["program"]), cases)


def plain(counts: list[Count] | str) -> list[dict[str, Any]] | str:
    return counts if isinstance(counts, str) else [asdict(count) | {"verdict": count.verdict} for count in counts]


def plan_of(flags: Namespace, record: dict[str, Any], known: calibration.Known) -> Plan:
    trios = []
    for which in ("program", "relinked"):
        base, candidate = record["base"][which], record["candidate"][which]
        if base and candidate:
            base, candidate = Path(base), Path(candidate)
            trios.append(Trio(Entrant("base", base), Entrant("candidate", candidate), Entrant("twin", base)))
    plan = Plan(trios[0], trios[-1], tuple(record["cases"]), known.bounds, int(record["seed"]))
    return replace(plan, rounds=int(record["rounds"]), seconds=60.0 * (flags.minutes or MINUTES))


class Keeper:
    """Appends each round to the file, and says now and then how far the session is."""

    EVERY_S = 15.0

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        self.plan = plan
        self.said = time.monotonic()

    def __call__(self, entry: dict[str, Any]) -> None:
        kept.append(self.path, entry)
        if time.monotonic() - self.said > self.EVERY_S:
            self.said = time.monotonic()
            what = "" if entry["stage"] == "first" else " of the confirming ones"
            say(f"round {entry['round'] + 1} of {self.plan.rounds}{what}")


def concluded(flags: Namespace, path: Path, record: dict[str, Any], outcome: Outcome, counts: list[Count] | str) -> int:
    from weirlib.gating import forest  # matplotlib costs a second that a refusal need not pay

    page = report.page(record, outcome, record["warning"], report.instructions(counts))
    forest.draw(outcome, f"{record['candidate']['word']} against {record['base']['word']}: {outcome.verdict}", path)
    (path / PAGE).write_text(page, encoding="utf-8")
    print(page)
    print(report.closing(outcome), flush=True)
    if outcome.verdict == REGRESSION:
        return FAILED
    return UNSURE if flags.strict and outcome.verdict in (INCONCLUSIVE, UNFIT) else OK


def uncalibrated(record: dict[str, Any], known: calibration.Known) -> str:
    """Empty where every case is calibrated."""
    if known.where is None:
        return f"No calibration for the class {known.machine_class}: each margin is 5 %, and nobody has counted the false alarms."
    missing = [case for case in record["cases"] if case not in known.bounds]
    return f"Not calibrated, with a margin of 5 %: {', '.join(missing)}." if missing else ""


def unlinked(record: dict[str, Any]) -> str:
    if record["base"]["relinked"] and record["candidate"]["relinked"]:
        return ""
    return "Both have no other link layout here: confirming rounds use the same programs, and a difference of layout looks like one of code."


# --- calibration


def calibrating(flags: Namespace) -> int:
    for name in ("HEAD", "strict", "resume", "calibration"):
        if getattr(flags, name):
            raise UsageError(f"--calibrate measures one program against itself: leave out {name}")
    asked = settings.read()
    parts = tuple(flags.part) or calibrate.PARTS
    for part in parts:
        if part not in calibrate.PARTS:
            raise UsageError(f"unknown part {part}; there are {', '.join(calibrate.PARTS)}")
    side = sides.resolve([flags.BASE], asked.catalogue, flags.jobs)[0] if flags.BASE else own(flags.jobs)
    around = environment(side.program)
    name = machine.class_of(around)
    desk = calibrate.Desk(
        path=flags.out or calibration.PLACE / name,
        identity=machine.identity(around),
        built={key: around.get(key) for key in ("revision", "compiler", "flags")},
        side=side,
        cases=settings.chosen(asked.cases, flags.cases or list(asked.calibrated)),
        every=asked.cases,
        sessions=flags.sessions or 40,
        seed=SEED if flags.seed is None else flags.seed,
        until=time.monotonic() + 60.0 * flags.minutes if flags.minutes else float("inf"),
        rounds=flags.rounds or LOOKS[-1].rounds,
    )
    players.ask([Entrant("base", side.program)], desk.every if "spread" in parts else desk.cases)
    if not calibrate.run(desk, name, parts):
        print("the time is over; the same command goes on")
    return OK


def own(jobs: int | None) -> sides.Side:
    """The program of this tree as it stands."""
    program = build.bench(None, jobs)
    relinked = program.with_name(sides.RELINKED)
    return sides.Side("this tree", "this tree", program, relinked if relinked.is_file() else None)
