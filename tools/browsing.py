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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]

START_TIMEOUT = 90
"""Seconds for a cold start on a busy machine."""

RUN_TIMEOUT = 60_000
"""Milliseconds that a page may take, including the training of its models on first use."""

SWITCHES = [
    "--no-sandbox",  # Chromium refuses its sandbox to root; and it visits our app only.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

NO_CHROMIUM = (
    "There is no Chromium. `make chromium` installs one; or set the path of yours: "
    "CHROMIUM=/path/to/chromium"
)

TRAFFIC = """
window.traffic = { sent: 0, received: 0 };
window.WebSocket = class extends window.WebSocket {
    constructor(...args) {
        super(...args);
        this.addEventListener("message", () => { window.traffic.received = performance.now(); });
    }
    send(data) {
        window.traffic.sent = performance.now();
        super.send(data);
    }
};
"""
"""Records, in a page to be opened, when it last sent to the server and received from it."""

IDLE = """
(document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning")
&& !(window.traffic?.sent >= window.traffic?.received)
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
    """The running app: its address, without a slash at the end, its log's file, its process."""

    url: str
    log: Path
    pid: int

    def read_log(self) -> str:
        """The log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serve(log: Path, script: str = "app.py") -> Iterator[Server]:
    """Run the app on a free port that only this machine reaches; its log is written to `log`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
    command.append("--server.address=127.0.0.1")
    # A store of its own beside the log; and a script in another folder imports rnnviz, too.
    env = environ | {"RNNVIZ_DATA": str(log.parent / "runs"), "PYTHONPATH": str(ROOT)}
    env.pop("RNNVIZ_COMPUTE", None)  # a server that is tested computes in processes, as any other
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=env)
        try:
            server = Server(f"http://127.0.0.1:{port}", log, process.pid)
            _wait_until_healthy(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _wait_until_healthy(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise StartError(f"The app did not start:\n{server.read_log()}")


def find_chromium(bundled: str) -> str:
    """The path of a Chromium: the one in $CHROMIUM, on the path, or Playwright's own (`bundled`).

    Raises:
        StartError: None of these exists.
    """
    named = environ.get("CHROMIUM")
    on_path = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    for path in [named] if named else [*on_path, bundled]:
        if path and Path(path).exists():
            return path
    raise StartError(NO_CHROMIUM)


def wait_idle(page: "Page") -> None:
    """Wait until the script has run and stays idle: a control starts a run a moment later.

    Where the page records its `TRAFFIC`, an answer that the server has not begun yet is waited for
    as well. Then wait until all components have drawn: their scripts arrive after the page.
    """
    for _ in range(2):
        page.wait_for_function(IDLE, timeout=RUN_TIMEOUT)
        page.wait_for_timeout(150)
    page.wait_for_function(IDLE, timeout=RUN_TIMEOUT)
    page.wait_for_function(DRAWN, timeout=RUN_TIMEOUT)
