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
from rnnviz.store.files.inspection import IS_FOLDER, inspect
from rnnviz.store.files.problems import DAMAGED, LOCK_TIMEOUT, Busy, sqlite_errors
from rnnviz.store.files.readers import Readers
from rnnviz.store.files.watch import FileWatch, Stamp, stamp
from rnnviz.store.files.writer import INCREMENTAL, RETRY_PAUSE, connect

CHECKING = N_("The database {file} has changed and is being checked. Try again in a moment.")
CLOSED = N_("The database {file} is closed.")

OF_FILE = (DAMAGED, IS_FOLDER, schema.FOREIGN, schema.NEWER)
"""The problems that last until the file is another one."""

MAX_FREE = 16 * 2**20
"""Bytes that may stay free in the file, or a quarter of the file if that is more."""

SHRINK_BYTES = 2 * 2**20
"""Bytes that one call of `shrink` returns: a few hundredths of a second, in which others wait."""


class Database:
    """The database file `file`, created or migrated when it is opened.

    `patient`: where it cannot be opened, `check` tries again.

    Raises:
        Problem: it cannot be opened or is damaged, or belongs to another program or version.
    """

    def __init__(self, file: Path, patient: bool = False) -> None:
        self.file = file
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._readers: Readers | None = None
        self._watch: FileWatch | None = None
        self._problem_of_file = Problem(CHECKING, file=str(file))
        self._refused: Stamp | None = None
        try:
            self._open_first()
        except Problem as problem:
            if not patient:
                raise
            self._problem_of_file = problem

    @property
    def problem(self) -> Problem | None:
        """Why it is not open; None if it is."""
        return self._problem_of_file if self._connection is None else None

    @contextmanager
    def read_transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction whose statements see one state of the database; it waits for no write.

        Raises:
            Problem: the database cannot be read.
        """
        readers = self._readers
        if self._connection is None or readers is None:
            raise self._problem_of_file
        self._check_index()
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
            with self._sqlite_errors(), _finish(self._writer) as connection:
                yield connection
            self._remember()
        finally:
            self._lock.release()

    def _try_begin(self, deadline: float) -> bool:
        """Acquire the lock and begin to write; False if somebody else is writing."""
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return False
        try:
            self._check_index()
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
            watch = self._watch
            if watch is None:
                self._open_first()
                return False
            if self._connection is not None:
                if watch.index_has_shrunk:
                    watch.lengthen_index()
                is_changed = watch.was_modified or watch.log_has_shrunk
                is_overwritten = is_changed and not self._is_shared(is_shared)
                if not (watch.has_moved or is_overwritten):
                    if watch.lost_helpers:
                        self._save_log()
                    self._remember()
                    return False
                self._leave()
            self._open_again(watch)
            return True

    def _check_index(self) -> None:
        """Raise a Problem if SQLite must not read the index of the log before the next `check`."""
        if self._watch is not None and self._watch.index_has_shrunk:
            raise Problem(CHECKING, file=str(self.file))

    def _remember(self) -> None:
        if self._watch is not None:
            self._watch.remember()

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
        if self._readers is not None:
            self._readers.close()

    def _open_first(self) -> None:
        try:
            location.make(self.file.parent)
            self._open()
        except Problem as problem:
            self._problem_of_file = problem
            raise

    def _open_again(self, watch: FileWatch) -> None:
        try:
            if self._refused is not None and stamp(self.file) == self._refused:
                raise self._problem_of_file
            inspect(self.file, watch)
            self._open()
        except Problem as problem:
            self._problem_of_file = problem
            # What has nothing to do with the content of the file may be over without a change.
            is_of_file = problem.message.template in OF_FILE
            self._refused = stamp(self.file) if is_of_file else None
            raise
        self._refused = None

    def checkpoint(self) -> None:
        """Write the log into the file and empty it, unless somebody is reading.

        Raises:
            Problem: the database cannot be written.
        """
        with self._lock, self._sqlite_errors():
            self._check_index()
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._remember()

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
            self._check_index()
            page_size, pages, free, auto_vacuum = map(
                self._pragma, ("page_size", "page_count", "freelist_count", "auto_vacuum")
            )
            if auto_vacuum != INCREMENTAL or free <= max(MAX_FREE // page_size, pages // 4):
                return False
            # As a script: a statement without columns ends with its first step, here one page.
            self._writer.executescript(f"PRAGMA incremental_vacuum({SHRINK_BYTES // page_size})")
            # The file itself becomes shorter when the log is checkpointed.
            self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._remember()
            return True

    def _pragma(self, name: str) -> int:
        return _pragma(self._writer, name)

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._sqlite_errors():
            if self._watch is not None and self._watch.index_has_shrunk:
                self._watch.lengthen_index()
            if self._readers is not None:
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
            connection = connect(self.file)
            try:
                self._readers = Readers(self.file)
            except BaseException:
                connection.close()
                raise
        self._watch = FileWatch(self.file)
        self._connection = connection

    def _sqlite_errors(self) -> AbstractContextManager[None]:
        return sqlite_errors(self.file)


@contextmanager
def _finish(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commit the transaction of `connection`, or roll it back after an error."""
    try:
        yield connection
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
