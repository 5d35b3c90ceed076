"""What tests of `pick` plant: contracts, loads, figures of channels, and the evidence that an answer is made of."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import synthetic

from weirlib.arguments import pick_parser
from weirlib.picking import filter, load, need
from weirlib.picking.answer import Evidence
from weirlib.picking.figures import Figures

CONTRACT = synthetic.CONTRACT | {"progress": "lock_free", "max_capacity": None}  # the strictest, without a limit


def flags(*given: str) -> Namespace:
    return pick_parser().read(list(given))


def load_of(*given: str) -> load.Load:
    return load.from_flags(flags("--rate", "100k", *given))


def entry(name: str, source: str = "other", **contract: Any) -> dict[str, Any]:
    return {"name": name, "available": True, "reason": None, "contract": {**CONTRACT, **contract},
            "source": {"name": source, "version": "1", "licence": "MIT"}}  # fmt: skip


def listing(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"channels": list(entries), "workloads": [{"name": "load"}]}


def measured(p99_us: float, cpu: float = 10.0, noise: float = 0.01, rounds: int = 7) -> Figures:
    """Rounds that lie evenly about the planted medians."""
    spread = [1 + noise * (i - rounds // 2) / max(1, rounds // 2) for i in range(rounds)]
    found = {"p99": p99_us * 1000, "p50": p99_us * 500, "cpu": cpu, "lost": 0.0, "memory": 100.0}
    values = {name: {i: value * spread[i] for i in range(rounds)} for name, value in found.items()}
    return Figures(values, {"response": 100_000, "send": 100_000, "staleness": 100_000})


def evidence(asked: str = "", final: dict[str, Figures] | None = None, *given: str, **contracts: Any) -> Evidence:
    """`own` is Weir's, all others are not."""
    channels = {"own": measured(10), "other": measured(40)} if final is None else final
    entries = [entry(n, "Weir" if n.startswith("own") else "other", **contracts.get(n, {})) for n in channels]
    found = load_of(*given)
    return Evidence(found, need.parse(asked), filter.sort(listing(*entries), found), final=channels, selection=channels,
                    rounds=7, processors=2)  # fmt: skip
