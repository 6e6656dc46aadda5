"""The SQL statements that write a run, as queued writes; `execute` executes them.

Each statement finds its run by id and changes nothing where there is none: a run may be deleted
while writes about it are still queued.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rnnviz.messages import Message
from rnnviz.names import RunState
from rnnviz.store.bundle import Bundle, Upload
from rnnviz.store.columns import (
    ARCHIVED,
    DETAILS,
    HISTORY_COLUMNS,
    ROW,
    RUNS,
    STEP_TABLES,
)
from rnnviz.store.sanitise import integer, number, searchable, step_of, text, to_json
from rnnviz.store.write_queue import Write

MAX_TITLE_LENGTH = 120
"""Characters of the title of a visitor's file that are stored."""

SUMMARISED = ("history", "saved_step", "checkpoint", "rewind")
"""The kinds of writes that change what is summarised of a run."""

KEY = "(SELECT key FROM runs WHERE id = ?)"
"""The primary key of the run with an id."""

_SOURCES = {name: column.source for name, column in RUNS.items() if column.source}
_FACTS = {name: column.fact for name, column in RUNS.items() if column.fact}
_OUTCOMES = {name: column.outcome for name, column in RUNS.items() if column.outcome}
_SUMMARIES = {name: column.summary for name, column in RUNS.items() if column.summary}


def _insert(table: str, *columns: str) -> str:
    """Insert a row of `table` for a run: the values of `columns`, then the run's id."""
    return (
        f"INSERT OR REPLACE INTO {table} (key, {', '.join(columns)})"
        f" SELECT key{', ?' * len(columns)} FROM runs WHERE id = ?"
    )


def _assignments(columns: Iterable[str], value: str = "?") -> str:
    return "".join(f", {name} = {value.format(name)}" for name in columns)


