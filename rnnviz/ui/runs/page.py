"""What the page of the runs shows: a run by itself, the list of all, or why there is neither."""

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.store import Store
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.runs import selection
from rnnviz.ui.runs.actions import RACE, deleting
from rnnviz.ui.runs.compare import compare
from rnnviz.ui.runs.detail import one
from rnnviz.ui.runs.import_export import bring
from rnnviz.ui.runs.list import listing, table
from rnnviz.ui.services import store as storage


def draw_page() -> None:
    """Draw it."""
    run = selection.opened()
    store = storage.open_store()
    if store is None:
        _trouble()
        return
    try:
        if run:
            one(store, run)
        else:
            _list(store)
    except Problem as problem:  # the disk has gone, or somebody else holds the file
        show.problem(problem)


def _trouble() -> None:
    st.markdown(_("The stored runs cannot be read. Training works all the same, but is not kept."))
    reason = storage.store_problem()
    if reason is not None:
        show.problem(reason)


def _list(store: Store) -> None:
    desk = selection.page_state()
    if desk.said is not None:
        show.problem(desk.said)
    if store.is_empty():
        _none()
        bring(store)
        return
    found, ticked = listing(store), selection.chosen()
    if found.rows:
        st.caption(
            _(
                "Runs found: {count}. Tick some to compare them; a ticked one can be opened.",
                count=found.total,
            )
        )
        table(found.rows, ticked)
    else:
        st.info(_("No run fits this search."), icon=":material/search_off:")
    rows = [row for row in map(store.run, ticked) if row is not None]
    if rows:
        with st.container(horizontal=True, key="runs-chosen"):
            st.button(
                _("Open this run"),
                key="runs.open",
                icon=":material/open_in_full:",
                type="primary",
                disabled=len(rows) != 1,
                on_click=selection.open_run,
                args=(rows[0].id,),
            )
            st.button(
                _("Untick all"),
                key="runs.clear",
                icon=":material/deselect:",
                on_click=selection.clear,
            )
            deleting(store, rows)
        compare(store, rows)
    bring(store)


def _none() -> None:
    st.info(
        _("There are no runs yet. Whatever is trained side by side is kept here as it happens."),
        icon=":material/inbox:",
    )
    st.page_link(RACE, label=_("Train some side by side"), icon=":material/directions_run:")
