"""The forkserver: a process with torch loaded, from which all others start within milliseconds.

It is one for the whole server. One that has died is replaced, and so is one that hangs. Platforms
without a forkserver spawn each process.

All processes end with the server, and none before it. Signals for the server's group (Ctrl-C, a
closed terminal, a service manager that stops the server) must not end the workers: the server would
take it for their failure, and start them again.
"""

import atexit
import logging
import multiprocessing
import os
import signal
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import rnnviz

PRELOAD = ["rnnviz.jobs.preload"]

CHECK_INTERVAL = 1.0
"""Seconds between two checks whether the forkserver hangs, while it is to start a process."""

HANG_TIMEOUT = 20.0
"""Seconds in which a forkserver that uses no processor time counts as hung."""

EXIT_TIMEOUT = 1.0
"""Seconds that a process has to exit after it was killed, or has closed its pipe."""

TERMINAL_SIGNALS = {
    getattr(signal, name) for name in ("SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
}

_starting = threading.Lock()

_log = logging.getLogger(__name__)

# In the server ----------------------------------------------------------------------------------


def context(start_method: str | None = None) -> BaseContext:
    """The context of "forkserver", with the workers' imports loaded, or of "spawn".

    `start_method`: by default the first of them that the platform has.
    """
    methods = multiprocessing.get_all_start_methods()
    default = "forkserver" if "forkserver" in methods else "spawn"
    chosen = multiprocessing.get_context(start_method or default)
    if chosen.get_start_method() == "forkserver":
        chosen.set_forkserver_preload(PRELOAD)
    return chosen


def ensure_running() -> None:
    """Start the forkserver, also in place of one that has died; its imports go on afterwards."""
    with _starting:
        resource_tracker.ensure_running()  # not inside: it would unblock the signals
        with _environment(_settings()), _unaffected_by_terminal():
            forkserver.ensure_running()


def start(process: BaseProcess, is_needed: Callable[[], bool] = lambda: True) -> None:
    """Start `process` of a `context`; if the forkserver dies or hangs meanwhile, of a new one.

    Raises:
        OSError, EOFError: that failed, too, or was no longer needed.
    """
    if getattr(process, "_start_method", None) != "forkserver":
        process.start()
        return
    for is_last in (False, True):
        ensure_running()
        done = threading.Event()
        watch = threading.Thread(target=_kill_if_hung, args=(done,), name="forkserver watch")
        watch.daemon = True
        watch.start()
        try:
            process.start()
            return
        except (OSError, EOFError):
            if is_last or not is_needed():
                raise
        finally:
            done.set()


def _kill_if_hung(done: threading.Event) -> None:
    """Kill the forkserver if it stands still before `done`."""
    pid: int | None = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    moved_at, used = time.monotonic(), -1.0
    while pid is not None and not done.wait(CHECK_INTERVAL):
        state, seconds = _activity(pid)
        if seconds > used:
            moved_at, used = time.monotonic(), seconds
        if state == "T" or time.monotonic() - moved_at > HANG_TIMEOUT:
            _log.warning("the forkserver hangs and is replaced")
            _kill(pid)
            return


def _activity(pid: int) -> tuple[str, float]:
    """The state letter of a process and its processor time in ticks; ("", 0) where unknown."""
    try:
        _, _, stat = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")
    except OSError:
        return "", 0.0
    fields = stat.split()
    return fields[0], float(fields[11]) + float(fields[12])


def _settings() -> dict[str, str]:
    """The environment of the forkserver and of all its children.

    Its imports do not see `sys.path` of this process (Python 3.11 drops it), and would look into
    the current folder, where anything may lie.
    """
    paths = [path for path in [os.environ.get("PYTHONPATH")] if path]
    root = str(Path(rnnviz.__file__).parents[1])
    if root not in {sysconfig.get_path(name) for name in ("purelib", "platlib")}:
        paths.append(root)
    return {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSAFEPATH": "1",
        "RNNVIZ_SERVER": str(os.getpid()),
    }


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _unaffected_by_terminal() -> Iterator[None]:
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


def kill(process: BaseProcess) -> None:
    """Send SIGKILL, or the platform's substitute for it."""
    # Not process.kill(): once the forkserver has died, that considers every child dead as well.
    if process.pid is not None:
        _kill(process.pid)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _reap(pid: int, seconds: float) -> bool:
    """Whether the child has ended within that time."""
    deadline = time.monotonic() + seconds
    with suppress(ChildProcessError):
        while not os.waitpid(pid, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
    return True


# In the other processes -------------------------------------------------------------------------


def detach() -> None:
    """Called in the forkserver: it survives what ends the server, until its pipe to it closes."""
    _ignore_signals()
    _wake_with_parent()
    os.setpgid(0, 0)
    atexit.register(_end_group)


def enter_child() -> None:
    """Called first in every process that was started: it ends with the server, and by its pipe."""
    _ignore_signals()
    _wake_with_parent()
    alive: int | None = forkserver._forkserver._forkserver_alive_fd  # type: ignore[attr-defined]
    if alive is None:
        return  # spawned
    # Each holder of this pipe would keep the forkserver alive, also without a server.
    os.close(alive)
    forkserver._forkserver._forkserver_alive_fd = None  # type: ignore[attr-defined]
    if "rnnviz.jobs.preload" not in sys.modules:
        _log.warning("the forkserver could not import rnnviz.jobs.preload: this start takes longer")


def _ignore_signals() -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def _wake_with_parent() -> None:
    """Continue a stopped process when its parent dies, so that it notices the end of its server."""
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(set_parent_death_signal, int(signal.SIGCONT), 0, 0, 0)


def _end_group() -> None:
    # Also those of its children that are stopped and would never notice. (A child never gets here.)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
