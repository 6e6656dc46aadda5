"""The server's log: what any visitor can cause cannot fill it, nor look like a fault."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from streamlit import logger as streamlit_logger
from streamlit.runtime.media_file_storage import MediaFileStorageError

PER_MINUTE = 20
"""The most lines a minute from the same place in the code."""
MAX_CHARACTERS = 500

MORE = " (more like this are left out for a minute)"


@contextmanager
def bounded_log() -> Iterator[None]:
    """Bound what Streamlit writes about its visitors' requests."""
    loggers = list(streamlit_logger._loggers.values())
    limit = LogLimit()
    for each in loggers:
        each.addFilter(limit)
    try:
        yield
    finally:
        for each in loggers:
            each.removeFilter(limit)


class LogLimit(logging.Filter):
    """Shortens long lines, and leaves out most of what repeats."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._minute, self._counts = 0, dict[tuple[str, int], int]()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write `record`, which is shortened."""
        text = record.getMessage()
        if len(text) > MAX_CHARACTERS:
            text = text[:MAX_CHARACTERS] + " …"
        if record.exc_info and isinstance(record.exc_info[1], MediaFileStorageError):
            record.exc_info = None  # a file was asked for that there is not, or no longer
        with self._lock:
            minute = int(time.monotonic() / 60)
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            place = record.pathname, record.lineno
            count = self._counts[place] = self._counts.get(place, 0) + 1
        record.msg, record.args = text + (MORE if count == PER_MINUTE else ""), ()
        return count <= PER_MINUTE
