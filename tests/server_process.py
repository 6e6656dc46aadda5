"""A server of its own for a test: a real process that is told to end as a terminal would."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tools.browsing import ROOT
from tools.processes import children

START_SECONDS, END_SECONDS = 60.0, 15.0


@dataclass(frozen=True)
class ServerProcess:
    """A running server; `folder` has its log and its store."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has printed."""
        return (self.folder / "log.txt").read_text(encoding="utf-8")

    def handles(self, number: int) -> bool:
        """Whether the process has a handler for this signal by now."""
        with suppress(OSError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            caught = re.search(r"^SigCgt:\s*(\w+)", status, re.MULTILINE)
            return caught is not None and bool(int(caught[1], 16) >> (number - 1) & 1)
        return False

    def end(self, *numbers: int) -> tuple[int, list[int]]:
        """Send signals to the server and all of its children, as a terminal does.

        Returns its exit code, and those of its children that are still there.
        """
        started = children(self.process.pid)
        for number in numbers:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            time.sleep(0.1)
        code = self.process.wait(END_SECONDS)
        return code, [pid for pid in started if is_running(pid)]


def is_running(pid: int) -> bool:
    """Whether there is such a process and it has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def start_server(folder: Path, script: str = "app.py") -> Iterator[ServerProcess]:
    """Start a server in a process group of its own and yield at once, before it serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
    env = os.environ | {"RNNVIZ_DATA": str(folder / "runs"), "PYTHONPATH": str(ROOT)}
    env.pop("RNNVIZ_COMPUTE", None)  # it computes in processes, as any other
    with (folder / "log.txt").open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=out, env=env, start_new_session=True
        )
        try:
            yield ServerProcess(process, folder, port)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_served(server: ServerProcess) -> None:
    """Wait until the port answers."""

    def answers() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.settimeout(START_SECONDS)
            connection.sendall(b"GET /_stcore/health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b"200 OK" in connection.recv(100)
        return False

    wait_for(answers)


def wait_for(condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Wait until `condition` holds; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
