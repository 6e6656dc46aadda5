"""The task of a race: which one, its own settings, and the file that a visitor brings for it."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls, session, show
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.tasks import Task

OWN = "own"
"""The choice of a task's `source` that means a file of the visitor."""

ABREAST = 4
"""Columns of the grid in which the knobs stand."""

NARROW = 24
"""Letters of options that fit one column; longer ones get two."""

NOT_YET = N_("Choose a file first: until then there is nothing to learn from.")


def chosen(default: str) -> type["Task"]:
    """Draw the choice of the task, by groups; `default` names the one a new visitor meets."""
    from rnnviz.tasks import TASKS

    families = list(dict.fromkeys(task.family for task in TASKS.values()))
    kinds = sorted(TASKS.values(), key=lambda task: families.index(task.family))
    titles = {task.name: f"{_(task.family)}: {_(task.title)}" for task in kinds}
    return TASKS[controls.choose("race.task", _("Task"), titles, default)]


def task_of(kind: type["Task"]) -> "Task":
    """Draw the knobs of `kind`; answers with the task that they describe.

    Raises:
        Problem: a combination that the task refuses, or a file that is missing or unreadable.
    """
    found = rules(kind)
    given: dict[str, Any] = {}
    for row in _rows({name: _columns(rule) for name, rule in found.items()}):
        widths = [*row.values()]
        rest = ABREAST - sum(widths)
        places = st.columns(widths + [rest] * (rest > 0), vertical_alignment="bottom")
        for name, place in zip(row, places, strict=False):
            given[name] = _knob(kind, name, place)
    if kind.accepts and given.get("source") == OWN:
        given["file"] = _file(kind.accepts)
    made: Any = kind
    if "column" in {each.name for each in fields(made)} - {*found}:
        given["column"] = _column(kind(**given))
    return kind(**given)


def _columns(rule: Range | Choice) -> int:
    """How many columns of the grid a knob takes."""
    if isinstance(rule, Range):
        return 1
    return 1 + (
        controls.text_width({code: _(title) for code, title in rule.options.items()}) > NARROW
    )


def _rows(wanted: dict[str, int]) -> list[dict[str, int]]:
    """The knobs, in their order, in rows of at most `ABREAST` columns."""
    rows: list[dict[str, int]] = [{}]
    for name, columns in wanted.items():
        if sum(rows[-1].values()) + columns > ABREAST:
            rows.append({})
        rows[-1][name] = columns
    return [row for row in rows if row]


def _knob(kind: type["Task"], name: str, where: Any) -> Any:
    """One of the task's own settings, at the default of its field."""
    rule, key, default = rules(kind)[name], f"race.{name}", getattr(kind, name)
    if isinstance(rule, Range):
        return controls.slider(
            key, _(rule.label), rule, default, help=_(rule.help), container=where
        )
    options = {code: _(title) for code, title in rule.options.items()}
    return controls.choose(key, _(rule.label), options, default, help=_(rule.help), container=where)


def _column(task: Any) -> str:
    """Which of the series' columns is forecast."""
    columns = {name: _(name) for name in task.columns}
    return controls.choose("race.column", _("Forecast"), columns, task.target)


def _file(kind: str) -> str:
    """The key of the file that the visitor has brought; it outlives reruns and page switches."""
    from rnnviz.data import SERIES_LIMIT, TEXT_LIMIT, UPLOADS

    text = kind == "text"
    limit = TEXT_LIMIT if text else SERIES_LIMIT
    kept: dict[str, bytes] = session.get_or_create(f"race.file.{kind}", dict)
    label = _("Your text, in UTF-8") if text else _("Your measurements, as CSV")
    # What it is called says nothing about what is in it: a wrong one is told from its content.
    brought = st.file_uploader(label, key=f"race.upload.{kind}", max_upload_size=limit)
    if brought is not None:
        content = brought.getvalue()
        kept.clear()
        kept[UPLOADS.provide(content)] = content
    if not kept:
        raise Problem(NOT_YET)
    [content] = kept.values()
    return UPLOADS.provide(content)  # it may have been crowded out since


def about(kind: type["Task"], task: "Task | None") -> None:
    """What the task is, and where its examples come from."""
    first, *more = _(kind.help()).split("\n\n")
    told = show.escape_markdown(first)
    if (task or kind()).synthetic:
        synthetic = _("synthetic data")  # Babel does not look into an f-string.
        told = f"**{synthetic}** · {told}"
    st.caption(told, help=show.escape_markdown("\n\n".join(more)) or None)
    sources = [
        f"[{show.escape_markdown(_(each.title))}]({each.source}), "
        f"{show.escape_markdown(_(each.licence))}"
        for each in (task.data if task is not None else ())
    ]
    if sources:
        st.caption(_("Data: {sources}", sources="; ".join(sources)))
