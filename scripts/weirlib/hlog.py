"""Histograms of latency trials as HdrHistogram logs (`.hlog`, format 1.3, V2 encoding), which the tools of the field read.

One file a trial, in the folder `hlog` of its run: responses in intervals of 100 ms, tagged `response`; then transit,
lag, and the responses that were under way in a host gap, each over the whole window. Values are nanoseconds.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from weirlib import folder

FOLDER = "hlog"
WHOLE = ("transit", "lag", "disturbed")

# As harness/histogram.hpp has it: two significant digits from 1 ns on, values below 2^40.
DIGITS = 2
LINEAR_BITS = 8
LIMIT = 1 << 40
V2 = 0x1C849303 | 0x10
V2_COMPRESSED = 0x1C849304 | 0x10
PER_MS = 1e6

Buckets = list[list[int]]  # largest value in ns, count; ascending


def index_of(value: int) -> int:
    """Where HdrHistogram counts a value."""
    half = 1 << (LINEAR_BITS - 1)
    shift = max(value.bit_length(), LINEAR_BITS) - LINEAR_BITS
    return shift * half + (value >> shift)


def leb128(number: int) -> bytes:
    """ZigZag, then seven bits a byte, lowest first; the ninth byte holds eight."""
    left = (number << 1) ^ (number >> 63)
    out = bytearray()
    while len(out) < 8 and left >= 0x80:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def encode(buckets: Buckets) -> str:
    counts = bytearray()
    at = 0
    for bound, count in buckets:
        empty = index_of(bound) - at
        if empty:
            counts += leb128(-empty)
        counts += leb128(count)
        at += empty + 1
    head = struct.pack(">iiiiqqd", V2, len(counts), 0, DIGITS, 1, LIMIT - 1, 1.0)
    packed = zlib.compress(head + bytes(counts))
    return base64.b64encode(struct.pack(">ii", V2_COMPRESSED, len(packed)) + packed).decode("ascii")


def line(tag: str, start_s: float, length_s: float, buckets: Buckets) -> str:
    most = buckets[-1][0] if buckets else 0
    return f"Tag={tag},{start_s:.3f},{length_s:.3f},{most / PER_MS:.3f},{encode(buckets)}"


def lines(trial: dict[str, Any]) -> Iterator[str]:
    started = datetime.fromisoformat(trial["start"].replace("Z", "+00:00"))
    said, histograms = trial["latency"], trial["histograms"]
    yield "#[Histogram log format version 1.3]"
    yield f"#{trial['id']}, round {trial['round']}, seed {trial['seed']}; values in ns"
    if said["undelivered"]:
        yield f"#{said['undelivered']} messages never arrived: they are in no histogram"
    yield f"#[StartTime: {started.timestamp():.3f} (seconds since epoch), {started.isoformat()}]"
    yield '"StartTimestamp","Interval_Length","Interval_Max","HistogramLog"'
    for interval in said["intervals"]:
        yield line("response", interval["at_ms"] / 1e3, interval["length_ms"] / 1e3, interval["buckets"])
    window = sum(interval["length_ms"] for interval in said["intervals"]) / 1e3
    for name in WHOLE:
        if name in histograms:
            yield line(name, 0.0, window, histograms[name]["buckets"])


def name_of(trial: dict[str, Any]) -> str:
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '_', trial['id'])}.round{trial['round']}.hlog"


def write(path: Path) -> int:
    """Writes the logs of the run's latency trials that have none yet; how many."""
    written = 0
    for trial in folder.trials(path):
        if trial.get("status") != "ok" or not trial.get("latency"):
            continue
        file = path / FOLDER / name_of(trial)
        if file.exists():
            continue
        with folder.refusals(file):
            file.parent.mkdir(exist_ok=True)
            file.write_text("\n".join(lines(trial)) + "\n", encoding="utf-8")
        written += 1
    return written
