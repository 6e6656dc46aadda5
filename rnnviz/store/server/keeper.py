"""A thread that calls a function again and again."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Keeper:
    """Calls `beat` every `seconds` from `start` to `stop`; an error never ends it."""

    def __init__(self, name: str, beat: Callable[[], None], seconds: float) -> None:
        self._beat, self._seconds = beat, seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread, unless it runs already."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """End the thread, after the call that is in progress."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                self._beat()
            except Exception:
                _log.exception("a beat of the store failed")
