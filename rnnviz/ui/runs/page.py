"""The page of runs: the list of all, one run by itself, or why there is neither."""

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.store import LIVE, Store
from rnnviz.ui import show
from rnnviz.ui.language import _, say
from rnnviz.ui.runs import selection
from rnnviz.ui.runs.actions import RACE, draw_delete
from rnnviz.ui.runs.compare import draw_comparison
from rnnviz.ui.runs.deletions import draw_deletions, follow
from rnnviz.ui.runs.detail import draw_run
from rnnviz.ui.runs.import_export import draw_import
from rnnviz.ui.runs.list import draw_table, filtered_runs
from rnnviz.ui.services.store import open_store, store_problem


def draw_page() -> None:
    """Draw the page."""
    run = selection.open_run_id()
    store = open_store()
    if store is None:
        _draw_store_problem()
        return
    if store.problem is not None:
        show.problem(store.problem)
    if store.notice is not None:
        st.info(show.escape_markdown(say(store.notice)), icon=":material/database:")
    try:
        draw_deletions(store)
        if run:
            draw_run(store, run)
        else:
            _draw_list(store)
    except Problem as problem:  # the disk is gone, or the file is damaged
        if store.problem is None or store.problem.message != problem.message:
            show.problem(problem)


def _draw_store_problem() -> None:
    st.markdown(
        _(
            "The stored runs cannot be read. Training still works: its runs are kept in memory, "
            "and stored as soon as that is possible."
        )
    )
    problem = store_problem()
    if problem is not None:
        show.problem(problem)


def _draw_list(store: Store) -> None:
    problem = selection.page_state().problem
    if problem is not None:
        show.problem(problem)
    if store.is_empty():
        _draw_empty()
        draw_import(store)
        return
    listing, selected = filtered_runs(store), selection.selected_runs()
    if listing.rows:
        st.caption(
            _(
                "Runs found: {count}. Tick several to compare them, or one to open it.",
                count=listing.total,
            )
        )
        draw_table(listing.rows, selected)
        follow(store, {row.id: row.state for row in listing.rows if row.state in LIVE})
    else:
        st.info(_("No run matches this search."), icon=":material/search_off:")
    rows = [row for row in map(store.run, selected) if row is not None]
    if rows:
        with st.container(horizontal=True, key="runs-selected"):
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
            draw_delete(store, rows)
        draw_comparison(store, rows)
    draw_import(store)


def _draw_empty() -> None:
    st.info(
        _("There are no runs yet. Everything that trains on Side by side is stored here."),
        icon=":material/inbox:",
    )
    st.page_link(RACE, label=_("Train some models side by side"), icon=":material/directions_run:")
