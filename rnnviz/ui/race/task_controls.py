"""The task of a race: the choice of it, its own settings, and the file that a visitor uploads."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls, show
from rnnviz.ui.language import _, current
from rnnviz.ui.race.upload import OWN_PREFIX, WINDOW, draw_costs, draw_fitting_button, draw_upload
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.show import escape_markdown

if TYPE_CHECKING:
    from rnnviz.tasks import Task

OWN_FILE = "own"
"""The choice of a task's `source` that means a file of the visitor."""

GRID_COLUMNS = 4
"""Columns of the grid of controls."""

COLUMN_CHARACTERS = 24
"""Characters of options that fit one column; longer ones get two."""


def choose_task(default: str) -> type["Task"]:
    """Draw the choice of the task, by groups; `default` names that of a new visitor."""
    from rnnviz.tasks import TASKS

    return TASKS[controls.choose("race.task", _("Task"), _task_titles(current()), default)]


@shared(max_entries=20)
def _task_titles(language: str) -> Mapping[str, str]:
    """The titles of all tasks by their names, those of a family together."""
    from rnnviz.tasks import TASKS

    families = list(dict.fromkeys(task.family for task in TASKS.values()))
    kinds = sorted(TASKS.values(), key=lambda task: families.index(task.family))
    return {task.name: f"{_(task.family)}: {_(task.title)}" for task in kinds}


def draw_task_controls(kind: type["Task"]) -> "Task | None":
    """Draw the controls of `kind` and return the task that they describe.

    None where the visitor's file is missing or cannot be read, or no window fits into it; the page
    has then said so.

    Raises:
        Problem: a combination that the task refuses.
    """
    first, *more = _rows({name: _width(rule) for name, rule in rules(kind).items()})
    source = None
    values: dict[str, Any] = {}
    if kind.accepts:
        source, *beside = first
        width = first.pop(source)
        left, right = st.columns([width, GRID_COLUMNS - width], vertical_alignment="bottom")
        values[source] = _draw_control(kind, source, left)
        if values[source] == OWN_FILE:
            return _draw_own_file(kind, values, right)
        with right:
            values |= _draw_row(kind, {name: first[name] for name in beside})
    for row in more if source else [first, *more]:
        values |= _draw_row(kind, row)
    if "column" in _field_names(kind):
        values["column"] = _choose_column(kind(**values))
    return kind(**values)


def _draw_own_file(kind: type["Task"], values: dict[str, Any], container: Any) -> "Task | None":
    """The upload of a file, what was understood of it, and the other controls of `kind`."""
    uploaded = draw_upload(kind.accepts, container)
    defaults = uploaded.defaults if uploaded else {}
    others = {name: _width(rule) for name, rule in rules(kind).items() if name not in values}
    # A single control in a second row would look like one of another kind.
    grid = GRID_COLUMNS + (sum(others.values()) == GRID_COLUMNS + 1)
    for row in _rows(others, grid):
        values |= _draw_row(kind, row, grid, own=kind.accepts, defaults=defaults)
    if uploaded is None:
        return None
    try:
        task = kind(**values, **uploaded.values)
    except Problem as problem:
        show.problem(problem)
        draw_fitting_button(defaults)
        return None
    draw_costs(task, uploaded)
    return task


def _field_names(kind: type["Task"]) -> set[str]:
    fields_of: Any = kind
    return {field.name for field in fields(fields_of)}


def _width(rule: Range | Choice) -> int:
    """How many columns of the grid a control takes."""
    if isinstance(rule, Range):
        return 1
    titles = {code: _(title) for code, title in rule.options.items()}
    return 1 + (controls.text_width(titles) > COLUMN_CHARACTERS)


def _rows(widths: dict[str, int], grid: int = GRID_COLUMNS) -> list[dict[str, int]]:
    """The controls, in their order, in rows of at most `grid` columns."""
    rows: list[dict[str, int]] = [{}]
    for name, columns in widths.items():
        if sum(rows[-1].values()) + columns > grid:
            rows.append({})
        rows[-1][name] = columns
    return [row for row in rows if row]


def _draw_row(
    kind: type["Task"],
    row: Mapping[str, int],
    grid: int = GRID_COLUMNS,
    *,
    own: str = "",
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """One row of the `grid`; with the visitor's `own` file some controls have its `defaults`."""
    widths = [*row.values()]
    rest = grid - sum(widths)
    columns = st.columns(widths + [rest] * (rest > 0), vertical_alignment="bottom")
    return {
        name: _draw_control(
            kind, name, column, own=own == "series" and name in WINDOW, default=defaults.get(name)
        )
        for name, column in zip(row, columns, strict=False)
    }


def _draw_control(
    kind: type["Task"], name: str, container: Any, *, own: bool = False, default: Any = None
) -> Any:
    """One of the task's own settings, with the default of its field or of the `own` file."""
    rule, key = rules(kind)[name], f"{OWN_PREFIX if own else 'race.'}{name}"
    default = getattr(kind, name) if default is None else default
    if isinstance(rule, Range):
        return controls.slider(
            key, _(rule.label), rule, default, help=_(rule.help), container=container
        )
    options = {code: _(title) for code, title in rule.options.items()}
    return controls.choose(
        key, _(rule.label), options, default, help=_(rule.help), container=container
    )


def _choose_column(task: Any) -> str:
    """Which of the series' columns is forecast."""
    columns = {name: _(name) for name in task.columns}
    return controls.choose("race.column", _("Forecast"), columns, task.target)


def describe_task(kind: type["Task"], task: "Task | None") -> None:
    """Describe the task and the sources of its examples."""
    first, *more = _(kind.help()).split("\n\n")
    description = escape_markdown(first)
    if (task or kind()).synthetic:
        synthetic = _("synthetic data")  # Babel does not look into an f-string.
        description = f"**{synthetic}** · {description}"
    st.caption(description, help=escape_markdown("\n\n".join(more)) or None)
    sources = [
        f"[{escape_markdown(_(source.title))}]({source.source}), "
        f"{escape_markdown(_(source.licence))}"
        for source in (task.data if task is not None else ())
    ]
    if sources:
        st.caption(_("Data: {sources}", sources="; ".join(sources)))
