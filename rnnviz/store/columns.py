"""The stored columns of runs and of their histories: each is declared here and nowhere else.

The schema, the statements, the queries, the orders of the list of runs and the archives follow
from these declarations. A new column is one line here, and a migration in `schema`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_type_hints

from rnnviz.messages import N_, Message
from rnnviz.names import RunState
from rnnviz.store.sanitise import from_json, integer, maybe_json, text

STATES: tuple[RunState, ...] = get_args(RunState)
LIVE: tuple[RunState, ...] = ("queued", "running", "paused", "stopping")
"""The states of a run that some server is responsible for."""

Source = Callable[[Mapping[str, Any]], str | int | None]

STEP_TABLES = ("history", "saved_steps", "checkpoints")
"""The tables with rows of a run at some of its steps."""


def _identity(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Column:
    """A column of the table `runs` or, if only the page of one run shows it, of `details`.

    `sql_type` includes the constraints. Runs can be sorted by a column that has a `heading`.
    `source` returns the value that an experiment (plain data) gives it; `fact` names the fact that
    it repeats, `outcome` the number of the result. `listed` is an SQL expression for what a list of
    runs reads instead of it. `summary` is one for its value, evaluated whenever something that
    belongs to the run has been written. `to_sql` and `from_sql` convert the value of the field.
    """

    sql_type: str
    heading: str = ""
    table: Literal["runs", "details"] = "runs"
    source: Source | None = None
    fact: str = ""
    outcome: str = ""
    listed: str = ""
    summary: str = ""
    to_sql: Callable[[Any], Any] = _identity
    from_sql: Callable[[Any], Any] = _identity


HISTORY: Mapping[str, str] = {
    "step": "INTEGER NOT NULL",
    "seconds": "REAL",
    "loss": "REAL",
    "train_metric": "REAL",
    "validation_metric": "REAL",
    "lr": "REAL",
    "norm": "REAL",
}
"""The columns of a history and their SQL types; they are also the headings of history.csv."""

HISTORY_COLUMNS = tuple(HISTORY)

FORMER_HEADINGS = {"metric": "train_metric", "validation": "validation_metric"}
"""Headings of history.csv in archives of the format 1, and what they are called today."""

INTERNAL = {
    "server": Column("TEXT"),
    "search_text": Column("TEXT NOT NULL"),
    "deleted": Column("REAL"),
}
"""Columns of `runs` that no field shows: the server that is responsible for a run, the text that
searches look through, and when a visitor has deleted it: for a while that can be undone."""

VISIBLE = "deleted IS NULL"
"""The condition that a run is not deleted."""


def _setting_of(*path: str) -> Callable[[Mapping[str, Any]], Any]:
    def source(experiment: Mapping[str, Any]) -> Any:
        value: Any = experiment
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    return source


def _text_setting(*path: str) -> Source:
    setting = _setting_of(*path)

    def source(experiment: Mapping[str, Any]) -> str | None:
        value = setting(experiment)
        return text(value)[:100] if isinstance(value, str) else None

    return source


def _integer_setting(*path: str) -> Source:
    setting = _setting_of(*path)
    return lambda experiment: integer(setting(experiment))


def _cell(experiment: Mapping[str, Any]) -> str | int | None:
    """The cell; a network without a state has none and is known by its family."""
    recurrent = _setting_of("model", "family")(experiment) in (None, "recurrent")
    return _text_setting("model", "cell" if recurrent else "family")(experiment)


def _latest(column: str, of: str | None = None) -> str:
    """SQL for `column` in the last row of the history in which `of` is known."""
    known = "" if of is None else f" AND {of} IS NOT NULL"
    return (
        f"(SELECT {column} FROM history WHERE history.key = runs.key{known}"
        " ORDER BY step DESC LIMIT 1)"
    )


# Rows come every so many steps; what a run leaves when it stops, between two of them as well.
_LAST_STEP = ", ".join(
    f"coalesce((SELECT max(step) FROM {table} WHERE key = runs.key), 0)" for table in STEP_TABLES
)


def _message_to_json(message: Message | None) -> str | None:
    return maybe_json(message and message.to_plain())


def _message_from_json(plain: str | None) -> Message | None:
    return None if plain is None else Message.from_plain(from_json(plain))


def _json(sql_type: str, listed: str) -> Column:
    return Column(sql_type, table="details", listed=listed, to_sql=maybe_json, from_sql=from_json)


_LISTED_EXPERIMENT = (
    "json_object('task', json_extract(experiment, '$.task'),"
    " 'model', json_extract(experiment, '$.model'))"
)


@dataclass(frozen=True)
class RunFields:
    """The columns of a run that its archive contains; the keys of run.json have the same names."""

    experiment: Annotated[dict[str, Any], _json("TEXT NOT NULL", _LISTED_EXPERIMENT)]
    facts: Annotated[dict[str, Any], _json("TEXT NOT NULL", "'{}'")] = field(default_factory=dict)
    state: Annotated[RunState, Column("TEXT NOT NULL", N_("State"))] = "finished"
    name: Annotated[
        str,
        Column("TEXT", N_("Name"), to_sql=lambda name: name or None, from_sql=lambda x: x or ""),
    ] = ""
    note: Annotated[str, Column("TEXT NOT NULL DEFAULT ''")] = ""
    reason: Annotated[
        Message | None,
        Column(
            "TEXT",
            table="details",
            listed="NULL",
            to_sql=_message_to_json,
            from_sql=_message_from_json,
        ),
    ] = None
    result: Annotated[dict[str, Any] | None, _json("TEXT", "NULL")] = None


@dataclass(frozen=True, kw_only=True)
class RunRow(RunFields):
    """A run as it is stored, without its history and its weights.

    `created` and `changed` are in seconds since 1970, `seconds` is the time spent training.
    `steps` is the latest step of which anything is stored; `seconds`, `loss` and
    `validation_metric` are the latest that the history has, `tested_step` is the step of the last
    validation. `test_score` is the number "test" of the result.
    """

    id: Annotated[str, Column("TEXT NOT NULL UNIQUE")]
    race: Annotated[str, Column("TEXT NOT NULL")]
    created: Annotated[float, Column("REAL NOT NULL", N_("Created"))]
    changed: Annotated[float, Column("REAL NOT NULL", N_("Last change"))]
    task: Annotated[str | None, Column("TEXT", N_("Task"), source=_text_setting("task", "name"))]
    cell: Annotated[str | None, Column("TEXT", N_("Cell"), source=_cell)]
    hidden: Annotated[
        int | None,
        Column("INTEGER", N_("Hidden units"), source=_integer_setting("model", "hidden")),
    ]
    parameters: Annotated[int | None, Column("INTEGER", N_("Parameters"), fact="parameters")]
    seed: Annotated[int | None, Column("INTEGER", N_("Seed"), source=_integer_setting("seed"))]
    device: Annotated[str | None, Column("TEXT", N_("Device"), source=_text_setting("device"))]
    steps: Annotated[
        int,
        Column("INTEGER NOT NULL DEFAULT 0", N_("Steps"), summary=f"max({_LAST_STEP})"),
    ]
    seconds: Annotated[float | None, Column("REAL", N_("Seconds"), summary=_latest("seconds"))]
    loss: Annotated[float | None, Column("REAL", N_("Loss"), summary=_latest("loss", "loss"))]
    validation_metric: Annotated[
        float | None,
        Column(
            "REAL",
            N_("Curve's last score"),
            summary=_latest("validation_metric", "validation_metric"),
        ),
    ]
    tested_step: Annotated[
        int | None, Column("INTEGER", summary=_latest("step", "validation_metric"))
    ]
    test_score: Annotated[float | None, Column("REAL", outcome="test")] = None


def columns_of(row: type[RunFields]) -> dict[str, Column]:
    """The column of each field of `row`."""
    hints = get_type_hints(row, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


ROW = columns_of(RunRow)
"""The columns that are read together, as a `RunRow`."""

RUNS = INTERNAL | {name: column for name, column in ROW.items() if column.table == "runs"}
DETAILS = {name: column for name, column in ROW.items() if column.table == "details"}
ARCHIVED = {name: ROW[name] for name in get_type_hints(RunFields)}

SORTS = {
    name: RUNS[name].heading
    for name in sorted(RUNS, key=lambda name: name not in ("created", "changed"))
    if RUNS[name].heading
}
"""The columns by which runs can be sorted, and their headings."""
