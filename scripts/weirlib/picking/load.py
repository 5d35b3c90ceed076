"""The load that the user describes, and the parameters of the workload `load` that it becomes."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path

from weirlib.charts import text
from weirlib.errors import UsageError
from weirlib.nearest import unknown
from weirlib.picking import words

WORKLOAD = "load"
SIZES = (8, 64, 256)
MOST_ROLES = 256  # each has a line on the board of a trial
POLICIES = ("block", "fail", "drop-newest", "drop-oldest", "timeout:1ms")
PLACES = ("spread", "one", "free")
ARRIVALS = ("poisson", "fixed", "burst:500@16.6ms")
TAKES = ("each", "frames-16600us", "batches-64-100us")


@dataclass(frozen=True)
class Load:
    producers: int
    consumers: int
    rate: float  # messages a second, over all producers
    arrivals: str  # as the workload has it
    period_ns: int  # of bursts and of a consumer that takes by the frame; 0 without
    service: str
    service_ns: int
    size: int  # what is measured
    policy: str  # block, fail, drop-newest, drop-oldest, timeout
    timeout: str
    capacity: int
    take: str
    place: str
    coming: str = ""  # the arrivals, for people
    trace: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def roles(self) -> int:
        return self.producers + self.consumers

    @property
    def busy(self) -> float:
        """The share of a consumer's time that the work alone takes."""
        return self.rate * self.service_ns * 1e-9 / self.consumers

    @property
    def full(self) -> str:
        """What the driver's senders do: a channel with a policy of its own is simply sent to."""
        if self.policy in ("fail", "drop-newest"):
            return "drop"
        return f"timeout-{self.timeout}" if self.policy == "timeout" else "block"

    def params(self) -> dict[str, int | str]:
        """Those of a case; what is at its default is left out, as ids leave it out."""
        found: dict[str, int | str] = {"p": self.producers, "c": self.consumers, "msg": self.size}
        if self.trace is None:
            found["rate"] = max(1, round(self.rate))
        optional = {"arrivals": (self.arrivals, "fixed"), "service": (self.service, "0ns")}
        optional |= {"full": (self.full, "block"), "take": (self.take, "each")}
        found |= {key: value for key, (value, default) in optional.items() if value != default}
        return found | {"place": self.place}

    def sentence(self) -> str:
        sides = f"{text.plural(self.producers, 'producer')} to {text.plural(self.consumers, 'consumer')}"
        policy = {"timeout": f"a send gives up after {self.timeout}"}.get(self.policy, f"{self.policy} when full")
        said = [sides, f"{text.quantity(self.rate, 'msg/s')} {self.coming}", f"{self.size} bytes", policy]
        said += [f"capacity {self.capacity}"]
        said += [f"work {self.service}"] if self.service_ns else []
        said += [f"take {self.take}"] if self.take != "each" else []
        return ", ".join([*said, text.case_words({"place": self.place})])


def from_flags(flags: Namespace) -> Load:
    """Throws UsageError. A trace is read by whoever finds `trace` set."""
    producers, consumers = flags.producers or 1, flags.consumers or 1
    if producers + consumers > MOST_ROLES:
        raise UsageError(
            f"{producers} producers and {consumers} consumers are {producers + consumers} roles, "
            f"and a trial has room for {MOST_ROLES}"
        )
    service, service_ns = work(flags.work)
    policy, timeout = on_full(flags.on_full or "block")
    size, notes = rounded_size(flags.size or 8)
    take, take_ns = taking(flags.take or "each")
    load = Load(producers, consumers, 0.0, "fixed", take_ns, service, service_ns, size, policy, timeout,
                flags.capacity or 1024, take, place(flags.place or "spread"), notes=notes)
    return arriving(load, flags.arrivals or "poisson", flags.rate)


def arriving(load: Load, said: str, rate: str | None) -> Load:
    """With its arrivals and the rate, which bursts and traces bring with them."""
    if is_trace(said):
        if rate is not None:
            raise UsageError(f"--rate {rate}: a trace has its own rate; leave out --rate")
        return replace(load, trace=Path(said), coming="as in the trace")
    if said.startswith("burst:"):
        count, period = burst(said)
        if rate is not None:
            raise UsageError(f"--rate {rate}: {said} has its own rate, {count * 1e9 / period:.0f}; leave out --rate")
        frames = f"frames-{words.duration_text(period)}"
        coming = f"in bursts of {count} every {text.quantity(period, 'ns')}"
        found = replace(load, arrivals=frames, coming=coming, rate=count * 1e9 / period)
        return replace(found, period_ns=max(period, load.period_ns))
    kinds = {"poisson": "exponential", "fixed": "fixed"}
    if said not in kinds:
        raise UsageError(f"--arrivals: {unknown('arrivals', said, ARRIVALS)}, or a file of times")
    if rate is None:
        raise UsageError("say how much comes: --rate 200k, --arrivals burst:500@16.6ms or --profile NAME")
    return replace(load, arrivals=kinds[said], coming=said, rate=words.rate("--rate", rate))


def is_trace(said: str) -> bool:
    return "/" in said or said.endswith((".csv", ".txt"))


def burst(said: str) -> tuple[int, int]:
    """Messages of a burst, over all producers, and the time from one to the next."""
    count, at, period = said.removeprefix("burst:").partition("@")
    if not at or not count.isdigit() or int(count) < 1:
        raise UsageError(f"--arrivals {said} is not like burst:500@16.6ms")
    return int(count), words.duration_ns("--arrivals", period, "burst:500@16.6ms")


def work(said: str | None) -> tuple[str, int]:
    """As the driver has it, and its mean."""
    if said is None or said in ("0", "0ns", "0us"):
        return "0ns", 0
    prefix = "exponential-" if said.startswith("exponential-") else ""
    ns = words.duration_ns("--work", said.removeprefix(prefix), "2us")
    return prefix + words.duration_text(ns), ns


def on_full(said: str) -> tuple[str, str]:
    if said.startswith("timeout:"):
        return "timeout", words.duration_text(words.duration_ns("--on-full", said.removeprefix("timeout:"), "1ms"))
    if said not in POLICIES[:-1]:
        raise UsageError(f"--on-full: {unknown('policy', said, POLICIES)}")
    return said, ""


def rounded_size(bytes_: int) -> tuple[int, tuple[str, ...]]:
    if bytes_ > SIZES[-1]:
        raise UsageError(f"--size {bytes_}: at most {SIZES[-1]} bytes are measured; send a pointer instead: --size 8")
    size = next(known for known in SIZES if known >= bytes_)
    return size, () if size == bytes_ else (f"Messages of {bytes_} bytes are measured as {size}.",)


def taking(said: str) -> tuple[str, int]:
    """As the driver has it, and the period of frames."""
    kind, _, rest = said.partition("-")
    if kind == "frames" and rest:
        period = words.duration_ns("--take", rest, "frames-16600us")
        return f"frames-{words.duration_text(period)}", period
    count, _, flush = rest.partition("-")
    if kind == "batches" and count.isdigit() and int(count) > 0 and flush:
        return f"batches-{count}-{words.duration_text(words.duration_ns('--take', flush, 'batches-64-100us'))}", 0
    if said != "each":
        raise UsageError(f"--take: {unknown('way to take', said, TAKES)}")
    return said, 0


def place(said: str) -> str:
    if said not in PLACES:
        raise UsageError(f"--place: {unknown('place', said, PLACES)}")
    return said
