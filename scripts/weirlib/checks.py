"""scripts/weir test: the parts of what must hold, each with a time limit, and a table of times at the end."""

import os
import shutil
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from weirlib import build, processes
from weirlib.errors import FAILED, OK, CommandError, Failure
from weirlib.paths import BUILD, ROOT

# On two processors the parts take about half an hour together; a machine with one gets twice the limit. Beyond it the rest
# is not run, and the table says where the time went, which a CI job that is killed from outside could not.
TOTAL_S = 75 * 60.0
# Of each test that failed, so many last lines are said again at the end, where whoever looks at a log looks first.
LINES_OF_A_FAILURE = 40
CPP_FOLDERS = ("channels", "harness", "workloads", "tests")
PYTHON_TESTS = ("tests/cli", "tests/python")


@dataclass(frozen=True)
class Part:
    """One line of the table. `action` gets the seconds that it may take and throws CommandError when it fails."""

    name: str
    limit_s: float
    action: Callable[[float], None]
    needs: str | None = None


@dataclass(frozen=True)
class Result:
    name: str
    verdict: str  # passed, failed, not run
    seconds: float
    reason: str = ""
    details: str = ""  # what the tests that failed printed


class TestsFailed(Failure):
    """Says which; `details` is what they printed."""

    def __init__(self, failed: dict[str, str]) -> None:
        super().__init__(f"{len(failed)} tests: {', '.join(list(failed)[:3])}{', ...' if len(failed) > 3 else ''}")
        self.details = "\n".join(f"-- {name}\n{output}" for name, output in failed.items())


def test(fast: bool, jobs: int | None) -> int:
    total_s = TOTAL_S * max(1.0, 2 / (os.cpu_count() or 1))
    results = run_parts(parts(fast, jobs or os.cpu_count() or 1), total_s)
    for result in results:
        if result.details:
            print(f"\n== {result.name}: what the tests that failed printed\n{result.details}", flush=True)
    print(table(results), flush=True)
    print(closing_line(results), flush=True)
    return OK if all(result.verdict == "passed" for result in results) else FAILED


def parts(fast: bool, jobs: int) -> list[Part]:
    found = [
        Part("format", 60, check_format),
        Part("release build", 1200, partial(make, "release", jobs)),
        Part("release tests", 600, partial(ctest, "release", jobs), needs="release build"),
        Part("python tests", 900, partial(pytest, jobs)),
        Part("smoke suite", 180, smoke, needs="release build"),
        Part("stress", 900, stress, needs="release build"),
        Part("seeded faults", 300, seeded_faults, needs="release build"),
    ]
    if fast:
        return found
    for preset, name in (("asan", "address sanitizer"), ("tsan", "thread sanitizer")):
        found.append(Part(f"{name} build", 900, partial(make, preset, jobs)))
        found.append(Part(f"{name} tests", 600, partial(ctest, preset, jobs), needs=f"{name} build"))
    return found


def run_parts(todo: list[Part], total_s: float) -> list[Result]:
    """All of them, a failed one too: whoever repairs wants to see everything that broke."""
    deadline = time.monotonic() + total_s
    results: list[Result] = []
    for part in todo:
        passed = {result.name for result in results if result.verdict == "passed"}
        if part.needs and part.needs not in passed:
            results.append(Result(part.name, "not run", 0.0, f"needs: {part.needs}"))
        elif (left := deadline - time.monotonic()) < 1.0:
            results.append(Result(part.name, "not run", 0.0, f"the limit of {total_s / 60:.0f} min was reached"))
        else:
            results.append(run_part(part, min(part.limit_s, left)))
    return results


def run_part(part: Part, limit_s: float) -> Result:
    print(f"== {part.name}", flush=True)
    started = time.monotonic()
    verdict, reason, details = "passed", "", ""
    try:
        part.action(limit_s)
    except processes.TimeLimit:
        verdict, reason = "failed", f"not finished within {limit_s:.0f} s"
    except CommandError as error:
        verdict, reason, details = "failed", str(error), getattr(error, "details", "")
    if reason:
        print(f"== {part.name} failed: {reason}", flush=True)
    return Result(part.name, verdict, time.monotonic() - started, reason, details)


