"""The queries about stored runs: each reads a bounded part of the database."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.store.bundle import (
    MAX_ROWS,
    MAX_SNAPSHOTS,
    Bundle,
    Checkpoint,
    SavedStep,
    Upload,
    upload_key,
)
from rnnviz.store.columns import ARCHIVED, HISTORY_COLUMNS, ROW, VISIBLE, RunRow
from rnnviz.store.sanitise import LARGEST_INTEGER, from_json, text
from rnnviz.store.search import Listing, Meaning, Query, terms

COMPRESSION = 0.5
"""The share of its size that a text or a table has in an archive; digits have less."""

KEY = f"(SELECT key FROM runs WHERE id = ? AND {VISIBLE})"
"""The primary key of the run with an id, unless it was deleted."""

_LISTED = [column.listed or name for name, column in ROW.items()]
"""What a list reads of each column: it never parses what it does not show."""

_FILTERS = ("state", "task", "cell", "race")
_MODEL_COLUMNS = ("cell", "hidden")
"""The settings of a model that have a column; `cell` is the family of a network without cells."""
_SETTING = (
    "EXISTS (SELECT 1 FROM details WHERE details.key = runs.key AND json_extract(experiment, ?){})"
)

Condition = tuple[str, list[Any]]
"""An SQL condition and the values of its parameters."""


def page(connection: sqlite3.Connection, query: Query) -> Listing:
    """The page of runs that `query` describes."""
    conditions: list[Condition] = [
        (f"{name} = ?", [text(value)]) for name in _FILTERS if (value := getattr(query, name))
    ]
    conditions += [_has_word(word, query.meanings.get(word)) for word in terms(query.search)]
    total = _count(connection, conditions)
    where, values = _join(" AND ", [(VISIBLE, []), *conditions])
    direction = "DESC" if query.descending else "ASC"
    # `sort` is the name of one of our columns: the query has checked it.
    order = f"{query.sort} {direction} NULLS LAST, key {direction}"
    if total <= query.offset:
        return Listing((), total)
    rows = connection.execute(
        f"SELECT {', '.join(_LISTED)} FROM"
        f" (SELECT key FROM runs WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?)"
        f" JOIN runs USING (key) JOIN details USING (key) ORDER BY {order}",
        [*values, int(query.limit), int(query.offset)],
    )
    return Listing(tuple(map(_run_row, rows)), total)


def _count(connection: sqlite3.Connection, conditions: list[Condition]) -> int:
    if not conditions:
        # Without a condition SQLite reads no row to count them; the deleted ones are few.
        (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        (deleted,) = connection.execute(
            "SELECT count(*) FROM runs WHERE deleted IS NOT NULL"
        ).fetchone()
        return int(runs - deleted)
    where, values = _join(" AND ", [(VISIBLE, []), *conditions])
    (total,) = connection.execute(f"SELECT count(*) FROM runs WHERE {where}", values).fetchone()
    return int(total)


def has_runs(connection: sqlite3.Connection) -> bool:
    """Whether there are any runs; they are not counted."""
    (row,) = connection.execute(f"SELECT EXISTS (SELECT 1 FROM runs WHERE {VISIBLE})")
    return bool(row[0])


def states(connection: sqlite3.Connection, runs: Sequence[str]) -> dict[str, str]:
    """The state of each of `runs` that is there."""
    return dict(
        connection.execute(
            f"SELECT id, state FROM runs WHERE {VISIBLE}"
            " AND id IN (SELECT value FROM json_each(?))",
            (json.dumps([*runs]),),
        )
    )


def run(connection: sqlite3.Connection, run_id: str) -> RunRow | None:
    """The run with this id."""
    row = connection.execute(
        f"SELECT {', '.join(ROW)} FROM runs JOIN details USING (key) WHERE id = ? AND {VISIBLE}",
        (text(run_id),),
    ).fetchone()
    return None if row is None else _run_row(row)


def _run_row(values: tuple[Any, ...]) -> RunRow:
    pairs = zip(ROW.items(), values, strict=True)
    return RunRow(**{name: column.from_sql(value) for (name, column), value in pairs})


def history(
    connection: sqlite3.Connection, run: str, max_rows: int | None
) -> list[tuple[Any, ...]]:
    """The history rows, at most `max_rows` and the last one.

    Rows with a validation are few, and are thinned apart from the others so as not to be lost.
    """
    kind = "validation_metric IS NULL"
    condition, values = _every_nth(max_rows if max_rows is None else max(1, max_rows // 2))
    return connection.execute(
        f"SELECT {', '.join(HISTORY_COLUMNS)} FROM (SELECT *,"
        f" row_number() OVER (PARTITION BY {kind} ORDER BY step) - 1 AS number,"
        f" count(*) OVER (PARTITION BY {kind}) AS count, step = max(step) OVER () AS is_last"
        f" FROM history WHERE key = {KEY}) WHERE {condition} ORDER BY step",
        (text(run), *values),
    ).fetchall()


def saved_steps(connection: sqlite3.Connection, run: str) -> list[tuple[int, int, int]]:
    """Of every saved step: the step, the bytes of its weights, the characters of its snapshot."""
    return connection.execute(
        "SELECT step, length(weights), length(snapshot) FROM saved_steps"
        f" WHERE key = {KEY} ORDER BY step",
        (text(run),),
    ).fetchall()


def snapshots(
    connection: sqlite3.Connection, run: str, max_rows: int | None
) -> list[tuple[int, Any]]:
    """Step and snapshot of the saved steps, at most `max_rows` and the last one."""
    condition, values = _every_nth(max_rows)
    rows = connection.execute(
        "SELECT step, snapshot FROM (SELECT step, snapshot,"
        " row_number() OVER (ORDER BY step) - 1 AS number, count(*) OVER () AS count,"
        " step = max(step) OVER () AS is_last"
        f" FROM saved_steps WHERE key = {KEY}) WHERE {condition} ORDER BY step",
        (text(run), *values),
    )
    return [(step, from_json(snapshot)) for step, snapshot in rows]


def weights(connection: sqlite3.Connection, run: str, step: int) -> tuple[int, bytes] | None:
    """Step and weights of the latest saved step that is not after `step`."""
    row: tuple[int, bytes] | None = connection.execute(
        f"SELECT step, weights FROM saved_steps WHERE key = {KEY} AND step <= ?"
        " ORDER BY step DESC LIMIT 1",
        (text(run), min(step, LARGEST_INTEGER)),
    ).fetchone()
    return row


def checkpoint(connection: sqlite3.Connection, run: str) -> tuple[int, bytes] | None:
    """Step and content of the checkpoint."""
    row: tuple[int, bytes] | None = connection.execute(
        f"SELECT step, content FROM checkpoints WHERE key = {KEY}", (text(run),)
    ).fetchone()
    return row


def file(connection: sqlite3.Connection, key: str) -> tuple[str, bytes] | None:
    """Title and content of a visitor's file."""
    row: tuple[str, bytes] | None = connection.execute(
        "SELECT title, content FROM files WHERE file = ?", (text(key),)
    ).fetchone()
    return row


