"""What lies at the path of the database now: inspected without a write, before it is opened again.

A damaged file is never written to, and a log is never read into another file than its own.
"""

import sqlite3
import time
from pathlib import Path

from rnnviz.messages import N_, Problem
from rnnviz.store import location
from rnnviz.store.files.problems import sqlite_errors
from rnnviz.store.files.readers import connect_read_only
from rnnviz.store.files.watch import FileWatch
from rnnviz.store.write_queue import MAX_BYTES

FOLDER_GONE = N_(
    "The folder {folder} has disappeared. Training goes on, and up to {limit} MB of it are kept in "
    "memory; move the folder back, or create it anew for a new database."
)
IS_FOLDER = N_("{file} is a folder; allowed is a file, or nothing, for a new database.")


def inspect(file: Path, watch: FileWatch) -> None:
    """Check what is there now; `watch` knows the files that were open.

    A log that belonged to another file is renamed: SQLite would read it into this one.

    Raises:
        Problem: there is no folder, or none that can be written, or the file is damaged.
    """
    folder, log = file.parent, Path(f"{file}-wal")
    if not folder.is_dir():
        raise Problem(FOLDER_GONE, folder=str(folder), limit=MAX_BYTES // 2**20)
    location.make(folder)
    if file.is_dir():
        raise Problem(IS_FOLDER, file=str(file))
    is_former_log = watch.knows_log
    if watch.has_moved and is_former_log:
        _set_log_aside(file)
    if not file.exists() or not file.stat().st_size:
        if log.exists():
            _set_log_aside(file)
        return
    with sqlite_errors(file):
        try:
            _check_pages(file)
        except sqlite3.DatabaseError:
            if not is_former_log or not log.exists():
                raise
            # Overwritten in place: a whole database, and the log of the one that it was?
            _check_pages(file, "&immutable=1")
            _set_log_aside(file)


def _set_log_aside(file: Path) -> None:
    for ending in ("-wal", "-shm"):
        helper = Path(f"{file}{ending}")
        if helper.exists():
            helper.rename(f"{helper}.{time.time_ns()}")


def _check_pages(file: Path, options: str = "") -> None:
    """Raise SQLite's error if `file` is damaged."""
    connection = connect_read_only(file, options)
    try:
        (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        connection.close()
    if result != "ok":
        error = sqlite3.DatabaseError(str(result).splitlines()[-1])
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error
