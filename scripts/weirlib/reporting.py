"""scripts/weir report DIR [DIR]; and the report at the end of a run."""

import traceback
from pathlib import Path

from weirlib import folder, results
from weirlib.errors import OK, CommandError, Failure, UsageError
from weirlib.nearest import nearest
from weirlib.paths import BUILD, RESULTS, shown


def report(path: Path) -> int:
    found = existing(path)
    print(table(found))
    print(f"report: {shown(make(found))}")
    return OK


def compare(first: Path, second: Path) -> int:
    """Two runs side by side."""
    from weirlib import report as maker

    paths = [existing(path) for path in (first, second)]
    if paths[0] == paths[1]:
        raise UsageError(f"{first} and {second} are the same run: name two")
    path, lines = maker.build_comparison(*(results.read(path) for path in paths))
    print("\n".join(lines))
    print(f"comparison: {shown(path)}")
    return OK


def existing(path: Path) -> Path:
    """The folder of a run with something to report."""
    if not path.is_dir() and (known := nearest(path.name, runs())):
        raise UsageError(f"{path} is not a folder; nearest: {shown(RESULTS / known)}")
    found = folder.existing(path)
    run = results.read(found)
    if not any(trial.status in ("ok", "failed") for trial in run.trials()):
        left_out = f" ({run.unreadable} lines could not be read)" if run.unreadable else ""
        raise UsageError(f"{path} holds no finished trial{left_out}: there is nothing to report")
    return found


def runs() -> list[str]:
    return [path.parent.name for path in RESULTS.glob("*/run.json")]


def make(path: Path) -> Path:
    """Makes charts and report.html of the run; returns the report's path."""
    try:
        from weirlib import report as maker

        return maker.build(path)
    except CommandError:
        raise
    except Exception as error:
        raise failure("the report", path, error) from error


def table(path: Path) -> str:
    """The compact table for a terminal."""
    try:
        from weirlib import summary

        return summary.table(path)
    except CommandError:
        raise
    except Exception as error:
        raise failure("the table", path, error) from error


def failure(what: str, path: Path, error: Exception) -> Failure:
    """One line for people; the traceback is kept for whoever repairs it."""
    log = BUILD / "report-error.log"
    log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    return Failure(f"{what} of {shown(path)} could not be made: {reason} (traceback: {shown(log)})")
