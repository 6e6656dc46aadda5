"""The processes that multiprocessing starts besides workers: its forkserver and its tracker."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

EXIT_TIMEOUT = 1.0
"""Seconds that the resource tracker has to end by itself."""

TERMINAL_SIGNALS = {
    getattr(signal, name) for name in ("SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
}


@contextmanager
def unaffected_by_terminal() -> Iterator[None]:
    """Let the processes that are started inside never hear of Ctrl-C or of a closed terminal.

    A terminal tells all processes at once; it is the server that has to end the others, in order.
    """
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, TERMINAL_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_helpers() -> None:
    """End the forkserver and the resource tracker, for a process that starts no others any more.

    They would end by themselves shortly after it, as orphans.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return
    from multiprocessing import forkserver, resource_tracker

    # Python has no public way to end them.
    pid = getattr(getattr(forkserver, "_forkserver", None), "_forkserver_pid", None)
    if pid is not None:
        _kill(pid)  # while it imports torch it would listen to nothing else for seconds
        _reap(pid, EXIT_TIMEOUT)
    tracker = getattr(resource_tracker, "_resource_tracker", None)
    pid, pipe = getattr(tracker, "_pid", None), getattr(tracker, "_fd", None)
    if pid is not None and pipe is not None:
        os.close(pipe)  # it removes what it tracks, and ends
        if not _reap(pid, EXIT_TIMEOUT):
            _kill(pid)
            _reap(pid, EXIT_TIMEOUT)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _reap(pid: int, seconds: float) -> bool:
    """Whether the child has ended within that time."""
    deadline = time.monotonic() + seconds
    with suppress(ChildProcessError):
        while not os.waitpid(pid, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
    return True
