"""The flags of each command. Help is in scripts/help/, which must answer before there is a Python."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from weirlib.errors import UsageError
from weirlib.nearest import unknown


class Parser(argparse.ArgumentParser):
    """Mistakes become a UsageError of one line."""

    def __init__(self, command: str) -> None:
        super().__init__(prog=f"scripts/weir {command}", add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} ({self.prog} --help)")

    def read(self, words: list[str]) -> argparse.Namespace:
        values, extra = self.parse_known_args(words)
        self.check_repeated(words)
        for word in extra:
            if word.startswith("-"):
                raise UsageError(unknown("flag", word.split("=")[0], self.flags()))
            self.error(f"unexpected word {word}")
        return values

    def check_repeated(self, words: list[str]) -> None:
        """Of a flag with one value, argparse would take the last and forget the others without a word."""
        for flag, action in self._option_string_actions.items():
            if isinstance(action, argparse._StoreAction) and sum(word.split("=")[0] == flag for word in words) > 1:
                self.error(f"{flag} is given twice, and takes one value")

    def flags(self) -> list[str]:
        return sorted(self._option_string_actions)


def positive(text: str) -> int:
    """A whole number from 1 on; argparse puts the function's name into its message."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return value


def seconds(text: str) -> float:
    """A finite time above 0, as the C++ side takes it."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return value


def seed(text: str) -> int:
    """What the C++ side takes: an unsigned 64-bit number."""
    value = int(text)
    if not 0 <= value < 2**64:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 to 2^64 - 1")
    return value


def words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def run_parser() -> Parser:
    parser = Parser("run")
    add: Any = parser.add_argument
    # No defaults: --resume must tell what was asked from what was not.
    add("--suite")
    add("--channels", action="extend", type=words)
    add("--filter")
    add("--channel-file", type=Path)
    add("--rounds", type=positive)
    add("--seed", type=seed)
    add("--out", type=Path)
    add("--resume", type=Path)
    add("--stress", type=seconds)
    add("--no-report", action="store_true")
    add("--db-folder", type=Path)
    add("--jobs", type=positive)
    return parser


def pick_parser() -> Parser:
    parser = Parser("pick")
    add: Any = parser.add_argument
    # No defaults: a profile's values stand where none was given. Words with units are read by weirlib.picking.
    for word in ("--profile", "--rate", "--arrivals", "--work", "--take", "--on-full", "--place", "--need"):
        add(word)
    for word in ("--producers", "--consumers", "--size", "--capacity", "--rounds", "--jobs"):
        add(word, type=positive)
    add("--channels", action="extend", type=words)
    add("--channel-file", type=Path)
    add("--seed", type=seed)
    add("--json", action="store_true")
    add("--out", type=Path)
    return parser


def report_parser() -> Parser:
    parser = Parser("report")
    parser.add_argument("DIR", type=Path)
    parser.add_argument("SECOND", type=Path, nargs="?")
    return parser


def list_parser() -> Parser:
    parser = Parser("list")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--jobs", type=positive)
    return parser


def test_parser() -> Parser:
    parser = Parser("test")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--jobs", type=positive)
    return parser


# Flags of weir-stress --explore, which says itself what is wrong with their values.
EXPLORING = ("plan", "bound", "stale", "surprises", "search", "runs", "replay")


def stress_parser() -> Parser:
    parser = Parser("stress")
    add: Any = parser.add_argument
    add("--channel", action="extend", type=words, default=[])
    add("--channel-file", type=Path)
    add("--case", action="extend", type=words, default=[])
    add("--seconds", type=seconds)
    add("--seed", type=seed)
    add("--into", type=Path)
    add("--kill", type=positive)
    add("--power-loss", type=positive)
    add("--store")
    add("--db", type=Path)
    add("--list", action="store_true")
    add("--json", action="store_true")
    add("--jobs", type=positive)
    add("--faults", action="extend", nargs="?", type=words, const="*")
    add("--seeds", type=positive)
    add("--resume", type=Path)
    add("--explore", action="extend", type=words, default=[])
    for word in EXPLORING:
        add(f"--{word}")
    return parser


def minutes(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of minutes above 0")
    return value


def gate_parser() -> Parser:
    parser = Parser("gate")
    add: Any = parser.add_argument
    add("BASE", nargs="?")
    add("HEAD", nargs="?")
    add("--cases", action="extend", type=words, default=[])
    add("--minutes", type=minutes)
    add("--rounds", type=positive)
    add("--seed", type=seed)
    add("--strict", action="store_true")
    add("--no-instructions", action="store_true")
    add("--calibration", type=Path)
    add("--out", type=Path)
    add("--resume", type=Path)
    add("--jobs", type=positive)
    add("--calibrate", action="store_true")
    add("--sessions", type=positive)
    add("--part", action="extend", type=words, default=[])
    return parser


def history_parser() -> Parser:
    parser = Parser("history")
    add: Any = parser.add_argument
    add("--add", type=Path)
    add("--note")
    add("--cases", action="extend", type=words, default=[])
    add("--file", type=Path)
    return parser


def export_parser() -> Parser:
    parser = Parser("export")
    add: Any = parser.add_argument
    add("DIR", type=Path)
    add("--format")
    add("--better", choices=("bigger", "smaller"), default="bigger")
    return parser


def long(made: Callable[[], Parser]) -> Callable[[], Parser]:
    """Of a command that takes longer than anybody waits to learn of a mistake in it."""

    def parser() -> Parser:
        found = made()
        found.add_argument("--dry-run", action="store_true")
        return found

    return parser


PARSERS = {
    "run": long(run_parser),
    "pick": long(pick_parser),
    "report": report_parser,
    "list": list_parser,
    "stress": long(stress_parser),
    "gate": long(gate_parser),
    "history": history_parser,
    "export": export_parser,
    "test": long(test_parser),
}
