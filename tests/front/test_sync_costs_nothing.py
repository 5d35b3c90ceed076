"""The own algorithms over StdSync compile to what the same text over plain std::atomic does, instruction by instruction.

The twin of a header is made by text: the policy's names become those of the standard library, and named points go."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-std=c++20", "-O3", "-DNDEBUG", "-falign-functions=64", "-S", "-o", "-"]
POLICY = (
    (r"typename Sync::template Atomic<", "std::atomic<"),
    (r"typename Sync::template Cell<", "PlainCell<"),
    (r"Sync::point\([^;]*\);", ""),
    (r"Sync::pause\(\)", "_mm_pause()"),
    (r"Sync::yield\(\)", "::sched_yield()"),
    (r"Sync::light_fence\(\)", "std::atomic_signal_fence(std::memory_order_seq_cst)"),
    (r"Sync::futex_wait\(", "futex::wait("),
    (r"Sync::futex_wake\(", "futex::wake("),
)
OPERATIONS = {
    "spsc_ring.hpp": ("SpscRing", ("try_send", "try_recv")),
    "cursor_ring.hpp": ("CursorRing", ("try_send", "try_recv")),
    "mpsc_ring.hpp": ("MpscRing", ("try_send", "try_recv")),
    "mpmc_ring.hpp": ("MpmcRing", ("try_send", "try_recv")),
}


def unit(channel: str, header: str) -> str:
    """Each operation as a function of its own, which nothing is inlined into but the operation."""
    return f"""
#include "channels/{header}"
using Ring = weir::{channel}<unsigned long>;
extern "C" weir::SendStatus try_send(Ring::Sender& s, unsigned long& m) noexcept {{ return s.try_send(std::move(m)); }}
extern "C" weir::RecvStatus try_recv(Ring::Receiver& r, unsigned long& m) noexcept {{ return r.try_recv(m); }}
"""


def written(folder: Path, channel: str, header: str) -> Path:
    """In a folder of its own: a compiler looks for a header beside the file first."""
    (folder / "unit").mkdir()
    source = folder / "unit" / "unit.cpp"
    source.write_text(unit(channel, header), encoding="utf-8")
    return source


def plain_twin(folder: Path) -> None:
    (folder / "channels").mkdir()
    for header in (ROOT / "channels").glob("*.hpp"):
        text = header.read_text(encoding="utf-8")
        if header.name != "sync.hpp":
            for pattern, word in POLICY:
                text = re.sub(pattern, word, text)
        (folder / "channels" / header.name).write_text(text, encoding="utf-8")


def assembly(source: Path, include: Path) -> str:
    argv = ["g++", *FLAGS, f"-I{include}", str(source)]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=100).stdout


def instructions(text: str, function: str) -> list[str]:
    """Of one function, with labels numbered in their order and without the assembler's directives."""
    body = re.search(rf"^{function}:\n(.*?)^\t\.size\t{function},", text, re.MULTILINE | re.DOTALL)
    assert body, f"no function {function}"
    names: dict[str, str] = {}
    lines = []
    for line in body[1].splitlines():
        line = re.sub(r"\.L\w+", lambda m: names.setdefault(m[0], f"L{len(names)}"), line.split("#")[0].rstrip())
        if line and not line.lstrip().startswith("."):
            lines.append(line.strip())
    return lines


@pytest.mark.parametrize("header", OPERATIONS)
def test_the_policy_leaves_nothing_in_the_code(tmp_path: Path, header: str) -> None:
    channel, operations = OPERATIONS[header]
    source = written(tmp_path, channel, header)
    plain_twin(tmp_path)
    twin = (tmp_path / "channels" / header).read_text(encoding="utf-8")
    assert "Sync::" not in re.sub(r"Sync::(template )?(allocate|enable_fences|heavy_fence)", "", twin)
    ours, plain = assembly(source, ROOT), assembly(source, tmp_path)
    for operation in operations:
        found = instructions(ours, operation)
        assert len(found) > 5
        assert found == instructions(plain, operation)


def test_a_policy_that_left_something_would_be_seen(tmp_path: Path) -> None:
    plain_twin(tmp_path)
    header = tmp_path / "channels" / "spsc_ring.hpp"
    text = header.read_text(encoding="utf-8")
    header.write_text(text.replace("slot.cell.take(message);", "_mm_pause(); slot.cell.take(message);"), encoding="utf-8")
    source = written(tmp_path, "SpscRing", "spsc_ring.hpp")
    ours, other = assembly(source, ROOT), assembly(source, tmp_path)
    assert instructions(ours, "try_send") == instructions(other, "try_send")
    assert instructions(ours, "try_recv") != instructions(other, "try_recv")
