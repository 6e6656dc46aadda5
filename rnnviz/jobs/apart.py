"""One computation in a process of its own, so that the server's threads go on with the pages.

Unlike a run it has no checkpoints and no commands: it returns a result, fails, or is abandoned.
"""

import gc
import importlib
import logging
import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Hashable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from rnnviz.jobs import forkserver
from rnnviz.jobs.forkserver import EXIT_TIMEOUT
from rnnviz.jobs.memory_limit import limit_memory
from rnnviz.jobs.worker import OUT_OF_MEMORY, message_of
from rnnviz.messages import N_, Message, Problem

FAILED = N_("The computation failed: {error}")
NO_MEMORY = N_(
    "This machine does not have enough memory for this computation; try fewer units, shorter "
    "sequences or fewer networks."
)
INTERRUPTED = N_(
    "The process of this computation ended {attempts} {attempts:time|times} without a result (exit "
    "code {code}); try again, or with fewer units, shorter sequences or fewer networks."
)
TOO_LONG = N_(
    "The computation took longer than {seconds} seconds and was ended; try fewer units, shorter "
    "sequences or fewer networks."
)

ATTEMPTS = 2
"""How often a computation is started whose process dies."""
TIME_LIMIT = 300.0
"""Seconds after which an attempt is ended."""
CHECK_INTERVAL = 0.1
"""Seconds between two checks whether the result is still needed."""
NICE = 10
"""Below the pages, which must answer at once, and above the trainers, which nobody waits for."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """A call of `function`, "package.module:name", with arguments that can be pickled and hashed.

    It is a name because the function's module, and torch with it, is not needed in this process.
    The function returns its result, or is a generator that yields the share that is done, between
    0 and 1, and returns the result at its end.
    """

    function: str
    args: tuple[Hashable, ...] = ()


class Abandoned(Exception):
    """Nobody needs the result of the computation any more."""


def evaluate(call: Call, on_progress: Callable[[float], None]) -> Any:
    """Compute the result of `call` in this process, and report the share that is done."""
    module, _, name = call.function.partition(":")
    result = getattr(importlib.import_module(module), name)(*call.args)
    if not isinstance(result, Generator):
        return result
    while True:
        try:
            on_progress(next(result))
        except StopIteration as end:
            return end.value


def compute(
    call: Call, on_progress: Callable[[float], None], is_needed: Callable[[], bool]
) -> bytes:
    """Compute `call` in a process of its own and return its pickled result.

    `is_needed` is asked every `CHECK_INTERVAL` seconds; once it is False the process is killed.

    Raises:
        Problem: the computation raised it, failed, took too long, or its process died repeatedly.
        Abandoned: the result is not needed.
    """
    code: object = None
    for _attempt in range(ATTEMPTS):
        if not is_needed():
            raise Abandoned  # a server that shuts down starts no process
        try:
            return _compute_once(call, on_progress, is_needed)
        except _Died as death:
            code = death.args[0]
            _log.warning("the process of %s ended with %s", call.function, code)
    raise Problem(INTERRUPTED, attempts=ATTEMPTS, code=code)


class _Died(Exception):
    """The process ended without a result, with the exit code in `args`, or could not be started."""


def _compute_once(
    call: Call, on_progress: Callable[[float], None], is_needed: Callable[[], bool]
) -> bytes:
    pipe, process = _start(call)
    deadline = time.monotonic() + TIME_LIMIT
    try:
        while True:
            while not pipe.poll(CHECK_INTERVAL):
                if not is_needed():
                    raise Abandoned
                if time.monotonic() > deadline:
                    raise Problem(TOO_LONG, seconds=round(TIME_LIMIT))
            match pickle.loads(pipe.recv_bytes()):
                case "progress", share:
                    on_progress(share)
                case "result", packed:
                    return bytes(packed)
                case "error", plain, details:
                    if details:
                        _log.error("%s failed in its process\n%s", call.function, details)
                    message = Message.from_plain(plain)
                    raise Problem(message.template, **message.values)
    except (EOFError, ConnectionError):
        process.join(EXIT_TIMEOUT)
        raise _Died(process.exitcode) from None
    finally:
        pipe.close()  # the process ends by itself; one that hangs is killed
        _end(process)


def _start(call: Call) -> tuple[Connection, BaseProcess]:
    """Start the process.

    Raises:
        _Died: it could not be started.
    """
    context = forkserver.context()
    ours, theirs = context.Pipe()
    process = context.Process(  # type: ignore[attr-defined]
        target=main, args=(theirs, call), name="rnnviz computation", daemon=True
    )
    try:
        forkserver.start(process)
    except (OSError, EOFError) as error:
        ours.close()
        raise _Died(f"{type(error).__name__} {error}".strip()) from error
    except BaseException:
        ours.close()
        raise
    finally:
        # From now on only the child holds the other end: its death is our end of file.
        theirs.close()
    return ours, process


def _end(process: BaseProcess) -> None:
    if process.exitcode is None:
        forkserver.kill(process)
        process.join(EXIT_TIMEOUT)


def main(pipe: Connection, call: Call) -> None:
    """Compute `call` in this process and send its result; never returns."""
    forkserver.enter_child()
    # The server sends nothing: whatever can be read is the end of the server, or of its interest.
    watcher = threading.Thread(target=_exit_with_server, args=(pipe,), daemon=True)
    watcher.start()
    with suppress(OSError):
        pipe.send_bytes(pickle.dumps(_outcome(pipe, call)))
    # Not sys.exit: the exit hooks of torch and of the server's main module must not run here.
    os._exit(0)


def _exit_with_server(pipe: Connection) -> None:
    with suppress(OSError, EOFError):
        pipe.poll(None)
    os._exit(0)


def _outcome(pipe: Connection, call: Call) -> tuple[Any, ...]:
    try:
        _configure_process()
        result = evaluate(call, lambda share: _send(pipe, "progress", share))
        return "result", pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    except Problem as problem:
        return "error", problem.message.to_plain(), ""
    except Exception as error:
        message = message_of(error)
        if message.template == OUT_OF_MEMORY:
            message = Message(NO_MEMORY)
        else:
            message = Message(FAILED, {"error": message.values["error"]})
        return "error", message.to_plain(), traceback.format_exc()


def _send(pipe: Connection, *message: Any) -> None:
    with suppress(OSError):
        pipe.send_bytes(pickle.dumps(message))


def _configure_process() -> None:
    import torch

    gc.freeze()  # what is imported is no garbage
    torch.set_num_threads(1)
    if hasattr(os, "nice"):
        os.nice(NICE)
    limit_memory()
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text("rnnviz-compute", encoding="ascii")
