"""The list of runs: search, filters, order and page, all in the address, and the table."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from rnnviz.settings import Range
from rnnviz.store import SORTS, STATES, Listing, Meaning, Query, RunRow, Store
from rnnviz.store.sanitise import searchable
from rnnviz.store.search import MAX_SEARCH_LENGTH, terms
from rnnviz.ui import controls, permalink, show
from rnnviz.ui.language import _, current
from rnnviz.ui.run_text import STATE_TITLES
from rnnviz.ui.runs import format, scores, selection
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from pyarrow import Table

PAGE_SIZES = {"25": "25", "50": "50", "100": "100"}
PAGE_NUMBERS = Range(1, 1_000_000)
ALL = "all"

MAX_HEIGHT = 420
"""Pixels: the comparison stays visible below a long page of runs."""
SCORE_WIDTH = 200
"""Pixels: as wide as the longest unit, bits per character, and the name of the examples. By itself
it is as wide as the first."""

SEPARATOR = "·"
"""Separates the parts of a run's default name; a search ignores it."""
MAX_DIGITS = 6
"""The most digits that a number of hidden units has."""


def filtered_runs(store: Store) -> Listing:
    """Draw the controls of the list and return the page of runs that they select."""
    query, page_state = _draw_filters(), selection.page_state()
    if page_state.last_query not in (None, query) and not permalink.is_navigation():
        controls.set_address_value("runs.page", 1)  # a new query starts at its first page
    page_state.last_query = query
    size, page = query.limit, controls.address_value("runs.page", 1, rule=PAGE_NUMBERS)
    listing = store.runs(replace(query, offset=(page - 1) * size))
    last_page = max(1, -(-listing.total // size))
    if page > last_page:  # the list has become shorter meanwhile
        page = last_page
        listing = store.runs(replace(query, offset=(page - 1) * size))
    if last_page > 1:
        _draw_pagination(page, last_page)
    return listing


def _draw_filters() -> Query:
    with st.container(key="runs-filters"):
        left, middle, right = st.columns([3, 2, 2])
        search = controls.text(
            "runs.search",
            _("Search"),
            "",
            limit=MAX_SEARCH_LENGTH,
            placeholder=_("Words in the name, the note, the task or the model"),
            container=left,
        )
        search = search.replace(SEPARATOR, " ")
        no_filter = {ALL: _("all")}
        titles = {name: _(task_type.title) for name, task_type in format.tasks().items()}
        task = controls.choose("runs.task", _("Task"), no_filter | titles, ALL, container=middle)
        states = {code: _(STATE_TITLES[code]) for code in STATES}
        state = controls.choose("runs.state", _("State"), no_filter | states, ALL, container=right)
        left, middle, right = st.columns([3, 2, 2])
        columns = {code: _(title) for code, title in SORTS.items()}
        sort = controls.choose("runs.sort", _("Sort by"), columns, "created", container=left)
        orders = {"descending": _("descending"), "ascending": _("ascending")}
        order = controls.choose("runs.order", _("Order"), orders, "descending", container=middle)
        size = controls.choose(
            "runs.per_page", _("Runs per page"), PAGE_SIZES, "50", container=right
        )
    return Query(
        search=search,
        meanings=meanings(search),
        sort=sort,
        descending=order == "descending",
        limit=int(size),
        state=None if state == ALL else state,
        task=None if task == ALL else task,
    )


def _draw_pagination(page: int, last_page: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="runs-pagination"):
        st.button(
            _("Previous page"),
            key="runs.previous",
            icon=":material/chevron_left:",
            disabled=page <= 1,
            on_click=controls.set_address_value,
            args=("runs.page", page - 1),
        )
        st.markdown(_("Page {page} of {pages}", page=page, pages=last_page), width="content")
        st.button(
            _("Next page"),
            key="runs.next",
            icon=":material/chevron_right:",
            disabled=page >= last_page,
            on_click=controls.set_address_value,
            args=("runs.page", page + 1),
        )


def draw_table(rows: Sequence[RunRow], selected: Sequence[str]) -> None:
    """Draw `rows`, those of `selected` with a tick; ticks go into the address."""
    ids = [row.id for row in rows]
    digest = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:12]
    # Every page of the list is a table of its own: its ticks belong to its own rows.
    key = f"runs.table.{digest}.{selection.page_state().table_version}"
    ticks = [ids.index(run) for run in selected if run in ids]
    versions = tuple((row.id, row.changed, row.state) for row in rows)
    show.table(
        _table(versions, current(), st.context.timezone, rows),
        key=key,
        height=MAX_HEIGHT if len(rows) > 10 else "auto",
        column_config={_("Score"): st.column_config.TextColumn(width=SCORE_WIDTH)},
        on_select=lambda: _store_ticks(key, ids, selected),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticks}},
        alt=_("The stored runs, one in each row"),
    )


@shared(max_entries=300)
def _table(
    versions: tuple[tuple[str, float, str], ...],
    language: str,
    timezone: str | None,
    _rows: Sequence[RunRow],
) -> "Table":
    """The table of `_rows`, of these `versions`, as it is sent."""
    return show.finish_table(pd.DataFrame([_table_row(row) for row in _rows]))


def _store_ticks(key: str, ids: list[str], selected: Sequence[str]) -> None:
    on_other_pages = [run for run in selected if run not in ids]
    ticked = [ids[row] for row in st.session_state[key].selection.rows]
    selection.select(on_other_pages + ticked)


def _table_row(row: RunRow) -> dict[str, Any]:
    return {
        _("Name"): format.run_name(row),
        _("State"): _(STATE_TITLES[row.state]),
        _("Score"): scores.final_text(row),
        _("Curve's last score"): scores.score_text(row, "validation"),
        _("Loss"): None if row.loss is None else float(f"{row.loss:.4g}"),
        _("Steps"): row.steps,
        _("Duration"): format.duration(row.seconds),
        _("Created"): format.timestamp(row.created),
        _("Task"): format.task_title(row.task),
        _("Model"): format.model_title(row),
        _("Parameters"): row.parameters,
        _("Seed"): row.seed,
        _("Device"): row.device,
    }


def meanings(search: str) -> dict[str, Meaning]:
    """What each word of `search` may mean: the list displays titles, the store contains codes.

    A word may be part of a title in the visitor's language or in English.
    """
    return {word: _meaning(word) for word in terms(search)}


def _meaning(word: str) -> Meaning:
    from rnnviz.races.contestants import CONTESTANTS

    tasks = tuple(
        name for name, task_type in format.tasks().items() if _occurs_in(word, task_type.title)
    )
    models = [
        {**contestant.fields, **dict.fromkeys(contestant.adjustable)}
        for contestant in CONTESTANTS.values()
        if _occurs_in(word, contestant.title)
    ]
    if word.isdecimal() and len(word) <= MAX_DIGITS:
        models.append({"hidden": int(word)})
    return Meaning(tasks, tuple(models))


def _occurs_in(word: str, title: str) -> bool:
    return word in searchable(title, _(title))
