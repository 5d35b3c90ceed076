"""Bursts and pipelines, as tables: what a burst leaves behind, and what a chain of stages passes."""

from __future__ import annotations

from weirlib.results import Case, Run
from weirlib.charts import histogram, text
from weirlib.charts import backpressure_record as bp
from weirlib.charts import backpressure_recovery as recovery
from weirlib.charts import backpressure_words as say
from weirlib.charts.section import Cell, Section, number

BLOCKED_SENDERS = 0.5  # mean over a step of the window: from here on a sender feels the stall
BLOCKED_NS = 5000.0  # a send that takes longer was blocked
RETURNED = 0.1  # of what memory grew by: who keeps no more than that has given it back
NO_GROWTH_KIB = 256.0  # less is the noise of a process


def absorption(case: Case) -> float | None:
    """Of what was offered, the share that was accepted without blocking, percent; all rounds together."""
    merged = histogram.merge(case.histograms("send"))
    offered = sum(r["offered"] for r in bp.records(case))
    if merged is None or not offered:
        return None
    at_once = int(merged.counts[merged.bounds <= BLOCKED_NS].sum())
    refused = sum(r["refused"]["full"] + r["refused"]["dropped"] for r in bp.records(case))
    return 100.0 * min(max(at_once - refused, 0) / offered, 1.0)


def memory(case: Case, name: str) -> float | None:
    return bp.median(case, "memory", f"{name}_kib")


def returned(case: Case) -> str:
    """Whether memory went back once the burst was drained."""
    before, peak, after = (memory(case, name) for name in ("before", "peak", "after"))
    if before is None or peak is None or after is None:
        return "cannot tell"
    if peak - before < NO_GROWTH_KIB:
        return "did not grow"
    kept = (after - before) / (peak - before)
    return "returned" if kept <= RETURNED else f"kept {100 * kept:.0f} %"


def _absorbed(case: Case) -> Cell:
    found = absorption(case)
    return number("–" if found is None else f"{found:.1f} %")


def _memory_columns() -> list[bp.Column]:
    def column(name: str) -> bp.Column:
        return f"memory {name}", lambda c: number(text.size(memory(c, name)))

    return [*(column(name) for name in ("before", "peak", "after")), ("afterwards", lambda c: Cell(returned(c)))]


def felt_ms(record: bp.Record) -> float | None:
    """From the beginning of a stall at the end until a sender at the other end was blocked; None where none was."""
    moments, stalls = record.get("moments") or {}, record.get("stalls") or []
    if not stalls or not moments:
        return None
    begin, step = float(stalls[0]["begin_ms"]), float(moments["step_ms"])
    after = (n * step - begin for n, blocked in enumerate(moments["blocked"]) if blocked > BLOCKED_SENDERS)
    return next((max(at, 0.0) for at in after if at > -step), None)


def _felt(case: Case) -> Cell:
    e = bp.each(case, felt_ms)
    return number(text.ms(e.median) if e else "not felt")


def _share(case: Case) -> Cell:
    e = bp.each(case, lambda r: sum(r["blocked_share"]) / len(r["blocked_share"]) if r["blocked_share"] else None)
    return number(f"{100 * e.median:.1f} %" if e else "–")


ENDS: list[bp.Column] = [
    ("lost", bp.lost_cell),
    ("blocked share", _share),
]
BURST: list[bp.Column] = [
    bp.POLICY,
    ("bursts", lambda c: Cell(str(c.params.get("arrivals", "")))),
    ("absorbed", _absorbed),
    ("peak depth", lambda c: bp.counted(c, "depth", "max")),
    *ENDS,
    ("response p99", lambda c: bp.percentile_cell(c, "response", 99)),
    *_memory_columns(),
    bp.ROUNDS,
]
PIPELINE: list[bp.Column] = [
    ("stages", lambda c: number(str(c.params.get("stages", "–")))),
    bp.POLICY,
    *bp.GOODPUT,
    *ENDS,
    ("sender feels the stall after", _felt),
    ("depth back", lambda c: number(recovery.back_text(c, "depth_back_ms"))),
    ("deepest", lambda c: bp.counted(c, "depth", "max")),
    ("response p50", lambda c: bp.percentile_cell(c, "response", 50)),
    ("p99", lambda c: bp.percentile_cell(c, "response", 99)),
    bp.ROUNDS,
]


def _burst(run: Run) -> Section | None:
    cases = bp.fair(run, "burst")
    if not cases:
        return None
    label = say.labels(cases)
    took = {label[c.id]: v for c in cases if (v := absorption(c)) is not None}
    kept = [label[c.id] for c in cases if returned(c).startswith("kept")]
    back = [label[c.id] for c in cases if returned(c) == "returned"]
    readings = [f"Taken at once, without blocking: {say.span_of(took, lambda v: f'{v:.0f} %')} of what came."] if took else []
    if kept or back:
        parts = [f"{words} by {text.names(names)}" for names, words in ((back, "was returned"), (kept, "was kept at least in part")) if names]
        readings.append(f"Memory that the burst took {' and '.join(parts)}.")
    section = Section(
        "backpressure_burst",
        "Bursts",
        question="Messages come in bursts. How much of one does a channel take at once, and what does it keep?",
    )
    section.readings = readings or ["No burst was recorded whole."]
    section.shown = bp.tables(run, "burst", ("arrivals", "full"), BURST, caption="burst")
    section.notes = [
        "Absorbed: accepted by a send of at most 5 µs, of what was offered. Memory: resident, before the burst, at its peak, and "
        "when all was drained; returned: at most a tenth of its growth is left. Medians over rounds; percentiles of all rounds."
    ]
    return section


def _pipeline(run: Run) -> Section | None:
    cases = bp.fair(run, "pipeline")
    if not cases:
        return None
    label = say.labels(cases)
    passed = {label[c.id]: v for c in cases if (v := bp.median(c, "goodput"))}
    lost = {label[c.id]: e.median for c in cases if (e := bp.lost(c)) and e.median > 0}
    section = Section(
        "backpressure_pipeline",
        "Pipelines",
        question="Each stage hands on to the next, and the last one stops for a while. When does the first sender feel it, and what passes?",
    )
    section.readings = [f"What passes is {say.span_of(passed, lambda v: text.quantity(v, 'msg/s'))}." if passed else "Nothing passed."]
    felt = {label[c.id]: e.median for c in cases if (e := bp.each(c, felt_ms))}
    if felt:
        said = say.span_of(felt, text.ms)
        section.readings.insert(0, f"A stall of the last stage reaches the first sender after {said}.")
    section.readings.append(f"Lost: {say.span_of(lost, lambda v: f'{text.digits(v)} %')}." if lost else "No message was lost on the way.")
    section.shown = bp.tables(run, "pipeline", ("stages", "full"), PIPELINE, caption="pipeline")
    section.notes = ["Response: from when a message was due at the first stage until the last one was done. Medians over rounds."]
    return section


def sections(run: Run) -> list[Section]:
    return [made for made in (_burst(run), _pipeline(run)) if made]
