"""What runs inside a worker: the training of one experiment, told as events.

Nothing here is imported with torch: the web process knows this module by name only.
"""

import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rnnviz.jobs.engine import Body, Control, Event, Inbox, Work
from rnnviz.messages import N_, Problem

UNEXPECTED = N_("The training failed: {error}")

ROWS = 400  # the rows that the history of a whole run has, or up to twice as many
TESTS = 80  # about as many of them have the metric on the validation examples
APART = 10  # steps at least between two tests: each costs as much as half a step
NICE = 5  # trainers give way to the pages
EVERY = 0.2  # seconds between two reports, unless the work says otherwise
SHARE = 0.05  # of the time may go into looking inside the model


def training(work: Work, inbox: Inbox) -> Iterator[Event | None]:
    """Train `work["experiment"]`: the `Body` of a race.

    A row of history is told for every few steps (the same steps each time, so that equal
    experiments have equal histories), the model is looked at about five times a second.
    """
    from rnnviz.model import trainable
    from rnnviz.training import Experiment, Trainer, train

    trainer = Trainer(Experiment.from_plain(work["experiment"]))
    yield {"event": "ready", "pid": os.getpid(), "parameters": trainable(trainer.model)}
    report = _Report(trainer, float(work.get("every", EVERY)))
    yield report.progress()
    try:
        for moment in train(trainer, inbox):
            match moment:
                case "stepped":
                    report.note()
                    if report.due():
                        yield report.progress()
                case "paused":
                    yield {"event": "state", "state": "paused"}
                case "resumed":
                    yield {"event": "state", "state": "running"}
                case "waiting":
                    yield None
                case "stopped":
                    yield report.progress(look=True)
                    yield {"event": "end", "state": "stopped", "reason": None}
                    return
        yield report.progress(look=True)
        result = trainer.result().to_plain()
    except Problem:
        yield report.rows()  # how it came to this
        raise
    yield {"event": "end", "state": "finished", "reason": None, "result": result}


class _Report:
    """Collects rows of history and now and then looks inside the model."""

    def __init__(self, trainer: Any, every: float) -> None:
        self._trainer, self._every = trainer, every
        self._grid = max(1, trainer.experiment.optimiser.steps // ROWS)
        self._tests = self._grid * max(ROWS // TESTS, math.ceil(APART / self._grid))
        start = {"step": 0, "seconds": 0.0, "loss": None, "metric": None}
        self._rows: list[dict[str, Any]] = [{**start, "validation": trainer.validate()}]
        self._losses: list[float] = []
        self._metrics: list[float] = []
        self._next_words = self._next_look = 0.0

    def note(self) -> None:
        """Remember this step; at every step of the grid the means become a row."""
        trainer = self._trainer
        self._losses.append(trainer.loss)
        self._metrics.append(trainer.metric)
        if trainer.step % self._grid == 0 or trainer.done:
            tested = trainer.step % self._tests == 0 or trainer.done
            self._rows.append(
                {
                    "step": trainer.step,
                    "seconds": trainer.seconds,
                    "loss": sum(self._losses) / len(self._losses),
                    "metric": sum(self._metrics) / len(self._metrics),
                    "validation": trainer.validate() if tested else None,
                }
            )
            self._losses, self._metrics = [], []

    def due(self) -> bool:
        """Whether it is time to be heard again."""
        return time.monotonic() >= self._next_words

    def progress(self, look: bool = False) -> Event:
        """All rows since the last time, and a look inside if it is time for one (or wanted)."""
        began = time.monotonic()
        self._next_words = began + self._every
        probe = None
        if look or began >= self._next_look:
            probe = self._look()
            now = time.monotonic()
            self._next_look = now + max(self._every, (now - began) / SHARE)
        return {**self.rows(), "probe": probe}

    def rows(self) -> Event:
        """All rows since the last time."""
        rows, self._rows = self._rows, []
        return {"event": "progress", "points": rows, "probe": None}

    def _look(self) -> dict[str, Any]:
        snapshot = self._trainer.snapshot()
        return {
            "step": snapshot.step,
            "norms": list(snapshot.gradient_norms),
            "states": [list(row) for row in snapshot.states],
        }


def main(pipe: Connection, work: Work, body: Body = training) -> None:
    """The life of a worker process: `body` between two ends of `pipe`. Never returns.

    End of file on the pipe means that the server has gone: then nobody wants the result.
    """
    _settle()
    with suppress(EOFError, OSError):
        _serve(pipe, work, body)
    # Not sys.exit: the hooks of torch and of the server's main module have no business here.
    os._exit(0)


def _settle() -> None:
    """One thread, no denormal numbers, a modest priority, a name that `top` shows."""
    import torch

    torch.set_num_threads(1)
    # Vanishing gradients become denormal numbers, on which a processor is ten times slower.
    torch.set_flush_denormal(True)
    if hasattr(os, "nice"):
        os.nice(NICE)
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text("rnnviz-trainer", encoding="ascii")


def _serve(pipe: Connection, work: Work, body: Body) -> None:
    def inbox() -> list[Control]:
        controls = []
        while pipe.poll():
            controls.append(pipe.recv())
        return controls

    try:
        for event in body(work, inbox):
            if event is None:
                pipe.poll(None)  # until a control comes, or the end of file
            else:
                pipe.send(event)
    except (EOFError, OSError):
        raise
    except Exception as error:
        pipe.send({"event": "end", "state": "failed", "reason": problem_of(error)})


def problem_of(error: Exception) -> dict[str, Any]:
    """What a visitor is told about `error`: a message and plain values."""
    if isinstance(error, Problem):
        values = {name: _plain(value) for name, value in error.values.items()}
        return {"template": error.template, "values": values}
    return {
        "template": UNEXPECTED,
        "values": {"error": f"{type(error).__name__}: {str(error)[:300]}"},
    }


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else str(value)
