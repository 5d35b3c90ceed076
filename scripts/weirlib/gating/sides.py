"""What is compared: a git revision, a build folder, or a program. All of them end as programs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from weirlib import build, folder, processes
from weirlib.errors import UsageError
from weirlib.paths import BUILD, ROOT, shown

PROGRAM = "weir-bench"
RELINKED = "weir-bench-layout1"  # the same objects, their functions in another order
FRONT = "harness/turns.cpp"  # what a revision must have to be measured here
WORKPLACE = BUILD / "gate"
FLAGS = "-falign-functions=64 -falign-loops=32"  # for revisions whose own flags do not say so


@dataclass(frozen=True)
class Side:
    word: str  # as it was given
    what: str  # for people: which revision, which file
    program: Path
    relinked: Path | None


def resolve(words: Sequence[str], catalogue: Sequence[str], jobs: int | None) -> list[Side]:
    """Builds the revisions that are not there yet. Throws UsageError: without its program there is no verdict."""
    # All words are understood before the first is built: a commit meanwhile does not change what HEAD means.
    meant = [found(word) for word in words]
    return [of_revision(word, m, catalogue, jobs) if isinstance(m, str) else m for word, m in zip(words, meant)]


def found(word: str) -> Side | str:
    """A program that is there, or the full name of a revision."""
    path = Path(word)
    if path.is_dir():
        return of_folder(word, path)
    if path.is_file():
        if not os.access(path, os.X_OK):
            raise UsageError(f"{word} is not a program")
        return Side(word, str(path), path.resolve(), None)
    return revision(word)


def of_folder(word: str, path: Path) -> Side:
    program = path / PROGRAM
    if not program.is_file():
        raise UsageError(f"{word} is a folder without {PROGRAM}; build it, or name a revision or a program")
    return Side(word, str(path), program.resolve(), relinked_of(program))


def relinked_of(program: Path) -> Path | None:
    """The one beside it, unless it is older: then it may be of older objects."""
    path = program.with_name(RELINKED)
    return path.resolve() if path.is_file() and path.stat().st_mtime >= program.stat().st_mtime else None


def revision(word: str) -> str:
    """Its full name."""
    found = git("rev-parse", "--verify", "--quiet", f"{word}^{{commit}}")
    if found.returncode != 0:
        raise UsageError(f"{word} is no git revision, no build folder and no program")
    name = found.stdout.strip()
    if git("cat-file", "-e", f"{name}:{FRONT}").returncode != 0:
        # Said before a quarter of an hour is spent on building it.
        raise UsageError(f"{word} cannot be measured: it has no turns mode, since {FRONT} came later")
    return name


def git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)


def of_revision(word: str, name: str, catalogue: Sequence[str], jobs: int | None) -> Side:
    settings = settings_of(catalogue)
    place = WORKPLACE / f"{name[:12]}-{digest(settings)}"
    with folder.refusals(place, "make the project's folder writable"):
        place.mkdir(parents=True, exist_ok=True)
    done = place / "done"
    with folder.locked(place):
        if not done.is_file():
            make(word, name, place, settings, jobs)
            done.touch()
    relinked = place / "build" / RELINKED
    what = git("log", "-1", "--format=%h %s", name).stdout.strip()
    return Side(word, what, place / "build" / PROGRAM, relinked if relinked.is_file() else None)


def settings_of(catalogue: Sequence[str]) -> dict[str, str]:
    """What CMake is told for every revision."""
    return {
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_CXX_FLAGS_RELEASE": "-O3 -DNDEBUG",
        "CMAKE_CXX_FLAGS": FLAGS,
        "BUILD_TESTING": "OFF",
        "WEIR_CATALOGUE": ";".join(catalogue),
    }


def digest(settings: Mapping[str, str]) -> str:
    """Of what a revision is built with: with other settings, or by another compiler, it is another program."""
    told = [*sorted(settings.items()), compiler(), os.environ.get("LDFLAGS", "")]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:8]


def compiler() -> str:
    """The one that CMake takes, with its version."""
    name = os.environ.get("CXX", "c++")
    try:
        said = subprocess.run([*name.split(), "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return name  # CMake will say so
    return f"{name} {said.stdout.partition(chr(10))[0]}"


def make(word: str, name: str, place: Path, settings: Mapping[str, str], jobs: int | None) -> None:
    """A worktree of the revision, built with the flags of all others."""
    source, target = place / "source", place / "build"
    check_out(word, name, source)
    log = place / "build.log"
    configure = ["cmake", "-S", source, "-B", target, "-G", "Ninja", *(f"-D{k}={v}" for k, v in settings.items())]
    compile_ = ["cmake", "--build", target, "--parallel", str(jobs or os.cpu_count() or 1), "--target"]
    log.unlink(missing_ok=True)
    with build.Notes(f"{word} ({name[:12]})", log) as notes:
        logged([*configure], log, notes, word)
        logged([*compile_, PROGRAM], log, notes, word)
        if (target / "build.ninja").is_file() and RELINKED in (target / "build.ninja").read_text():
            logged([*compile_, RELINKED], log, notes, word)


def check_out(word: str, name: str, source: Path) -> None:
    # Of a call that was interrupted half of the files may be there, and somebody may have changed one. Without the file
    # that makes it a worktree git would take the project around it for meant.
    if (source / ".git").is_file() and git("-C", str(source), "reset", "--hard", "--quiet", name).returncode == 0:
        return
    shutil.rmtree(source, ignore_errors=True)
    git("worktree", "prune")
    # Twice: also where a call that was killed left it locked.
    added = git("worktree", "add", "--detach", "--force", "--force", str(source), name)
    if added.returncode != 0:
        raise UsageError(f"cannot check {word} out: {build.cmake_error(added.stderr.splitlines())}")


def logged(argv: list[str | Path], log: Path, notes: build.Notes, word: str) -> None:
    said: list[str] = []
    with log.open("a", encoding="utf-8") as file:
        keep = build.keeper(file, said)

        def on_line(line: str) -> None:
            keep(line)
            notes.line(line)

        status = processes.run(argv, on_line=on_line)
    if status != 0:
        raise UsageError(f"{word} does not build: {first_error(said)} (all of it: {shown(log)})")


def first_error(said: list[str]) -> str:
    """The compiler's first error, or CMake's, as one line."""
    found = next((line.strip() for line in said if "error:" in line or "fatal:" in line), None)
    return found or build.cmake_error(said)
