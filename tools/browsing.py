"""The app in a browser, for the tests and the screenshots: start it, find a Chromium, wait."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]

STARTING = 90
"""Seconds for a cold start on a busy machine."""

RUNNING = 60_000
"""Milliseconds that a page may take, the training of its models on first use included."""

SWITCHES = [
    "--no-sandbox",  # With its sandbox Chromium refuses root; and we visit our own app only.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

NO_CHROMIUM = (
    "There is no Chromium. `make chromium` installs one; or name the one that you have: "
    "CHROMIUM=/path/to/chromium"
)

TRAFFIC = """
window.traffic = { sent: 0, heard: 0 };
window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
        super(...given);
        this.addEventListener("message", () => { window.traffic.heard = performance.now(); });
    }
    send(data) {
        window.traffic.sent = performance.now();
        super.send(data);
    }
};
"""
"""Notes, in a page that is about to be opened, when it last asked the server and was answered."""

IDLE = """
(document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning")
&& !(window.traffic?.sent >= window.traffic?.heard)
"""

DRAWN = """
!document.querySelector(
    "[data-testid=stSkeleton], .rnnviz-live[hidden], .rnnviz-stage-mount:not(:has(*))"
)
"""


class StartError(RuntimeError):
    """The app or the browser did not start."""


@dataclass(frozen=True)
class Server:
    """The running app: its address, without a slash at the end, and the file of its log."""

    url: str
    log: Path

    def said(self) -> str:
        """The log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serve(log: Path) -> Iterator[Server]:
    """Run the app, as a visitor's machine would, on a free port that only this machine reaches."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    command.append("--server.address=127.0.0.1")
    # Runs of its own, which nobody misses.
    surroundings = environ | {"RNNVIZ_DATA": str(log.parent / "runs")}
    with log.open("wb") as out:
        running = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=surroundings)
        try:
            server = Server(f"http://127.0.0.1:{port}", log)
            _wait_until_healthy(server, running)
            yield server
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait(10)


def _wait_until_healthy(server: Server, running: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + STARTING
    while time.monotonic() < end and running.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise StartError(f"The app did not start:\n{server.said()}")


def find_chromium(of_playwright: str) -> str:
    """The path of a Chromium: the one in $CHROMIUM, on the path, or Playwright's own.

    Raises:
        StartError: there is none.
    """
    named = environ.get("CHROMIUM")
    on_path = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    for path in [named] if named else [*on_path, of_playwright]:
        if path and Path(path).exists():
            return path
    raise StartError(NO_CHROMIUM)


def wait_idle(page: Page) -> None:
    """Wait until the script has run and stays at rest: a control starts a run a moment later.

    A server that is slow to begin is waited for as well where the page has noted its `TRAFFIC`.
    Then until everything has drawn: the scripts of the components arrive after the page.
    """
    for _again in range(2):
        page.wait_for_function(IDLE, timeout=RUNNING)
        page.wait_for_timeout(150)
    page.wait_for_function(IDLE, timeout=RUNNING)
    page.wait_for_function(DRAWN, timeout=RUNNING)
