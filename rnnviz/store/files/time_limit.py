"""A limit on the time that the queries of a visitor may compute."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rnnviz.messages import N_, Problem
from rnnviz.store.files.problems import code_of

TOO_LONG = N_(
    "This search takes too long among so many runs; allowed are {seconds} seconds of computing. "
    "Search for fewer or shorter words, or choose a task or a state."
)

SECONDS = 0.25
"""Seconds of processor time; words among 10,000 runs with the longest notes need 0.05."""

_STEPS = 1000
"""Steps of SQLite's machine between two looks at the clock: some hundred runs."""


@contextmanager
def time_limit(connection: sqlite3.Connection) -> Iterator[None]:
    """Interrupt the queries of `connection` after `SECONDS`.

    Raises:
        Problem: they were interrupted.
    """
    deadline = time.thread_time() + SECONDS
    connection.set_progress_handler(lambda: time.thread_time() > deadline, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if code_of(error) != sqlite3.SQLITE_INTERRUPT:
            raise
        raise Problem(TOO_LONG, seconds=SECONDS) from error
    finally:
        connection.set_progress_handler(None, 0)
