"""One connection to the database file for all threads, and SQLite's errors in plain words.

A write-ahead log, synced at every commit: what was committed survives `kill -9` and a power cut.
One connection under one lock is enough: a page of runs takes about a millisecond, and writes come
together in one transaction a few times a second.

What is deleted leaves free pages, which the next runs fill; where they are many, `shrink` gives
them back to the disk, a slice at a time. (A file that an earlier rnnviz has made does not shrink.)
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
BUSY = N_(
    "The database {file} has been in use by another process for {seconds} seconds; allowed are "
    "short writes. Try again."
)
UNUSABLE = N_("The database {file} cannot be used: {reason}. Allowed is a file on a local disk.")

PATIENCE = 5.0
"""Seconds to wait for another process that writes."""

LOG = 16 * 2**20
"""Bytes that the write-ahead log may keep when what is in it has gone to the file."""

SPARE = 16 * 2**20
"""Bytes that may be free without being given back, or a quarter of the file if that is more."""

SLICE = 2 * 2**20
"""Bytes that are given back at once: a few hundredths of a second, in which others wait."""

_INCREMENTAL = 2
"""SQLite's number for a file that becomes shorter when it is asked to."""


class Database:
    """The file `file`, created or migrated when it is opened.

    Raises:
        Problem: it cannot be opened, is damaged, is another program's or a later version's.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.RLock()
        with self._told():
            self._connection = sqlite3.connect(
                file, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
        try:
            with self._told():
                self._begin_with()
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for statements that see one state of the database.

        Raises:
            Problem: the database cannot be read.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection for statements that become durable together, at the end, or not at all.

        Raises:
            Problem: nothing was written, and why.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def shrink(self) -> bool:
        """Give a slice of what is free back to the disk; returns whether there is more to give.

        Raises:
            Problem: the database cannot be written.
        """
        with self._lock, self._told():
            page, pages, free, how = map(
                self._asked, ("page_size", "page_count", "freelist_count", "auto_vacuum")
            )
            if how != _INCREMENTAL or free <= max(SPARE // page, pages // 4):
                return False
            # As a script: a statement without columns ends with its first step, here one page.
            self._connection.executescript(f"PRAGMA incremental_vacuum({SLICE // page})")
            # The file itself becomes shorter when the log is carried over.
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            return True

    def _asked(self, name: str) -> int:
        (found,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(found)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock, self._told():
            self._connection.close()

    def _begin_with(self) -> None:
        connection = self._connection
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        # Some builds of SQLite overwrite what is deleted with zeros, by way of the log: deleting
        # runs of 160 MB took a second and another 160 MB of disk.
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute(f"PRAGMA journal_size_limit = {LOG}")
        # Not the log of a database that turns out to be somebody else's.
        version = schema.refuse_others(connection, self.file, location.VARIABLE)
        # Here SQLite does not wait by itself for another server that opens the file just now.
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                if not version:  # it has to be said before anything is written
                    connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                time.sleep(0.02)
        schema.prepare(connection, self.file, location.VARIABLE)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, self._told():
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
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
            raise  # a mistake of ours
        except sqlite3.DatabaseError as error:
            raise self._problem(error) from error

    def _problem(self, error: sqlite3.DatabaseError) -> Problem:
        match _code(error):
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                return Problem(DAMAGED, file=str(self.file), reason=str(error))
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                return Problem(FULL, file=str(self.file), reason=str(error))
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return Problem(BUSY, file=str(self.file), seconds=PATIENCE)
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return location.not_writable(self.file.parent, str(error))
        return Problem(UNUSABLE, file=str(self.file), reason=str(error))


def _code(error: sqlite3.Error) -> int | None:
    """The primary result code; None where the error comes from Python's own side."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
