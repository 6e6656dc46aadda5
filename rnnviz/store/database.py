"""The connections to the database file, and SQLite's errors as problems.

A write-ahead log, synced at every commit: what was committed survives `kill -9` and a power cut.
One connection writes; those that read see the last commit and never wait for a write, neither of
this server nor of another process.

The files are watched: what is deleted, moved, replaced or overwritten under a running server is
noticed by `check`, and opened anew. A damaged file is never written to.

Deleted rows leave free pages, which the next runs fill; where there are many, `shrink` returns
them to the disk, a slice at a time. (A file of a version without auto_vacuum does not shrink.)
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from rnnviz.messages import N_, Problem
from rnnviz.store import location, schema
from rnnviz.store.files.inspection import inspect
from rnnviz.store.files.problems import LOCK_TIMEOUT, Busy, code_of, sqlite_errors
from rnnviz.store.files.readers import Readers
from rnnviz.store.files.watch import FileWatch, Stamp, stamp

CHECKING = N_("The database {file} has changed and is being checked. Try again in a moment.")
CLOSED = N_("The database {file} is closed.")

RETRY_PAUSE = 0.02
"""Seconds between two attempts to write while another process does."""

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
        self._connection: sqlite3.Connection | None = None
        self._problem_of_file = Problem(CHECKING, file=str(file))
        self._refused: Stamp | None = None
        self._open()

    @contextmanager
    def read_transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction whose statements see one state of the database; it waits for no write.

        Raises:
            Problem: the database cannot be read.
        """
        readers = self._readers
        if self._connection is None:
            raise self._problem_of_file
        with self._sqlite_errors(), readers.connection() as connection:
            connection.execute("BEGIN")
            with _finish(connection):
                yield connection

    @contextmanager
    def write_transaction(self, timeout: float = LOCK_TIMEOUT) -> Iterator[sqlite3.Connection]:
        """A transaction whose writes are all durable at the end, or not at all.

        Raises:
            Busy: another process has been writing for `timeout` seconds; nothing was written.
            Problem: nothing was written.
        """
        deadline = time.monotonic() + timeout
        while not self._try_begin(deadline):
            # The others of this process do not wait for this one meanwhile.
            if time.monotonic() >= deadline:
                raise Busy(self.file)
            time.sleep(RETRY_PAUSE)
        try:
            with self._sqlite_errors(), _finish(self._writer):
                yield self._writer
            self._watch.remember()
        finally:
            self._lock.release()

    def _try_begin(self, deadline: float) -> bool:
        """Acquire the lock and begin to write; False if somebody else is writing."""
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return False
        try:
            with self._sqlite_errors():
                self._writer.execute("BEGIN IMMEDIATE")
        except Busy:
            self._lock.release()
            return False
        except BaseException:
            self._lock.release()
            raise
        return True

    def check(self, is_shared: Callable[[sqlite3.Connection], bool]) -> bool:
        """Make sure that the open file is the one at the path, else open what is there now.

        `is_shared` says whether other servers write to the file. Returns whether another file, or
        other content, was opened; nothing that was written before can be expected in it.

        Raises:
            Problem: the folder is gone, or what is there now cannot be used.
        """
        with self._lock:
            if self._connection is not None:
                is_overwritten = self._watch.was_modified and not self._is_shared(is_shared)
                if not (self._watch.has_moved or is_overwritten):
                    if self._watch.lost_helpers:
                        self._save_log()
                    self._watch.remember()
                    return False
                self._leave()
            self._open_again()
            return True

    def _is_shared(self, is_shared: Callable[[sqlite3.Connection], bool]) -> bool:
        try:
            with self.read_transaction() as connection:
                return is_shared(connection)
        except Problem:
            return False

    def _save_log(self) -> None:
        """Write the log, which is open though its name is gone, into the file; open both anew."""
        with self._sqlite_errors():
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._leave()
        self._open()

    def _leave(self) -> None:
        """Close the file without a write to whatever is there now."""
        # The reading connections hold a lock without which SQLite writes nothing when it closes.
        self._problem_of_file = Problem(CHECKING, file=str(self.file))
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self._readers.close()

    def _open_again(self) -> None:
        try:
            if self._refused is not None and stamp(self.file) == self._refused:
                raise self._problem_of_file
            inspect(self.file, self._watch)
            self._open()
        except Problem as problem:
            self._problem_of_file, self._refused = problem, stamp(self.file)
            raise
        self._refused = None

    def checkpoint(self) -> None:
        """Write the log into the file and empty it, unless somebody is reading.

        Raises:
            Problem: the database cannot be written.
        """
        with self._lock, self._sqlite_errors():
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._watch.remember()

    def used_bytes(self, connection: sqlite3.Connection) -> int:
        """The bytes of the file that are in use."""
        size, pages, free = (
            _pragma(connection, name) for name in ("page_size", "page_count", "freelist_count")
        )
        return size * (pages - free)

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
            self._writer.executescript(f"PRAGMA incremental_vacuum({SHRINK_BYTES // page_size})")
            # The file itself becomes shorter when the log is checkpointed.
            self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._watch.remember()
            return True

    def _pragma(self, name: str) -> int:
        return _pragma(self._writer, name)

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._sqlite_errors():
            self._readers.close()
            connection, self._connection = self._connection, None
            self._problem_of_file = Problem(CLOSED, file=str(self.file))
            if connection is not None:
                connection.close()

    @property
    def _writer(self) -> sqlite3.Connection:
        if self._connection is None:
            raise self._problem_of_file
        return self._connection

    def _open(self) -> None:
        with self._sqlite_errors():
            connection = sqlite3.connect(
                self.file, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
            )
            try:
                self._configure(connection)
                self._readers = Readers(self.file)
            except BaseException:
                connection.close()
                raise
        self._watch = FileWatch(self.file)
        self._connection = connection

    def _configure(self, connection: sqlite3.Connection) -> None:
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
                if code_of(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(RETRY_PAUSE)
        schema.prepare(connection, self.file, location.VARIABLE)
        connection.execute("PRAGMA busy_timeout = 0")  # `write_transaction` waits by itself

    def _sqlite_errors(self) -> AbstractContextManager[None]:
        return sqlite_errors(self.file)


@contextmanager
def _finish(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit the transaction of `connection`, or roll it back after an error."""
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # After some errors SQLite has rolled back already.
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
