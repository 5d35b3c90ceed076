"""Every command of README.md and docs/ is run here; one that would take long, or builds, with --dry-run."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from door import ROOT, Weir

sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "python")]

import synthetic  # noqa: E402  (needs the path above)
from weirlib import cli  # noqa: E402

LIMIT_S = 180  # a report takes ten seconds of a quiet machine
PAGES = [ROOT / "README.md", ROOT / "results" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Between fences, or indented.
BLOCK = r"^```\w*\n.*?^```|^    scripts/weir [^\n]*"
LONG = ("run", "pick", "stress", "gate", "test")  # all of these have --dry-run
SHORT = ("--list", "--help")  # with one of these they answer at once


def commands() -> list[str]:
    """Those of code blocks, and those between backquotes in a sentence."""
    found: dict[str, None] = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(BLOCK, text, flags=re.S | re.M)
        prose = re.sub(BLOCK, "", text, flags=re.S | re.M)
        said = re.findall(r"^\s*(?:\$ )?(scripts/weir .*)$", "\n".join(blocks).replace("\\\n", " "), flags=re.M)
        said += [" ".join(line.split()) for line in re.findall(r"`(scripts/weir [^`]+)`", prose)]
        found |= dict.fromkeys(shlex.join(shlex.split(line, comments=True)) for line in said)
    return list(found)


COMMANDS = commands()


def words_of(line: str) -> list[str]:
    """Without what starts it; a flag that is only named, `stress --into`, is left to the check of flags."""
    words = shlex.split(line.partition(" '||'")[0])[1:]  # what a shell does with its status is not ours
    command = words[0]
    if words in (["report"], ["pick"]):  # a sentence about it
        return [command, "--help"]
    if command in LONG and not set(SHORT) & set(words):
        words.append("--dry-run")
    if command == "history":  # not into the project's own
        words += ["--file", "history.jsonl"]
    return words


@pytest.fixture
def here(weir: Weir) -> Weir:
    """With a run for each folder that a page may name, and a channel file."""
    shutil.copy(ROOT / "tests" / "faulty" / "honest.cpp", weir.folder / "my_channel.cpp")
    return weir


def prepare(folder: Path, line: str) -> None:
    """The runs that the command names; those that are kept here are copied."""
    for name in set(re.findall(r"results/([\w.-]+)", line)):
        kept, path = ROOT / "results" / name, folder / "results" / name
        if (kept / "run.json").exists():
            shutil.copytree(kept, path)
        else:
            synthetic.write(path, synthetic.Plan(rounds=2, topologies=((1, 1),), works=(), histogram=False))


def test_the_pages_have_commands() -> None:
    assert len(COMMANDS) > 30
    assert {line.split()[1] for line in COMMANDS} >= {"run", "pick", "report", "stress", "list", "test", "gate"}


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_does_what_the_page_says_it_takes(
    line: str, here: Weir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = words_of(line)
    prepare(here.folder, line)
    for name in set(re.findall(r"[\w./-]+\.(?:cpp|toml)", line)) - {"my_channel.cpp"}:
        kept, path = ROOT / name, here.folder / name
        assert kept.exists(), f"{line}: there is no {name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, path)
    if only_named(words):
        said = here(*words[:1], "--help").stdout
        assert f"  {words[-2] if words[-1] == '--dry-run' else words[-1]} " in said
        return
    if "--dry-run" in words:  # in this process: each of its own would take a second
        monkeypatch.chdir(here.folder)
        status, said = cli.main(words), capsys.readouterr()
        assert status == 0 and said.out.strip(), f"{line}\n{said.err}"
        return
    if words[0] == "history" and "--add" not in words:  # of a history that has a run
        prepare(here.folder, "results/before")
        assert here("history", "--add", "results/before", *words[-2:]).returncode == 0
    done = here(*words)
    assert done.returncode == 0 and done.stdout.strip(), f"{line}\n{done.stdout}{done.stderr}"


def only_named(words: list[str]) -> bool:
    """A flag without the value that it takes, at the end of a command in a sentence."""
    rest = [word for word in words if word != "--dry-run"]
    return rest[-1] in ("--into", "--stress", "--seed", "--channel", "--out", "--resume", "--channel-file", "--kill", "--power-loss", "--explore")


def test_a_dry_run_still_refuses_a_mistake(weir: Weir) -> None:
    for words in (("run", "--suite", "quik"), ("pick", "--rate", "fast"), ("stress", "--store", "lmdb"), ("stress", "--faults", "none*")):
        done = weir(*words, "--dry-run")
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, (words, done.stdout, done.stderr)
