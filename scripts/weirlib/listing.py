"""scripts/weir list: the channels with their contracts, and the workloads."""

import json
from typing import Any

from weirlib import build
from weirlib.bench import Bench
from weirlib.errors import OK

SIDES = {"one": "1", "many": "n"}


def list_channels(as_json: bool, jobs: int | None) -> int:
    listing = Bench(build.bench(jobs=jobs)).listing()
    if as_json:
        print(json.dumps(listing, indent=1, ensure_ascii=False))
    else:
        show(listing)
    return OK


def show(listing: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    # A pipe has no width of its own; 80 columns would cut names that people search for.
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=140)
    table = Table(box=None, pad_edge=False)
    for heading in ("channel", "to", "bound", "when full", "order", "close", "wait", "source"):
        table.add_column(heading, no_wrap=heading == "channel")
    for channel in listing["channels"]:
        if channel["available"]:
            table.add_row(*row(channel))
    console.print(table)
    for channel in listing["channels"]:
        if not channel["available"]:
            console.print(f"left out: {channel['name']}: {channel['reason']}", markup=False)
    console.print()
    for workload in listing["workloads"]:
        console.print(f"{workload['name']:<14}{workload['summary']}", markup=False)


def row(channel: dict[str, Any]) -> list[str]:
    contract, source = channel["contract"], channel["source"]
    return [
        channel["name"],
        f"{SIDES[contract['producers']]}:{SIDES[contract['consumers']]}",
        contract["bound"],
        contract["overflow"],
        contract["order"],
        contract["close"],
        contract["wait"],
        f"{source['name']} {source['version']}",
    ]
