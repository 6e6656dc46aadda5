"""What tests of the job service have in common: small races, and waiting for what they do."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rnnviz.jobs import Event, RaceView, Service
from rnnviz.jobs.engine import ReadCommands, Work

PATIENCE = 180.0
"""Seconds within which anything happens, also on a machine that is busy with other tests."""

ENDLESS = 100_000
"""Steps that no test waits for."""


def experiment(cell: str = "rnn", steps: int = 40, **more: Any) -> Work:
    return {
        "experiment": {
            "task": {"name": "delayed_recall", "lag": 4},
            "model": {"cell": cell, "hidden": 4, "embedding": "one-hot"},
            "optimiser": {"steps": steps, "batch": 4, **more},
            "seed": 3,
        },
        "report_interval": 0.05,
    }


def until(true: Callable[[], bool], patience: float = PATIENCE) -> float:
    """Wait for `true`; answers with the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < patience, "waited in vain"
        time.sleep(0.005)
    return time.monotonic() - began


def alive(pid: int) -> bool:
    """Whether the process is there and not just a name left in the table."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def seen(service: Service, race: str) -> RaceView:
    view = service.view(race)
    assert view is not None
    return view


def pids(service: Service, race: str) -> list[int]:
    """The workers of a race, once all of them have reported a row."""
    until(lambda: all(run.history.step and run.facts for run in seen(service, race).runs))
    return [run.facts["pid"] for run in seen(service, race).runs]


def scripted(work: Work, inbox: ReadCommands) -> Iterator[Event | None]:
    """A job that ends, or listens to controls, as its work says."""
    yield {"event": "ready", "pid": 0, "heard": []}
    for _ in range(work["turns"]):
        for control in inbox():
            yield {"event": "ready", "pid": 0, "heard": dict(control)}
            if control["command"] == "stop":
                yield {"event": "end", "state": "stopped", "reason": None}
                return
            if control["command"] in ("pause", "resume"):
                state = "paused" if control["command"] == "pause" else "running"
                yield {"event": "state", "state": state}
        yield None


LONG: Work = {"turns": 10_000}
SHORT: Work = {"turns": 1}
