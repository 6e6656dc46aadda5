"""A stored run that goes on: resumed in the background, with a line that tells how far it is."""

import streamlit as st

from rnnviz.jobs.records import END_STATES
from rnnviz.jobs.resume import RESUMABLE
from rnnviz.store import LIVE, RunRow, Store
from rnnviz.ui import session
from rnnviz.ui.language import _
from rnnviz.ui.run_text import STATE_TITLES
from rnnviz.ui.runs import selection
from rnnviz.ui.services.training import RaceSession

EVERY = 0.5
"""Seconds between two looks at a run that is training."""


def resuming(store: Store, row: RunRow) -> None:
    """The button that lets `row` go on, if it can."""
    if row.state not in RESUMABLE:
        return
    kept = store.last_checkpoint(row.id)
    if kept is None:
        told = _("No checkpoint was kept, so it starts anew.")
    else:
        told = _(
            "It goes on from step {step}, with the same result as without a break.", step=kept[0]
        )
    st.button(
        _("Resume"),
        key="runs.resume",
        type="primary",
        icon=":material/resume:",
        help=told,
        on_click=_resume,
        args=(row.id,),
    )


def _resume(run: str) -> None:
    selection.page_state().attempt(lambda: session.get_or_create("race", RaceSession).resume([run]))


def going_on(row: RunRow) -> bool:
    """A live line, a Stop button, and how old the rest is; whether this session trains the run."""
    going = _going(row.id)
    if going:
        st.fragment(_line, run_every=EVERY)(row.id)
        # Only the line counts on: a figure that is drawn again twice a second cannot be read.
        st.caption(
            _(
                "What follows is the run after step {step}; it is drawn anew at the end.",
                step=row.steps,
            )
        )
    elif row.state in LIVE:
        st.caption(_("It is being trained in another window, or on the page Side by side."))
    return going


def _going(run: str) -> bool:
    view = session.get_or_create("race", RaceSession).view()
    return view is not None and any(
        each.run_id == run and each.state not in END_STATES for each in view.runs
    )


def _line(run: str) -> None:
    desk = session.get_or_create("race", RaceSession)
    view = desk.view()
    found = [each for each in view.runs if each.run_id == run] if view is not None else []
    if not found or found[0].state in END_STATES:
        st.rerun()  # the whole page: the run has come to its end
    history = found[0].history
    with st.container(horizontal=True, vertical_alignment="center", key="runs-going"):
        st.markdown(
            "**"
            + _(
                "{state}: step {step}",
                state=_(STATE_TITLES[found[0].state]),
                step=history.step[-1] if history.step else 0,
            )
            + "**",
            width="content",
        )
        st.button(
            _("Stop"),
            key="runs.stop",
            icon=":material/stop:",
            on_click=desk.command,
            args=("stop",),
        )
