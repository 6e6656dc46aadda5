"""Deleting runs: asked for once more, and never while they train."""

from collections.abc import Sequence

import streamlit as st

from rnnviz.store import LIVE, RunRow, Store
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.runs import format, selection


def deleting(store: Store, rows: Sequence[RunRow]) -> None:
    """A button that asks whether `rows` shall really go, and then the question."""
    desk = selection.page_state()
    ids = tuple(row.id for row in rows)
    live = [row for row in rows if row.state in LIVE]
    st.button(
        _("Delete …"),
        key="runs.delete",
        icon=":material/delete:",
        disabled=bool(live),
        help=_("A run that is still training must be stopped first.") if live else None,
        on_click=_ask,
        args=(ids,),
    )
    if desk.doomed != ids or live:
        return
    with st.container(border=True, key="runs-deleting"):
        names = ", ".join(format.name_of(row) for row in rows)
        told = _(
            "Delete {count} {count:run|runs} for good, with history and weights? {names}",
            count=len(rows),
            names=names,
        )
        st.markdown(show.escape_markdown(told))
        with st.container(horizontal=True):
            st.button(
                _("Delete for good"),
                key="runs.doom",
                type="primary",
                icon=":material/delete_forever:",
                on_click=_delete,
                args=(store, ids),
            )
            st.button(_("Keep"), key="runs.keep", on_click=_ask, args=((),))


def _ask(runs: tuple[str, ...]) -> None:
    selection.page_state().doomed = runs


def _delete(store: Store, runs: tuple[str, ...]) -> None:
    _ask(())

    def act() -> None:
        store.delete(runs)
        selection.open_run("")
        selection.clear()

    selection.page_state().attempt(act)
