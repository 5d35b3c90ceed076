"""Chromium without a window, driven over a pipe in the words of its DevTools: enough to open a page and look at it."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--remote-debugging-pipe")
LIMIT_S = 50.0


def program() -> str | None:
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """One page at a time. `events` has what it did since it was opened."""

    def __init__(self, path: str) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="weir-browser-", ignore_cleanup_errors=True)
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # It reads commands from descriptor 3 and writes answers to 4.
        line = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        argv = ["bash", "-c", line, path, *FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"]
        self.process = subprocess.Popen(argv, pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader, self.writer = ours_in, ours_out
        self.rest, self.number, self.session, self.events = b"", 0, "", []  # type: ignore[var-annotated]
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        message |= {"sessionId": self.session} if self.session else {}
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        answer = self.until(lambda said: said.get("id") == self.number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def until(self, wanted: Any) -> dict[str, Any]:
        """The first message that is wanted; events on the way are kept."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            whole, found, rest = self.rest.partition(b"\0")
            if found:
                self.rest, said = rest, json.loads(whole)
                if "method" in said:
                    self.events.append(said)
                if wanted(said):
                    return dict(said)
            elif select.select([self.reader], [], [], max(0.0, deadline - time.monotonic()))[0]:
                chunk = os.read(self.reader, 1 << 20)
                if not chunk:
                    raise RuntimeError("the browser has ended")
                self.rest += chunk
            else:
                raise TimeoutError("the browser does not answer")

    def open(self, page: Path, width: int = 1280, fragment: str = "") -> None:
        self.resize(width)
        for url in ("about:blank", page.as_uri() + fragment):  # a change of the fragment alone would load nothing
            self.events.clear()
            self.call("Page.navigate", url=url)
            if not self.having("Page.loadEventFired"):
                self.until(lambda said: said.get("method") == "Page.loadEventFired")

    def resize(self, width: int) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)

    def having(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event["method"] == method]

    def js(self, expression: str) -> Any:
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"]))
        return found["result"].get("value")

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.reader)
        os.close(self.writer)
        self.profile.cleanup()
