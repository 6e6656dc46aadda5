"""One connection to the database file for all threads, and SQLite's errors as problems.

A write-ahead log, synced at every commit: what was committed survives `kill -9` and a power cut.
One connection under one lock is enough: a page of runs takes about a millisecond, and writes are
committed together a few times a second.

Deleted rows leave free pages, which the next runs fill; where there are many, `shrink` returns
them to the disk, a slice at a time. (A file of a version without auto_vacuum does not shrink.)
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rnnviz.messages import N_, Problem
from rnnviz.store import location, schema

DAMAGED = N_(
    "The database {file} is damaged ({reason}). Move it away to start a new one; “.recover” of the "
    "program sqlite3 saves what can be read."
)
FULL = N_("The runs cannot be written to {file}: {reason}. Allowed is a disk with free space.")
BUSY = N_("Another process has locked the database {file} for {seconds} seconds. Try again later.")
UNUSABLE = N_("The database {file} cannot be used: {reason}. Allowed is a file on a local disk.")

LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process that writes."""

MAX_LOG = 16 * 2**20
"""Bytes that the write-ahead log may keep after a checkpoint."""

MAX_FREE = 16 * 2**20
"""Bytes that may stay free in the file, or a quarter of the file if that is more."""

SHRINK_BYTES = 2 * 2**20
"""Bytes that one call of `shrink` returns: a few hundredths of a second, in which others wait."""

_INCREMENTAL = 2
"""The value of auto_vacuum with which a file shrinks when it is asked to."""


class Database:
    """The database file `file`, created or migrated when it is opened.

    Raises:
        Problem: it cannot be opened or is damaged, or belongs to another program or version.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.RLock()
        with self._sqlite_errors():
            self._connection = sqlite3.connect(
                file, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
            )
        try:
            with self._sqlite_errors():
                self._configure()
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def read_transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction whose statements see one state of the database.

        Raises:
            Problem: the database cannot be read.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write_transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction whose statements become durable together, at the end, or not at all.

        Raises:
            Problem: nothing was written.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def shrink(self) -> bool:
        """Return a slice of the free pages to the disk; returns whether there are more.

        Raises:
            Problem: the database cannot be written.
        """
        with self._lock, self._sqlite_errors():
            page_size, pages, free, auto_vacuum = map(
                self._pragma, ("page_size", "page_count", "freelist_count", "auto_vacuum")
            )
            if auto_vacuum != _INCREMENTAL or free <= max(MAX_FREE // page_size, pages // 4):
                return False
            # As a script: a statement without columns ends with its first step, here one page.
            self._connection.executescript(
                f"PRAGMA incremental_vacuum({SHRINK_BYTES // page_size})"
            )
            # The file itself becomes shorter when the log is checkpointed.
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            return True

    def _pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._sqlite_errors():
            self._connection.close()

    def _configure(self) -> None:
        connection = self._connection
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        # Some builds of SQLite overwrite what is deleted with zeros, through the log: deleting
        # runs of 160 MB took a second and another 160 MB of disk.
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute(f"PRAGMA journal_size_limit = {MAX_LOG}")
        # Before the journal mode, which would change the database of another program.
        version = schema.version_of(connection, self.file, location.VARIABLE)
        # SQLite does not wait here by itself for another server that is opening the file.
        deadline = time.monotonic() + LOCK_TIMEOUT
        while True:
            try:
                if not version:  # this works only before anything is written
                    connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        schema.prepare(connection, self.file, location.VARIABLE)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, self._sqlite_errors():
            self._connection.execute(begin)
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # After some errors SQLite has rolled back already.
                if self._connection.in_transaction:
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _sqlite_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
            raise  # a defect of this program
        except sqlite3.DatabaseError as error:
            raise self._problem(error) from error

    def _problem(self, error: sqlite3.DatabaseError) -> Problem:
        match _code(error):
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                return Problem(DAMAGED, file=str(self.file), reason=str(error))
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                return Problem(FULL, file=str(self.file), reason=str(error))
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return Problem(BUSY, file=str(self.file), seconds=LOCK_TIMEOUT)
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return location.not_writable(self.file.parent, str(error))
        return Problem(UNUSABLE, file=str(self.file), reason=str(error))


def _code(error: sqlite3.Error) -> int | None:
    """The primary result code; None where the error comes from Python itself."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
