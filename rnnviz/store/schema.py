"""The tables, and how a database of an earlier rnnviz becomes one of this.

`runs` is narrow, because pages sort and search it; what only one run's own page shows lies in
`details`. Everything that belongs to a run goes with it. `words` is what a search looks through.
"""

import sqlite3
from pathlib import Path

from rnnviz.messages import N_, Problem

FOREIGN = N_(
    "{file} is the database of another program; allowed is one that rnnviz has made. Move it away, "
    "or choose another folder with the environment variable {variable}."
)
NEWER = N_(
    "The database {file} has version {value}, made by a later rnnviz; allowed is up to {newest}."
)

APPLICATION = 0x726E6E76
"""SQLite's application id of our files: "rnnv"."""

FIRST = (
    """CREATE TABLE servers (
        server TEXT PRIMARY KEY, pid INTEGER NOT NULL, birth TEXT NOT NULL, host TEXT NOT NULL,
        heartbeat REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE runs (
        key INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, race TEXT NOT NULL, server TEXT,
        name TEXT, note TEXT NOT NULL DEFAULT '', words TEXT NOT NULL,
        created REAL NOT NULL, changed REAL NOT NULL, state TEXT NOT NULL,
        task TEXT, cell TEXT, hidden INTEGER, parameters INTEGER, seed INTEGER, device TEXT,
        steps INTEGER NOT NULL DEFAULT 0, seconds REAL, loss REAL, validation REAL
    )""",
    """CREATE TABLE details (
        key INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
        experiment TEXT NOT NULL, facts TEXT NOT NULL, reason TEXT, result TEXT
    )""",
    """CREATE TABLE history (
        key INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL,
        seconds REAL, loss REAL, metric REAL, validation REAL, lr REAL, norm REAL,
        PRIMARY KEY (key, step)
    ) WITHOUT ROWID""",
    """CREATE TABLE moments (
        key INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL,
        look TEXT NOT NULL, weights BLOB NOT NULL, PRIMARY KEY (key, step)
    )""",
    """CREATE TABLE checkpoints (
        key INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
        step INTEGER NOT NULL, content BLOB NOT NULL
    )""",
    """CREATE TABLE files (
        file TEXT PRIMARY KEY, title TEXT NOT NULL, created REAL NOT NULL, content BLOB NOT NULL
    )""",
    "CREATE INDEX runs_of_race ON runs (race)",
    *(
        f"CREATE INDEX runs_by_{column} ON runs ({column})"
        for column in (
            *("created", "changed", "name", "state", "task", "cell", "hidden", "parameters"),
            *("seed", "device", "steps", "seconds", "loss", "validation"),
        )
    ),
)

SECOND = (
    "ALTER TABLE history RENAME COLUMN metric TO train_metric",
    "ALTER TABLE history RENAME COLUMN validation TO validation_metric",
    "DROP INDEX runs_by_validation",
    "ALTER TABLE runs RENAME COLUMN validation TO validation_metric",
    "CREATE INDEX runs_by_validation_metric ON runs (validation_metric)",
)

MIGRATIONS = (FIRST, SECOND)
"""What each version adds to the one before; the last one is this program's."""


def refuse_others(connection: sqlite3.Connection, file: Path, variable: str) -> int:
    """The version of the database: 0 where there is nothing yet.

    Raises:
        Problem: it is another program's, or from a later version; `variable` names a way out.
    """
    # In this order: another server may create everything between two of these questions.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if tables and application != APPLICATION:
        raise Problem(FOREIGN, file=str(file), variable=variable)
    if version > len(MIGRATIONS):
        raise Problem(NEWER, file=str(file), value=version, newest=len(MIGRATIONS))
    return int(version)


def prepare(connection: sqlite3.Connection, file: Path, variable: str) -> None:
    """Bring the database to this program's version; whole, or not at all.

    Raises:
        Problem: as `refuse_others`.
    """
    if refuse_others(connection, file, variable) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    # Another server may have been quicker.
    for migration in MIGRATIONS[refuse_others(connection, file, variable) :]:
        for statement in migration:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")
