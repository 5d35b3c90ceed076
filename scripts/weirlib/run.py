"""scripts/weir run: build, measure round by round, report."""

import os
import signal
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weirlib import folder, hlog, progress, reporting, results, stressing
from weirlib.bench import ending, last_line, refusal
from weirlib.errors import FAILED, INTERRUPTED, OK, CommandError, UsageError, say
from weirlib.job import Job, prepared
from weirlib.outcomes import STRESS
from weirlib.paths import shown
from weirlib.rounds import Interrupts, Outcome, run_round

MOST_NAMED = 20


@dataclass
class End:
    """How the rounds went."""

    interrupted: bool = False
    signal: int | None = None
    crashes: list[str] = field(default_factory=list)
    refused: CommandError | None = None
    finished: bool = False  # every round was begun and came back
    attack: stressing.Attack | None = None  # the stress that followed


def run(flags: Namespace) -> int:
    if flags.db_folder is not None:
        os.environ["WEIR_DB_FOLDER"] = str(flags.db_folder.absolute())
    with prepared(flags) as job:
        print(f"run folder: {shown(job.path)} (seed {job.seed})", flush=True)
        end = measure(job)
        stress(job, end)
        return conclude(job, end, report_wanted=not flags.no_report)


def measure(job: Job) -> End:
    """All rounds. However it ends, run.json says so."""
    end = End()
    done = sum(trial["round"] < job.rounds for trial in folder.trials(job.path))
    interrupts = Interrupts()
    try:
        with interrupts, progress.of_run(job.extent, job.rounds, done) as shower:
            for number in range(job.rounds):
                shower.round(number)
                if not one_round(job, number, interrupts, shower, end):
                    break
            else:
                end.finished = True
    except KeyboardInterrupt:
        end.interrupted = True
        raise
    finally:
        end.signal = interrupts.received
        end.interrupted = end.interrupted or interrupts.received is not None
        close_record(job, end)
    return end


def stress(job: Job, end: End) -> None:
    """What was asked for besides the trials, when they are done."""
    if job.stress is None or end.interrupted or end.refused:
        return
    asked = job.selection.channel_file
    end.attack = stressing.after_run(job.stress.program, job.stress.seconds, job.seed, asked, job.path, job.lock)
    if end.attack is not None and end.attack.signal is not None:
        end.signal = end.attack.signal


def one_round(job: Job, number: int, interrupts: Interrupts, shower: progress.Progress, end: End) -> bool:
    """False when the rest need not be tried."""

    def on_trial(event: dict[str, Any]) -> None:
        if event.get("status") in ("ok", "failed"):
            shower.trial(str(event["id"]))

    trials = job.path / folder.TRIALS
    folder.drop_half_line(trials)
    command = job.bench.round_command(job.selection, job.seed, number, trials, job.program(number))
    outcome = run_round(command, job.lock, interrupts, on_trial)
    folder.drop_half_line(trials)
    return judge(outcome, number, interrupts, end)


def judge(outcome: Outcome, number: int, interrupts: Interrupts, end: End) -> bool:
    if interrupts.received is not None or outcome.status == INTERRUPTED:
        end.interrupted = True
        return False
    if outcome.status == 2:
        end.refused = refusal(outcome.status, outcome.stderr)
        return False
    if outcome.status not in (OK, FAILED):
        why = last_line(outcome.stderr)
        end.crashes.append(f"round {number}: weir-bench {ending(outcome.status)}" + (f": {why}" if why else ""))
    return True


def close_record(job: Job, end: End) -> None:
    job.record.update(
        ended=folder.now(),
        complete=end.finished and not end.crashes and not end.interrupted and not missing(job),
        interrupted=end.interrupted,
    )
    folder.write_json(job.path / "run.json", job.record, advice=f"then {go_on(job)}")


def go_on(job: Job) -> str:
    return f"go on with: scripts/weir run --resume {shown(job.path)}"


def missing(job: Job) -> int:
    """How many trials the rounds should have left and did not: a process can end well and still be wrong."""
    found = {(trial["id"], trial["round"]) for trial in folder.trials(job.path) if trial["round"] < job.rounds}
    return max(0, job.rounds * job.extent.trials_per_round - len(found))


def conclude(job: Job, end: End, report_wanted: bool) -> int:
    """Table, failed trials, what to do next, and last the report's path."""
    trials = folder.trials(job.path)
    if end.refused:
        if trials:
            raise UsageError(f"{end.refused}; {go_on(job)}")
        folder.discard(job.path)
        raise end.refused
    status = FAILED if end.crashes or not (job.record["complete"] or end.interrupted) else OK
    report: Path | None = None
    # Whoever sends SIGTERM or closes the terminal wants an end, and the report can be made later.
    if trials and end.signal not in (signal.SIGTERM, signal.SIGHUP):
        try:
            hlog.write(job.path)
            print(reporting.table(job.path), flush=True)
            report = reporting.make(job.path) if report_wanted else None
        except CommandError as error:
            say(str(error))
            status = FAILED
    status = max(status, name_failures(trials), judge_stress(job, end))
    say_what_is_left(job, end)
    if report:
        print(f"report: {shown(report)}")
    elif trials:
        print(f"no report; make it with: scripts/weir report {shown(job.path)}")
    return INTERRUPTED if end.interrupted or (end.attack and end.attack.interrupted) else status


def judge_stress(job: Job, end: End) -> int:
    """What was found is said in the table, and before it by weir-stress; here is what it means for the run."""
    attack = end.attack
    if attack and attack.interrupted:
        print(f"stress was interrupted: what was finished is in {shown(job.path / STRESS)}")
    elif attack and attack.status not in (OK, FAILED):
        print(f"weir-stress {ending(attack.status)}: the channels are not stressed")
        return FAILED
    found = results.read_stress(job.path)
    return OK if found is None or found.clean else FAILED


def say_what_is_left(job: Job, end: End) -> None:
    for line in end.crashes:
        print(line)
    if end.interrupted:
        print(f"interrupted; {go_on(job)}")
    elif short := missing(job):
        print(f"{short} trials are missing; {go_on(job)}")


def name_failures(trials: list[dict[str, Any]]) -> int:
    """One line for each failed case: which rounds, and the first reason."""
    failed = [trial for trial in trials if trial["status"] == "failed"]
    if not failed:
        return OK
    print(f"failed: {len(failed)} of {len(trials)} trials")
    times = Counter(trial["id"] for trial in failed)
    first = {trial["id"]: trial for trial in reversed(failed)}
    for identity, trial in list(first.items())[:MOST_NAMED]:
        often = f" ({times[identity]} times)" if times[identity] > 1 else ""
        print(f"  {identity}  {trial.get('failure')}: {trial.get('reason')}{often}")
    if len(first) > MOST_NAMED:
        print(f"  and {len(first) - MOST_NAMED} more cases")
    return FAILED
