"""The parts of `scripts/weir test`: order, limits, the closing line."""

import os
import sys
from functools import partial
from pathlib import Path

import pytest
from weirlib import checks, processes
from weirlib.checks import Part, must
from weirlib.errors import Failure


def passing(_limit_s: float) -> None:
    pass


def failing(_limit_s: float) -> None:
    raise Failure("ctest ended with status 8")


def hanging(limit_s: float) -> None:
    must([sys.executable, "-c", "import signal; signal.pause()"], limit_s)


def test_a_failed_part_does_not_stop_the_others() -> None:
    results = checks.run_parts([Part("one", 60, failing), Part("two", 60, passing)], total_s=60)
    assert [result.verdict for result in results] == ["failed", "passed"]
    assert checks.closing_line(results) == "1 passed, 1 failed"


def test_a_part_whose_build_failed_is_not_run() -> None:
    results = checks.run_parts([Part("build", 60, failing), Part("tests", 60, passing, needs="build")], total_s=60)
    assert results[1].verdict == "not run"
    assert results[1].reason == "needs: build"
    assert checks.closing_line(results) == "0 passed, 1 failed, 1 not run"


def test_a_part_that_hangs_is_ended_at_its_limit(capfd: pytest.CaptureFixture[str]) -> None:
    results = checks.run_parts([Part("hang", 0.2, hanging)], total_s=60)
    assert results[0].verdict == "failed"
    assert "not finished within" in results[0].reason
    assert "== hang failed" in capfd.readouterr().out


def test_beyond_the_total_limit_the_rest_is_not_run() -> None:
    results = checks.run_parts([Part("hang", 60, hanging), Part("next", 60, passing)], total_s=1.2)
    assert [result.verdict for result in results] == ["failed", "not run"]


def test_the_table_has_each_part_with_its_time() -> None:
    results = checks.run_parts([Part("one", 60, failing), Part("two", 60, passing)], total_s=60)
    lines = checks.table(results).splitlines()
    assert lines[1].split()[:2] == ["one", "failed"]
    assert lines[1].endswith("ctest ended with status 8")
    assert lines[-1].startswith("total")


def test_fast_leaves_out_the_sanitizers() -> None:
    fast = [part.name for part in checks.parts(True, 2)]
    full = [part.name for part in checks.parts(False, 2)]
    assert full[: len(fast)] == fast
    assert all("sanitizer" in name for name in full[len(fast) :])
    assert not any("sanitizer" in name for name in fast)


def test_every_part_that_needs_another_comes_after_it() -> None:
    names = [part.name for part in checks.parts(False, 2)]
    for part in checks.parts(False, 2):
        assert part.needs is None or names.index(part.needs) < names.index(part.name)


def test_what_a_part_started_ends_with_it(tmp_path: Path) -> None:
    """A grandchild that would wait for ever holds the writing end of a FIFO: it has ended when the FIFO has."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    script = f"import os, signal\nos.open({str(fifo)!r}, os.O_WRONLY)\nif os.fork() == 0: signal.pause()"
    assert processes.run([sys.executable, "-c", script], limit_s=30) == 0
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_tests_that_failed_are_named_and_what_they_printed_is_said_again_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "CTestTestfile.cmake").write_text(
        'add_test(sound "/bin/true")\nadd_test(unsound "/bin/sh" "-c" "echo message 7 is lost; exit 1")\n'
    )
    monkeypatch.setattr(checks, "BUILD", tmp_path)
    monkeypatch.setattr(checks, "parts", lambda *_: [Part("release tests", 60, partial(checks.ctest, "release", 1))])
    assert checks.test(False, 1) == 1
    end = capfd.readouterr().out.split("what the tests that failed printed")[1]
    assert "-- unsound\nmessage 7 is lost" in end
    assert "sound\n" not in end.replace("unsound", "")
    assert "failed" in end and "1 tests: unsound" in end
