"""scripts/weir gate: compares a candidate with its base, or calibrates that for this class of machine."""

from __future__ import annotations

import time
import traceback
from argparse import Namespace
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from weirlib import folder
from weirlib.errors import FAILED, OK, UNSURE, Failure, UsageError, say
from weirlib.gating import calibrate, calibration, instructions, kept, machine, players, report, settings, sides
from weirlib.gating import record as records
from weirlib.gating.instructions import Count
from weirlib.gating.judge import INCONCLUSIVE, REGRESSION, UNFIT, Outcome
from weirlib.gating.players import Entrant
from weirlib.gating.rounds import Trio
from weirlib.gating.session import FIRST, Plan, Session
from weirlib.paths import BUILD, shown

RECORD, ROUNDS, PAGE = "gate.json", "rounds.jsonl", "report.md"
MINUTES = 8.0
OF_A_ROUND = ("stage", "round", "case", "y", "twin", "canary_ghz", "foreign", "stolen")
CALIBRATING = ("sessions", "part")


def gate(flags: Namespace) -> int:
    try:
        return dispatch(flags)
    except UsageError:
        raise
    # Status 1 is kept for a confirmed regression: whatever else went wrong is no verdict.
    except Failure as error:
        raise UsageError(str(error)) from error
    except Exception as error:
        log = BUILD / "gate-error.log"
        with suppress(OSError):  # the disk may be what went wrong
            log.write_text(traceback.format_exc(), encoding="utf-8")
        raise UsageError(f"there is no verdict: {type(error).__name__}: {error} (all of it: {shown(log)})") from error


def dispatch(flags: Namespace) -> int:
    checked(flags)
    if flags.calibrate:
        return calibrate.command(flags)
    return resumed(flags) if flags.resume else fresh(flags)


def checked(flags: Namespace) -> tuple[str, ...]:
    """The cases that the flags choose; refuses flags that do not go together."""
    if flags.calibrate:
        calibrate.check(flags)
    for name in CALIBRATING:
        if getattr(flags, name) and not flags.calibrate:
            raise UsageError(f"--{name} is of --calibrate")
    if flags.resume and (flags.BASE or flags.cases or flags.out or flags.seed is not None or flags.rounds or flags.calibration):
        raise UsageError("--resume goes on with the session's own choice: leave BASE, HEAD and the other choices out")
    if not (flags.calibrate or flags.resume or (flags.BASE and flags.HEAD)):
        raise UsageError("say what to compare: scripts/weir gate BASE HEAD, each a revision, a build folder or a program")
    return settings.chosen(settings.read().cases, flags.cases)


def fresh(flags: Namespace) -> int:
    asked = settings.read()
    cases = settings.chosen(asked.cases, flags.cases)
    base, candidate = sides.resolve([flags.BASE, flags.HEAD], asked.catalogue, flags.jobs)
    record = records.first_record(flags, base, candidate, cases)
    path = folder.make("gate", flags.out)
    with folder.locked(path):
        try:
            folder.write_json(path / RECORD, record)
            (path / ROUNDS).touch()
            return measured(flags, path, record, [])
        except Exception:
            discard(path)
            raise


def discard(path: Path) -> None:
    """Takes back a folder in which no round was played."""
    if not (path / ROUNDS).exists() or (path / ROUNDS).stat().st_size == 0:
        for name in (RECORD, ROUNDS):
            (path / name).unlink(missing_ok=True)
        with suppress(OSError):  # something else is in it by now
            path.rmdir()


def resumed(flags: Namespace) -> int:
    path = session(flags.resume)
    with folder.locked(path):
        record = folder.read_json(path / RECORD)
        rounds = kept.read(path / ROUNDS, OF_A_ROUND)
        for side in ("base", "candidate"):
            records.check_program(record[side])
        identity = machine.identity(records.environment(Path(record["base"]["program"])))
        kept.check_same_machine(record["machine"], identity, path)
        return measured(flags, path, record, rounds)


def session(path: Path) -> Path:
    """A folder that holds one."""
    if not (path / RECORD).is_file():
        raise UsageError(f"{path} holds no session of the gate: it has no {RECORD}")
    return path


def measured(flags: Namespace, path: Path, record: dict[str, Any], rounds: list[dict[str, Any]]) -> int:
    """Plays what is missing, says what it means."""
    known = calibration.of_class(record["class"], Path(record["calibration"]) if record["calibration"] else None)
    plan = plan_of(flags, record, known)
    warnings = [records.unlike(record.get("built", {})), records.uncalibrated(record, known), records.unlinked(record)]
    record["warning"] = " ".join(filter(None, warnings))
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
            what = "" if entry["stage"] == FIRST else f" that confirm {entry['case']}"
            number = entry["round"] + 1
            spare = ", with those that were dropped" if number > self.plan.rounds else ""
            say(f"round {number} of {self.plan.rounds}{what}{spare}")


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
