"""scripts/weir pick: a load in, the channels that suit it out, with how sure that is."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from weirlib import folder, job, selection
from weirlib.bench import Bench
from weirlib.errors import FAILED, INTERRUPTED, OK, Failure
from weirlib.paths import shown
from weirlib.picking import answer, budget, figures, filter, judge, load, need, profile, say, stage, trace
from weirlib.picking.answer import HERE, Evidence
from weirlib.results import Run

SIZES = (4, 16, 64, 256, 1024, 4096)
BOUNDED = ("exact", "at_least")
BUSY = 0.5  # of each processor, in the minute before


def pick(flags: Namespace) -> int:
    """Everything that is said on the way goes to stderr where stdout is to be JSON."""
    with contextlib.redirect_stdout(sys.stderr) if flags.json else contextlib.nullcontext():
        evidence, path = measured(flags)
        found = answer.answer(evidence)
        lines = say.lines(found)
        if path is not None:
            folder.write_json(path / "answer.json", found)
            (path / "answer.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
            found["folder"] = str(path)
    if flags.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        print("\n".join(lines))
        if path is not None:
            print(f"all figures: {shown(path / 'answer.json')}")
    if evidence.interrupted:
        return INTERRUPTED
    return FAILED if evidence.failed or evidence.crashes else OK


def measured(flags: Namespace) -> tuple[Evidence, Path | None]:
    """Usage is checked before anything is built, and contracts before anything is measured."""
    asked = profile.merged(flags)
    wanted, bounds = load.from_flags(asked), need.parse(asked.need)
    times = None
    if wanted.trace is not None:
        times = trace.read(wanted.trace)
        wanted = trace.with_rate(wanted, times)
    wanted = overloaded(wanted)
    channel_file = selection.channel_file(flags.channel_file)
    bench, listing = opened(tuple(asked.channels or ()), channel_file, flags.jobs)
    sorted_ = filter.sort(listing, wanted, asked.channels or ())
    environment = bench.environment()
    seed = secrets.randbits(32) if flags.seed is None else flags.seed
    evidence = Evidence(wanted, bounds, sorted_, seed=seed, rounds=asked.rounds or budget.FINAL_ROUNDS)
    evidence.machine = str(environment.get("cpu_model", ""))
    evidence.processors = len(environment.get("allowed_cpus") or [])
    if not sorted_.fits:
        return evidence, None
    path = folder.make("pick" if flags.profile is None else f"pick-{Path(flags.profile).stem}", flags.out)
    print(f"pick folder: {shown(path)} (seed {seed})", flush=True)
    if times is not None:
        evidence.load = replace(wanted, arrivals=f"trace-{trace.write(times, path / trace.FILE)}")
    where = stage.Place(path, bench, listing, environment, seed, channel_file)
    run_stages(evidence, where)
    return evidence, path


def overloaded(wanted: load.Load) -> load.Load:
    if wanted.busy < 1:
        return wanted
    said = f"The work alone needs {wanted.busy * wanted.consumers:.1f} consumers: no channel keeps up with this load."
    return replace(wanted, notes=(*wanted.notes, said))


def opened(globs: tuple[str, ...], channel_file: Path | None, jobs: int | None) -> tuple[Bench, dict[str, Any]]:
    bench, listing = job.opened(globs, channel_file, jobs)
    if not any(workload["name"] == load.WORKLOAD for workload in listing["workloads"]):
        raise Failure(f"this weir-bench has no workload {load.WORKLOAD}: build it anew")
    return bench, listing


def run_stages(e: Evidence, where: stage.Place) -> None:
    """Selection, final and capacities; each failed channel is out of what follows."""
    runs: list[Run] = []
    with keeping(e, runs):
        first = budget.selection(e.load, len(e.sorted.fits))
        spent = first.seconds(len(e.sorted.fits))
        e.selection = one(e, where, runs, "selection", first, stage.by_capacity(e.sorted.fits.values()))
        fits = e.sorted.fits
        own, asked = [n for n, c in fits.items() if c.own], [n for n, c in fits.items() if c.file]
        names = judge.finalists(e.selection, e.need, own, asked, budget.MOST_FINALISTS)
        if not names:
            return
        quantile = max((m.quantile for m in (judge.objective(e.selection, e.need), *(b.metric for b in e.need))))
        second = budget.finals(e.load, len(names), e.rounds, spent, quantile)
        e.final = one(e, where, runs, "finals", second, stage.by_capacity(fits[name] for name in names))
        find_capacity(e, where, runs)


@contextlib.contextmanager
def keeping(e: Evidence, runs: list[Run]) -> Iterator[None]:
    """What every stage says about the machine and about failures, however many there were."""
    from weirlib.charts import machine

    busy = os.getloadavg()[0]
    yield
    e.unfit = machine.unfit(runs[0])
    if busy > BUSY * max(1, e.processors):
        e.unfit.append(f"other work at the start (load average {busy:.1f})")
    e.failed = figures.failed(runs)
    for name in e.failed:
        e.sorted.fits.pop(name, None)
    e.final = {name: found for name, found in e.final.items() if name in e.sorted.fits}


def one(e: Evidence, where: stage.Place, runs: list[Run], name: str, what: budget.Stage,
        groups: list[stage.Group]) -> dict[str, figures.Figures]:  # fmt: skip
    """The stage's figures by channel. What the driver refused is out, with its reason."""
    run, crashes = stage.measured(where, name, e.load, what, groups)
    runs.append(run)
    e.crashes += [f"{name}: {line}" for line in crashes]
    for case in run.cases.values():
        if case.status == "failed":
            e.sorted.fits.pop(case.channel, None)
        elif case.status == "not_applicable" and case.channel in e.sorted.fits and name != "capacity":
            e.sorted.exclude(case.channel, case.reason)
    found = figures.of_run(run)
    return {channel: of for channel, of in found.items() if channel in e.sorted.fits}


def find_capacity(e: Evidence, where: stage.Place, runs: list[Run]) -> None:
    """Smaller ones where the need is met, larger ones where it is not; for the first of the set that has a capacity."""
    choice = e.choice(HERE)
    candidates = [e.sorted.fits[name] for name in choice.among or choice.closest]
    known = next((channel for channel in candidates if channel.contract["bound"] in BOUNDED), None)
    if known is None or not e.need:
        return
    met, asked = bool(choice.among), known.capacity
    sizes = [s for s in sorted({*SIZES, asked}) if (s <= asked if met else s > asked)]
    sizes = [s for s in sizes if not filter.room(known.contract, e.load, s)]
    if len(sizes) < (2 if met else 1):
        return
    rounds, groups = budget.capacities(e.load, len(sizes)), [([known.name], sizes)]
    try:
        run, crashes = stage.measured(where, "capacity", e.load, rounds, groups)
    except stage.Interrupted:
        e.interrupted = True  # the answer is there without it
        return
    runs.append(run)
    e.crashes += [f"capacity: {line}" for line in crashes]
    cases = {int(case.params["cap"]): figures.of_case(case) for case in run.cases.values()}
    e.capacities, e.capacities_of = {size: of for size, of in cases.items() if of is not None}, known.name
