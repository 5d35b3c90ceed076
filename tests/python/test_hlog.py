"""HdrHistogram's own reader (Debian's libhdrhistogram-java) gets from a log what was written into it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from weirlib import hlog

JAR = Path("/usr/share/java/hdrhistogram.jar")
TAGS = ("response", "transit", "lag", "disturbed")

reader = pytest.mark.skipif(not (shutil.which("java") and JAR.exists()), reason="libhdrhistogram-java is not installed")


def largest_of(index: int) -> int:
    """The largest value that is counted at an index: the inverse of hlog.index_of, written another way."""
    half = 128
    if index < 2 * half:
        return index
    shift, rest = index // half - 1, index % half + half
    return ((rest + 1) << shift) - 1


def buckets(seed: int, indices: list[int] | None = None) -> hlog.Buckets:
    draw = random.Random(seed)
    indices = indices if indices is not None else sorted(draw.sample(range(4352), 300))
    return [[largest_of(index), draw.choice((1, 2, 63, 64, 8191, 8192, 10**6, 2**33))] for index in indices]


def trial(response: list[hlog.Buckets], whole: dict[str, hlog.Buckets]) -> dict[str, Any]:
    intervals = [{"at_ms": 100.0 * i, "length_ms": 100.0, "buckets": b} for i, b in enumerate(response)]
    return {
        "id": "paced/mpmc_ring:park/p:1/c:1",
        "round": 2,
        "seed": 7,
        "status": "ok",
        "start": "2026-11-24T17:07:25.471Z",
        "latency": {"undelivered": 3, "intervals": intervals},
        "histograms": {name: {"buckets": found} for name, found in whole.items()},
    }


def read(file: Path, tag: str) -> tuple[dict[float, int], str]:
    """Value to how many are at most it, as the reader prints them; and its summary."""
    command = ["java", "-cp", str(JAR), "org.HdrHistogram.HistogramLogProcessor", "-i", str(file), "-tag", tag]
    said = subprocess.run([*command, "-outputValueUnitRatio", "1"], capture_output=True, text=True, check=True, timeout=60)
    below = {}
    for line in said.stdout.split("#[Overall percentile distribution")[-1].splitlines():
        words = line.split()
        if len(words) in (3, 4) and words[0].replace(".", "").isdigit():
            below[float(words[0])] = int(words[2])
    return below, said.stdout


@reader
@pytest.mark.parametrize("seed", range(3))
def test_the_reference_reader_gets_the_same_counts_and_percentiles(tmp_path: Path, seed: int) -> None:
    response = [buckets(seed), buckets(seed + 100)]
    whole = {name: buckets(seed + i) for i, name in enumerate(TAGS[1:], start=1)}
    file = tmp_path / "a.hlog"
    file.write_text("\n".join(hlog.lines(trial(response, whole))) + "\n")
    for tag, parts in (("response", response), *((name, [found]) for name, found in whole.items())):
        counts: dict[int, int] = {}
        for bound, count in (pair for part in parts for pair in part):
            counts[bound] = counts.get(bound, 0) + count
        bounds = sorted(counts)
        below, said = read(file, tag)
        assert f"Total count    = {sum(counts.values()):12d}" in said
        assert len(below) > 10, said
        for value, at_most in below.items():
            assert at_most == sum(counts[b] for b in bounds if b <= value), (tag, value)


@reader
def test_every_index_is_where_the_reference_reader_looks_for_it(tmp_path: Path) -> None:
    """The bounds between linear and logarithmic parts, and the last."""
    edges = [0, 1, 127, 128, 255, 256, 383, 384, 4350, 4351]
    file = tmp_path / "a.hlog"
    found = [[largest_of(index), 1] for index in edges]
    file.write_text("\n".join(hlog.lines(trial([found], {}))) + "\n")
    below, _ = read(file, "response")
    assert set(below) == {float(bound) for bound, _ in found}


def test_indices_and_largest_values_are_inverse() -> None:
    assert [hlog.index_of(largest_of(index)) for index in range(4352)] == list(range(4352))
    assert largest_of(4351) == hlog.LIMIT - 1


def test_numbers_are_written_as_the_format_says() -> None:
    assert hlog.leb128(0) == b"\x00"
    assert hlog.leb128(-1) == b"\x01"
    assert hlog.leb128(63) == b"\x7e" and hlog.leb128(64) == b"\x80\x01"
    assert hlog.leb128(2**62 - 1) == b"\xfe" + b"\xff" * 7 + b"\x7f"


def test_each_latency_trial_of_a_run_gets_a_log_once(tmp_path: Path) -> None:
    lines = [trial([buckets(1)], {}), trial([buckets(2)], {}) | {"round": 3}, {"status": "ok", "id": "throughput/a", "seed": 1}]
    (tmp_path / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert hlog.write(tmp_path) == 2
    names = sorted(file.name for file in (tmp_path / "hlog").iterdir())
    assert names == [f"paced_mpmc_ring_park_p_1_c_1.round{n}.hlog" for n in (2, 3)]
    assert "#3 messages never arrived" in (tmp_path / "hlog" / names[0]).read_text()
    assert hlog.write(tmp_path) == 0
