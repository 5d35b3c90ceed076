"""What a run measures: everything that --resume needs to go on with it."""

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from weirlib.arguments import run_parser
from weirlib.errors import UsageError
from weirlib.nearest import unknown
from weirlib.paths import SUITES

DEFAULT_SUITE = "quick"


@dataclass(frozen=True)
class Selection:
    """The choice of cases, as it was asked for."""

    suite: Path
    filter: str | None = None
    channels: tuple[str, ...] = ()
    channel_file: Path | None = None

    @property
    def suite_name(self) -> str:
        return self.suite.stem

    def arguments(self) -> list[str]:
        """The flags of `run` that choose the same again, from any folder."""
        suite = self.suite.stem if self.suite.parent == SUITES else str(self.suite)
        found = ["--suite", suite]
        if self.filter is not None:
            found.append(f"--filter={self.filter}")
        if self.channels:
            found.append(f"--channels={','.join(self.channels)}")
        if self.channel_file:
            found += ["--channel-file", str(self.channel_file)]
        return found


def from_flags(flags: Namespace) -> Selection:
    own = channel_file(flags.channel_file)
    return Selection(
        suite=toml_file("suite", flags.suite or DEFAULT_SUITE, SUITES),
        filter=flags.filter,
        channels=tuple(flags.channels or ()),
        channel_file=own,
    )


def from_arguments(arguments: list[str]) -> Selection:
    return from_flags(run_parser().read(arguments))


def channel_file(path: Path | None) -> Path | None:
    """The user's own, from any folder."""
    if path is None:
        return None
    if not path.is_file():
        raise UsageError(f"--channel-file {path} is not a file")
    return path.resolve()


def toml_file(flag: str, word: str, folder: Path) -> Path:
    """A name in the folder that Weir has for them, or a path."""
    if "/" in word or word.endswith(".toml"):
        path = Path(word).resolve()
        if not path.is_file():
            raise UsageError(f"--{flag} {word} is not a file")
        return path
    names = sorted(path.stem for path in folder.glob("*.toml"))
    if word not in names:
        raise UsageError(unknown(flag, word, names))
    return folder / f"{word}.toml"
