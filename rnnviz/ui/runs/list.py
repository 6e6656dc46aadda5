"""Which runs the list shows: search, filters, order and page, all of it in the address."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from rnnviz.settings import Range
from rnnviz.store import SORTS, STATES, Listing, Meaning, Query, RunRow, Store
from rnnviz.store.rows import LONGEST_SEARCH, terms
from rnnviz.store.sanitise import searchable
from rnnviz.ui import controls, permalink, run_text, show
from rnnviz.ui.language import _
from rnnviz.ui.run_text import STATE_TITLES
from rnnviz.ui.runs import format, selection

SIZES = {"25": "25", "50": "50", "100": "100"}
PAGES = Range(1, 1_000_000)
ALL = "all"


def listing(store: Store) -> Listing:
    """Draw the controls; answers with the page of runs that they ask for."""
    asked, desk = _asked(), selection.page_state()
    if desk.asked not in (None, asked) and not permalink.is_navigation():
        controls.set_address_value("runs.page", 1)  # of another list the first page is meant
    desk.asked = asked
    size, place = asked.limit, controls.address_value("runs.page", 1, rule=PAGES)
    found = store.runs(replace(asked, offset=(place - 1) * size))
    last = max(1, -(-found.total // size))
    if place > last:  # the list has become shorter meanwhile
        place = last
        found = store.runs(replace(asked, offset=(place - 1) * size))
    if last > 1:
        _turn(place, last)
    return found


def _asked() -> Query:
    with st.container(key="runs-asking"):
        typed, task, state = st.columns([3, 2, 2])
        search = controls.text(
            "runs.search",
            _("Search"),
            "",
            limit=LONGEST_SEARCH,
            placeholder=_("Words of the name, the note, the task or the model"),
            container=typed,
        )
        search = spelled(search)
        anything = {ALL: _("all")}
        titles = {name: _(kind.title) for name, kind in format.tasks().items()}
        kind = controls.choose("runs.task", _("Task"), anything | titles, ALL, container=task)
        states = {code: _(run_text.STATE_TITLES[code]) for code in STATES}
        found = controls.choose("runs.state", _("State"), anything | states, ALL, container=state)
        by, order, many = st.columns([3, 2, 2])
        columns = {code: _(title) for code, title in SORTS.items()}
        sort = controls.choose("runs.sort", _("Sort by"), columns, "created", container=by)
        orders = {"descending": _("descending"), "ascending": _("ascending")}
        direction = controls.choose("runs.order", _("Order"), orders, "descending", container=order)
        size = controls.choose("runs.per_page", _("Runs per page"), SIZES, "50", container=many)
    return Query(
        search=search,
        meanings=meanings(search),
        sort=sort,
        descending=direction == "descending",
        limit=int(size),
        state=None if found == ALL else found,
        task=None if kind == ALL else kind,
    )


def _turn(place: int, last: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="runs-turn"):
        st.button(
            _("Previous page"),
            key="runs.previous",
            icon=":material/chevron_left:",
            disabled=place <= 1,
            on_click=controls.set_address_value,
            args=("runs.page", place - 1),
        )
        st.markdown(_("Page {page} of {pages}", page=place, pages=last), width="content")
        st.button(
            _("Next page"),
            key="runs.next",
            icon=":material/chevron_right:",
            disabled=place >= last,
            on_click=controls.set_address_value,
            args=("runs.page", place + 1),
        )


HEIGHT = 420
"""Pixels: what is compared stays in sight below a long page of runs."""


SCORE = 160
"""Pixels: as wide as the longest unit, bits per character. By itself it is as wide as the first."""


def table(rows: Sequence[RunRow], ticked: Sequence[str]) -> None:
    """Draw `rows`, those of `ticked` with a tick; a tick goes into the address."""
    ids = [row.id for row in rows]
    seen = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:12]
    # Another page of the list is another table: its ticks are those of its own rows.
    key = f"runs.table.{seen}.{selection.page_state().drawn}"
    show.table(
        pd.DataFrame([_line(row) for row in rows]),
        key=key,
        height=HEIGHT if len(rows) > 10 else "auto",
        column_config={_("Validation"): st.column_config.TextColumn(width=SCORE)},
        on_select=lambda: _ticked(key, ids, ticked),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(run) for run in ticked if run in ids]}},
        alt=_("The stored runs, one in each row"),
    )


def _ticked(key: str, ids: list[str], before: Sequence[str]) -> None:
    elsewhere = [run for run in before if run not in ids]
    selection.choose(elsewhere + [ids[row] for row in st.session_state[key].selection.rows])


def _line(row: RunRow) -> dict[str, Any]:
    return {
        _("Name"): format.name_of(row),
        _("State"): _(STATE_TITLES[row.state]),
        _("Validation"): format.score(row, row.validation_metric),
        _("Loss"): None if row.loss is None else float(f"{row.loss:.4g}"),
        _("Steps"): row.steps,
        _("Duration"): format.lasted(row.seconds),
        _("Created"): format.when(row.created),
        _("Task"): format.task_title(row.task),
        _("Model"): format.model_title(row),
        _("Parameters"): row.parameters,
        _("Seed"): row.seed,
        _("Device"): row.device,
    }


BETWEEN = "·"
"""What stands between the parts of a run's usual name: nothing to look for."""
DIGITS = 6
"""Those of a number of hidden units, at most."""


def spelled(search: str) -> str:
    """`search` without what only separates."""
    return search.replace(BETWEEN, " ")


def meanings(search: str) -> dict[str, Meaning]:
    """What each word of `search` stands for, in the visitor's language or in English."""
    return {word: _meaning(word) for word in terms(search)}


def _meaning(word: str) -> Meaning:
    from rnnviz.races.contestants import CONTESTANTS

    tasks = tuple(name for name, task in format.tasks().items() if word in _told(task.title))
    models = [
        {**each.fields, **dict.fromkeys(each.adjustable)}
        for each in CONTESTANTS.values()
        if word in _told(each.title)
    ]
    if word.isdecimal() and len(word) <= DIGITS:
        models.append({"hidden": int(word)})
    return Meaning(tasks, tuple(models))


def _told(title: str) -> str:
    return searchable(title, _(title))
