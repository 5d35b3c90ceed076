"""What the rounds of a session say: of each case, and together. A function of figures, without a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from weirlib.gating.figures import CONFIRMING, LOOKS, Interval, Look, holm, interval, median, sign_test, usual_spread

LEAST_EFFECT = 0.05  # a log ratio below this is not worth a red light, however sure it is
ADVISORY_SPREAD = 0.05  # a case whose rounds scatter more is shown, and never decides
DEFAULT_MARGIN = 0.05  # where no calibration says one

REGRESSION, IMPROVEMENT, NO_CHANGE = "regression", "improvement", "no change"
INCONCLUSIVE, UNFIT = "inconclusive", "machine unfit"


@dataclass(frozen=True)
class Series:
    """Of one case, round by round: candidate against base, and the second copy of base against base."""

    y: Sequence[float]
    twin: Sequence[float]

    def first(self, count: int) -> "Series":
        return Series(self.y[:count], self.twin[:count])

    def turned(self) -> "Series":
        """So that what was faster is slower."""
        return Series([-v for v in self.y], [-v for v in self.twin])


@dataclass(frozen=True)
class Terms:
    """What a class of machine has shown of a case."""

    margin: float = DEFAULT_MARGIN
    spread: float | None = None  # None: not calibrated; the session's own second copy says it


@dataclass(frozen=True)
class CaseVerdict:
    case: str
    verdict: str
    advisory: bool
    median: float
    interval: Interval | None
    rounds: int
    margin: float
    spread: float
    again: float | None = None  # the median of the confirming rounds
    note: str = ""
    looked_slower: bool = False  # in the first rounds

    @property
    def unasked(self) -> bool:
        """Whether it is beyond its margin with the whole interval, and was not asked again, since it decides nothing."""
        whole = self.interval
        return self.advisory and whole is not None and (whole.low > self.margin or whole.high < -self.margin)


@dataclass(frozen=True)
class Outcome:
    verdict: str
    cases: list[CaseVerdict]
    complaints: list[str] = field(default_factory=list)


Data = Mapping[str, Series]
Bounds = Mapping[str, Terms]


def terms_of(case: str, bounds: Bounds) -> Terms:
    return bounds.get(case) or Terms()


def spread_of(case: str, series: Series, bounds: Bounds) -> float:
    known = terms_of(case, bounds).spread
    return usual_spread(series.twin) if known is None else known


def deciding(data: Data, bounds: Bounds) -> list[str]:
    return [case for case, series in data.items() if spread_of(case, series, bounds) <= ADVISORY_SPREAD]


def significant(data: Data, bounds: Bounds, look: Look, of_twin: bool = False) -> set[str]:
    """Cases slower by more than their margin, at the look's level over all of them together."""
    values = {case: series.twin if of_twin else series.y for case, series in data.items()}
    return holm({case: sign_test(v, terms_of(case, bounds).margin) for case, v in values.items()}, look.alpha)


def slower(data: Data, bounds: Bounds, look: Look) -> set[str]:
    """Of the significant ones those that are worth it: the whole interval beyond the margin, and at least 5 %."""
    found = set()
    for case in significant(data, bounds, look):
        whole = interval(data[case].y, confidence(look))
        beyond = whole is not None and whole.low > terms_of(case, bounds).margin
        if beyond and median(data[case].y) >= LEAST_EFFECT:
            found.add(case)
    return found


def confidence(look: Look) -> float:
    """Of the intervals: 99 % at the last look (of 24 values the 6th to the 19th), more at an earlier one."""
    return 0.99 if look.rounds >= LOOKS[-1].rounds else 1.0 - 2.0 * look.alpha


def turned(data: Data) -> dict[str, Series]:
    return {case: series.turned() for case, series in data.items()}


def unchanged(case: str, series: Series, bounds: Bounds, look: Look) -> bool:
    whole = interval(series.y, confidence(look))
    margin = terms_of(case, bounds).margin
    return whole is not None and -margin < whole.low and whole.high < margin


@dataclass(frozen=True)
class Seen:
    """What one look says."""

    look: Look
    data: Data
    worse: set[str]
    better: set[str]
    same: set[str]

    @property
    def decided(self) -> bool:
        return all(case in self.worse | self.better | self.same for case in self.data)


