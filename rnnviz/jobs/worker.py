"""What runs inside a worker: the training of one experiment, told as events.

Nothing here is imported with torch: the web process knows this module by name only.
"""

import gc
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnviz.jobs.engine import Command, Event, Job, ReadCommands, Work
from rnnviz.jobs.memory_limit import limit_memory
from rnnviz.messages import N_, Message, Problem

if TYPE_CHECKING:
    from rnnviz.training import Trainer

UNEXPECTED = N_("The training failed: {error}")

OUT_OF_MEMORY = N_(
    "The memory of this machine is not enough for this run; try fewer units, a smaller batch or "
    "shorter sequences."
)

NICE = 5  # trainers give way to the pages
REPORT_INTERVAL = 0.2  # seconds between two reports, unless the work says otherwise
COMMAND_INTERVAL = 0.01  # seconds between two looks into the inbox


def run_training(work: Work, inbox: ReadCommands) -> Iterator[Event | None]:
    """Train `work["experiment"]`, from `work["checkpoint"]` if there is one: the `Body` of a race.

    `work["files"]`: the visitor's files that the task reads, by their keys.
    """
    from rnnviz.data.uploads import UPLOADS
    from rnnviz.jobs.report import Reporter
    from rnnviz.training import Experiment, Trainer, load_checkpoint, train

    for content in work.get("files", {}).values():
        UPLOADS.provide(content)
    experiment = Experiment.from_plain(work["experiment"])
    kept: bytes | None = work.get("checkpoint")
    trainer = Trainer(experiment) if kept is None else load_checkpoint(experiment, kept)
    yield {"event": "ready", **_facts(trainer)}
    report = Reporter(trainer, float(work.get("report_interval", REPORT_INTERVAL)))
    yield from report.on_start(anew=kept is None)
    paused = False
    try:
        for moment in train(trainer, _patient(inbox)):
            match moment:
                case "stepped":
                    yield from report.on_step()
                    if paused and not trainer.done:
                        yield from report.on_pause()
                case "changed":
                    yield from report.on_change()
                case "paused":
                    paused = True
                    # Who hears that it is paused has heard how far it has come.
                    yield from report.on_pause()
                    yield {"event": "state", "state": "paused"}
                case "resumed":
                    paused = False
                    yield {"event": "state", "state": "running"}
                case "waiting":
                    yield None
                case "stopped":
                    yield from report.on_stop()
                    yield {"event": "end", "state": "stopped", "reason": None}
                    return
        yield from report.on_finish()
        result = trainer.result().to_plain()
    except Exception:
        yield from report.on_failure()
        raise
    why = trainer.stop_reason
    reason = None if why is None else why.message.to_plain()
    yield {"event": "end", "state": "finished", "reason": reason, "result": result}


def _facts(trainer: "Trainer") -> dict[str, Any]:
    """What there is to know of a run before its first step."""
    import torch

    from rnnviz.model import trainable
    from rnnviz.training.cost import step_cost

    task, cuda = trainer.experiment.task, trainer.experiment.device == "cuda"
    return {
        "pid": os.getpid(),
        "parameters": trainable(trainer.model),
        "step_multiply_adds": step_cost(trainer.experiment),
        "size": None if task.streams else task.size(),
        "device": torch.cuda.get_device_name() if cuda else platform.machine(),
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
        "changes": list(trainer.changes) or None,  # of one that goes on from a checkpoint
    }


def _patient(inbox: ReadCommands) -> ReadCommands:
    """`inbox`, looked into every `GLANCE` seconds: a look costs some microseconds, as do steps."""
    next_look = 0.0

    def looked() -> list[Command]:
        nonlocal next_look
        now = time.monotonic()
        if now < next_look:
            return []
        next_look = now + COMMAND_INTERVAL
        return inbox()

    return looked


def main(pipe: Connection, work: Work, body: Job = run_training) -> None:
    """The life of a worker process: `body` between two ends of `pipe`. Never returns.

    End of file on the pipe means that the server has gone: then nobody wants the result.
    """
    _settle(work)
    with suppress(_ServerGone):
        _serve(pipe, work, body)
    # Not sys.exit: the hooks of torch and of the server's main module have no business here.
    os._exit(0)


def _settle(work: Work) -> None:
    """One thread, no denormals, a modest priority, a limit of memory, a name that `top` shows."""
    import torch

    # What is there now is no garbage; looking for some in it would take 50 ms now and then.
    gc.freeze()
    torch.set_num_threads(1)
    # Vanishing gradients become denormal numbers, on which a processor is ten times slower.
    torch.set_flush_denormal(True)
    if hasattr(os, "nice"):
        os.nice(NICE)
    if work.get("experiment", {}).get("device") != "cuda":  # its driver reserves without using
        limit_memory()
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text("rnnviz-trainer", encoding="ascii")


class _ServerGone(Exception):
    """There is nobody at the other end of the pipe any more."""


@contextmanager
def _talking() -> Iterator[None]:
    # Only of the pipe an OSError says so: those of the training are reasons to tell.
    try:
        yield
    except (EOFError, OSError) as error:
        raise _ServerGone from error


def _serve(pipe: Connection, work: Work, body: Job) -> None:
    def inbox() -> list[Command]:
        controls = []
        with _talking():
            while pipe.poll():
                controls.append(pipe.recv())
        return controls

    try:
        for event in body(work, inbox):
            with _talking():
                if event is None:
                    pipe.poll(None)  # until a control comes, or the end of file
                else:
                    pipe.send(event)
    except _ServerGone:
        raise
    except Exception as error:
        with _talking():
            pipe.send({"event": "end", "state": "failed", "reason": message_of(error).to_plain()})


def message_of(error: Exception) -> Message:
    """The message of `error` for a visitor."""
    if isinstance(error, Problem):
        return error.message
    if isinstance(error, MemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY):
        return Message(OUT_OF_MEMORY)
    return Message(UNEXPECTED, {"error": f"{type(error).__name__}: {str(error)[:300]}"})


# Linux says so, and torch there, on Windows and on a GPU; only the last has a class of its own.
_OUT_OF_MEMORY = (
    "Cannot allocate memory",
    "can't allocate memory",
    "not enough memory",
    "CUDA out of memory",
)
