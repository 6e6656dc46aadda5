"""How what is said about a run becomes statements; `carry_out` executes them.

Each statement finds its run by name and changes nothing where there is none: a run may be deleted
while its last words are still on their way.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from rnnviz.messages import Message
from rnnviz.store.bundle import HISTORY_COLUMNS, Upload
from rnnviz.store.sanitise import maybe_json, number, searchable, step_of, text, to_json, whole
from rnnviz.store.write_queue import Write

TITLE = 120
"""Characters of the title of a visitor's file that are kept."""

_KEY = "(SELECT key FROM runs WHERE run = ?)"

_BEGIN = (
    "INSERT INTO runs (run, race, server, words, created, changed, state,"
    " task, cell, hidden, parameters, seed, device) VALUES (?, ?, ?, ?, ?, ?, 'queued',"
    " ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (run) DO UPDATE SET race = excluded.race, server = excluded.server,"
    " state = excluded.state, changed = excluded.changed,"
    " parameters = coalesce(excluded.parameters, parameters)"
)
_BEGIN_DETAILS = (
    "INSERT INTO details (key, experiment, facts) SELECT key, ?, ? FROM runs WHERE run = ?"
    " ON CONFLICT (key) DO UPDATE SET facts = json_patch(facts, excluded.facts), reason = NULL"
)
_STATE = (
    "UPDATE runs SET state = ?, server = ?, changed = ?, parameters = coalesce(?, parameters)"
    " WHERE run = ?"
)
_STATE_DETAILS = (
    "UPDATE details SET reason = ?, result = coalesce(?, result), facts = json_patch(facts, ?)"
    f" WHERE key = {_KEY}"
)
_ROW = (
    f"INSERT OR REPLACE INTO history (key, {', '.join(HISTORY_COLUMNS)})"
    f" SELECT key{', ?' * len(HISTORY_COLUMNS)} FROM runs WHERE run = ?"
)
_MOMENT = (
    "INSERT OR REPLACE INTO moments (key, step, look, weights)"
    " SELECT key, ?, ?, ? FROM runs WHERE run = ?"
)
_CHECKPOINT = (
    "INSERT OR REPLACE INTO checkpoints (key, step, content)"
    " SELECT key, ?, ? FROM runs WHERE run = ?"
)
_REWIND = tuple(
    f"DELETE FROM {table} WHERE key = {_KEY} AND step > ?"
    for table in ("history", "moments", "checkpoints")
)
_RETITLE = "UPDATE runs SET name = nullif(?, ''), note = ?, words = ?, changed = ? WHERE run = ?"

_FILE = (
    "INSERT INTO files (file, title, created, content) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_TIDY_FILES = (
    "DELETE FROM files WHERE file NOT IN (SELECT json_extract(experiment, '$.task.file')"
    " FROM details WHERE json_extract(experiment, '$.task.file') IS NOT NULL)"
)


def _latest(column: str) -> str:
    known = f" AND {column} IS NOT NULL" if column != "seconds" else ""
    return (
        f"{column} = (SELECT {column} FROM history WHERE key = runs.key{known}"
        " ORDER BY step DESC LIMIT 1)"
    )


# Rows come every so many steps; what a run leaves when it stops, between two of them as well.
_STEPPED = ", ".join(
    f"coalesce((SELECT max(step) FROM {table} WHERE key = runs.key), 0)"
    for table in ("history", "moments", "checkpoints")
)
_SUMMARISE = (
    f"UPDATE runs SET changed = max(changed, ?), steps = max({_STEPPED}),"
    f" {_latest('seconds')}, {_latest('loss')}, {_latest('validation_metric')} WHERE run = ?"
)