def look_at(data: Data, bounds: Bounds, look: Look) -> Seen:
    primary = {case: data[case] for case in deciding(data, bounds)}
    worse, better = slower(primary, bounds, look), slower(turned(primary), bounds, look)
    same = {case for case, series in data.items() if unchanged(case, series, bounds, look)}
    return Seen(look, data, worse, better, same)


def seen(data: Data, bounds: Bounds) -> Seen:
    """The first look if it decides everything, else what all rounds say."""
    early = LOOKS[0]
    if data and all(len(series.y) >= early.rounds for series in data.values()):
        found = look_at({case: series.first(early.rounds) for case, series in data.items()}, bounds, early)
        if found.decided:
            return found
    return look_at(data, bounds, LOOKS[-1])


def trips(data: Data, bounds: Bounds, look: Look) -> list[str]:
    """Cases in which the second copy of base is told apart from base: what is measured there is not the code."""
    primary = {case: data[case] for case in deciding(data, bounds)}
    either = significant(primary, bounds, look, of_twin=True) | significant(turned(primary), bounds, look, of_twin=True)
    return [f"base against itself differs by {100 * abs(median(data[case].twin)):.1f} % in {case}" for case in sorted(either)]


def conclude(
    first: Data, confirming: Data, complaints: Sequence[str], bounds: Bounds, least: int = CONFIRMING.rounds
) -> Outcome:
    """`confirming`: new rounds of the candidates that the first rounds left; with fewer than `least` they confirm nothing."""
    saw = seen(first, bounds)
    again_worse = slower(confirming, bounds, CONFIRMING)
    again_better = slower(turned(confirming), bounds, CONFIRMING)
    found = [*complaints, *trips(saw.data, bounds, saw.look), *trips(confirming, bounds, CONFIRMING)]
    cases = []
    for case in first:
        verdict, note = verdict_of(case, saw, again_worse, again_better, confirming, least)
        cases.append(described(case, verdict, note, saw, confirming, bounds))
    return Outcome(overall(cases, bool(found)), cases, found)


def verdict_of(
    case: str, saw: Seen, again_worse: set[str], again_better: set[str], confirming: Data, least: int
) -> tuple[str, str]:
    new = len(confirming[case].y) if case in confirming else 0
    which = "slower" if case in saw.worse else "faster"
    if case not in saw.worse | saw.better:
        return (NO_CHANGE, "") if case in saw.same else (INCONCLUSIVE, "")
    if new < least:
        return INCONCLUSIVE, f"{which}, and not confirmed: of the {least} new rounds that it takes {new} were played and count"
    if case in saw.worse & again_worse:
        return REGRESSION, ""
    if case in saw.better & again_better:
        return IMPROVEMENT, ""
    return INCONCLUSIVE, f"{which} in the first rounds, not in {new} new ones"


def described(case: str, verdict: str, note: str, saw: Seen, confirming: Data, bounds: Bounds) -> CaseVerdict:
    series = saw.data[case]
    scatter = spread_of(case, series, bounds)
    return CaseVerdict(
        case=case,
        verdict=verdict,
        advisory=scatter > ADVISORY_SPREAD,
        median=median(series.y) if series.y else 0.0,
        interval=interval(series.y, confidence(saw.look)),
        rounds=len(series.y),
        margin=terms_of(case, bounds).margin,
        spread=scatter,
        again=median(confirming[case].y) if case in confirming and confirming[case].y else None,
        note=note,
        looked_slower=case in saw.worse,
    )


def overall(cases: Sequence[CaseVerdict], unfit: bool) -> str:
    """An unfit machine says nothing. An advisory case decides nothing; with none that decides, nothing is known. What is
    faster here does not make up for what looked slower there."""
    if unfit:
        return UNFIT
    said = [case.verdict for case in cases if not case.advisory]
    if REGRESSION in said:
        return REGRESSION
    if unconfirmed(cases):
        return INCONCLUSIVE
    if IMPROVEMENT in said:
        return IMPROVEMENT
    return NO_CHANGE if said and all(verdict == NO_CHANGE for verdict in said) else INCONCLUSIVE


def unconfirmed(cases: Sequence[CaseVerdict]) -> list[CaseVerdict]:
    """Those that looked slower and were not found so again."""
    return [case for case in cases if case.looked_slower and case.verdict == INCONCLUSIVE]
