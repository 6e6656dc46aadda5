"""Which runs the list shows: search, filters, order and page, all of it in the address."""

from dataclasses import replace

import streamlit as st

from rnnviz.settings import Range
from rnnviz.store import SORTS, STATES, Listing, Query, Store
from rnnviz.store.rows import LONGEST_SEARCH
from rnnviz.ui import controls, permalink, run_text
from rnnviz.ui.language import _
from rnnviz.ui.runs import format, selection
from rnnviz.ui.runs.searching import meanings, spelled

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
        ways = {"down": _("downwards"), "up": _("upwards")}
        way = controls.choose("runs.order", _("Order"), ways, "down", container=order)
        size = controls.choose("runs.size", _("Runs per page"), SIZES, "50", container=many)
    return Query(
        search=search,
        meanings=meanings(search),
        sort=sort,
        descending=way == "down",
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
