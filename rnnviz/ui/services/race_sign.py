"""The sign on all other pages that a training is going on, with a link to its page."""

from collections.abc import Mapping

import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.jobs.records import END_STATES
from rnnviz.messages import N_
from rnnviz.ui import session
from rnnviz.ui.language import _
from rnnviz.ui.services.browser_races import BrowserRace
from rnnviz.ui.services.race_session import RaceSession

RACE, ADDRESS = "pages/train/side_by_side.py", "side-by-side"

UPDATE_INTERVAL = 3.0
"""Seconds between two updates while the race is going on; one costs about a millisecond."""

LINES: Mapping[str, tuple[str, str]] = {
    "queued": ("hourglass", N_("Training: waiting for a free slot")),
    "running": ("model_training", N_("Training: {progress} · {count} {count:model|models}")),
    "paused": ("pause_circle", N_("Training paused: {progress} · {count} {count:model|models}")),
    "stopping": ("stop_circle", N_("Training stopped: {progress}")),
    "stopped": ("stop_circle", N_("Training stopped: {progress}")),
    "finished": ("check_circle", N_("Training finished: {count} {count:model|models}")),
    "failed": ("error", N_("Training failed")),
}
"""By the state of the race: an icon, and what the sign says."""


def draw_sign(page: str) -> None:
    """Draw the sign in the menu, and above the page for those who have the menu closed.

    Only where the browser has a race and `page`, an address, is not its own; a race that is over
    has the sign until its own page has been looked at.
    """
    if page == ADDRESS:
        return
    race, view = _tab().current()
    if race is None or view is None or race.is_over:
        return
    is_active = view.state not in END_STATES
    interval = UPDATE_INTERVAL if is_active else None
    with st.sidebar, st.container(key="race-sign"):
        st.fragment(_draw_line, run_every=interval)(is_active)
    # The style sheet shows this one only where the menu is closed, as on a phone.
    with st.container(key="race-sign-above"):
        st.fragment(_draw_line, run_every=interval)(is_active)


def _tab() -> RaceSession:
    return session.get_or_create("race", RaceSession)


def _draw_line(was_active: bool) -> None:
    race, view = _tab().current()
    if race is not None and view is not None:
        icon, template = LINES[view.state]
        count = race.setup.contestants
        label = _(template, progress=_progress(race, view), count=count)
        st.page_link(RACE, label=label, icon=f":material/{icon}:")
    if was_active and (view is None or view.state in END_STATES):
        st.rerun()  # the whole page: from now on the sign needs no updates


def _progress(race: BrowserRace, view: RaceView) -> str:
    """How far the model is that has done the fewest steps of those that still train."""
    runs = [run for run in view.runs if run.state not in END_STATES] or view.runs
    step = min(run.history.step[-1] if run.history.step else 0 for run in runs)
    optimiser = race.setup.experiments[0].optimiser
    if optimiser.seconds is not None:
        return _("training step {step}", step=step)
    return _("step {step} of {total}", step=step, total=optimiser.steps)
