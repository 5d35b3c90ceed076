"""The first lines of the answer: the load, what speaks against the figures, and who cannot carry the load."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from weirlib.charts import text

COLUMNS = 110
MOST_REASONS = 6
Data = Mapping[str, Any]


def wrapped(line: str, indent: str = "  ", most: int = 2) -> list[str]:
    return textwrap.wrap(line, COLUMNS, subsequent_indent=indent, max_lines=most, placeholder=" ...",
                         break_on_hyphens=False)  # fmt: skip


def head(a: Data) -> list[str]:
    found = wrapped(f"Load: {a['load']['words']}.")
    for note in a["load"]["notes"]:
        found += wrapped(note)
    found += needed_of(a)
    machine = a["machine"]
    if machine["not_for_quoting"]:
        found += wrapped(f"Not for quoting: {text.names(machine['not_for_quoting'])}.")
    if a["oversubscribed"]:
        roles = a["load"]["p"] + a["load"]["c"]
        few = text.plural(machine["processors"], "processor")
        found += wrapped(f"Oversubscribed: {roles} roles on {few}. With a processor for each the order may differ.")
    for name, reason in a["failed"].items():
        found += wrapped(f"FAILED and out: {name}: {reason}")
    if a["interrupted"]:
        found.append("Interrupted before the capacities were tried.")
    return found + [line for crash in a["crashes"][:2] for line in wrapped(crash)]


def needed_of(a: Data) -> list[str]:
    if not a["need"]:
        return ["No need was given: the response's p99 decides."]
    bounds = ", ".join(bound["words"] for bound in a["need"])
    decides = f"; {a['objective']} decides: it is closest to failing" if len(a["need"]) > 1 and a["channels"] else ""
    return wrapped(f"Need: {bounds}{decides}.")


def filtered(a: Data) -> list[str]:
    """Who cannot carry the load, a line for each reason."""
    out, fits = a["out"], a["measured"]
    total = fits + sum(map(len, out.values()))
    found = [f"{fits} of {text.plural(total, 'channel')} fit" + (". The others, and why:" if out else ".")]
    by_size = sorted(out.items(), key=lambda item: (-len(item[1]), item[0]))
    for reason, names in by_size[:MOST_REASONS]:
        found += wrapped(f"  {len(names):3}  {reason}: {families(names)}", " " * 7, 1)
    rest = by_size[MOST_REASONS:]
    if rest:
        found.append(f"  {sum(len(names) for _, names in rest):3}  for {len(rest)} other reasons (answer.json)")
    return found


def families(names: Iterable[str]) -> str:
    """`spsc_ring (3), tbb`: variants together."""
    counts = Counter(name.partition(":")[0] for name in names)
    return ", ".join(f"{family} ({n})" if n > 1 else family for family, n in counts.items())
