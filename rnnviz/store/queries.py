"""The questions about stored runs: each reads a bounded part of the database."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from rnnviz.messages import Message
from rnnviz.store.bundle import (
    HISTORY_COLUMNS,
    ROWS,
    SEEN,
    Bundle,
    Checkpoint,
    SavedStep,
    Upload,
    named_file,
)
from rnnviz.store.rows import Listing, Meaning, Query, RunRow, terms
from rnnviz.store.sanitise import WIDEST, from_json, text

_PLAIN = (
    *("race", "created", "changed", "state", "task", "cell", "hidden", "parameters", "seed"),
    *("device", "steps", "seconds", "loss", "validation_metric", "note"),
)
_JSON = ("experiment", "facts", "reason", "result")
_TESTED = (
    "(SELECT step FROM history WHERE history.key = runs.key AND validation_metric IS NOT NULL"
    " ORDER BY step DESC LIMIT 1) AS tested_step"
)
_ROW = f"run AS id, coalesce(name, '') AS name, {', '.join((*_PLAIN, *_JSON, _TESTED))}"
_FILTERS = ("state", "task", "cell", "race")
_SETTING = (
    "EXISTS (SELECT 1 FROM details WHERE details.key = runs.key AND json_extract(experiment, ?){})"
)


PACKED = 0.5
"""The share of a text or a table that is left of it in an archive; digits take less."""


def page(connection: sqlite3.Connection, query: Query) -> Listing:
    """The runs that `query` asks for."""
    wanted: list[_Wanted] = [
        (f"{name} = ?", [text(value)]) for name in _FILTERS if (value := getattr(query, name))
    ]
    wanted += [_fitting_word(word, query.meanings.get(word)) for word in terms(query.search)]
    where, values = _joined(" AND ", wanted)
    direction = "DESC" if query.descending else "ASC"
    # `sort` is one of our own words: the query has checked it.
    order = f"{query.sort} {direction} NULLS LAST, key {direction}"
    (total,) = connection.execute(f"SELECT count(*) FROM runs WHERE {where}", values).fetchone()
    if total <= query.offset:
        return Listing((), total)
    rows = connection.execute(
        f"SELECT {_ROW} FROM"
        f" (SELECT key FROM runs WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?)"
        f" JOIN runs USING (key) JOIN details USING (key) ORDER BY {order}",
        [*values, int(query.limit), int(query.offset)],
    )
    return Listing(tuple(_run_row(rows, row) for row in rows), total)


def some(connection: sqlite3.Connection) -> bool:
    """Whether there are any runs; they are not counted."""
    (found,) = connection.execute("SELECT EXISTS (SELECT 1 FROM runs)").fetchone()
    return bool(found)


def run(connection: sqlite3.Connection, name: str) -> RunRow | None:
    """The run of that name."""
    rows = connection.execute(
        f"SELECT {_ROW} FROM runs JOIN details USING (key) WHERE run = ?", (text(name),)
    )
    row = rows.fetchone()
    return None if row is None else _run_row(rows, row)


def history(connection: sqlite3.Connection, run: str, most: int | None) -> list[tuple[Any, ...]]:
    """The rows of the history, at most `most` and the last one.

    Rows with a validation are few, and are thinned apart from the others so as not to be lost.
    """
    kind = "validation_metric IS NULL"
    every, values = _every(most if most is None else max(1, most // 2))
    return connection.execute(
        f"SELECT {', '.join(HISTORY_COLUMNS)} FROM (SELECT *,"
        f" row_number() OVER (PARTITION BY {kind} ORDER BY step) - 1 AS place,"
        f" count(*) OVER (PARTITION BY {kind}) AS many, step = max(step) OVER () AS last"
        f" FROM history WHERE key = {_KEY}) WHERE {every} ORDER BY step",
        (text(run), *values),
    ).fetchall()


def moments(connection: sqlite3.Connection, run: str) -> list[tuple[int, int, int]]:
    """Of every moment: the step, the bytes of its weights and the characters of its look."""
    return connection.execute(
        f"SELECT step, length(weights), length(look) FROM moments WHERE key = {_KEY} ORDER BY step",
        (text(run),),
    ).fetchall()


def looks(connection: sqlite3.Connection, run: str, most: int | None) -> list[tuple[int, Any]]:
    """Step and look of every moment, at most `most` and the last one."""
    every, values = _every(most)
    rows = connection.execute(
        "SELECT step, look FROM (SELECT step, look,"
        " row_number() OVER (ORDER BY step) - 1 AS place, count(*) OVER () AS many,"
        " step = max(step) OVER () AS last"
        f" FROM moments WHERE key = {_KEY}) WHERE {every} ORDER BY step",
        (text(run), *values),
    )
    return [(step, from_json(look)) for step, look in rows]


def weights(connection: sqlite3.Connection, run: str, step: int) -> bytes | None:
    """The weights of the latest moment that is not after `step`."""
    found: tuple[bytes] | None = connection.execute(
        f"SELECT weights FROM moments WHERE key = {_KEY} AND step <= ? ORDER BY step DESC LIMIT 1",
        (text(run), min(step, WIDEST)),
    ).fetchone()
    return None if found is None else found[0]


def checkpoint(connection: sqlite3.Connection, run: str) -> tuple[int, bytes] | None:
    """Step and content of the checkpoint."""
    found: tuple[int, bytes] | None = connection.execute(
        f"SELECT step, content FROM checkpoints WHERE key = {_KEY}", (text(run),)
    ).fetchone()
    return found


def file(connection: sqlite3.Connection, key: str) -> tuple[str, bytes] | None:
    """Title and content of an uploaded file."""
    found: tuple[str, bytes] | None = connection.execute(
        "SELECT title, content FROM files WHERE file = ?", (text(key),)
    ).fetchone()
    return found


def leaving(
    connection: sqlite3.Connection, row: RunRow, room: int, whole: int
) -> tuple[list[int], bool]:
    """The moments of a run that leave in an archive, and whether its checkpoint does.

    With the visitor's file they have `room` bytes, with the checkpoint `whole`. The last moment
    leaves in any case.
    """

    def length(table: str, where: str, value: str) -> int:
        query = f"SELECT coalesce(sum(length(content)), 0) FROM {table} WHERE {where}"
        (found,) = connection.execute(query, (text(value),)).fetchone()
        return int(found)

    told = moments(connection, row.id)
    read = int(PACKED * length("files", "file = ?", named_file(row.experiment)))
    kept = length("checkpoints", f"key = {_KEY}", row.id)
    last = told[-1][1] if told else 0
    fits = not kept or last + kept + read <= whole
    return _fitting(told, min(room, whole - kept) - read if fits else room - read), fits


def bundle(connection: sqlite3.Connection, run_name: str, room: int, whole: int) -> Bundle | None:
    """All of a run, or as much of it as `leaving` says."""
    row = run(connection, run_name)
    if row is None:
        return None
    told = dict(looks(connection, row.id, None))
    steps, fits = leaving(connection, row, room, whole)
    kept = checkpoint(connection, row.id) if fits else None
    read = file(connection, named_file(row.experiment))
    return Bundle(
        row.experiment,
        row.facts,
        row.state,
        row.name,
        row.note,
        row.reason,
        row.result,
        tuple(
            dict(zip(HISTORY_COLUMNS, each, strict=True))
            for each in history(connection, row.id, ROWS - 1)
        ),
        tuple(
            SavedStep(step, weights(connection, row.id, step) or b"", told[step]) for step in steps
        ),
        None if kept is None else Checkpoint(*kept),
        None if read is None else Upload(*read),
    )


_KEY = "(SELECT key FROM runs WHERE run = ?)"

_Wanted = tuple[str, list[Any]]
"""A condition and the values in it."""


def _fitting_word(word: str, meaning: Meaning | None) -> _Wanted:
    """A run has `word`, or is what it stands for."""
    found: list[_Wanted] = [("instr(words, ?)", [word])]
    if meaning is not None:
        places = ", ".join("?" * len(meaning.tasks))
        found.append((f"task IN ({places})", [text(task) for task in meaning.tasks]))
        found += [_fitting_model(model) for model in meaning.models]
    return _joined(" OR ", found)


def _fitting_model(model: Mapping[str, Any]) -> _Wanted:
    """A run's model has the settings `model`."""
    wanted: list[_Wanted] = []
    # First what a column answers: SQLite opens the experiments only of the runs that are left.
    for name, value in sorted(model.items(), key=lambda each: each[0] not in _COLUMNS):
        if name in _COLUMNS:
            wanted.append((f"{name} = ?", [value]))
        else:
            told, values = (" = ?", [value]) if value is not None else (" IS NOT NULL", [])
            wanted.append((_SETTING.format(told), [f"$.model.{name}", *values]))
    return _joined(" AND ", wanted)


