"""Configures and builds what a command needs; says so in a line or two, keeps everything in build/<preset>.log."""

import math
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import TextIO

from weirlib import processes
from weirlib.errors import Failure, UsageError, say
from weirlib.paths import BUILD, shown

STEP = re.compile(r"^\[(\d+)/(\d+)\] (?!Re-)")  # not ninja's own re-checking and re-running of CMake
MOST_LINES = 60
PACKAGES = Path("/var/lib/dpkg/status")


class BuildError(Failure):
    """The compiler or linker refused; `lines` is what it said."""

    def __init__(self, message: str, lines: list[str]) -> None:
        super().__init__(message)
        self.lines = lines


def bench(channel_file: Path | None = None, jobs: int | None = None) -> Path:
    """The weir-bench to use, built if need be; with `channel_file`, the one that also holds that file's channels."""
    if ready := os.environ.get("WEIR_BENCH"):
        return ready_made(Path(ready), "WEIR_BENCH")
    return program("weir-bench", channel_file, jobs)


def layouts(count: int, channel_file: Path | None = None, jobs: int | None = None) -> list[Path]:
    """As many programs of the same objects, their functions in another order in each; the first is `bench`."""
    programs = [bench(channel_file, jobs)]
    if os.environ.get("WEIR_BENCH"):
        return programs  # there is only the one that was brought
    if (cached(BUILD / "release", "WEIR_LLD") or "").endswith("NOTFOUND"):
        raise UsageError("this suite links the program in several layouts, which needs ld.lld (Debian: lld)")
    name = programs[0].name
    return programs + [compile_target("release", f"{name}-layout{n}", jobs) for n in range(1, count)]


def stress(channel_file: Path | None = None, jobs: int | None = None) -> Path:
    """The same for weir-stress."""
    if ready := os.environ.get("WEIR_STRESS"):
        return ready_made(Path(ready), "WEIR_STRESS")
    return program("weir-stress", channel_file, jobs)


def durability(jobs: int | None = None) -> Path:
    """The same for weir-durability, which knows no channel of the user's own."""
    if ready := os.environ.get("WEIR_DURABILITY"):
        return ready_made(Path(ready), "WEIR_DURABILITY")
    return program("weir-durability", None, jobs)


def program(name: str, channel_file: Path | None, jobs: int | None) -> Path:
    if channel_file is None:
        configure("release", {}, only_if_needed=True)
        return compile_target("release", name, jobs)
    configure("release", {"WEIR_CHANNEL_FILE": str(channel_file)})
    try:
        return compile_target("release", f"{name}-with", jobs)
    except BuildError as error:
        if channel_file.name in "\n".join(error.lines):  # the linker shortens the path
            raise UsageError(f"{channel_file} does not compile; the compiler's lines are above") from error
        raise


def ready_made(program: Path, variable: str) -> Path:
    if not (program.is_file() and os.access(program, os.X_OK)):
        raise UsageError(f"{variable}={program} is not a program")
    return program.resolve()


def configure(preset: str, settings: dict[str, str], *, only_if_needed: bool = False) -> None:
    """Runs CMake. A configured folder keeps its settings, such as a library's own directory, unless named here."""
    folder = BUILD / preset
    settings = dict(settings)
    kept = cached(folder, "WEIR_CHANNEL_FILE")
    if kept and "WEIR_CHANNEL_FILE" not in settings and not Path(kept).is_file():
        # A channel file of an earlier run that has gone since would stop CMake.
        settings["WEIR_CHANNEL_FILE"] = ""
    if only_if_needed and not settings and is_current(folder):
        return
    BUILD.mkdir(exist_ok=True)
    with log_of(preset).open("w", encoding="utf-8") as log:
        said: list[str] = []
        words = [f"-D{name}={value}" for name, value in settings.items()]
        status = processes.run(["cmake", "--preset", preset, *words], on_line=keeper(log, said))
    if status != 0:
        raise UsageError(f"cannot configure: {cmake_error(said)} (all of it: {shown(log_of(preset))})")


