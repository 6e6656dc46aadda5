"""The connection that writes: configured, with the tables of this version."""

import sqlite3
import time
from pathlib import Path

from rnnviz.store import location, schema
from rnnviz.store.files.problems import LOCK_TIMEOUT, code_of

RETRY_PAUSE = 0.02
"""Seconds between two attempts while another process writes."""

MAX_LOG = 16 * 2**20
"""Bytes that the write-ahead log may keep after a checkpoint."""

INCREMENTAL = 2
"""The value of auto_vacuum with which a file shrinks when it is asked to."""


def connect(file: Path) -> sqlite3.Connection:
    """A connection to `file`, which is created or migrated if need be.

    Raises:
        sqlite3.Error: it cannot be opened, or is damaged.
        Problem: it belongs to another program or version.
    """
    connection = sqlite3.connect(
        file, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    try:
        _configure(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection, file: Path) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    # Some builds of SQLite overwrite what is deleted with zeros, through the log: deleting
    # runs of 160 MB took a second and another 160 MB of disk.
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute(f"PRAGMA journal_size_limit = {MAX_LOG}")
    # Before the journal mode, which would change the database of another program.
    version = schema.version_of(connection, file, location.VARIABLE)
    # SQLite does not wait here by itself for another server that is opening the file.
    deadline = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            if not version:  # this works only before anything is written
                connection.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if code_of(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_PAUSE)
    schema.prepare(connection, file, location.VARIABLE)
    connection.execute("PRAGMA busy_timeout = 0")  # `write_transaction` waits by itself
