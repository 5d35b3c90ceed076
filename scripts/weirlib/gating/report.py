"""What the gate says, as Markdown that a terminal shows as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weirlib.gating.figures import percent
from weirlib.gating.instructions import Count
from weirlib.gating.judge import IMPROVEMENT, INCONCLUSIVE, REGRESSION, UNFIT, CaseVerdict, Outcome, unconfirmed


def change(log_ratio: float) -> str:
    """Of the rate: less is slower."""
    return f"{-percent(log_ratio):+.1f} %"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def closing(outcome: Outcome) -> str:
    """The one line that matters."""
    advisory = named([case for case in outcome.cases if case.unasked])
    aside = f"; beyond their margins are cases that scatter too much to decide: {advisory}" if advisory else ""
    if outcome.verdict in (REGRESSION, IMPROVEMENT):
        these = [case for case in outcome.cases if case.verdict == outcome.verdict and not case.advisory]
        return f"{outcome.verdict}: {named(these)}{aside}"
    if outcome.verdict == UNFIT:
        return f"machine unfit, so nothing is said of the code: {'; '.join(outcome.complaints)}"
    if not any(case.rounds for case in outcome.cases):
        return "inconclusive: there was no time for a single round"
    if outcome.verdict == INCONCLUSIVE:
        if doubtful := unconfirmed(outcome.cases):
            return f"inconclusive: looked slower, and not confirmed: {named(doubtful)}{aside}"
        unsure = [case for case in outcome.cases if case.verdict == INCONCLUSIVE and not case.advisory]
        if not unsure:
            return f"inconclusive: every case scatters too much here to decide anything{aside}"
        return f"inconclusive: {len(unsure)} of {len(outcome.cases)} cases are neither changed nor known to be unchanged{aside}"
    return f"no change beyond the margins{aside}"


def named(cases: Sequence[CaseVerdict]) -> str:
    return ", ".join(f"{case.case} {change(case.median)}" for case in cases)


def outcome_table(outcome: Outcome) -> str:
    rows = [row(case) for case in outcome.cases]
    return table(("case", "verdict", "rate", "interval", "margin", "spread", "rounds", "confirming"), rows)


def row(case: CaseVerdict) -> list[str]:
    whole = case.interval
    note = "beyond its margin, and not asked again, since it decides nothing" if case.unasked else case.note
    verdict = f"{case.verdict} ({note})" if note else case.verdict
    return [
        f"`{case.case}`",
        f"advisory: {verdict}" if case.advisory else verdict,
        change(case.median),
        f"{change(whole.high)} to {change(whole.low)}" if whole else "too few rounds",
        f"{100 * case.margin:.1f} %",
        f"{100 * case.spread:.1f} %",
        str(case.rounds),
        change(case.again) if case.again is not None else "",
    ]


# --- calibration


def share(entry: dict[str, Any]) -> str:
    return f"{entry['hits']} of {entry['of']} ({100 * entry['low']:.0f} to {100 * entry['high']:.0f} %)"


def counted(verdicts: dict[str, int]) -> str:
    return ", ".join(f"{verdict} {count}" for verdict, count in verdicts.items()) or "none yet"


CASE_HEADER = ("case", "spread of a round", "95 % of sessions within", "margin", "A/A sessions", "rounds", "decides")


def calibration_table(summary: dict[str, Any]) -> str:
    """The kept page of a class of machine."""
    alone, busy = summary["alone"], summary["busy"]
    parts = [
        f"# Calibration of the gate on {summary['class']}",
        "Made by `scripts/weir gate --calibrate`, from `sessions.jsonl` and `plants.jsonl` beside it. Shares have "
        "95 % Clopper-Pearson intervals.",
        f"Revision {summary['built']['revision']}, {summary['built']['compiler']}, `{summary['built']['flags']}`.",
        f"False alarms, base against itself: {share(alone)}. All verdicts: {counted(alone['verdicts'])}.",
    ]
    if busy["of"]:
        parts.append(f"With a loop that keeps one processor busy: {counted(busy['verdicts'])}, of {busy['of']}.")
    parts += [table(CASE_HEADER, cases(summary))]
    if summary["power"]:
        parts.append(table(("planted", "in", "found there", "accused elsewhere"), powers(summary)))
    if summary["plants"]:
        parts.append(table(("plant", "in", "steps in 64 messages", "measured effect", "rounds"), planted(summary)))
    return "\n\n".join(parts) + "\n"


def cases(summary: dict[str, Any]) -> list[list[str]]:
    return [
        [
            f"`{case}`",
            "too few rounds" if entry["spread"] is None else f"{100 * entry['spread']:.1f} %",
            "too few" if entry["reached"] is None else f"{100 * entry['reached']:.2f} %",
            f"{100 * entry['margin']:.1f} %",
            str(entry["sessions"]),
            str(entry["rounds"]),
            "no, advisory" if entry["advisory"] else "yes",
        ]
        for case, entry in summary["cases"].items()
    ]


def powers(summary: dict[str, Any]) -> list[list[str]]:
    return [[f"-{e['effect']} %", f"`{e['case']}`", share(e), str(e["others_accused"])] for e in summary["power"]]


def planted(summary: dict[str, Any]) -> list[list[str]]:
    return [
        [
            f"-{entry['wanted']} %",
            f"`{entry['case']}`",
            str(entry["steps"]),
            f"-{entry['effect']:.1f} % (-{entry['low']:.1f} to -{entry['high']:.1f})",
            str(entry["rounds"]),
        ]
        for entry in summary["plants"]
    ]


# --- a session


def page(record: dict[str, Any], outcome: Outcome, warning: str, counted: str) -> str:
    """What stands in a pull request."""
    base, candidate = record["base"], record["candidate"]
    parts = [
        f"### Weir's gate: {outcome.verdict}",
        f"`{candidate['word']}` ({candidate['what']}) against `{base['word']}` ({base['what']}), seed {record['seed']}.",
    ]
    parts += [f"**{complaint}**" for complaint in outcome.complaints]
    parts += [outcome_table(outcome)]
    if warning:
        parts.append(warning)
    return "\n\n".join([*parts, counted]) + "\n"


def instructions(counts: Sequence[Count] | str) -> str:
    """Said as what it is."""
    if isinstance(counts, str):
        return f"Instructions were not counted: {counts}."
    rows = [[f"`{c.case}`", f"{c.base:.1f}", f"{c.candidate:.1f}", f"{100 * c.change:+.1f} %", c.verdict] for c in counts]
    head = "Instructions of a send and a receive on one thread, counted by callgrind. They are not time, they have no noise, and "
    return head + "they decide nothing; up to 1 % is as many.\n\n" + table(("case", "base", "candidate", "change", ""), rows)