_BEGIN_COLUMNS = (
    *("id", "race", "server", "search_text", "created", "changed", "state"),
    *(*_SOURCES, *_FACTS),
)
BEGIN = (
    f"INSERT INTO runs ({', '.join(_BEGIN_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(_BEGIN_COLUMNS))})"
    " ON CONFLICT (id) DO UPDATE SET race = excluded.race, server = excluded.server,"
    " state = excluded.state, changed = excluded.changed"
    f"{_assignments(_FACTS, 'coalesce(excluded.{0}, {0})')}"
)
_BEGIN_DETAILS = (
    "INSERT INTO details (key, experiment, facts) SELECT key, ?, ? FROM runs WHERE id = ?"
    " ON CONFLICT (key) DO UPDATE SET facts = json_patch(facts, excluded.facts), reason = NULL"
)
STATE = (
    "UPDATE runs SET state = ?, server = ?, changed = ?"
    f"{_assignments((*_FACTS, *_OUTCOMES), 'coalesce(?, {0})')} WHERE id = ?"
)
_STATE_DETAILS = (
    "UPDATE details SET reason = ?, result = coalesce(?, result), facts = json_patch(facts, ?)"
    f" WHERE key = {KEY}"
)
_ARCHIVED_RUNS = tuple(name for name in ARCHIVED if name in RUNS)
_ARCHIVED_DETAILS = tuple(name for name in ARCHIVED if name in DETAILS)
_RESTORE = (
    "UPDATE runs SET search_text = ?"
    f"{_assignments(_ARCHIVED_RUNS)}{_assignments(_OUTCOMES)} WHERE id = ?"
)
_RESTORE_DETAILS = (
    f"UPDATE details SET key = key{_assignments(_ARCHIVED_DETAILS)} WHERE key = {KEY}"
)
_APPEND = _insert("history", *HISTORY_COLUMNS)
_SAVE_STEP = _insert("saved_steps", "step", "snapshot", "weights")
_SAVE_CHECKPOINT = _insert("checkpoints", "step", "content")
_REWIND = tuple(f"DELETE FROM {table} WHERE key = {KEY} AND step > ?" for table in STEP_TABLES)
_RETITLE = "UPDATE runs SET name = ?, note = ?, search_text = ?, changed = ? WHERE id = ?"
_SUMMARISE = (
    "UPDATE runs SET changed = max(changed, ?)"
    + "".join(f", {name} = {summary}" for name, summary in _SUMMARIES.items())
    + " WHERE id = ?"
)
_SAVE_FILE = (
    "INSERT INTO files (file, title, created, content) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)


def begin(
    run: str,
    server: str | None,
    race: str,
    experiment: dict[str, Any],
    facts: dict[str, Any],
    now: float,
) -> tuple[Write, ...]:
    """Insert a run in the state "queued"; one that is stored already keeps what it has."""
    run = text(run)
    values = {name: source(experiment) for name, source in _SOURCES.items()}
    search_text = searchable(values["task"], values["cell"])
    row = (
        *(run, text(race), server, search_text, now, now, "queued"),
        *(*values.values(), *_fact_values(facts)),
    )
    return (
        Write("begin", run, BEGIN, [row]),
        Write("begin", run, _BEGIN_DETAILS, [(to_json(experiment), to_json(facts), run)]),
    )


def set_state(
    run: str,
    server: str | None,
    state: RunState,
    reason: Message | None,
    result: dict[str, Any] | None,
    facts: dict[str, Any] | None,
    now: float,
) -> tuple[Write, ...]:
    """Set the state of a run and its reason; merge `result` and `facts` into those stored."""
    run, facts = text(run), facts or {}
    row = (state, server, now, *_fact_values(facts), *_outcome_values(result), run)
    details = (ROW["reason"].to_sql(reason), ROW["result"].to_sql(result), to_json(facts), run)
    return Write("state", run, STATE, [row]), Write("state", run, _STATE_DETAILS, [details])


def restore(run: str, bundle: Bundle) -> tuple[Write, ...]:
    """Set all archived columns of a run, whose row exists, to those of `bundle`."""
    values = {name: column.to_sql(getattr(bundle, name)) for name, column in ARCHIVED.items()}
    names = (source(bundle.experiment) for source in map(_SOURCES.get, ("task", "cell")) if source)
    search_text = searchable(bundle.name, bundle.note, *names)
    outcomes = _outcome_values(bundle.result)
    row = (search_text, *map(values.get, _ARCHIVED_RUNS), *outcomes, run)
    return (
        Write("update", run, _RESTORE, [row]),
        Write("update", run, _RESTORE_DETAILS, [(*map(values.get, _ARCHIVED_DETAILS), run)]),
    )


def append(run: str, rows: Iterable[Mapping[str, Any]]) -> Write:
    """Insert history rows; each replaces a row of the same step."""
    run = text(run)
    values = [
        (step_of(row["step"]), *(number(row.get(name)) for name in HISTORY_COLUMNS[1:]), run)
        for row in rows
    ]
    return append_values(run, values)


def append_values(run: str, values: Sequence[tuple[Any, ...]]) -> Write:
    """Insert history rows: the values of their columns, then the id of the run."""
    return Write("history", text(run), _APPEND, values)


def save_step(run: str, step: int, weights: bytes, snapshot: dict[str, Any]) -> Write:
    """Insert a saved step."""
    run = text(run)
    return Write(
        "saved_step", run, _SAVE_STEP, [(step_of(step), to_json(snapshot), bytes(weights), run)]
    )


def save_checkpoint(run: str, step: int, content: bytes) -> Write:
    """Replace the checkpoint."""
    run = text(run)
    return Write("checkpoint", run, _SAVE_CHECKPOINT, [(step_of(step), bytes(content), run)])


def save_file(run: str, upload: Upload, now: float) -> Write:
    """Insert a visitor's file that `run` reads, unless it is stored already."""
    row = (upload.key, text(upload.title)[:MAX_TITLE_LENGTH], now, upload.content)
    return Write("file", text(run), _SAVE_FILE, [row])


def rewind(run: str, step: int) -> tuple[Write, ...]:
    """Delete whatever followed `step`."""
    run = text(run)
    return tuple(Write("rewind", run, each, [(run, step_of(step))]) for each in _REWIND)


def retitle(
    run: str, name: str, note: str, task: str | None, cell: str | None, now: float
) -> Write:
    """Set name and note of a run."""
    search_text = searchable(name, note, task, cell)
    return Write("title", run, _RETITLE, [(ROW["name"].to_sql(name), note, search_text, now, run)])


def execute(connection: sqlite3.Connection, writes: Sequence[Write], now: float) -> None:
    """Execute `writes` in their order, then update the summaries of the runs they belong to."""
    summarised = {}
    for write in writes:
        connection.executemany(write.statement, write.rows)
        if write.kind in SUMMARISED:
            summarised[write.run] = (now, write.run)
    connection.executemany(_SUMMARISE, list(summarised.values()))


def _outcome_values(result: Mapping[str, Any] | None) -> tuple[float | None, ...]:
    return tuple(number((result or {}).get(outcome)) for outcome in _OUTCOMES.values())


def _fact_values(facts: Mapping[str, Any]) -> tuple[int | None, ...]:
    return tuple(integer(facts.get(fact)) for fact in _FACTS.values())