def _joined(how: str, wanted: list[_Wanted]) -> _Wanted:
    conditions = how.join(condition for condition, _ in wanted)
    return (f"({conditions})" if conditions else "true"), [v for _, each in wanted for v in each]


_COLUMNS = ("cell", "hidden")
"""The settings of a model that have a column; a network without a cell has none in it."""


def _every(most: int | None) -> tuple[str, tuple[int, ...]]:
    """The condition that keeps about `most` of `many` rows and the last one, and its values."""
    if most is None:
        return "true", ()
    most = max(1, most)
    return "(place % ((many + ? - 1) / ?) = 0 OR last)", (most, most)


def _run_row(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> RunRow:
    given = dict(zip((column[0] for column in cursor.description), row, strict=True))
    given |= {name: from_json(given[name]) for name in _JSON}
    return RunRow(**given | {"reason": given["reason"] and Message.from_plain(given["reason"])})


def _fitting(moments: list[tuple[int, int, int]], room: int) -> list[int]:
    """The steps of as many moments as fit: every second, fourth ... from the last one back."""
    while len(moments) > 1:
        _, weights, looks = map(sum, zip(*moments, strict=True))
        if weights <= room and looks <= SEEN:
            break
        moments = moments[::-2][::-1]
    return [step for step, _, _ in moments]
