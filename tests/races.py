"""What the tests of the job service share: small races, and waiting for conditions."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from rnnviz.jobs import Event, RaceView, Service
from rnnviz.jobs.engine import ReadCommands, Work

TIMEOUT = 180.0
"""Seconds within which anything happens, also on a machine that is busy with other tests."""

MANY_STEPS = 100_000
"""Steps that no test waits for."""


def small_work(cell: str = "rnn", steps: int = 40, **optimiser: Any) -> Work:
    return {
        "experiment": {
            "task": {"name": "delayed_recall", "lag": 4},
            "model": {"cell": cell, "hidden": 4, "embedding": "one-hot"},
            "optimiser": {"steps": steps, "batch": 4, **optimiser},
            "seed": 3,
        },
        "report_interval": 0.05,
    }


class Commands(list[dict[str, Any]]):
    """Commands for a worker, which reads each of them once."""

    def __call__(self) -> list[dict[str, Any]]:
        unread = self.copy()
        self.clear()
        return unread


def wait_until(condition: Callable[[], bool], timeout: float = TIMEOUT) -> float:
    """Wait for `condition`; returns the seconds that it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout, "timed out"
        time.sleep(0.005)
    return time.monotonic() - began


def forkserver_pid() -> int:
    """The process id of the forkserver of this process."""
    pid: int = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return pid


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def serve_in_thread(service: Service) -> Iterator[Service]:
    """Run the loop of `service` in a thread."""
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.close()
        thread.join(TIMEOUT)
    assert not thread.is_alive()


def tick(service: Service, times: int = 1) -> None:
    for _ in range(times):
        service.tick()


def view_of(service: Service, race: str) -> RaceView:
    view = service.view(race)
    assert view is not None
    return view


def worker_pids(service: Service, race: str) -> list[int]:
    """The process ids of a race's workers, once all of them have reported a row."""
    wait_until(lambda: all(run.history.step and run.facts for run in view_of(service, race).runs))
    return [run.facts["pid"] for run in view_of(service, race).runs]


def scripted_job(work: Work, read_commands: ReadCommands) -> Iterator[Event | None]:
    """A job that ends after `work["turns"]` and reports the commands that it receives."""
    yield {"event": "ready", "pid": 0, "command": None}
    for _ in range(work["turns"]):
        for command in read_commands():
            yield {"event": "ready", "pid": 0, "command": dict(command)}
            if command["command"] == "stop":
                yield {"event": "end", "state": "stopped", "reason": None}
                return
            if command["command"] in ("pause", "resume"):
                state = "paused" if command["command"] == "pause" else "running"
                yield {"event": "state", "state": state}
        yield None


LONG: Work = {"turns": 10**12}
SHORT: Work = {"turns": 1}