def table(results: list[Result]) -> str:
    rows = [f"{r.name:<24}{r.verdict:<8}{r.seconds:7.1f} s  {r.reason}".rstrip() for r in results]
    total = f"{'total':<32}{sum(r.seconds for r in results):7.1f} s"
    return "\n".join(["", *rows, total])


def closing_line(results: list[Result]) -> str:
    count = {v: sum(r.verdict == v for r in results) for v in ("passed", "failed", "not run")}
    line = f"{count['passed']} passed, {count['failed']} failed"
    return line + (f", {count['not run']} not run" if count["not run"] else "")


def must(argv: list[str | Path], limit_s: float) -> None:
    """Runs it with its output where ours goes."""
    status = processes.run(argv, limit_s=limit_s)
    if status != 0:
        raise Failure(f"{Path(argv[0]).name} ended with status {status}")


def check_format(limit_s: float) -> None:
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if program is None:
        raise Failure("there is no clang-format")
    files = sorted(
        str(path.relative_to(ROOT))
        for name in CPP_FOLDERS
        for path in (ROOT / name).rglob("*")
        if path.suffix in (".hpp", ".cpp")
    )
    if not files:
        raise Failure("found no C++ file")
    must([program, "--dry-run", "--Werror", *files], limit_s)


def make(preset: str, jobs: int, limit_s: float) -> None:
    """Everything of the preset, warnings as errors, without a channel file of an earlier run."""
    started = time.monotonic()
    build.configure(preset, {"WEIR_WERROR": "ON", "WEIR_CHANNEL_FILE": ""})
    build.compile_target(preset, None, jobs, limit_s - (time.monotonic() - started))


def ctest(preset: str, jobs: int, limit_s: float) -> None:
    argv: list[str | Path] = ["ctest", "--test-dir", BUILD / preset, "--output-on-failure", "--no-tests=error"]
    # A test that hangs is named by ctest, well before the part's own limit would hide which it was.
    outcomes = BUILD / preset / "ctest.xml"
    outcomes.unlink(missing_ok=True)
    argv += ["--timeout", "120", "--parallel", str(jobs), "--output-junit", outcomes]
    try:
        must(argv, limit_s)
    except Failure as failure:
        failed = failed_tests(outcomes) if outcomes.is_file() else {}
        raise TestsFailed(failed) from failure if failed else failure


def failed_tests(outcomes: Path) -> dict[str, str]:
    """By name, the end of what each printed; from what ctest wrote as JUnit XML."""
    return {
        test.get("name", ""): "\n".join(test.findtext("system-out", "").strip().splitlines()[-LINES_OF_A_FAILURE:])
        for test in ElementTree.parse(outcomes).iter("testcase")
        if test.get("status") == "fail"
    }


def pytest(jobs: int, limit_s: float) -> None:
    folders = [name for name in PYTHON_TESTS if (ROOT / name).is_dir()]
    must([sys.executable, "-m", "pytest", "-q", "-rs", "--numprocesses", str(jobs), *folders], limit_s)


def smoke(limit_s: float) -> None:
    out = BUILD / "smoke" / f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}"
    must([ROOT / "scripts" / "weir", "run", "--suite", "smoke", "--out", out], limit_s)


def stress(limit_s: float) -> None:
    # Sixty-four threads that spin or yield on one core take their time, and say little that parking does not.
    channels = ["--channel", "*,!*:spin,!*:yield,!*:lazy"]
    must([ROOT / "scripts" / "weir", "stress", "--seconds", "0.5", *channels], limit_s)


def seeded_faults(limit_s: float) -> None:
    # Those that the first round of a case finds, whatever the machine does meanwhile.
    faults = "holds_one_less,closed_before_drained,leftovers_leak,batch_swaps_two,batch_wakes_one,close_wakes_receivers_only"
    must([ROOT / "scripts" / "weir", "stress", "--faults", faults, "--seconds", "2"], limit_s)
