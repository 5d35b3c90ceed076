"""scripts/weir as the tests use it: in a process of its own, with stand-ins for weir-bench and weir-stress."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).with_name("fake_bench.py")
FAKE_STRESS = Path(__file__).with_name("fake_stress.py")


class Weir:
    """Starts scripts/weir and reads what a run left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "run"
        self.suite = folder / "tiny.toml"
        self.suite.write_text("rounds = 3\n")
        self.fifo = folder / "fifo"
        os.mkfifo(self.fifo)
        self.env = {
            **os.environ,
            "WEIR_BENCH": str(FAKE),
            "WEIR_STRESS": str(FAKE_STRESS),
            "WEIR_NO_SETUP": "1",
            "WEIR_PYTHON": sys.executable,
            "FAKE_FIFO": str(self.fifo),
        }

    def command(self, *words: object) -> list[str]:
        return [str(ROOT / "scripts" / "weir"), *map(str, words)]

    def __call__(self, *words: object, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), cwd=self.folder, env={**self.env, **env}, capture_output=True, text=True, check=False
        )

    def run(self, *words: object, **env: str) -> subprocess.CompletedProcess[str]:
        """A small run without a report, into `self.out`."""
        return self("run", "--suite", self.suite, "--out", self.out, "--no-report", *words, **env)

    def start_run(self, *words: object, **env: str) -> subprocess.Popen[str]:
        flags = ["--suite", self.suite, "--out", self.out, "--no-report", *words]
        return subprocess.Popen(
            self.command("run", *flags),
            cwd=self.folder,
            env={**self.env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def told(self) -> str:
        """Waits for the word that the stand-in sends through the FIFO."""
        return self.fifo.read_text().strip()

    def record(self) -> dict[str, Any]:
        return json.loads((self.out / "run.json").read_text())

    def lines(self) -> list[dict[str, Any]]:
        text = (self.out / "trials.jsonl").read_text()
        assert text == "" or text.endswith("\n")
        return [json.loads(line) for line in text.splitlines()]

    def outcomes(self) -> list[dict[str, Any]]:
        """Of stress.jsonl, the plan first."""
        text = (self.out / "stress.jsonl").read_text()
        assert text.endswith("\n")
        return [json.loads(line) for line in text.splitlines()]

    def pairs(self) -> list[tuple[str, int]]:
        return [(line["id"], line["round"]) for line in self.lines()]
