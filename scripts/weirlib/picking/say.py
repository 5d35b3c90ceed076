"""The answer as text: at most 40 lines of at most 110 columns, made of the answer's data alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from weirlib.charts import text
from weirlib.picking.answer import HERE, INSTALL, SHOWN
from weirlib.picking.budget import BEYOND, CAPACITY_ROUNDS
from weirlib.picking.need import METRICS, NEVER
from weirlib.picking.say_head import Data, filtered, head, wrapped
from weirlib.stats import Estimate, order_ranks

LINES = 40
NAME, VALUE = 28, 11
MOST_ROWS = 3  # of the set, in each column
MOST_CHANGES = 6
TITLES = {INSTALL: "Best that you can install", HERE: "Best here, with Weir's own"}


def lines(a: Data) -> list[str]:
    """With as many channels of each set as there is room for."""
    for most in range(MOST_ROWS, 0, -1):
        parts = [head(a), filtered(a), table(a, most), reasons_to_choose(a), ending(a)]
        found = [line for part in parts for line in part]
        if len(found) <= LINES:
            return found
    return [*found[: LINES - 1], "(more: answer.json)"]


def table(a: Data, most: int) -> list[str]:
    """Both columns. Without finalists there is nothing to show."""
    if not a["channels"]:
        return ["No channel was measured: nothing here can carry this load."]
    found = ["", f"{'median of ' + text.plural(a['rounds'], 'round'):{NAME}}" + "".join(f"{m:>{VALUE}}" for m in SHOWN)]
    seen: set[str] = set()
    for name, title in TITLES.items():
        found += column(a, name, title, seen, most)
    return found


def column(a: Data, name: str, title: str, seen: set[str], most: int) -> list[str]:
    said = a["columns"][name]
    among, closest = said["any_of"], list(said["closest"])
    if not among and not closest:
        return [f"{title}: nothing that fits"]
    if name == HERE and said == a["columns"][INSTALL]:
        return [f"{title}: the same"]
    if closest:
        nearest = f"{closest[0]} has {misses(a, said['closest'][closest[0]])}"
        again = name == HERE and closest[:1] == list(a["columns"][INSTALL]["closest"])[:1]
        said_of = "meets it either" if again else f"meets the need; the closest, {nearest}"
        found = wrapped(f"{title}: none {said_of}")
        return found + rows(a, closest[:most], seen)
    fit = "this one" if len(among) == 1 else f"any of these {len(among)}, which are not told apart by {a['objective']}"
    found = [f"{title}: {fit}", *rows(a, among[:most], seen)]
    if len(among) > most:
        found += wrapped(f"    and {text.names(among[most:])}", "    ", 1)
    return found


def misses(a: Data, bounds: Mapping[str, float | None]) -> str:
    """`p99 61.0 µs (asked: p99<50us)`."""
    metrics = {bound["words"]: METRICS[bound["metric"]] for bound in a["need"]}
    return " and ".join(
        f"{metrics[said].name} {'untold' if value is None else metrics[said].show(value)} (asked: {said})"
        for said, value in bounds.items()
    )


def rows(a: Data, names: Iterable[str], seen: set[str]) -> list[str]:
    """Figures, and what each gives up and where it comes from, the first time that it is named."""
    found = []
    for name in names:
        channel = a["channels"][name]
        figures = "".join(f"{shown(channel['figures'], m):>{VALUE}}" for m in SHOWN)
        found.append(f"  {name:{NAME - 2}}{figures}")
        if name in seen:
            continue
        seen.add(name)
        source = channel["source"]
        origin = "Weir's own" if channel["own"] else f"{source['name']} {source['version']}, {source['licence']}"
        lacks = "gives up " + ", ".join(channel["gives_up"]) if channel["gives_up"] else "gives up nothing"
        saturated = ["does not keep up with the load"] if channel["saturated"] else []
        found += wrapped("      " + "; ".join([origin, lacks, *channel["notes"], *saturated]), " " * 6)
    return found


def shown(figures: Data, name: str) -> str:
    found = figures.get(name)
    if found is None:
        return "–"
    return METRICS[name].show(NEVER if found["median"] is None else found["median"])


def reasons_to_choose(a: Data) -> list[str]:
    """What binds, what is told apart, how small the channel may be."""
    found = [""] if a["channels"] else []
    if bound := a["binding"]:
        found += wrapped(binding(bound))
    if behind := a["columns"][HERE]["behind"]:
        n = a["rounds"]
        ratios = {name: Estimate(m, low, high, None, n, 0.0) for name, (m, low, high) in behind.items()}
        each = [f"{name} {text.ratio(ratio)}" for name, ratio in ratios.items()]
        found += wrapped(f"Told apart from the first by {a['objective']}, round by round: {', '.join(each)}")
    if a["channels"] and order_ranks(a["rounds"]) is None:
        found.append(f"{text.plural(a['rounds'], 'round')} are too few for an interval: nothing is told apart.")
    if a["capacity"]:
        found += wrapped(capacity(a["capacity"]))
    for name, count in a["few_samples"].items():
        found += wrapped(f"{name} rests on {count} messages over all rounds; it should rest on {needed(name)}.")
    if names := a["level"]:
        found += wrapped(
            f"As good in the selection, by less than 10 %, so any of them will do too: {text.names(names, len(names))}."
        )
    if names := a["not_run_again"]:
        found += wrapped(f"Not in the final, but met the need in the selection too: {text.names(names, 6)}.")
    return found


def needed(name: str) -> int:
    return round(BEYOND / (1 - METRICS[name].quantile))


def binding(bound: Data) -> str:
    """How the need that decides is met, with its interval."""
    if bound["share"] is None:
        return f"Binding: {bound['bound']}: {bound['channel']} could not be told, or did not deliver."
    m = METRICS[bound["metric"]]
    ends = [m.show(NEVER if end is None else end) for end in (bound["low"], bound["high"])]
    interval = f", {ends[0]} to {ends[1]}" if bound["interval"] else ""
    sure = "" if bound["sure"] else "; the interval does not settle it"
    share = bound["share"]
    used = f"{text.digits(share)} times the bound" if share > 2 else f"{100 * share:.0f} % of the bound"
    return f"Binding: {bound['bound']}: {bound['channel']} has {m.show(bound['median'])}{interval}, {used}{sure}."


def capacity(said: Data) -> str:
    tried = ", ".join(map(str, said["tried"]))
    if said["enough"] is None and said["tried"][0] > said["asked"]:
        return f"Capacity: a larger one does not help {said['channel']} ({tried})."
    if said["enough"] is None:
        return f"Capacity: {CAPACITY_ROUNDS} trials each of {tried} do not settle which is enough for {said['channel']}."
    if said["enough"] > said["asked"]:
        return f"Capacity: with {said['enough']} instead of {said['asked']}, {said['channel']} meets the need."
    return f"Capacity: {said['enough']} is enough for {said['channel']} ({CAPACITY_ROUNDS} trials each of {tried})."


def ending(a: Data) -> list[str]:
    return [line for said in a["changes_if"][:MOST_CHANGES] for line in wrapped(f"Changes if {said}.")]
