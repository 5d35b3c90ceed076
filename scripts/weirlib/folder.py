"""A run's folder: made once, never overwritten, its files whole or absent."""

import errno
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from weirlib.errors import UsageError
from weirlib.paths import RESULTS, shown

TRIALS = "trials.jsonl"


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def refusals(path: Path, advice: str = "name another folder with --out") -> Iterator[None]:
    """A folder that cannot be written is one line for people, not a traceback."""
    try:
        yield
    except OSError as error:
        what = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror
        raise UsageError(f"cannot write {shown(path)}: {what}; {advice}") from error


def make(suite: str, out: Path | None) -> Path:
    """The folder of a new run: `out`, which must be new or empty, or one below results/ named by the time."""
    if out is not None:
        with refusals(out):
            out.mkdir(parents=True, exist_ok=True)
            if any(out.iterdir()):
                raise UsageError(f"{out} is not empty and nothing is overwritten; name a new folder, or --resume {out}")
        return out.resolve()
    stem = f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{suite}"
    with refusals(RESULTS):
        for number in range(1, 1000):
            path = RESULTS / (stem if number == 1 else f"{stem}-{number}")
            with suppress(FileExistsError):
                path.mkdir(parents=True)
                return path
    raise UsageError(f"{RESULTS} already holds {stem}")


def discard(path: Path) -> None:
    """Takes back a folder in which no trial began."""
    with suppress(OSError):
        for name in ("run.json", "environment.json", "channels.json", TRIALS):
            (path / name).unlink(missing_ok=True)
        path.rmdir()


def existing(path: Path) -> Path:
    """The folder of an earlier run."""
    if not path.is_dir():
        raise UsageError(f"{path} is not a folder")
    if not (path / "run.json").is_file():
        raise UsageError(f"{path} holds no run: it has no run.json")
    return path.resolve()


def write_json(path: Path, value: dict[str, Any], advice: str = "name another folder with --out") -> None:
    """Whole or not at all: a reader sees the old file until the new one is complete on the disk."""
    with refusals(path, advice):
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file, indent=1, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {shown(path)}: {error}") from error
    if not isinstance(value, dict) or value.get("schema", 1) != 1:
        raise UsageError(f"{shown(path)} is not of schema 1")
    return value


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """One run at a time writes a folder. The descriptor goes on to the child, so that the lock lasts as long as it."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another run is writing {shown(path)}") from None
        yield handle
    finally:
        os.close(handle)


def drop_half_line(path: Path) -> None:
    """Cuts off a last line without a newline: the next line would be glued to it and lost with it."""
    with suppress(FileNotFoundError), path.open("r+b") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)


def trials(path: Path) -> list[dict[str, Any]]:
    """The whole trial lines, without the cases that were never begun because they do not apply (their seed is 0)."""
    try:
        content = (path / TRIALS).read_bytes()
    except FileNotFoundError:
        return []
    found = []
    for line in content.split(b"\n")[:-1]:
        with suppress(ValueError):
            trial = json.loads(line)
            if isinstance(trial, dict) and (trial.get("status") in ("ok", "failed") or trial.get("seed")):
                found.append(trial)
    return found
