"""Who can carry the load at all, by contract; and why each other one cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from weirlib.picking.load import Load

OWN = "Weir"
NOT_HERE = "not in this build"


@dataclass(frozen=True)
class Channel:
    """A channel as the list gives it, at the capacity that it is measured with."""

    name: str
    contract: Mapping[str, Any]
    source: Mapping[str, Any]
    capacity: int
    file: bool = False  # of the user's own file
    notes: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        return str(self.source.get("name")) == OWN


@dataclass
class Sorted:
    fits: dict[str, Channel] = field(default_factory=dict)
    out: dict[str, list[str]] = field(default_factory=dict)  # reason: names

    def exclude(self, name: str, reason: str) -> None:
        self.fits.pop(name, None)
        self.out.setdefault(reason, []).append(name)


def sort(listing: Mapping[str, Any], load: Load, globs: Iterable[str] = ()) -> Sorted:
    """Channels that no glob chooses are nowhere: the user knows why."""
    found, patterns = Sorted(), list(globs)
    for entry in listing["channels"]:
        if patterns and not entry.get("file") and not chosen(entry["name"], patterns):
            continue
        if reason := why_not(entry, load):
            found.exclude(entry["name"], reason)
        else:
            contract, source = entry["contract"], entry["source"]
            capacity, file = capacity_of(contract, load), bool(entry.get("file"))
            found.fits[entry["name"]] = Channel(entry["name"], contract, source, capacity, file, notes(contract, load))
    return found


def chosen(name: str, globs: Iterable[str]) -> bool:
    """The last glob that matches decides, as in `run`."""
    said = False
    for glob in globs:
        if fnmatchcase(name, glob.removeprefix("!")):
            said = not glob.startswith("!")
    return said


def why_not(entry: Mapping[str, Any], load: Load) -> str:
    """One reason, the first; empty when it fits."""
    if not entry["available"]:
        return f"{NOT_HERE}: {entry['reason']}"
    contract = entry["contract"]
    return sides(contract, load) or message(contract, load) or policy(contract, load) or room(contract, load)


def sides(contract: Mapping[str, Any], load: Load) -> str:
    if load.producers > 1 and contract["producers"] == "one":
        return "one producer only"
    return "one consumer only" if load.consumers > 1 and contract["consumers"] == "one" else ""


def message(contract: Mapping[str, Any], load: Load) -> str:
    return "carries words of 8 bytes only" if load.size > 8 and contract["message"] == "nonzero_word" else ""


def policy(contract: Mapping[str, Any], load: Load) -> str:
    overflow, bound = contract["overflow"], contract["bound"]
    if load.policy == "drop-oldest":
        return "" if overflow == "drop_oldest" and bound != "unbounded" else "never gives up the oldest message"
    if overflow == "drop_oldest":
        return "gives up the oldest message when full"
    if load.policy in ("fail", "drop-newest"):
        return ""
    if overflow != "block":
        return "does not wait when full"
    if load.policy == "timeout" and not contract["timed"]:
        return "its waits have no time-out"
    return ""


def room(contract: Mapping[str, Any], load: Load, capacity: int | None = None) -> str:
    if contract["bound"] == "unbounded":
        return ""
    wanted = capacity_of(contract, load) if capacity is None else capacity
    least, most = contract.get("min_capacity") or 1, contract.get("max_capacity")
    if wanted < least:
        return f"its capacity is {least} or more" if most != least else f"its capacity is {least}"
    if most is not None and wanted > most:
        return f"its capacity is at most {most}"
    if contract.get("capacity_rule") == "power_of_two" and wanted & (wanted - 1):
        return "its capacity is a power of two"
    return ""


def capacity_of(contract: Mapping[str, Any], load: Load) -> int:
    """Who wants the newest messages is served by a channel that holds fewer; a hand-over holds none."""
    most = contract.get("max_capacity")
    smaller = load.policy == "drop-oldest" or contract["bound"] == "rendezvous"
    return min(load.capacity, int(most)) if smaller and most is not None else load.capacity


def notes(contract: Mapping[str, Any], load: Load) -> tuple[str, ...]:
    found = []
    if contract["bound"] == "unbounded":
        found.append("unbounded: never full, so memory grows instead")
    if contract["bound"] == "rendezvous":
        found.append("hands over: each send waits for its receive")
    if (capacity := capacity_of(contract, load)) < load.capacity and contract["bound"] != "rendezvous":
        found.append(f"holds {capacity}")
    return tuple(found)


def given_up(contract: Mapping[str, Any]) -> list[str]:
    """What it does not promise that the strictest contract does. Exactness: full and empty may be answered although it
    is neither. Progress: a thread that is stopped inside an operation holds up the others."""
    found = {
        "order across senders": contract["order"] == "per_sender",
        "order": contract["order"] == "none",
        "a bound": contract["bound"] == "unbounded",
        "an exact bound": contract["bound"] == "at_least",
        "exactness": "spurious" in (contract["empty"], contract["full"]),
        "non-trivial messages": contract["message"] != "nothrow_movable",
        "close": contract["close"] == "none",
        "time-outs": not contract["timed"],
        "progress": contract["progress"] != "lock_free",
    }
    return [words for words, lacking in found.items() if lacking]
