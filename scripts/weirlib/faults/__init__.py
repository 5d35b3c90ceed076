"""scripts/weir stress --faults: plants known faults into copies of own channels, and lets the detectors that are named
for each look for it.

The sound originals are attacked in the same way: an alarm there would make every detection worthless.
"""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator

from weirlib.arguments import EXPLORING
from weirlib.errors import FAILED, INTERRUPTED, OK, UsageError, say
from weirlib.faults import table
from weirlib.faults.detectors import Attack, Outcome, detect, seeded
from weirlib.faults.kept import Kept
from weirlib.faults.planted import Fault, choose, make, read

SECONDS = 10.0
# What other stress has and this has not.
NOT_HERE = ("channel", "channel_file", "case", "into", "explore", "kill", "power_loss", "store", "db", *EXPLORING)


def stray(values: Namespace) -> None:
    """A flag of the other kind of stress is a mistake, said before anything is built."""
    if values.faults is not None:
        if given := [name for name in NOT_HERE if getattr(values, name)]:
            raise UsageError(f"--{given[0].replace('_', '-')} does not go with --faults")
    elif values.seeds is not None:
        raise UsageError("--seeds goes with --faults")
    elif values.resume is not None:
        raise UsageError("--resume goes with --faults")


def faults(values: Namespace) -> int:
    chosen = choose(read(), values.faults)
    if values.list:
        for fault in chosen:
            print(json.dumps(table.described(fault)) if values.json else table.listed(fault))
        return OK
    attacks = [attack for fault in chosen for attack in attacks_on(fault, values)]
    kept = Kept(values.resume)
    make(unknown_yet(attacks, kept), values.jobs)
    done: list[Outcome] = []
    try:
        for outcome in outcomes(attacks, kept):
            done.append(outcome)
            show(outcome, done, attacks, values.json)
    except KeyboardInterrupt:
        ended_early(done, attacks, values)
        return INTERRUPTED
    if not values.json:
        print(table.closing(done), flush=True)
    return OK if all(outcome.found != outcome.attack.fault.sound for outcome in done) else FAILED


def attacks_on(fault: Fault, values: Namespace) -> Iterator[Attack]:
    first = 1 if values.seed is None else values.seed
    for detector in fault.detectors:
        for seed in range(first, first + (values.seeds or 1)) if seeded(detector) else [first]:
            yield Attack(fault, detector, seed, values.seconds or SECONDS)


def unknown_yet(attacks: list[Attack], kept: Kept) -> list[Fault]:
    """Those that a program is needed for."""
    return list(dict.fromkeys(attack.fault for attack in attacks if kept.find(attack) is None))


def outcomes(attacks: list[Attack], kept: Kept) -> Iterator[Outcome]:
    for number, attack in enumerate(attacks, 1):
        outcome = kept.find(attack)
        if outcome is None:
            progress(f"[{number}/{len(attacks)}] {attack.fault.name}: {attack.detector}, seed {attack.seed}")
            try:
                outcome = detect(attack)
            finally:
                progress("")
            kept.add(outcome)
        yield outcome


def progress(text: str) -> None:
    """What is under way, where somebody looks; the rows are progress enough elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def show(outcome: Outcome, done: list[Outcome], attacks: list[Attack], as_json: bool) -> None:
    """A line for each attack; in the table, a row when all seeds are done."""
    if as_json:
        print(json.dumps(outcome.line()), flush=True)
        return
    if len(done) == 1:
        print(table.HEAD, flush=True)
    row = (outcome.attack.fault, outcome.attack.detector)
    if len(done) == len(attacks) or (attacks[len(done)].fault, attacks[len(done)].detector) != row:
        print(table.row([one for one in done if (one.attack.fault, one.attack.detector) == row]), flush=True)


def ended_early(done: list[Outcome], attacks: list[Attack], values: Namespace) -> None:
    # A fault of which some attacks are still to come is neither caught nor missed.
    to_come = {attack.fault for attack in attacks[len(done) :]}
    whole = [one for one in done if one.attack.fault not in to_come]
    if whole and not values.json:
        print(table.closing(whole), flush=True)
    kept = f"; --resume {values.resume} goes on from here" if values.resume else ""
    say(f"interrupted after {len(done)} of {len(attacks)} attacks{kept}")
