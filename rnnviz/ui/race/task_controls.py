"""The task of a race: the choice of it, its own settings, and the file that a visitor uploads."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls, session
from rnnviz.ui.language import _
from rnnviz.ui.show import escape_markdown

if TYPE_CHECKING:
    from rnnviz.tasks import Task

OWN_FILE = "own"
"""The choice of a task's `source` that means a file of the visitor."""

GRID_COLUMNS = 4
"""Columns of the grid of controls."""

COLUMN_CHARACTERS = 24
"""Characters of options that fit one column; longer ones get two."""

NO_FILE = N_("Choose a file first: until then there is nothing to learn from.")


def choose_task(default: str) -> type["Task"]:
    """Draw the choice of the task, by groups; `default` names that of a new visitor."""
    from rnnviz.tasks import TASKS

    families = list(dict.fromkeys(task.family for task in TASKS.values()))
    kinds = sorted(TASKS.values(), key=lambda task: families.index(task.family))
    titles = {task.name: f"{_(task.family)}: {_(task.title)}" for task in kinds}
    return TASKS[controls.choose("race.task", _("Task"), titles, default)]


def draw_task_controls(kind: type["Task"]) -> "Task":
    """Draw the controls of `kind` and return the task that they describe.

    Raises:
        Problem: a combination that the task refuses, or a file that is missing or unreadable.
    """
    kind_rules = rules(kind)
    values: dict[str, Any] = {}
    for row in _rows({name: _width(rule) for name, rule in kind_rules.items()}):
        widths = [*row.values()]
        rest = GRID_COLUMNS - sum(widths)
        columns = st.columns(widths + [rest] * (rest > 0), vertical_alignment="bottom")
        for name, column in zip(row, columns, strict=False):
            values[name] = _draw_control(kind, name, column)
    if kind.accepts and values.get("source") == OWN_FILE:
        values["file"] = _upload(kind.accepts)
    fields_of: Any = kind
    if "column" in {field.name for field in fields(fields_of)} - {*kind_rules}:
        values["column"] = _choose_column(kind(**values))
    return kind(**values)


def _width(rule: Range | Choice) -> int:
    """How many columns of the grid a control takes."""
    if isinstance(rule, Range):
        return 1
    titles = {code: _(title) for code, title in rule.options.items()}
    return 1 + (controls.text_width(titles) > COLUMN_CHARACTERS)


def _rows(widths: dict[str, int]) -> list[dict[str, int]]:
    """The controls, in their order, in rows of at most `GRID_COLUMNS` columns."""
    rows: list[dict[str, int]] = [{}]
    for name, columns in widths.items():
        if sum(rows[-1].values()) + columns > GRID_COLUMNS:
            rows.append({})
        rows[-1][name] = columns
    return [row for row in rows if row]


def _draw_control(kind: type["Task"], name: str, container: Any) -> Any:
    """One of the task's own settings, with the default of its field."""
    rule, key, default = rules(kind)[name], f"race.{name}", getattr(kind, name)
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


def _upload(kind: str) -> str:
    """The key of the file that the visitor uploaded; it survives reruns and page switches."""
    from rnnviz.data import SERIES_LIMIT, TEXT_LIMIT, UPLOADS

    is_text = kind == "text"
    limit = TEXT_LIMIT if is_text else SERIES_LIMIT
    contents: dict[str, bytes] = session.get_or_create(f"race.file.{kind}", dict)
    label = _("Your text, in UTF-8") if is_text else _("Your measurements, as CSV")
    # The name of a file says nothing about its content: a wrong one is detected by its content.
    upload = st.file_uploader(label, key=f"race.upload.{kind}", max_upload_size=limit)
    if upload is not None:
        content = upload.getvalue()
        contents.clear()
        contents[UPLOADS.add(content)] = content
    if not contents:
        raise Problem(NO_FILE)
    [content] = contents.values()
    return UPLOADS.add(content)  # later uploads may have displaced it


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