def begin(
    run: str,
    server: str | None,
    race: str,
    experiment: dict[str, Any],
    facts: dict[str, Any],
    now: float,
) -> tuple[Write, ...]:
    """A run is there, in the state "queued"; one that was there before goes on."""
    run, race = text(run), text(race)
    task = _inside(experiment, "task", "name")
    family = _inside(experiment, "model", "family")
    # A network without a state has no cell; its family says what it is.
    cell = _inside(experiment, "model", "cell") if family in (None, "recurrent") else family
    device = _inside(experiment, "device")
    columns = (
        _text(task),
        _text(cell),
        whole(_inside(experiment, "model", "hidden")),
        whole(facts.get("parameters")),
        whole(_inside(experiment, "seed")),
        _text(device),
    )
    words = searchable(_text(task), _text(cell))
    return (
        Write("word", run, _BEGIN, [(run, race, server, words, now, now, *columns)]),
        Write("word", run, _BEGIN_DETAILS, [(to_json(experiment), to_json(facts), run)]),
    )


def state(
    run: str,
    server: str | None,
    state: str,
    reason: Message | None,
    result: dict[str, Any] | None,
    facts: dict[str, Any] | None,
    now: float,
) -> tuple[Write, ...]:
    """A run has come into the state `state`."""
    run, facts = text(run), facts or {}
    columns = (state, server, now, whole(facts.get("parameters")), run)
    details = (maybe_json(reason and reason.to_plain()), maybe_json(result), to_json(facts), run)
    return (
        Write("word", run, _STATE, [columns]),
        Write("word", run, _STATE_DETAILS, [details]),
    )


def append(run: str, rows: Iterable[dict[str, Any]]) -> Write:
    """Rows of history, each in place of one of the same step."""
    run = text(run)
    given = [
        (step_of(row["step"]), *(number(row.get(name)) for name in HISTORY_COLUMNS[1:]), run)
        for row in rows
    ]
    return Write("history", run, _ROW, given)


def moment(run: str, step: int, weights: bytes, look: dict[str, Any]) -> Write:
    """A place in the timeline."""
    run = text(run)
    return Write("moment", run, _MOMENT, [(step_of(step), to_json(look), bytes(weights), run)])


def checkpoint(run: str, step: int, content: bytes) -> Write:
    """Where the run can go on, in place of the checkpoint before."""
    run = text(run)
    return Write("checkpoint", run, _CHECKPOINT, [(step_of(step), bytes(content), run)])


def upload(run: str, given: Upload, now: float) -> Write:
    """A visitor's file that `run` reads; one that is there already stays."""
    return Write(
        "word", text(run), _FILE, [(given.key, text(given.title)[:TITLE], now, given.content)]
    )


def rewind(run: str, step: int) -> tuple[Write, ...]:
    """Whatever came after `step` has not happened."""
    run = text(run)
    return tuple(Write("word", run, each, [(run, step_of(step))]) for each in _REWIND)


def retitle(
    run: str, name: str, note: str, task: str | None, cell: str | None, now: float
) -> Write:
    """A run has a name and a note."""
    return Write(
        "word", run, _RETITLE, [(name, note, searchable(name, note, task, cell), now, run)]
    )


def delete(connection: sqlite3.Connection, runs: Sequence[str]) -> None:
    """Remove `runs` with all that belongs to them, and the files that no run reads any more."""
    connection.executemany("DELETE FROM runs WHERE run = ?", [(run,) for run in runs])
    connection.execute(_TIDY_FILES)


def carry_out(connection: sqlite3.Connection, writes: Sequence[Write], now: float) -> None:
    """Execute `writes` in their order, then bring the columns that sum up a run to date."""
    told = {}
    for write in writes:
        connection.executemany(write.statement, write.rows)
        if write.kind != "word" or write.statement in _REWIND:
            told[write.run] = (now, write.run)
    connection.executemany(_SUMMARISE, list(told.values()))


def _inside(table: object, *path: str) -> object:
    for name in path:
        table = table.get(name) if isinstance(table, dict) else None
    return table


def _text(value: object) -> str | None:
    return text(value)[:100] if isinstance(value, str) else None
