"""The engine of a single machine: one process per run, from a forkserver that has torch loaded.

A pool would not do: one killed worker breaks all other jobs of a `ProcessPoolExecutor`.
"""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import Empty, SimpleQueue

from rnnviz.jobs import forkserver, worker
from rnnviz.jobs.engine import Command, Event, Work
from rnnviz.messages import N_, Message

SIGNALLED = N_("The worker was killed by signal {signal}.")
EXITED = N_("The worker exited unexpectedly with code {code}.")


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
    """A worker of an attempt; it has no `process` until it has started."""

    run_id: str
    attempt: int
    channel: WorkerChannel
    process: BaseProcess | None = None
    has_ended: bool = False


class ProcessEngine:
    """An `Engine` of processes; `warm_up` in the background saves the first run 1.5 seconds.

    `start_method`: "forkserver", or "spawn" where the platform has none. Only `start` and `close`
    wait for anything.
    """

    def __init__(self, slots: int | None = None, start_method: str | None = None) -> None:
        # Three even on two cores: a race of RNN, LSTM and GRU is seen side by side, and three
        # trainers on two cores finish as soon as two and then one.
        self._slots = slots or max(3, os.cpu_count() or 1)
        self._workers: dict[str, _Worker] = {}
        self._events: SimpleQueue[tuple[_Worker, Event | None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._context = forkserver.context(start_method)

    @property
    def slots(self) -> int:
        """How many runs may be active at the same time."""
        return self._slots

    def warm_up(self) -> None:
        """Start the forkserver, also in place of one that has died, and let it import torch.

        Returns before the import is done.
        """
        if self._context.get_start_method() == "forkserver":
            forkserver.ensure_running()

    def start(self, run_id: str, attempt: int, work: Work) -> None:
        """Start a process for a run, in place of one of an earlier attempt.

        Raises:
            OSError, EOFError: the process cannot be started.
        """
        ours, theirs = self._context.Pipe()
        entry = _Worker(run_id, attempt, WorkerChannel(ours))
        with self._lock:
            previous = self._workers.get(run_id)
            if not self._closed:
                self._workers[run_id] = entry
        self._discard(previous)
        process = self._context.Process(  # type: ignore[attr-defined]
            target=worker.main, args=(theirs, dict(work)), name=f"rnnviz {run_id}", daemon=True
        )
        try:
            forkserver.start(process, lambda: self._workers.get(run_id) is entry)
        except BaseException:
            ours.close()
            self._remove(entry)
            raise
        finally:
            # From now on only the child holds the other end: its death is our end of file.
            theirs.close()
        with self._lock:
            entry.process = process
            is_current = self._workers.get(run_id) is entry
        if is_current:
            entry.channel.open(lambda event: self._deliver(entry, event))
        else:  # killed, closed or replaced meanwhile
            ours.close()
            forkserver.kill(process)

    def _discard(self, entry: _Worker | None) -> None:
        """End the process of an earlier attempt that has ended but not closed its pipe yet."""
        if entry is not None and entry.process is not None:
            forkserver.kill(entry.process)
            entry.process.join(forkserver.EXIT_TIMEOUT)
            entry.channel.close()

    def _remove(self, entry: _Worker) -> bool:
        """Remove `entry`; returns False if it has been removed or replaced already."""
        with self._lock:
            is_current = self._workers.get(entry.run_id) is entry
            if is_current:
                del self._workers[entry.run_id]
            return is_current

    def send(self, run_id: str, command: Command) -> None:
        """Queue `command` for the run's process, which reads it in its own time."""
        with self._lock:
            entry = self._workers.get(run_id)
        if entry is not None:
            entry.channel.send(command)

    def _deliver(self, entry: _Worker, event: Event | None) -> None:
        """Queue what the channel has read, in its thread; at the end of file wait for the exit."""
        if event is None and entry.process is not None:
            entry.process.join(forkserver.EXIT_TIMEOUT)
            if entry.process.exitcode is None:
                forkserver.kill(entry.process)
        self._events.put((entry, event))

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
            is_lost = self._remove(entry) and not entry.has_ended
            return [_loss(entry.process)] if is_lost else []
        entry.has_ended |= event["event"] == "end"
        entry.channel.ack()
        return [event]

    def kill(self, run_id: str) -> None:
        """Send SIGKILL, or the platform's substitute for it."""
        with self._lock:
            entry = self._workers.get(run_id)
            if entry is None:
                return
            if entry.process is not None:
                forkserver.kill(entry.process)
                return
            del self._workers[run_id]  # its process is killed as soon as it has started
        self._events.put((entry, _loss(None)))

    def close(self) -> None:
        """Kill every process and wait for its exit."""
        with self._lock:
            self._closed = True
            entries = list(self._workers.values())
            self._workers.clear()
        for entry in entries:
            if entry.process is not None:
                forkserver.kill(entry.process)
        for entry in entries:
            self._discard(entry)


def _loss(process: BaseProcess | None) -> Event:
    """The event of a worker that ended without saying so."""
    code = -int(signal.SIGTERM) if process is None else process.exitcode
    if code is not None and code < 0:
        reason = Message(SIGNALLED, {"signal": -code})
    else:
        reason = Message(EXITED, {"code": code})
    return {"event": "lost", "reason": reason.to_plain()}
