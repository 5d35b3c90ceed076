"""Chooses the command and turns its end into an exit status."""

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from weirlib import arguments, errors
from weirlib.errors import say
from weirlib.nearest import unknown


def run(values: Namespace) -> int:
    from weirlib import run as command

    return command.run(values)


def report(values: Namespace) -> int:
    from weirlib import reporting as command

    return command.compare(values.DIR, values.SECOND) if values.SECOND else command.report(values.DIR)


def pick(values: Namespace) -> int:
    from weirlib import pick as command

    return command.pick(values)


def list_(values: Namespace) -> int:
    from weirlib import listing as command

    return command.list_channels(values.json, values.jobs)


def stress(values: Namespace) -> int:
    from weirlib import stressing as command

    return command.stress(values)


def gate(values: Namespace) -> int:
    from weirlib import gate as command

    return command.gate(values)


def history(values: Namespace) -> int:
    from weirlib import history as command

    return command.history(values)


def export(values: Namespace) -> int:
    from weirlib import export as command

    return command.export(values)


def test(values: Namespace) -> int:
    from weirlib import checks as command

    return command.test(values.fast, values.jobs)


def dry_run(command: str, values: Namespace) -> int:
    from weirlib import dry

    print(dry.SAID[command](values))
    return errors.OK


# The imports stand in the functions: matplotlib and rich cost a second that only some commands need to pay.
COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "run": run,
    "pick": pick,
    "report": report,
    "list": list_,
    "stress": stress,
    "gate": gate,
    "history": history,
    "export": export,
    "test": test,
}


def terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM and SIGHUP end a command as Ctrl-C does: what has to be put in order is put in order."""
    raise KeyboardInterrupt


# With these a hook says which repository it is of; git, and CMake's git, would take it for every folder.
OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")


def main(words: list[str]) -> int:
    for name in OF_A_HOOK:
        os.environ.pop(name, None)
    signal.signal(signal.SIGTERM, terminated)
    signal.signal(signal.SIGHUP, terminated)
    try:
        return dispatch(words)
    except errors.CommandError as error:
        say(str(error))
        return error.status
    except KeyboardInterrupt:
        say("interrupted")
        return errors.INTERRUPTED
    except BrokenPipeError:
        # Whoever read stdout has gone; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errors.FAILED


def dispatch(words: list[str]) -> int:
    command = words[0] if words else ""
    if command not in COMMANDS:
        raise errors.UsageError(unknown("command", command, COMMANDS))
    values = arguments.PARSERS[command]().read(words[1:])
    status = dry_run(command, values) if getattr(values, "dry_run", False) else COMMANDS[command](values)
    sys.stdout.flush()
    return status
