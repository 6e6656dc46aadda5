"""The engine of a single machine: one process per job, from a forkserver that has torch loaded.

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
from rnnviz.messages import N_, Message

SIGNALLED = N_("The worker was ended by signal {signal}.")
EXITED = N_("The worker ended unexpectedly with exit code {code}.")
EXIT_TIMEOUT = 1.0  # seconds a process has to disappear after it has closed its pipe


class WorkerChannel:
    """Listens at `pipe` and writes into it, in threads of its own: nobody else waits for a worker.

    From `open` on it owns `pipe`.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._letters: SimpleQueue[Command | None] = SimpleQueue()
        self._taken = threading.Semaphore()
        self._over = False

    def open(self, said: Callable[[Event | None], None]) -> None:
        """Call `said`, in a thread, with every event, and with None when the other end is closed.

        Each event but the first waits for `go_on`: large ones are not to pile up in memory.
        """
        writer = threading.Thread(target=self._write, name="line out", daemon=True)
        writer.start()
        listening = (said, writer)
        threading.Thread(target=self._listen, args=listening, name="line in", daemon=True).start()

    def send(self, control: Command) -> None:
        """Write `control` as soon as there is room for it; what nobody reads any more is lost."""
        self._letters.put(dict(control))

    def ack(self) -> None:
        """The event that was said last has been taken."""
        self._taken.release()

    def close(self) -> None:
        """Nobody listens any more; for a worker that is dead or soon will be."""
        self._over = True
        self._taken.release()

    def _listen(self, said: Callable[[Event | None], None], writer: threading.Thread) -> None:
        # Whatever makes no sense ends the line as well; left alone, the worker ends by itself.
        with suppress(Exception):
            while not self._over:
                event = self._pipe.recv()
                self._taken.acquire()
                said(event)
        if not self._over:
            said(None)
        self._letters.put(None)
        writer.join()
        # Closed by nobody else: its number could be that of another pipe by then.
        self._pipe.close()

    def _write(self) -> None:
        with suppress(OSError):
            while (letter := self._letters.get()) is not None:
                self._pipe.send(letter)


@dataclass
class _Worker:
    run_id: str
    attempt: int
    process: BaseProcess
    channel: WorkerChannel
    ended: bool = False


class ProcessEngine:
    """An `Engine` of processes; `warm` in the background saves the first job 1.5 seconds."""

    def __init__(self, slots: int | None = None) -> None:
        # Three even on two cores: a race of RNN, LSTM and GRU is seen side by side, and three
        # trainers on two cores are done as soon as two and then one.
        self._slots = slots or max(3, os.cpu_count() or 1)
        self._jobs: dict[str, _Worker] = {}
        self._events: SimpleQueue[tuple[_Worker, Event | None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._context = _context()

    @property
    def slots(self) -> int:
        """How many jobs may run at the same time."""
        return self._slots

    def warm_up(self) -> None:
        """Start the forkserver, also one that has died, and let it import torch.

        Returns when it has been asked to.
        """
        if self._context.get_start_method() == "forkserver":
            from multiprocessing import forkserver

            # Read once, when the forkserver imports torch, and inherited by every trainer.
            with _environment(OMP_NUM_THREADS="1", RNNVIZ_MAIN=_main_script()):
                forkserver.ensure_running()

    def start(self, job: str, attempt: int, work: Work) -> None:
        """Start a process for `job`.

        Raises:
            OSError, EOFError: the forkserver has died on the way; another try starts a new one.
        """
        self.warm_up()
        self._reap_previous(job)
        ours, theirs = self._context.Pipe()
        process = self._context.Process(  # type: ignore[attr-defined]
            target=worker.main, args=(theirs, dict(work)), name=f"rnnviz {job}", daemon=True
        )
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            # From now on only the child holds the other end: its death is our end of file.
            theirs.close()
        entry = _Worker(job, attempt, process, WorkerChannel(ours))
        with self._lock:
            self._jobs[job] = entry
        entry.channel.open(lambda event: self._events.put((entry, event)))

    def _reap_previous(self, job: str) -> None:
        """See off the process of an earlier attempt that has ended and has not hung up yet."""
        with self._lock:
            entry = self._jobs.pop(job, None)
        if entry is not None:
            _kill(entry.process)
            entry.process.join(EXIT_TIMEOUT)
            entry.channel.close()

    def send(self, job: str, control: Command) -> None:
        """Pass `control` to the job's process, which may read it when it likes."""
        with self._lock:
            entry = self._jobs.get(job)
        if entry is not None:
            entry.channel.send(control)

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        """Everything the processes have said, and the deaths of those that said no farewell."""
        try:
            said = [self._events.get(timeout=timeout)]
        except Empty:
            return []
        said += [self._events.get_nowait() for _ in range(self._events.qsize())]
        return [
            (entry.run_id, entry.attempt, heard)
            for entry, event in said
            for heard in self._on_event(entry, event)
        ]

    def _on_event(self, entry: _Worker, event: Event | None) -> list[Event]:
        if event is None:
            return self._reap(entry)
        entry.ended |= event["event"] == "end"
        entry.channel.ack()
        return [event]

    def _reap(self, entry: _Worker) -> list[Event]:
        with self._lock:
            if self._jobs.get(entry.run_id) is not entry:
                return []  # `close` has seen to it, or the next attempt
            del self._jobs[entry.run_id]
        entry.process.join(EXIT_TIMEOUT)
        code = entry.process.exitcode
        if entry.ended:
            return []
        if code is not None and code < 0:
            return [{"event": "lost", "reason": Message(SIGNALLED, {"signal": -code}).to_plain()}]
        return [{"event": "lost", "reason": Message(EXITED, {"code": code}).to_plain()}]

    def kill(self, job: str) -> None:
        """SIGKILL, or what the platform has in its place."""
        with self._lock:
            entry = self._jobs.get(job)
            if entry is not None:
                _kill(entry.process)

    def close(self) -> None:
        """Kill every process and wait for each to be gone."""
        with self._lock:
            entries = list(self._jobs.values())
            self._jobs.clear()
        for entry in entries:
            _kill(entry.process)
        for entry in entries:
            entry.process.join(EXIT_TIMEOUT)
            entry.channel.close()


def _kill(process: BaseProcess) -> None:
    # Not process.kill(): once the forkserver has died, that takes every child for dead as well.
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


def _context() -> BaseContext:
    """A forkserver with the worker's imports loaded; `spawn` where the platform has none."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["rnnviz.jobs.preload"])
    return context
