"""Child processes in groups of their own: none outlives the command that started it."""

import math
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from weirlib.paths import ROOT

# How long a group that was asked to end may take; the plan front ends its trial within this time.
GRACE_S = 15.0


class TimeLimit(Exception):
    """The process ran longer than it may."""


def start(
    argv: Sequence[str | Path],
    *,
    stdout: int | None = subprocess.PIPE,
    stderr: int | None = subprocess.STDOUT,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts it in the project's root, in its own session: the terminal's Ctrl-C reaches it only through us."""
    return subprocess.Popen(
        [str(word) for word in argv],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, **(env or {})},
        start_new_session=True,
        pass_fds=pass_fds,
    )


def run(
    argv: Sequence[str | Path],
    *,
    limit_s: float = math.inf,
    on_line: Callable[[str], None] | None = None,
    env: Mapping[str, str] | None = None,
) -> int:
    """Its exit status. Its output goes to `on_line`, or else where ours goes. Throws TimeLimit."""
    deadline = time.monotonic() + limit_s
    process = start(argv, env=env) if on_line else start(argv, env=env, stdout=None, stderr=None)
    try:
        if on_line:
            for line in lines(process, deadline):
                on_line(line)
        return process.wait(None if limit_s == math.inf else max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeLimit from None
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], grace_s: float = GRACE_S) -> None:
    """Asks the group to end if its leader still runs, then kills what is left of it."""
    try:
        if process.poll() is None:
            signal_group(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(grace_s)
    finally:  # also when another Ctrl-C ends the waiting
        signal_group(process, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def lines(process: subprocess.Popen[bytes], deadline: float = math.inf) -> Iterator[str]:
    """Lines of its stdout as they come. Ends with the process, even where a grandchild keeps the pipe open."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    rest = b""
    while True:
        if time.monotonic() > deadline:
            raise TimeLimit
        # Asked before the pipe is: what an ended process wrote is in the pipe by then.
        ended = process.poll() is not None
        if not select.select([pipe], [], [], 0 if ended else 0.1)[0]:
            if ended:
                break
            continue
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            break
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)
    if rest:
        yield rest.decode(errors="replace")
