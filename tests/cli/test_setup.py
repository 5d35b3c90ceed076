"""Set-up with stand-ins for dpkg-query, apt-get, sudo and id, in a copy of the scripts whose Python only says hello."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from door import ROOT

COREUTILS = ("env", "bash", "dirname", "readlink", "cat", "mkdir", "tail")


class Machine:
    """A project folder and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        scripts = self.project / "scripts"
        package = scripts / "weirlib"
        package.mkdir(parents=True)
        for name in ("weir", "setup.sh", "words.sh"):
            shutil.copy(ROOT / "scripts" / name, scripts)
        shutil.copytree(ROOT / "scripts" / "help", scripts / "help")
        (package / "__init__.py").write_text("")
        (package / "__main__.py").write_text("print('entered')\n")
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls = folder / "calls"
        self.calls.write_text("")
        for name in COREUTILS:
            (self.bin / name).symlink_to(f"/usr/bin/{name}")
        self.program("id", "echo 0")

    def program(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>{self.calls}\n{script}\n')
        path.chmod(0o755)

    def lacks(self, *missing: str) -> None:
        """Everything is installed but these."""
        arms = "".join(f'[ "$word" = {name} ] && continue\n' for name in missing)
        loop = f'for word in "$@"; do\n{arms}case $word in -*) ;; *) echo "$word installed" ;; esac\ndone\nexit 0'
        self.program("dpkg-query", loop)

    def start(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        settings = {"PATH": str(self.bin), "WEIR_PYTHON": sys.executable, **env}
        command = [self.project / "scripts" / "weir", *words]
        return subprocess.run(
            command, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def called(self, name: str) -> list[str]:
        return [line for line in self.calls.read_text().splitlines() if line.startswith(name)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    found.program("apt-get", "exit 0")
    return found


def assert_refused(said: subprocess.CompletedProcess[str], line: str) -> None:
    assert said.returncode == 2, said.stderr
    assert said.stderr.splitlines()[-1] == line


def test_a_machine_with_everything_installs_nothing(machine: Machine) -> None:
    machine.lacks()
    said = machine.start("run")
    assert (said.returncode, said.stdout, said.stderr) == (0, "entered\n", "")
    assert len(machine.called("dpkg-query")) == 1
    assert machine.called("apt-get") == []


def test_what_is_missing_is_installed_without_fetching_lists(machine: Machine) -> None:
    machine.lacks("cmake", "libfmt-dev")
    said = machine.start("run")
    assert said.stdout == "entered\n"
    assert said.stderr == "weir: installing 2 packages (log: build/setup.log)\n"
    calls = machine.called("apt-get")
    assert len(calls) == 1
    assert calls[0].endswith("install --yes --no-install-recommends cmake libfmt-dev")


def test_lists_are_fetched_when_the_installation_fails_without_them(machine: Machine) -> None:
    machine.lacks("cmake")
    listed = machine.project / "listed"
    machine.program("apt-get", f'case "$*" in *update*) : >{listed} ;; *) [ -e {listed} ] ;; esac')
    said = machine.start("run")
    assert said.stdout == "entered\n"
    assert [call.split()[4] for call in machine.called("apt-get")] == ["install", "update", "install"]


def test_a_failed_installation_shows_the_end_of_its_log(machine: Machine) -> None:
    machine.lacks("cmake")
    machine.program("apt-get", "echo 'E: no such mirror'; exit 100")
    log = machine.project / "build" / "setup.log"
    said = machine.start("run")
    assert_refused(said, f"weir: could not install: cmake; the lines above are the end of {log}")
    assert "E: no such mirror" in said.stderr
    assert "E: no such mirror" in log.read_text()


def test_without_root_and_sudo_one_line_names_the_packages(machine: Machine) -> None:
    machine.lacks("g++", "cmake")
    machine.program("id", "echo 1000")
    said = machine.start("run")
    line = (
        "weir: missing packages: g++ cmake; install them with: sudo apt-get install --no-install-recommends g++ cmake"
    )
    assert (said.returncode, said.stderr) == (2, line + "\n")
    assert machine.called("apt-get") == []


def test_sudo_that_would_ask_for_a_password_is_not_waited_for(machine: Machine) -> None:
    machine.lacks("cmake")
    machine.program("id", "echo 1000")
    machine.program("sudo", '[ "$1" = -n ] && exit 1; read -r')
    said = machine.start("run")
    assert said.returncode == 2
    assert said.stderr.startswith("weir: missing packages: cmake;")


def test_a_gate_goes_on_without_valgrind_where_it_cannot_be_installed(machine: Machine) -> None:
    machine.lacks("valgrind")
    words = ("gate", "HEAD~1", "HEAD")
    assert machine.start(*words).stdout == "entered\n"
    assert machine.called("apt-get")[0].endswith(" valgrind")
    machine.program("apt-get", "echo 'E: no such mirror'; exit 100")
    said = machine.start(*words)
    assert (said.returncode, said.stdout) == (0, "entered\n")
    assert said.stderr.splitlines()[-1] == "weir: going on without valgrind: instructions are not counted"
    machine.calls.write_text("")
    machine.program("id", "echo 1000")
    said = machine.start(*words)
    assert (said.returncode, said.stdout, said.stderr) == (0, "entered\n", "")
    assert machine.called("apt-get") == []


def test_sudo_without_a_password_installs(machine: Machine) -> None:
    machine.lacks("cmake")
    machine.program("id", "echo 1000")
    machine.program("sudo", '[ "$1" = -n ] && shift\nexec "$@"')
    (machine.bin / "true").symlink_to("/usr/bin/true")
    said = machine.start("run")
    assert said.stdout == "entered\n"
    assert len(machine.called("apt-get")) == 1


def test_a_machine_without_apt_names_what_is_missing(machine: Machine) -> None:
    (machine.bin / "apt-get").unlink()
    machine.program("g++", "")
    said = machine.start("run")
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 1
    assert said.stderr.startswith("weir: missing: cmake ninja pkg-config; set-up knows apt only")


def test_a_machine_without_apt_but_with_the_tools_goes_on(machine: Machine) -> None:
    (machine.bin / "apt-get").unlink()
    for tool in ("g++", "cmake", "ninja", "pkg-config"):
        machine.program(tool, "")
    assert machine.start("run").stdout == "entered\n"


def test_a_report_needs_no_compiler(machine: Machine) -> None:
    machine.lacks("g++")
    assert machine.start("report", "x").stdout == "entered\n"
    assert machine.called("dpkg-query") == []


def test_the_first_python_is_passed_over_when_it_lacks_the_packages(machine: Machine) -> None:
    machine.lacks()
    machine.program("python3", "exit 1")
    (machine.bin / "python3.11").symlink_to(sys.executable)
    said = machine.start("run", WEIR_PYTHON="")
    assert said.stdout == "entered\n"
    assert len(machine.called("python3 ")) == 1
    assert machine.start("run", WEIR_PYTHON="").stdout == "entered\n"
    assert len(machine.called("python3 ")) == 1, "the choice is kept"


def test_a_python_that_was_asked_for_and_lacks_the_packages_is_refused(machine: Machine) -> None:
    machine.lacks()
    machine.program("mine", "exit 1")
    said = machine.start("run", WEIR_PYTHON=str(machine.bin / "mine"))
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 1
    assert "is not a Python 3.11 or newer that imports matplotlib.figure numpy" in said.stderr


def test_a_project_folder_that_cannot_be_written_is_one_line(machine: Machine) -> None:
    (machine.project / "build").write_text("")
    said = machine.start("run")
    folder = machine.project / "build"
    assert_refused(said, f"weir: cannot make the folder {folder}; make the project's folder writable")


def test_the_scripts_are_found_through_a_link(machine: Machine, tmp_path: Path) -> None:
    machine.lacks()
    link = tmp_path / "weir"
    os.symlink(machine.project / "scripts" / "weir", link)
    env = {"PATH": str(machine.bin), "WEIR_PYTHON": sys.executable}
    said = subprocess.run([link, "run"], env=env, capture_output=True, text=True, check=False)
    assert said.stdout == "entered\n"
