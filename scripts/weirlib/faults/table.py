"""The table: fault, detector, how often it was caught, how soon."""

import statistics
import textwrap
from collections.abc import Iterable

from weirlib.faults.detectors import Outcome
from weirlib.faults.planted import Fault

HEAD = f"{'kind':>4}  {'fault':<33} {'detector':<34} {'caught':>8} {'median s':>8} {'longest':>7}  what it saw"
SEEN_WIDTH = 40


def row(outcomes: list[Outcome]) -> str:
    """Of one fault and one detector, all seeds."""
    attack = outcomes[0].attack
    found = [outcome for outcome in outcomes if outcome.found]
    took = [outcome.took for outcome in (found or outcomes)]
    seen = found[0].seen if found else "nothing"
    verdict = {(True, True): "ALARM: ", (False, False): "SURVIVED: "}.get((attack.fault.sound, bool(found)), "")
    if found and not attack.fault.sound and len(found) < len(outcomes):
        verdict = "SURVIVED some seeds: "
    return (
        f"{attack.fault.kind or '':>4}  {attack.fault.name:<33} {attack.detector:<34} "
        f"{len(found):>2} of {len(outcomes):<2} {statistics.median(took):>8.1f} {max(took):>7.1f}  "
        f"{verdict}{textwrap.shorten(seen, SEEN_WIDTH, placeholder=' ...')}"
    )


def closing(outcomes: list[Outcome]) -> str:
    """How many of the faults were caught, each by every detector that is named for it, with every seed."""
    by_fault: dict[Fault, list[Outcome]] = {}
    for outcome in outcomes:
        by_fault.setdefault(outcome.attack.fault, []).append(outcome)
    caught = {fault: all(one.found for one in its) for fault, its in by_fault.items() if not fault.sound}
    sound = {fault: any(one.found for one in its) for fault, its in by_fault.items() if fault.sound}
    lines = []
    if caught:
        lines += [f"{of(caught.values())} faults caught{how_soon(outcomes)}"]
        kinds = [all(caught[f] for f in caught if f.kind == kind) for kind in sorted({f.kind for f in caught} - {0})]
        reported = [caught[fault] for fault in caught if fault.reported]
        lines += [f"{of(kinds)} kinds of the list"] if kinds else []
        lines += [f"{of(reported)} faults that others reported"] if reported else []
        lines += [f"survived: {fault.name}" for fault in caught if not caught[fault]]
    if sound:
        lines += [f"alarms: {of(sound.values())} sound channels"]
    return "\n" + "\n".join(lines)


def of(flags: Iterable[bool]) -> str:
    every = list(flags)
    return f"{sum(every)} of {len(every)}"


def how_soon(outcomes: list[Outcome]) -> str:
    took = [outcome.took for outcome in outcomes if outcome.found and not outcome.attack.fault.sound]
    return f", median {statistics.median(took):.1f} s, longest {max(took):.1f} s" if took else ""


def listed(fault: Fault) -> str:
    return f"{fault.kind or '':>4}  {fault.name:<33} {', '.join(fault.detectors):<44} {fault.says}"


def described(fault: Fault) -> dict[str, object]:
    return {
        "fault": fault.name,
        "kind": fault.kind,
        "says": fault.says,
        "sound": fault.sound,
        "reported": fault.reported,
        "detectors": fault.detectors,
        "channel": fault.channel,
        "file": fault.file,
    }
