"""How much is stored at most; what exceeds it is refused or thinned, and nothing is deleted."""

import os
import sqlite3
from dataclasses import dataclass

from rnnviz.messages import N_, Problem

FULL = N_(
    "{used} of {limit} MB for stored runs are in use. Training goes on, but new runs are not "
    "stored, nor are further weights of the others; delete runs that are no longer needed, for "
    "example the oldest, or raise {variable}."
)
TOO_MANY = N_(
    "{count} runs are stored; allowed are up to {limit}. Training goes on, but new runs are not "
    "stored; delete runs that are no longer needed, for example the oldest."
)

VARIABLE = "RNNVIZ_STORE_MB"
DEFAULT_MEGABYTES = 4000

MB = 2**20


@dataclass(frozen=True)
class Limits:
    """Bytes of the whole database, the number of its runs, and bytes of the weights of one run."""

    total_bytes: int = DEFAULT_MEGABYTES * MB
    runs: int = 10_000
    run_bytes: int = 256 * MB

    @classmethod
    def of_environment(cls) -> "Limits":
        """The defaults, with the megabytes that `RNNVIZ_STORE_MB` names."""
        megabytes = os.environ.get(VARIABLE, "")
        valid = megabytes.isdecimal() and 0 < int(megabytes) <= 10**9
        return cls(total_bytes=int(megabytes) * MB) if valid else cls()

    def problem(self, used: int, runs: int, more: int = 0) -> Problem | None:
        """Why `more` bytes of a new run cannot be stored beside what there is; None if they can."""
        if used + more > self.total_bytes:
            limit = self.total_bytes // MB
            return Problem(FULL, used=-(-(used + more) // MB), limit=limit, variable=VARIABLE)
        if runs >= self.runs:
            return Problem(TOO_MANY, count=runs, limit=self.runs)
        return None


def thin_saved_steps(connection: sqlite3.Connection, run: str, max_bytes: int) -> int:
    """Delete saved steps of a run until the others fit, and return the bytes of these.

    Always the one whose neighbours are closest to each other, so that the others remain spread over
    the training; the first and the last one stay.
    """
    rows = connection.execute(
        "SELECT step, length(weights), key FROM saved_steps"
        " WHERE key = (SELECT key FROM runs WHERE id = ?) ORDER BY step",
        (run,),
    ).fetchall()
    size = sum(int(length) for _, length, _ in rows)
    deleted = []
    while size > max_bytes and len(rows) > 2:
        index = min(range(1, len(rows) - 1), key=lambda k: rows[k + 1][0] - rows[k - 1][0])
        step, length, key = rows.pop(index)
        deleted.append((key, step))
        size -= length
    connection.executemany("DELETE FROM saved_steps WHERE key = ? AND step = ?", deleted)
    return size
