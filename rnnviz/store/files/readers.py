"""Connections that only read: they see the last commit, and wait for no write."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_IDLE = 4
"""Connections that are kept for the next readers."""

TIMEOUT = 1.0
"""Seconds to wait where a reader has to wait at all: while another server recovers the log."""


class Readers:
    """Connections to a file that is open for writing. Thread-safe.

    At least one of them is open until `close`, and has read something: as long as there is one,
    SQLite does not write the log into the file when the writing connection is closed.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._is_closed = False
        self._idle = [self._connect()]

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            yield connection
        finally:
            with self._lock:
                has_room = not self._is_closed and len(self._idle) < MAX_IDLE
                if has_room:
                    self._idle.append(connection)
            if not has_room:
                connection.close()

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are returned."""
        with self._lock:
            self._is_closed, idle, self._idle = True, self._idle, []
        for connection in idle:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = connect_read_only(self._file)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return connection


def connect_read_only(file: Path, options: str = "") -> sqlite3.Connection:
    """A connection that cannot write; `options` are further ones of SQLite's addresses."""
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=ro{options}",
        uri=True,
        timeout=TIMEOUT,
        isolation_level=None,
        check_same_thread=False,
    )
