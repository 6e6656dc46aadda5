"""The lines that undo a deletion, and the check that follows what changes without a click."""

from collections.abc import Mapping

import streamlit as st

from rnnviz.messages import Problem, excerpt
from rnnviz.store import Store
from rnnviz.store.server.deletions import Deletion
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.runs import selection

COUNTDOWN_INTERVAL = 5.0
"""Seconds between two updates of the time that is left."""

FOLLOW_INTERVAL = 5.0
"""Seconds between two looks at the states of the live runs that are shown."""

MAX_NAMES = 3
"""Names of deleted runs in a line."""


def draw_deletions(store: Store) -> None:
    """Draw a line for each deletion that can still be undone; without one nothing is updated."""
    if store.deletions():
        st.fragment(_draw_lines, run_every=COUNTDOWN_INTERVAL)(store)


def _draw_lines(store: Store) -> None:
    state = selection.page_state()
    try:
        deletions = store.deletions()
    except Problem:
        deletions = []
    if state.has_restored or not deletions:
        state.has_restored = False
        st.rerun()  # the whole page: the list has changed, or there is nothing to count any more
    for deletion in deletions:
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"runs-undo-{deletion.runs[0]}"
        ):
            st.markdown(show.escape_markdown(_line(deletion)), width="content")
            st.button(
                _("Undo"),
                key=f"runs.undo.{deletion.runs[0]}",
                icon=":material/undo:",
                on_click=_restore,
                args=(store, deletion.runs),
            )


def _line(deletion: Deletion) -> str:
    names = [excerpt(name) for name in deletion.names if name]
    line = _(
        "{count} {count:run|runs} deleted. This can be undone for {seconds} s.",
        count=len(deletion.runs),
        seconds=round(deletion.seconds_left),
    )
    if not names:
        return line
    more = ", …" if len(names) > MAX_NAMES else ""
    return f"{line} {', '.join(names[:MAX_NAMES])}{more}"


def _restore(store: Store, runs: tuple[str, ...]) -> None:
    state = selection.page_state()
    state.attempt(lambda: store.restore(runs))
    state.has_restored = True


def follow(store: Store, states: Mapping[str, str]) -> None:
    """Draw the page again once the runs, shown in the live `states`, are in others.

    Until then a look costs a query, and nothing is sent; without live runs there is no look.
    """
    if states:
        st.fragment(_look, run_every=FOLLOW_INTERVAL)(store, dict(states))


def _look(store: Store, states: dict[str, str]) -> None:
    try:
        has_changed = store.states(tuple(states)) != states
    except Problem:
        return
    if has_changed:
        st.rerun()
