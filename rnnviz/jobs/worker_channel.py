"""The line to one worker: it may be deaf, or fall silent in the middle of a word, at any moment."""

import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue

from rnnviz.jobs.engine import Control, Event


class Line:
    """Listens at `pipe` and writes into it, in threads of its own: nobody else waits for a worker.

    From `open` on it owns `pipe`.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._letters: SimpleQueue[Control | None] = SimpleQueue()
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

    def send(self, control: Control) -> None:
        """Write `control` as soon as there is room for it; what nobody reads any more is lost."""
        self._letters.put(dict(control))

    def go_on(self) -> None:
        """The event that was said last has been taken."""
        self._taken.release()

    def hang_up(self) -> None:
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
