"""What ends a command with one line for people, and the exit status that goes with it."""

import sys

OK = 0
FAILED = 1
USAGE = 2
UNSURE = 3  # a verdict that --strict does not let pass
INTERRUPTED = 130


class CommandError(Exception):
    """Ends the command: the message is the one line, `status` the exit status."""

    status = FAILED


class Failure(CommandError):
    """Something that was asked for did not hold: a build, a process, a report."""

    status = FAILED


class UsageError(CommandError):
    """A mistake in the command, or something missing that only the user can supply."""

    status = USAGE


def say(line: str) -> None:
    """A line for people on stderr: stdout belongs to what the command prints."""
    print(f"weir: {line}", file=sys.stderr, flush=True)
