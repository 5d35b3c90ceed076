"""The list of faults, and a program for each: the headers of the channels with the fault in one of them."""

import shutil
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from weirlib import build
from weirlib.errors import UsageError
from weirlib.nearest import unknown
from weirlib.paths import BUILD, ROOT

LIST = ROOT / "harness" / "stress" / "faults" / "faults.toml"
FOLDER = BUILD / "faults"
# Detectors by name; every other name is that of a case, with "@delays" after it where only delays show the fault.
EXPLORER = "explorer"
COMPILER = "compiler"
ALL_CASES = "all cases"

PROGRAM = """\
// {says}
#include "channels/atomic_wait.hpp"
#include "channels/block_list.hpp"
#include "channels/latest.hpp"
#include "channels/mpmc_ring.hpp"
#include "channels/mpsc_ring.hpp"
#include "channels/mutex_condvar.hpp"
#include "channels/semaphore_ring.hpp"
#include "channels/spsc_ring.hpp"
#include "channels/swap_buffer.hpp"
#include "channels/waiting.hpp"
#include "harness/enter.hpp"
#include "harness/stress/faults/by_oneshot.hpp"

namespace weir {{
namespace {{

struct Planted {{
  template <class T, class Sync = StdSync>
  using Channel = {channel};
}};

const EnterForStress<Planted> planted{{"{name}", "{says}"}};

}}  // namespace
}}  // namespace weir
"""


@dataclass(frozen=True)
class Fault:
    """Replacements in one header. A sound one is an original without any, or a mended twin of a fault."""

    name: str
    says: str
    channel: str
    detectors: tuple[str, ...]
    kind: int = 0  # its number in the list of kinds; 0: none of them
    file: str = ""
    reported: str = ""  # where others reported it
    changes: tuple[tuple[str, str], ...] = ()
    sound: bool = False

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    @property
    def program(self) -> Path:
        return BUILD / "release" / f"fault-{self.name}"

    @property
    def runs(self) -> bool:
        """Whether there is a program to attack; what the compiler refuses has none."""
        return self.detectors != (COMPILER,)


def read() -> list[Fault]:
    """The faults of the list, then the sound originals of the channels that they stand in."""
    listed = [fault_of(entry) for entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["fault"]]
    channels = sorted({fault.channel for fault in listed})
    return listed + [original(channel, number, listed) for number, channel in enumerate(channels, 1)]


def fault_of(entry: dict[str, Any]) -> Fault:
    sound = entry.get("sound", False)
    return Fault(
        entry["name"],
        entry["says"],
        entry["channel"],
        (EXPLORER, ALL_CASES) if sound else tuple(entry["detectors"]),
        entry.get("kind", 0),
        entry["file"],
        entry.get("reported", ""),
        ((entry["find"], entry["replace"]), *(tuple(pair) for pair in entry.get("also", []))),
        sound,
    )


def original(channel: str, number: int, listed: list[Fault]) -> Fault:
    """Attacked by all that is named for its faults, and more."""
    compiled = any(COMPILER in fault.detectors for fault in listed if fault.channel == channel)
    detectors = (EXPLORER, ALL_CASES, *([COMPILER] if compiled else []))
    return Fault(f"sound_{number}", f"the original: {channel}", channel, detectors, sound=True)


def choose(known: list[Fault], globs: list[str]) -> list[Fault]:
    """Those that a glob names, or all, without those that a glob with a '!' takes out again."""
    out = [glob[1:] for glob in globs if glob.startswith("!")]
    wanted = [glob for glob in globs if not glob.startswith("!")]
    for glob in wanted + out:
        if not any(fnmatchcase(fault.name, glob) for fault in known):
            raise UsageError(unknown("fault", glob, [fault.name for fault in known]))
    chosen = [fault for fault in known if matches(fault, wanted or ["*"]) and not matches(fault, out)]
    if not chosen:
        raise UsageError(f"no fault is left of {','.join(globs)}")
    return chosen


def matches(fault: Fault, globs: list[str]) -> bool:
    return any(fnmatchcase(fault.name, glob) for glob in globs)


def make(chosen: list[Fault], jobs: int | None) -> None:
    """Builds a program for each."""
    for fault in chosen:
        write(fault)
    targets = [f"fault-{fault.name}" for fault in chosen if fault.runs]
    if not targets:
        return
    known = {fault.name for fault in read()}
    for folder in FOLDER.iterdir():
        if folder.name not in known:
            shutil.rmtree(folder)  # of a list that has changed since
    build.configure("release", {"WEIR_FAULTS": str(FOLDER)})
    what = targets[0] if len(targets) == 1 else f"{len(targets)} programs with faults"
    build.compile_targets("release", targets, what, jobs)


def write(fault: Fault) -> None:
    """What has not changed is not written: it need not be compiled again."""
    for path, text in sources(fault).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def sources(fault: Fault) -> dict[Path, str]:
    texts = {
        fault.folder / "channels" / header.name: planted(fault, header)
        for header in sorted((ROOT / "channels").glob("*.hpp"))
    }
    if fault.runs:
        texts[fault.folder / "fault.cpp"] = PROGRAM.format(name=fault.name, says=fault.says, channel=fault.channel)
    return texts


def planted(fault: Fault, header: Path) -> str:
    """The header's text, with the fault in it if it stands there."""
    text = header.read_text(encoding="utf-8")
    if fault.file != f"channels/{header.name}":
        return text
    for find, replacement in fault.changes:
        if text.count(find) != 1:
            raise UsageError(f"{fault.name}: what is to be replaced stands {text.count(find)} times in {fault.file}")
        text = text.replace(find, replacement)
    return text
