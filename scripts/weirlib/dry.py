"""--dry-run: all of a command that can be checked without building or measuring, and a line that says what it would do."""

from __future__ import annotations

import shlex
from argparse import Namespace

from weirlib import durability, faults, folder, selection, stressing
from weirlib.charts import text
from weirlib.paths import shown
from weirlib.picking import load, need, profile


def run(values: Namespace) -> str:
    if values.resume:
        return f"would go on with {shown(folder.existing(values.resume))}"
    asked = selection.from_flags(values)
    return f"would measure: {shlex.join(asked.arguments())}"


def pick(values: Namespace) -> str:
    asked = profile.merged(values)
    wanted, bounds = load.from_flags(asked), need.parse(asked.need)
    selection.channel_file(asked.channel_file)
    needed = ", ".join(bound.said for bound in bounds) or "nothing in particular"
    return f"would look for a channel for: {wanted.sentence()}; needed: {needed}"


def stress(values: Namespace) -> str:
    faults.stray(values)
    durability.stray(values)
    if values.faults is not None:
        return f"would plant: {text.names((fault.name for fault in faults.choose(faults.read(), values.faults)), 60)}"
    file = selection.channel_file(values.channel_file)
    if durability.wanted(values):
        return f"would call weir-durability with: {shlex.join(durability.words(values))}"
    if values.into is not None:
        path = folder.existing(values.into)
        stressing.vacant(path)
        return f"would attack the channels of {shown(path)}"
    said = [*stressing.words(values, file), *stressing.exploring(values, file)]
    return f"would call weir-stress with: {shlex.join(said) or 'nothing, which is all channels'}"


def gate(values: Namespace) -> str:
    from weirlib import gate as command

    cases = text.plural(len(command.checked(values)), "case")
    if values.calibrate:
        return f"would calibrate the gate on this class of machine, with {cases}"
    if values.resume:
        return f"would go on with {shown(command.session(values.resume))}"
    return f"would compare {values.HEAD} with {values.BASE} in {cases}"


def test(values: Namespace) -> str:
    from weirlib import checks

    return f"would check: {', '.join(part.name for part in checks.parts(values.fast, 1))}"


SAID = {"run": run, "pick": pick, "stress": stress, "gate": gate, "test": test}
