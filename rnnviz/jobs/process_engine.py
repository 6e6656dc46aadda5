"""The engine of a single machine: one process per run, from a forkserver that has torch loaded.

A pool would not do: one killed worker breaks all other jobs of a `ProcessPoolExecutor`.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import spawn
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from queue import Empty, SimpleQueue

from rnnviz.jobs import worker
from rnnviz.jobs.engine import Command, Event, Work
from rnnviz.jobs.helpers import unaffected_by_terminal
from rnnviz.messages import N_, Message

SIGNALLED = N_("The worker was killed by signal {signal}.")
EXITED = N_("The worker exited unexpectedly with code {code}.")
EXIT_TIMEOUT = 1.0  # seconds a process has to exit after it has closed its pipe


class WorkerChannel:
    """Reads from `pipe` and writes to it in threads of its own, so no other thread waits for it.

    A worker may stop reading, or stop in the middle of a message, at any moment. From `open` on the
    channel owns `pipe`.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._commands: SimpleQueue[Command | None] = SimpleQueue()
        self._acks = threading.Semaphore()
        self._closed = False

    def open(self, on_event: Callable[[Event | None], None]) -> None:
        """Call `on_event`, in a thread, with every event, and with None once the pipe is closed.

        Each event but the first waits for `ack`, so that large ones do not pile up in memory.
        """
        writer = threading.Thread(target=self._write, name="channel writer", daemon=True)
        writer.start()
        args = (on_event, writer)
        threading.Thread(target=self._read, args=args, name="channel reader", daemon=True).start()

    def send(self, command: Command) -> None:
        """Queue `command` for writing; once the worker has gone it is dropped."""
        self._commands.put(dict(command))

    def ack(self) -> None:
        """Acknowledge the latest event; the next one may come."""
        self._acks.release()

    def close(self) -> None:
        """Stop reading; for a worker that is dead or soon will be."""
        self._closed = True
        self._acks.release()

    def _read(self, on_event: Callable[[Event | None], None], writer: threading.Thread) -> None:
        # Unreadable bytes end the channel as well; a worker without a server ends by itself.
        with suppress(Exception):
            while not self._closed:
                event = self._pipe.recv()
                self._acks.acquire()
                on_event(event)
        if not self._closed:
            on_event(None)
        self._commands.put(None)
        writer.join()
        # Nobody else closes it: by then its number could belong to another pipe.
        self._pipe.close()

    def _write(self) -> None:
        with suppress(OSError):
            while (command := self._commands.get()) is not None:
                self._pipe.send(command)


@dataclass
class _Worker:
    run_id: str
    attempt: int
    process: BaseProcess
    channel: WorkerChannel
    has_ended: bool = False


class ProcessEngine:
    """An `Engine` of processes; `warm_up` in the background saves the first run 1.5 seconds."""

    def __init__(self, slots: int | None = None) -> None:
        # Three even on two cores: a race of RNN, LSTM and GRU is seen side by side, and three
        # trainers on two cores finish as soon as two and then one.
        self._slots = slots or max(3, os.cpu_count() or 1)
        self._workers: dict[str, _Worker] = {}
        self._events: SimpleQueue[tuple[_Worker, Event | None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._context = start_context()

    @property
    def slots(self) -> int:
        """How many runs may be active at the same time."""
        return self._slots

    def warm_up(self) -> None:
        """Start the forkserver, also in place of one that has died, and let it import torch.

        Returns before the import is done.
        """
        ensure_running(self._context)

    def start(self, run_id: str, attempt: int, work: Work) -> None:
        """Start a process for a run.

        Raises:
            OSError, EOFError: the forkserver died meanwhile; another try starts a new one.
        """
        self.warm_up()
        self._reap_previous(run_id)
        ours, theirs = self._context.Pipe()
        process = self._context.Process(  # type: ignore[attr-defined]
            target=worker.main, args=(theirs, dict(work)), name=f"rnnviz {run_id}", daemon=True
        )
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            # From now on only the child holds the other end: its death is our end of file.
            theirs.close()
        entry = _Worker(run_id, attempt, process, WorkerChannel(ours))
        with self._lock:
            self._workers[run_id] = entry
        entry.channel.open(lambda event: self._events.put((entry, event)))

    def _reap_previous(self, run_id: str) -> None:
        """Reap the process of an earlier attempt that has ended but not closed its pipe yet."""
        with self._lock:
            entry = self._workers.pop(run_id, None)
        if entry is not None:
            kill(entry.process)
            entry.process.join(EXIT_TIMEOUT)
            entry.channel.close()

    def send(self, run_id: str, command: Command) -> None:
        """Queue `command` for the run's process, which reads it in its own time."""
        with self._lock:
            entry = self._workers.get(run_id)
        if entry is not None:
            entry.channel.send(command)

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        """Return the events of the processes, and the loss of those that died without an end."""
        try:
            queued = [self._events.get(timeout=timeout)]
        except Empty:
            return []
        queued += [self._events.get_nowait() for _ in range(self._events.qsize())]
        return [
            (entry.run_id, entry.attempt, event)
            for entry, item in queued
            for event in self._on_event(entry, item)
        ]

    def _on_event(self, entry: _Worker, event: Event | None) -> list[Event]:
        if event is None:
            return self._reap(entry)
        entry.has_ended |= event["event"] == "end"
        entry.channel.ack()
        return [event]

    def _reap(self, entry: _Worker) -> list[Event]:
        with self._lock:
            if self._workers.get(entry.run_id) is not entry:
                return []  # reaped by `close` or for the next attempt
            del self._workers[entry.run_id]
        entry.process.join(EXIT_TIMEOUT)
        code = entry.process.exitcode
        if entry.has_ended:
            return []
        if code is not None and code < 0:
            reason = Message(SIGNALLED, {"signal": -code})
        else:
            reason = Message(EXITED, {"code": code})
        return [{"event": "lost", "reason": reason.to_plain()}]

    def kill(self, run_id: str) -> None:
        """Send SIGKILL, or the platform's substitute for it."""
        with self._lock:
            entry = self._workers.get(run_id)
            if entry is not None:
                kill(entry.process)

    def close(self) -> None:
        """Kill every process and wait for its exit."""
        with self._lock:
            entries = list(self._workers.values())
            self._workers.clear()
        for entry in entries:
            kill(entry.process)
        for entry in entries:
            entry.process.join(EXIT_TIMEOUT)
            entry.channel.close()


def ensure_running(context: BaseContext) -> None:
    """Start the forkserver of `context` if it has one that is not running."""
    if context.get_start_method() == "forkserver":
        from multiprocessing import forkserver, resource_tracker

        resource_tracker.ensure_running()  # not inside: it would unblock the signals
        # Read once, when the forkserver imports torch, and inherited by every process.
        with (
            _environment(OMP_NUM_THREADS="1", RNNVIZ_MAIN=_main_script()),
            unaffected_by_terminal(),
        ):
            forkserver.ensure_running()


def kill(process: BaseProcess) -> None:
    """Send SIGKILL, or the platform's substitute for it."""
    # Not process.kill(): once the forkserver has died, that considers every child dead as well.
    if process.pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _main_script() -> str:
    """The path of the script that a child of this process would run again, if there is one."""
    return str(spawn.get_preparation_data("").get("init_main_from_path", ""))


@contextmanager
def _environment(**settings: str) -> Iterator[None]:
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


def start_context() -> BaseContext:
    """A forkserver with the worker's imports loaded; `spawn` where the platform has none."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["rnnviz.jobs.preload"])
    return context
