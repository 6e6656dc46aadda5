"""The forkserver: a process with torch loaded, from which all others start within milliseconds.

It is one for the whole server. One that has died is replaced, and so is one that hangs. Platforms
without a forkserver spawn each process.
"""

import multiprocessing
import os
import signal
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import rnnviz

PRELOAD = ["rnnviz.jobs.preload"]

CHECK_INTERVAL = 1.0
"""Seconds between two checks whether the forkserver hangs, while it is to start a process."""

HANG_TIMEOUT = 20.0
"""Seconds in which a forkserver that uses no processor time counts as hung."""

_starting = threading.Lock()


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
    with _starting, _environment(_settings()):
        forkserver.ensure_running()


def start(process: BaseProcess) -> None:
    """Start `process` of a `context`; if the forkserver dies or hangs meanwhile, of a new one.

    Raises:
        OSError, EOFError: that failed, too.
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
            if is_last:
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
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
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
