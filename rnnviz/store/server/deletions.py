"""Deletions that can be undone for a while: the runs are hidden first, and purged later.

When a run was deleted is stored with it, so a server that ends meanwhile forgets none of them.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from rnnviz.store.columns import VISIBLE

UNDO_SECONDS = 60.0
"""Seconds for which a deletion can be undone."""

_DELETE_UNUSED_FILES = (
    "DELETE FROM files WHERE file NOT IN (SELECT json_extract(experiment, '$.task.file')"
    " FROM details WHERE json_extract(experiment, '$.task.file') IS NOT NULL)"
)
# A time that is still to come is of a clock that was wrong.
_IS_DUE = "deleted IS NOT NULL AND (deleted <= ? OR deleted > ?)"


@dataclass(frozen=True)
class Deletion:
    """Runs that were deleted at once, and the seconds in which that can be undone.

    `names` are those that visitors gave; some may be empty.
    """

    runs: tuple[str, ...]
    names: tuple[str, ...]
    seconds_left: float


def pending(connection: sqlite3.Connection, now: float) -> list[Deletion]:
    """The deletions that can be undone, the latest first."""
    rows = connection.execute(
        "SELECT deleted, id, coalesce(name, '') FROM runs"
        " WHERE deleted > ? AND deleted <= ? ORDER BY deleted DESC, key",
        (now - UNDO_SECONDS, now),
    )
    deletions = []
    for deleted, group in groupby(rows, key=lambda row: float(row[0])):
        _, runs, names = zip(*group, strict=True)
        deletions.append(Deletion(runs, names, deleted + UNDO_SECONDS - now))
    return deletions


def hide(connection: sqlite3.Connection, runs: Sequence[str], now: float) -> None:
    """Delete `runs` in a way that can be undone until they are purged."""
    connection.executemany(
        f"UPDATE runs SET deleted = ? WHERE id = ? AND {VISIBLE}", [(now, run) for run in runs]
    )


def restore(connection: sqlite3.Connection, runs: Sequence[str], now: float) -> int:
    """Undo the deletion of those of `runs` for which it is not too late; returns how many."""
    return connection.executemany(
        "UPDATE runs SET deleted = NULL WHERE id = ? AND deleted > ?",
        [(run, now - UNDO_SECONDS) for run in runs],
    ).rowcount


def are_due(connection: sqlite3.Connection, now: float) -> bool:
    """Whether there are hidden runs for which it is too late."""
    values = (now - UNDO_SECONDS, now)
    (row,) = connection.execute(f"SELECT EXISTS (SELECT 1 FROM runs WHERE {_IS_DUE})", values)
    return bool(row[0])


def purge(connection: sqlite3.Connection, now: float) -> None:
    """Delete those for good, with all that belongs to them, and files that no other run reads."""
    connection.execute(f"DELETE FROM runs WHERE {_IS_DUE}", (now - UNDO_SECONDS, now))
    connection.execute(_DELETE_UNUSED_FILES)