def is_current(folder: Path) -> bool:
    """Configured, and no package came or went since: a library that was missing then may be there now."""
    rules = folder / "build.ninja"
    if not rules.is_file():
        return False
    return not PACKAGES.exists() or rules.stat().st_mtime > PACKAGES.stat().st_mtime


def compile_target(preset: str, target: str | None, jobs: int | None = None, limit_s: float = math.inf) -> Path:
    """Builds the target, or all; returns where a program of that name lies."""
    compile_targets(preset, [target] if target else [], target or preset, jobs, limit_s)
    return BUILD / preset / (target or "")


def compile_targets(
    preset: str, targets: list[str], what: str, jobs: int | None = None, limit_s: float = math.inf
) -> None:
    """Builds them beside each other, or all there are; `what` names them in a word."""
    argv = ["cmake", "--build", str(BUILD / preset), "--parallel", str(jobs or os.cpu_count() or 1)]
    said: list[str] = []
    with log_of(preset).open("a", encoding="utf-8") as log, Notes(what, log_of(preset)) as notes:
        keep = keeper(log, said)

        def on_line(line: str) -> None:
            keep(line)
            notes.line(line)

        status = processes.run(argv + (["--target", *targets] if targets else []), on_line=on_line, limit_s=limit_s)
    if status != 0:
        lines = compiler_lines(said)
        print("\n".join(lines[:MOST_LINES]), file=sys.stderr, flush=True)
        raise BuildError(f"{what} does not build (all of it: {shown(log_of(preset))})", lines)


def log_of(preset: str) -> Path:
    return BUILD / f"{preset}.log"


def keeper(log: TextIO, said: list[str]) -> Callable[[str], None]:
    def keep(line: str) -> None:
        said.append(line)
        print(line, file=log, flush=True)

    return keep


def cached(folder: Path, name: str) -> str | None:
    """A setting in the folder's CMake cache."""
    cache = folder / "CMakeCache.txt"
    if not cache.is_file():
        return None
    found = re.search(rf"^{name}:\w+=(.*)$", cache.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return found.group(1) if found else None


def cmake_error(said: list[str]) -> str:
    """CMake's first error as one line: its heading names a place, the indented lines below say what is wrong."""
    for i, line in enumerate(said):
        if line.startswith("CMake Error"):
            below = []
            for text in said[i + 1 :]:
                if text and not text.startswith(" "):
                    break
                below.append(text.strip())
            return " ".join(filter(None, below)) or line
    return said[-1] if said else "cmake said nothing"


def compiler_lines(said: list[str]) -> list[str]:
    """What compilers and linkers said: ninja's progress and its repetition of the command line left out."""
    kept = []
    after_failed = False
    for line in said:
        if not (after_failed or STEP.match(line) or line.startswith(("ninja:", "FAILED:"))):
            kept.append(line)
        after_failed = line.startswith("FAILED:")
    return kept


class Notes:
    """Progress of a build on stderr: stdout belongs to what the command prints. Silent when next to nothing is to do."""

    PATIENCE_S = 1.0

    def __init__(self, what: str, log: Path) -> None:
        self.what = what
        self.started = time.monotonic()
        self.announced = False
        self.live = sys.stderr.isatty()
        # By a timer, because ninja says a step only when it has ended.
        self.timer = Timer(self.PATIENCE_S, self.announce, [f"building {what} (log: {shown(log)})"])

    def __enter__(self) -> "Notes":
        self.timer.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.timer.cancel()
        self.timer.join()
        if self.announced and self.live:
            print("\r\x1b[K", end="", file=sys.stderr)
        if self.announced and kind is None:
            say(f"{self.what}: {time.monotonic() - self.started:.0f} s")

    def announce(self, text: str) -> None:
        self.announced = True
        say(text)

    def line(self, line: str) -> None:
        if self.announced and self.live and (step := STEP.match(line)):
            print(f"\r\x1b[K  {step[1]} of {step[2]}", end="", file=sys.stderr, flush=True)
