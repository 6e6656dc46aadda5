"""SQLite's errors as problems that name the file and what is allowed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rnnviz.messages import N_, Problem
from rnnviz.store import location

DAMAGED = N_(
    "The database {file} is damaged ({reason}). Move it away to start a new one; “.recover” of the "
    "program sqlite3 saves what can be read."
)
FULL = N_("The runs cannot be written to {file}: {reason}. Allowed is a disk with free space.")
BUSY = N_("Another process has locked the database {file} for {seconds} seconds. Try again later.")
UNUSABLE = N_("The database {file} cannot be used: {reason}. Allowed is a file on a local disk.")

LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process that writes."""


class Busy(Problem):
    """Another process is writing."""

    def __init__(self, file: Path) -> None:
        super().__init__(BUSY, file=str(file), seconds=LOCK_TIMEOUT)


@contextmanager
def sqlite_errors(file: Path) -> Iterator[None]:
    """Raise the errors of SQLite about `file` as problems."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # a defect of this program
    except sqlite3.DatabaseError as error:
        raise _problem(file, error) from error


def _problem(file: Path, error: sqlite3.DatabaseError) -> Problem:
    match code_of(error):
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return Problem(DAMAGED, file=str(file), reason=str(error))
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return Problem(FULL, file=str(file), reason=str(error))
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy(file)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return location.not_writable(file.parent, str(error))
    return Problem(UNUSABLE, file=str(file), reason=str(error))


def code_of(error: sqlite3.Error) -> int | None:
    """The primary result code; None where the error comes from Python itself."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
