"""Words and numbers of backpressure scenarios, for people: policies, parameters, counts, ranges."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, Sequence

from weirlib.results import Case
from weirlib.charts import text

# In the order in which charts show them.
POLICIES = {
    "block": "senders wait",
    "fail": "refused when full",
    "drop": "dropped when full",
    "drop_newest": "newest dropped",
    "drop_oldest": "oldest evicted",
}


def duration(ns: float) -> str:
    """A round one, as it was planned: `100 ms`."""
    number_of, unit = text.quantity(ns, "ns").split(" ")
    return f"{float(number_of):g} {unit}"


def policy_words(name: str) -> str:
    if name.startswith("timeout-"):
        return f"senders wait {duration(text.duration_ns(name.removeprefix('timeout-')))} at most"
    return POLICIES.get(name, name)


def _param_words(key: str, value: Any) -> str:
    if key == "full":
        return policy_words(str(value))
    if key in ("stall", "pause"):
        ns = text.duration_ns(value)
        return f"{key} of {duration(ns)}" if ns else f"{key} {value}"
    if key == "take":
        return f"taken {str(value).replace('-', ' ')}"
    return text.case_words({key: value})


def words(params: Mapping[str, Any], skip: Iterable[str] = ()) -> str:
    """As `text.case_words`, with what only these scenarios have."""
    return ", ".join(_param_words(k, v) for k, v in params.items() if k not in skip)


def apart(cases: Sequence[Case], skip: Iterable[str] = ()) -> dict[str, str]:
    """By id, in words, the parameters in which these cases differ; empty where a name says all."""
    keys = dict.fromkeys(k for c in cases for k in c.params if k not in skip)
    differing = [k for k in keys if len({str(c.params.get(k)) for c in cases}) > 1]
    return {c.id: words({k: c.params[k] for k in differing if k in c.params}) for c in cases}


def labels(cases: Sequence[Case], skip: Iterable[str] = ()) -> dict[str, str]:
    """By id, the channel; with what sets a case apart where its channel has several."""
    differ = apart(cases, skip)
    several = {c.channel for c in cases if sum(o.channel == c.channel for o in cases) > 1}
    return {c.id: f"{c.channel} ({differ[c.id]})" if c.channel in several and differ[c.id] else c.channel for c in cases}


def many(value: float | None) -> str:
    """A count: `48,211`."""
    return "–" if value is None else f"{value:,.0f}" if value >= 100 or value == round(value) else text.digits(value)


def of_group(differ: str, readings: Sequence[str]) -> list[str]:
    """The first of them says what sets the group apart."""
    first, *more = readings
    return [f"{text.sentence(differ)}: {first}" if differ else first, *more]


def span_of(values: Mapping[str, float], said: Callable[[float], str]) -> str:
    """`4.10 ms (a) to 34.0 ms (b)`; where all are the same, or there is one, without a range."""
    low, high = (pick(values, key=lambda n: (values[n], n)) for pick in (min, max))
    if said(values[low]) == said(values[high]):
        return f"{said(values[low])} ({low if len(values) == 1 else 'all'})"
    return f"{said(values[low])} ({low}) to {said(values[high])} ({high})"
