"""The tables, and how a database of an earlier version is migrated to this one.

`runs` is narrow, because pages sort and search it; what only the page of one run shows lies in
`details`. Everything that belongs to a run is deleted with it.
"""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from rnnviz.messages import N_, Problem
from rnnviz.store import heartbeat
from rnnviz.store.columns import DETAILS, HISTORY, RUNS, SORTS, VISIBLE, Column

FOREIGN = N_(
    "{file} is the database of another program; allowed is one that rnnviz has made. Move it away, "
    "or choose another folder with the environment variable {variable}."
)
NEWER = N_(
    "The database {file} has version {value}, written by a newer rnnviz; allowed is up to version "
    "{newest}."
)
IN_USE = N_(
    "The database {file} has version {value} and is in use by an older rnnviz. Stop that server; "
    "then the database is migrated to version {newest} when it is opened."
)

APPLICATION = 0x726E6E76
"""SQLite's application id of our files: "rnnv"."""

VERSION = 3

_RUN = "key INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE"
_ONE_PER_RUN = "key INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE"


def _declarations(columns: Mapping[str, Column]) -> str:
    return ", ".join(f"{name} {column.sql_type}" for name, column in columns.items())


TABLES = (
    "CREATE TABLE servers (server TEXT PRIMARY KEY, pid INTEGER NOT NULL,"
    " start_time TEXT NOT NULL, host TEXT NOT NULL, heartbeat REAL NOT NULL) WITHOUT ROWID",
    f"CREATE TABLE runs (key INTEGER PRIMARY KEY, {_declarations(RUNS)})",
    f"CREATE TABLE details ({_ONE_PER_RUN}, {_declarations(DETAILS)})",
    f"CREATE TABLE history ({_RUN},"
    f" {', '.join(f'{name} {sql_type}' for name, sql_type in HISTORY.items())},"
    " PRIMARY KEY (key, step)) WITHOUT ROWID",
    f"CREATE TABLE saved_steps ({_RUN}, step INTEGER NOT NULL, snapshot TEXT NOT NULL,"
    " weights BLOB NOT NULL, PRIMARY KEY (key, step))",
    f"CREATE TABLE checkpoints ({_ONE_PER_RUN}, step INTEGER NOT NULL, content BLOB NOT NULL)",
    "CREATE TABLE files (file TEXT PRIMARY KEY, title TEXT NOT NULL, created REAL NOT NULL,"
    " content BLOB NOT NULL)",
    "CREATE INDEX runs_of_race ON runs (race)",
    "CREATE INDEX runs_deleted ON runs (deleted) WHERE deleted IS NOT NULL",
    *(f"CREATE INDEX runs_by_{column} ON runs ({column}) WHERE {VISIBLE}" for column in SORTS),
)
"""The statements that create the tables of this version."""

MIGRATIONS: Mapping[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE servers RENAME COLUMN birth TO start_time",
        "ALTER TABLE runs RENAME COLUMN run TO id",
        "ALTER TABLE runs RENAME COLUMN words TO search_text",
        "DROP INDEX runs_by_validation",
        "ALTER TABLE runs RENAME COLUMN validation TO validation_metric",
        "CREATE INDEX runs_by_validation_metric ON runs (validation_metric)",
        "ALTER TABLE history RENAME COLUMN metric TO train_metric",
        "ALTER TABLE history RENAME COLUMN validation TO validation_metric",
        "ALTER TABLE moments RENAME TO saved_steps",
        "ALTER TABLE saved_steps RENAME COLUMN look TO snapshot",
        "ALTER TABLE runs ADD COLUMN tested_step INTEGER",
        "UPDATE runs SET tested_step = (SELECT step FROM history WHERE history.key = runs.key"
        " AND validation_metric IS NOT NULL ORDER BY step DESC LIMIT 1)",
    ),
    2: (
        "ALTER TABLE runs ADD COLUMN deleted REAL",
        "ALTER TABLE runs ADD COLUMN test_score REAL",
        "UPDATE runs SET test_score = (SELECT json_extract(result, '$.test') FROM details"
        " WHERE details.key = runs.key AND json_type(result, '$.test') IN ('integer', 'real'))",
        "CREATE INDEX runs_deleted ON runs (deleted) WHERE deleted IS NOT NULL",
        *(
            statement
            for column in (
                *("created", "changed", "state", "name", "task", "cell", "hidden", "parameters"),
                *("seed", "device", "steps", "seconds", "loss", "validation_metric"),
            )
            for statement in (
                f"DROP INDEX runs_by_{column}",
                f"CREATE INDEX runs_by_{column} ON runs ({column}) WHERE deleted IS NULL",
            )
        ),
    ),
}
"""The statements that make the next version of each earlier one.

They name columns literally: what a version was must not follow from what `columns` says today.
"""


def version_of(connection: sqlite3.Connection, file: Path, variable: str) -> int:
    """The version of the database: 0 where there is nothing yet.

    Raises:
        Problem: it is another program's, or of a later version; `variable` is named in the message.
    """
    # In this order: another server may create everything between two of these queries.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if tables and application != APPLICATION:
        raise Problem(FOREIGN, file=str(file), variable=variable)
    if version > VERSION:
        raise Problem(NEWER, file=str(file), value=version, newest=VERSION)
    return int(version)


def prepare(connection: sqlite3.Connection, file: Path, variable: str) -> None:
    """Create the tables, or migrate them to this version; in one transaction.

    Version 1 with 1,000 runs of 40 rows is migrated in 0.08 seconds; weights are not rewritten.

    A server of an earlier version could not use the database any more, so it is not migrated while
    one is alive. (One that has never written anything is not noticed; its statements fail from
    then on with a message, and change nothing.)

    Raises:
        Problem: as `version_of`, or a server of an earlier version uses the database.
    """
    if version_of(connection, file, variable) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    # Another server may have been quicker.
    version = version_of(connection, file, variable)
    if 0 < version < VERSION and heartbeat.has_live_server(connection, time.time()):
        raise Problem(IN_USE, file=str(file), value=version, newest=VERSION)
    for statement in TABLES if not version else _migration(version):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _migration(version: int) -> Iterator[str]:
    for earlier in range(version, VERSION):
        yield from MIGRATIONS[earlier]
