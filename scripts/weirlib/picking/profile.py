"""Profiles: loads that many have, as files whose keys are the flags of `pick`. Flags override them."""

from __future__ import annotations

import tomllib
from argparse import Namespace
from pathlib import Path

from weirlib.arguments import pick_parser
from weirlib.errors import UsageError
from weirlib.nearest import unknown
from weirlib.picking import load, words
from weirlib.selection import toml_file

PROFILES = Path(__file__).resolve().parents[1] / "profiles"
KEYS = ("producers", "consumers", "rate", "arrivals", "work", "size", "on-full", "capacity", "take", "place", "need",
        "channels", "rounds", "about")  # fmt: skip


def merged(flags: Namespace) -> Namespace:
    """The flags, and for those that were not given the profile's."""
    if flags.profile is None:
        return flags
    base = read(toml_file("profile", flags.profile, PROFILES))
    found = Namespace(**vars(flags))
    for name, value in vars(base).items():
        if getattr(found, name) is None:
            setattr(found, name, value)
    settle_rate(found, flags, base)
    return found


def settle_rate(found: Namespace, flags: Namespace, base: Namespace) -> None:
    """Bursts have a rate of their own. What the user says counts; a rate alone sets the size of a profile's bursts."""
    theirs, burst = base.arrivals or "", (base.arrivals or "").startswith("burst:")
    if flags.arrivals is not None and flags.rate is None and (load.is_trace(flags.arrivals) or "@" in flags.arrivals):
        found.rate = None
    elif flags.arrivals is None and flags.rate is not None and burst:
        period = load.burst(theirs)[1]
        count = round(words.rate("--rate", flags.rate) * period / 1e9)
        if count < 1:
            raise UsageError(f"--rate {flags.rate} is less than one message a burst: say --arrivals too")
        found.rate, found.arrivals = None, f"burst:{count}@{words.duration_text(period)}"


def read(path: Path) -> Namespace:
    """As if its keys had been given as flags: the same checks. A trace lies beside the profile."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"profile {path.name}: {error}") from None
    for key in table:
        if key not in KEYS:
            raise UsageError(f"profile {path.name}: {unknown('key', key, KEYS)}")
    found = pick_parser().read([f"--{key}={value}" for key, value in table.items() if key != "about"])
    if found.arrivals and load.is_trace(found.arrivals):
        found.arrivals = str(path.parent / found.arrivals)
    return found
