"""A task that owns the table and gets its updates over a channel, against tasks that share it under a mutex."""

from __future__ import annotations

from dataclasses import replace

from weirlib.results import Case, Run
from weirlib.stats import TOO_SMALL, paired_ratio, relative_iqr, verdict
from weirlib.charts import compare, dots, text
from weirlib.charts.dots import Row
from weirlib.charts.ping_pong import by_rest
from weirlib.charts.section import Cell, Section, Table, channel_cell, id_cell, number

METRIC, BETTER, UNIT, RIVAL = "updates", "higher", "updates/s", "shared_lock"
# What else there is instead of a channel: compared with the mutex, and in no sentence about channels.
OTHER_LOCKS = ("rw_lock", "sharded_locks")
USUAL_CAPACITY, USUAL_ROWS = 100, 1024
FAILED = "failed in another case"
Versus = dict[str, str]


def against(found: list[Row]) -> tuple[list[Row], Versus]:
    """Ratio of each channel to the lock, paired by round, and what may be said of it."""
    lock = next((r for r in found if r.channel == RIVAL and r.shown), None)
    if lock is None:
        return [], {}
    ratios, said = [], {}
    for row in found:
        ratio = paired_ratio(row.paired, lock.paired) if row.channel != RIVAL else None
        if ratio is None:
            continue
        shared = {n: row.paired[n] / lock.paired[n] for n in sorted(row.paired.keys() & lock.paired.keys())}
        ratios.append(
            replace(
                row,
                estimate=replace(ratio, spread=relative_iqr(list(shared.values()))),
                rounds=shared,
                paired=shared,
            )
        )
        if row.channel not in OTHER_LOCKS:
            said[row.channel] = verdict(ratio, BETTER) if row.shown else FAILED
    return dots.order(ratios, BETTER), said


def sentence(said: Versus) -> str:
    """Who beats the lock, who does not, who is not told apart from it."""
    if not said:
        return "Without a verified figure of shared_lock there is nothing to compare with."
    fair = {n: v for n, v in said.items() if v != FAILED}
    if not fair:
        return "No channel has a verified figure to compare with the lock."
    groups = {
        v: [n for n, w in fair.items() if w == v] for v in set(fair.values())
    }  # in the order of their medians
    if set(groups) <= {TOO_SMALL}:
        return "Too few rounds to say whether a channel or the lock is ahead."
    parts: list[str] = []
    for word, words in (
        ("ahead", "ahead of"),
        ("not told apart", "not told apart from"),
        ("behind", "behind"),
    ):
        members = groups.get(word, [])
        if members:
            verb, whom = "is" if len(members) == 1 else "are", "it" if parts else "the lock"
            parts.append(
                f"{text.plural(len(members), 'channel')} {verb} {words} {whom} ({text.names(members, 4)})"
            )
    return "; ".join(parts) + "."


def _table(run: Run, found: list[Row], ratios: list[Row], said: Versus, caption: str) -> Table:
    version = dict.fromkeys((RIVAL, *OTHER_LOCKS), "Weir") | compare.sources(run)
    words = {RIVAL: "the rival"} | dict.fromkeys(OTHER_LOCKS, "another lock") | said
    ratio = {r.channel: r.estimate for r in ratios}
    rows = []
    for row in found:
        if row.estimate is None:
            rows.append(
                [
                    channel_cell(row.channel, True),
                    Cell("failed", "failed"),
                    Cell(row.case.reason, "failed"),
                    *[Cell("")] * 3,
                    id_cell(row.case.id),
                    Cell(version.get(row.channel, "")),
                ]
            )
            continue
        e = row.estimate
        rows.append(
            [
                channel_cell(row.channel),
                number(text.quantity(e.median, UNIT)),
                number(text.interval(e, UNIT)),
                number(text.spread(e), "marked" if e.noisy else ""),
                number(text.ratio(ratio.get(row.channel))),
                Cell(words.get(row.channel, "")),
                id_cell(row.case.id),
                Cell(version.get(row.channel, "")),
            ]
        )
    return Table(
        caption, ["channel", "updates/s", "interval", "IQR", "ratio to the lock", "verdict", "id", "source"], rows
    )


def _fill(section: Section, run: Run, words: str, cases: list[Case]) -> None:
    found = dots.rows(cases, METRIC, BETTER, run.failed_channels())
    ratios, said = against(found)
    lock = next((r.estimate for r in found if r.channel == RIVAL and r.shown), None)
    over = any(case.oversubscribed for case in cases)
    subtitle = words + (", oversubscribed" if over else "")
    panels = section.folded if section.panels else section.panels
    panels.append(
        dots.panel(
            found,
            UNIT,
            "updates per second (log scale)",
            "Updates per second",
            subtitle=subtitle,
            span=dots.extent([found], []),
            shaded=over,
            caption=compare.lead(found, BETTER, UNIT),
            limits={RIVAL: lock.median} if lock else {},
        )
    )
    if ratios:
        panels.append(
            dots.panel(
                ratios,
                "×",
                "ratio to shared_lock (log scale)",
                "Ratio to the lock",
                shaded=over,
                subtitle=subtitle,
                span=dots.extent([ratios], [1.0]),
                limits={"equal": 1.0},
                caption=text.sentence(sentence(said)),
            )
        )
    section.readings.append(text.sentence(f"{words}: {sentence(said)}"))
    section.tables.append(_table(run, found, ratios, said, text.sentence(words)))


def _unusual(case: Case) -> tuple[int, int, int, int]:
    """The lesson's own case first: two senders, capacity 100, no extra work."""
    params = case.params
    return (
        int(params.get("rwork", 0)),
        abs(int(params.get("rows", USUAL_ROWS)) - USUAL_ROWS),
        abs(int(params.get("cap", 0)) - USUAL_CAPACITY),
        int(params.get("p", 2)),
    )


def groups(run: Run) -> list[list[Case]]:
    """Cases that differ in their channel only."""
    return sorted(by_rest(run.of("db_update")).values(), key=lambda cases: _unusual(cases[0]))


def sections(run: Run) -> list[Section]:
    found = groups(run)
    if not found:
        return []
    section = Section(
        "db_update",
        "A table with one owner, or a lock around it",
        question="Two tasks send updates to the task that owns the table; the rival (shared_lock): both write "
        "it under one mutex. Which applies more updates per second?",
    )
    for cases in found:
        _fill(section, run, text.case_words(cases[0].params), cases)
    section.folded_title = f"Charts of the {text.plural(len(found) - 1, 'other case')}"
    section.notes = [
        "Vertical line: the lock. Ratios are paired by round; an interval clear of 1 says ahead or behind."
    ]
    return [section]
