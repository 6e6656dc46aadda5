"""The heartbeat of a worker: the server hears from it also while a single step takes minutes."""

import os
import threading
import time
from multiprocessing.connection import Connection

from rnnviz.jobs.engine import Event

INTERVAL = 5.0
"""Seconds between two heartbeats."""

HAS_THREAD_CLOCKS = hasattr(time, "pthread_getcpuclockid")
"""Whether the processor time of the main thread is known, and not only that of the process."""

LEAST_SECONDS = 0.0 if HAS_THREAD_CLOCKS else 0.005
"""Processor time in an interval of which more is a sign of life."""


class SharedPipe:
    """The worker's end of its pipe, for two threads: the main one, and that of the heartbeat.

    The heart beats as long as the main thread uses processor time, or waits for a command. A thread
    that hangs does neither, and a process that is stopped does not beat.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._waiting = False
        self._used = 0.0

    def send(self, event: Event) -> None:
        """Send `event`.

        Raises:
            OSError: the server has gone.
        """
        with self._lock:
            self._pipe.send(event)

    def wait(self) -> None:
        """Wait for a command, or for the end of file."""
        self._waiting = True
        self._pipe.poll(None)
        self._waiting = False

    def start_heartbeat(self) -> None:
        """Start the thread; the process ends if it finds that the server has gone."""
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def _beat(self) -> None:
        while True:
            if self.shows_life():
                try:
                    self.send({"event": "heartbeat"})
                except OSError:
                    os._exit(0)
            time.sleep(INTERVAL)

    def shows_life(self) -> bool:
        """Whether the main thread waits for a command, or has computed since the last call."""
        before, self._used = self._used, _main_thread_seconds()
        return self._waiting or self._used - before > LEAST_SECONDS


def _main_thread_seconds() -> float:
    """The processor time of the main thread so far."""
    if not HAS_THREAD_CLOCKS:
        return time.process_time()
    return time.clock_gettime(time.pthread_getcpuclockid(threading.main_thread().ident or 0))