def bundle_parts(
    connection: sqlite3.Connection, row: RunRow, weight_bytes: int, total_bytes: int
) -> tuple[list[int], bool]:
    """The saved steps that a bundle of the run contains, and whether it contains the checkpoint.

    Weights and the visitor's file may have `weight_bytes`, with the checkpoint `total_bytes`. The
    last saved step is contained in any case.
    """

    def size(table: str, where: str, value: str) -> int:
        query = f"SELECT coalesce(sum(length(content)), 0) FROM {table} WHERE {where}"
        (total,) = connection.execute(query, (text(value),)).fetchone()
        return int(total)

    sizes = saved_steps(connection, row.id)
    file_size = int(COMPRESSION * size("files", "file = ?", upload_key(row.experiment)))
    checkpoint_size = size("checkpoints", f"key = {KEY}", row.id)
    last_size = sizes[-1][1] if sizes else 0
    fits = not checkpoint_size or last_size + checkpoint_size + file_size <= total_bytes
    left = min(weight_bytes, total_bytes - checkpoint_size) if fits else weight_bytes
    return _steps_that_fit(sizes, left - file_size), fits


def bundle(
    connection: sqlite3.Connection, run_id: str, weight_bytes: int, total_bytes: int
) -> Bundle | None:
    """The run with everything that belongs to it, or as much of that as `bundle_parts` says."""
    row = run(connection, run_id)
    if row is None:
        return None
    by_step = dict(snapshots(connection, row.id, None))
    steps, has_checkpoint = bundle_parts(connection, row, weight_bytes, total_bytes)
    last_checkpoint = checkpoint(connection, row.id) if has_checkpoint else None
    upload = file(connection, upload_key(row.experiment))
    rows = history(connection, row.id, MAX_ROWS - 1)
    return Bundle(
        **{name: getattr(row, name) for name in ARCHIVED},
        history=tuple(dict(zip(HISTORY_COLUMNS, each, strict=True)) for each in rows),
        saved_steps=tuple(
            SavedStep(*(weights(connection, row.id, step) or (step, b"")), by_step[step])
            for step in steps
        ),
        checkpoint=last_checkpoint and Checkpoint(*last_checkpoint),
        file=upload and Upload(*upload),
    )


def _has_word(word: str, meaning: Meaning | None) -> Condition:
    """The condition that a run contains `word`, or matches its meaning."""
    conditions: list[Condition] = [("instr(search_text, ?)", [word])]
    if meaning is not None:
        marks = ", ".join("?" * len(meaning.tasks))
        conditions.append((f"task IN ({marks})", [text(task) for task in meaning.tasks]))
        conditions += [_has_model(model) for model in meaning.models]
    return _join(" OR ", conditions)


def _has_model(model: Mapping[str, Any]) -> Condition:
    """The condition that the model of a run has the settings `model`."""
    conditions: list[Condition] = []
    # The columns first: SQLite then parses the experiments only of the runs that are left.
    for name, value in sorted(model.items(), key=lambda each: each[0] not in _MODEL_COLUMNS):
        if name in _MODEL_COLUMNS:
            conditions.append((f"{name} = ?", [value]))
        else:
            test, values = (" = ?", [value]) if value is not None else (" IS NOT NULL", [])
            conditions.append((_SETTING.format(test), [f"$.model.{name}", *values]))
    return _join(" AND ", conditions)


def _join(operator: str, conditions: list[Condition]) -> Condition:
    joined = operator.join(condition for condition, _ in conditions)
    values = [value for _, each in conditions for value in each]
    return (f"({joined})" if joined else "true"), values


def _every_nth(max_rows: int | None) -> tuple[str, tuple[int, ...]]:
    """The condition that selects about `max_rows` of `count` rows and the last one."""
    if max_rows is None:
        return "true", ()
    max_rows = max(1, max_rows)
    return "(number % ((count + ? - 1) / ?) = 0 OR is_last)", (max_rows, max_rows)


def _steps_that_fit(sizes: list[tuple[int, int, int]], weight_bytes: int) -> list[int]:
    """As many steps as fit: every second, fourth ... from the last one back."""
    while len(sizes) > 1:
        _, weights, snapshots = map(sum, zip(*sizes, strict=True))
        if weights <= weight_bytes and snapshots <= MAX_SNAPSHOTS:
            break
        sizes = sizes[::-2][::-1]
    return [step for step, _, _ in sizes]
