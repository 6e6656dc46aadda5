"""What runs inside a worker: the training of one experiment, reported as events.

Nothing here imports torch at module level: the web process only needs the names.
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
from rnnviz.jobs.forkserver import enter_child
from rnnviz.jobs.heartbeat import SharedPipe
from rnnviz.jobs.memory_limit import limit_memory
from rnnviz.messages import N_, Message, Problem

if TYPE_CHECKING:
    from rnnviz.training import Trainer

UNEXPECTED = N_("The training failed: {error}")

OUT_OF_MEMORY = N_(
    "This machine does not have enough memory for this run; try fewer units, a smaller batch or "
    "shorter sequences."
)

NICE = 5  # a lower priority than the pages, where there is none for idle time
OOM_SCORE = 800  # of 1000: where memory runs out, trainers are killed before the server
REPORT_INTERVAL = 0.2  # seconds between two reports, unless the work says otherwise
COMMAND_INTERVAL = 0.01  # seconds between two checks for commands


def run_training(work: Work, read_commands: ReadCommands) -> Iterator[Event | None]:
    """Train `work["experiment"]`, from `work["checkpoint"]` if there is one: the job of a run.

    `work["files"]`: the visitor's files that the task reads, by their keys.
    """
    from rnnviz.data.uploads import UPLOADS
    from rnnviz.jobs.report import Reporter
    from rnnviz.training import Experiment, Trainer, load_checkpoint, train

    for content in work.get("files", {}).values():
        UPLOADS.add(content)
    experiment = Experiment.from_plain(work["experiment"])
    checkpoint: bytes | None = work.get("checkpoint")
    is_new = checkpoint is None
    trainer = Trainer(experiment) if checkpoint is None else load_checkpoint(experiment, checkpoint)
    yield {"event": "ready", **_facts(trainer)}
    reporter = Reporter(trainer, float(work.get("report_interval", REPORT_INTERVAL)))
    yield from reporter.on_start(is_new)
    paused = False
    try:
        for action in train(trainer, _throttle(read_commands)):
            match action:
                case "stepped":
                    yield from reporter.on_step()
                    if paused and not trainer.done:
                        yield from reporter.on_pause()
                case "changed":
                    yield from reporter.on_change()
                case "paused":
                    paused = True
                    # The step that was reached is reported before the pause itself.
                    yield from reporter.on_pause()
                    yield {"event": "state", "state": "paused"}
                case "resumed":
                    paused = False
                    yield {"event": "state", "state": "running"}
                case "waiting":
                    yield None
                case "stopped":
                    yield from reporter.on_stop()
                    yield {"event": "end", "state": "stopped", "reason": None}
                    return
        yield from reporter.on_finish()
        result = trainer.result().to_plain()
    except Exception:
        yield from reporter.on_failure()
        raise
    reason = trainer.stop_reason
    plain = None if reason is None else reason.to_plain()
    yield {"event": "end", "state": "finished", "reason": plain, "result": result}


def _facts(trainer: "Trainer") -> dict[str, Any]:
    """What is known of a run before its first step."""
    import torch

    from rnnviz.model import trainable
    from rnnviz.training.cost import step_cost

    task, cuda = trainer.experiment.task, trainer.experiment.device == "cuda"
    return {
        "pid": os.getpid(),
        "parameters": trainable(trainer.model),
        "step_multiply_adds": step_cost(trainer.experiment),
        "size": None if task.stateful else task.size(),
        "device": torch.cuda.get_device_name() if cuda else platform.machine(),
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
        "changes": list(trainer.changes) or None,  # only of a run that was resumed
    }


def _throttle(read_commands: ReadCommands) -> ReadCommands:
    """`read_commands` every `COMMAND_INTERVAL`: a call costs some microseconds, as do steps."""
    next_time = 0.0

    def read() -> list[Command]:
        nonlocal next_time
        now = time.monotonic()
        if now < next_time:
            return []
        next_time = now + COMMAND_INTERVAL
        return read_commands()

    return read


def main(pipe: Connection, work: Work, job: Job = run_training) -> None:
    """Run `job` in this worker process and connect it to `pipe`; never returns.

    End of file on the pipe means that the server has gone, so the result is not needed.
    """
    enter_child()
    shared = SharedPipe(pipe)
    shared.start_heartbeat()  # before the priority falls
    _configure_process(work)
    with suppress(_ServerGone):
        _serve(pipe, shared, work, job)
    # Not sys.exit: the exit hooks of torch and of the server's main module must not run here.
    os._exit(0)


def _configure_process(work: Work) -> None:
    """Set one thread, no denormals, a low priority, a memory limit, a name that `top` shows."""
    _lower_priority()
    import torch

    # The objects of the imports are no garbage; scanning them would take 50 ms now and then.
    gc.freeze()
    torch.set_num_threads(1)
    # Vanishing gradients become denormal numbers, on which a processor is ten times slower.
    torch.set_flush_denormal(True)
    if work.get("experiment", {}).get("device") != "cuda":  # its driver reserves without using
        limit_memory()
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text("rnnviz-trainer", encoding="ascii")
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE), encoding="ascii")


def _lower_priority() -> None:
    """Train in the time that nobody else needs; with `RNNVIZ_PRIORITY` "low" in a small share.

    With nice 5 beside two trainings, 60 visitors waited for up to 2.7 s; with this for 0.1 s. But
    where other programs never leave a processor idle, hardly anything would be trained.
    """
    if sys.platform == "linux" and os.environ.get("RNNVIZ_PRIORITY", "idle") == "idle":
        with suppress(OSError):  # forbidden in some containers
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            return
    if hasattr(os, "nice"):
        os.nice(NICE)


class _ServerGone(Exception):
    """The other end of the pipe has been closed."""


@contextmanager
def _pipe_errors() -> Iterator[None]:
    # Only around the pipe: an OSError of the training itself is the reason of a failed run.
    try:
        yield
    except (EOFError, OSError) as error:
        raise _ServerGone from error


def _serve(pipe: Connection, shared: SharedPipe, work: Work, job: Job) -> None:
    def read_commands() -> list[Command]:
        commands = []
        with _pipe_errors():
            while pipe.poll():
                commands.append(pipe.recv())
        return commands

    try:
        for event in job(work, read_commands):
            with _pipe_errors():
                if event is None:
                    shared.wait()
                else:
                    shared.send(event)
    except _ServerGone:
        raise
    except Exception as error:
        with _pipe_errors():
            shared.send({"event": "end", "state": "failed", "reason": message_of(error).to_plain()})


def message_of(error: Exception) -> Message:
    """The message of `error` for a visitor."""
    if isinstance(error, Problem):
        return error.message
    if isinstance(error, MemoryError) or any(text in str(error) for text in _OUT_OF_MEMORY):
        return Message(OUT_OF_MEMORY)
    return Message(UNEXPECTED, {"error": f"{type(error).__name__}: {str(error)[:300]}"})


# The texts of Linux, and of torch there, on Windows and on a GPU; only the last has its own class.
_OUT_OF_MEMORY = (
    "Cannot allocate memory",
    "can't allocate memory",
    "not enough memory",
    "CUDA out of memory",
)
