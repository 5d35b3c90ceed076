"""Building, with a stand-in for cmake: what is shown of an error, and which status it gets."""

import os
from pathlib import Path

import pytest
from weirlib import build
from weirlib.errors import USAGE, UsageError
from weirlib.job import Job

FAILED_BUILD = """\
[1/3] Building CXX object a.o
FAILED: mine.o
/usr/bin/g++ -O3 -c {file}
{file}:3:1: error: 'x' does not name a type
    3 | x y;
ninja: build stopped: subcommand failed.
"""


@pytest.fixture
def cmake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cmake that prints the file `said` and ends with status 1 when that has `error` in it; its calls are kept."""
    script = tmp_path / "bin" / "cmake"
    script.parent.mkdir()
    configured = tmp_path / "configured"
    script.write_text(
        f'#!/bin/bash\necho "$@" >>{tmp_path}/calls\n'
        f'if [ "$1" = --preset ]; then cat {configured} 2>/dev/null; ! grep -qs Error {configured}; exit; fi\n'
        f"cat {tmp_path}/said; ! grep -q error {tmp_path}/said\n"
    )
    script.chmod(0o755)
    (tmp_path / "said").write_text("[1/1] Linking\n")
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    monkeypatch.delenv("WEIR_BENCH", raising=False)
    monkeypatch.setattr(build, "BUILD", tmp_path / "build")
    return tmp_path


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_a_configured_folder_is_not_configured_again(cmake: Path) -> None:
    (cmake / "build" / "release").mkdir(parents=True)
    (cmake / "build" / "release" / "build.ninja").write_text("")
    assert build.bench(jobs=1) == cmake / "build" / "release" / "weir-bench"
    assert [call.split()[0] for call in calls(cmake)] == ["--build"]
    assert calls(cmake)[0].endswith("--parallel 1 --target weir-bench")


def test_a_package_that_came_since_makes_it_configure_again(cmake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cmake / "build" / "release").mkdir(parents=True)
    (cmake / "build" / "release" / "build.ninja").write_text("")
    os.utime(cmake / "build" / "release" / "build.ninja", (1, 1))
    (cmake / "status").write_text("")
    monkeypatch.setattr(build, "PACKAGES", cmake / "status")
    build.bench()
    assert calls(cmake)[0] == "--preset release"


def test_a_channel_file_that_has_gone_is_forgotten(cmake: Path) -> None:
    folder = cmake / "build" / "release"
    folder.mkdir(parents=True)
    (folder / "build.ninja").write_text("")
    (folder / "CMakeCache.txt").write_text(f"WEIR_CHANNEL_FILE:FILEPATH={cmake}/gone.cpp\n")
    build.bench()
    assert calls(cmake)[0] == "--preset release -DWEIR_CHANNEL_FILE="


def test_a_channel_file_that_does_not_compile_shows_the_compilers_lines(
    cmake: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = cmake / "mine.cpp"
    (cmake / "said").write_text(FAILED_BUILD.format(file=file))
    with pytest.raises(UsageError, match="does not compile"):
        build.bench(file)
    shown = capfd.readouterr().err.splitlines()
    assert shown == [f"{file}:3:1: error: 'x' does not name a type", "    3 | x y;"]
    assert calls(cmake)[0] == f"--preset release -DWEIR_CHANNEL_FILE={file}"


def test_an_error_elsewhere_is_not_the_users_mistake(cmake: Path) -> None:
    (cmake / "said").write_text(FAILED_BUILD.format(file="harness/trial.cpp"))
    with pytest.raises(build.BuildError) as error:
        build.bench(cmake / "mine.cpp")
    assert error.value.status == 1


def test_a_missing_library_is_one_line(cmake: Path) -> None:
    (cmake / "configured").write_text(
        "CMake Error at CMakeLists.txt:20 (find_package):\n"
        '  Could not find a package configuration file provided by "fmt" with any of\n'
        "  the following names:\n\n    fmtConfig.cmake\n\n\n-- Configuring incomplete, errors occurred!\n"
    )
    with pytest.raises(UsageError) as error:
        build.bench()
    assert error.value.status == USAGE
    assert "\n" not in str(error.value)
    assert 'Could not find a package configuration file provided by "fmt"' in str(error.value)


def test_everything_is_kept_in_the_log(cmake: Path) -> None:
    build.bench()
    assert "[1/1] Linking" in (cmake / "build" / "release.log").read_text()


def test_layouts_are_programs_of_their_own_which_take_turns_by_round(cmake: Path) -> None:
    programs = build.layouts(3)
    assert [p.name for p in programs] == ["weir-bench", "weir-bench-layout1", "weir-bench-layout2"]
    built = [line.partition("--target ")[2] for line in calls(cmake) if "--target" in line]
    assert built == [p.name for p in programs]
    job = Job(None, None, None, 1, 7, cmake, 0, {}, None, tuple(programs))  # type: ignore[arg-type]
    assert [job.program(n) for n in range(4)] == [*programs, programs[0]]


def test_a_program_that_was_brought_has_one_layout(cmake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIR_BENCH", str(cmake / "bin" / "cmake"))
    assert build.layouts(3) == [cmake / "bin" / "cmake"]
