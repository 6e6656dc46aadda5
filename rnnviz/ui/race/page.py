"""A race on a page: its buttons, its live view, its outcome."""

from typing import Any

import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.jobs.records import END_STATES
from rnnviz.ui import live, session, show
from rnnviz.ui.language import _, say
from rnnviz.ui.race.contestant_views import contestant_views, has_pending_work, latest_views
from rnnviz.ui.race.downloads import draw_downloads
from rnnviz.ui.race.evaluation import draw_evaluation
from rnnviz.ui.race.history_slider import draw_links, saved_steps, views_at_step
from rnnviz.ui.race.outcome import draw_failures, draw_outcome
from rnnviz.ui.race.shared import shared_view
from rnnviz.ui.race.upload import draw_reading_note
from rnnviz.ui.services.store import store_problem
from rnnviz.ui.services.training import (
    UPDATE_INTERVAL,
    RaceSession,
    RaceSetup,
    live_settings,
    service,
)

VIEW = "race.live"

BACKGROUND_INTERVAL = 1.0
"""Seconds between two updates while nothing but background work is going on."""


def draw_page(setup: RaceSetup) -> None:
    """Draw the buttons, the live view, and the outcome when the race is over.

    Before the first start the untrained models are shown, with their initial weights.
    """
    service()  # created on the first visit, so that it is warm when the visitor presses Start
    session_race = session.get_or_create("race", RaceSession)
    race = session_race.view()
    active = race is not None and race.state not in END_STATES
    if active and setup.experiments:
        session_race.apply_live_settings(live_settings(setup.experiments[0].optimiser))
    _draw_buttons(session_race, setup, race)
    _draw_notices(session_race, setup, race)
    if race is None:
        session_race.race_id, session_race.setup = None, setup
    if not session_race.setup.experiments:
        return
    pending = has_pending_work(session_race.setup, race)
    # A fragment without news should not run five times a second.
    interval = UPDATE_INTERVAL if active else BACKGROUND_INTERVAL if pending else None
    st.fragment(_draw_live_view, run_every=interval)(session_race, active, pending)
    contestants = contestant_views(session_race.setup, race)
    if race is not None and not active:
        draw_outcome(session_race.setup, contestants, race)
        draw_reading_note(_task(session_race))
        draw_evaluation(session_race.setup, contestants, race)
    latest = latest_views(session_race.race_id, session_race.setup, contestants)
    draw_downloads(latest, _task(session_race))


def _task(session_race: RaceSession) -> Any:
    return session_race.setup.experiments[0].task


def _draw_notices(session_race: RaceSession, setup: RaceSetup, race: RaceView | None) -> None:
    """What the visitor has to know about this race besides its results."""
    if race is None and session_race.race_id is not None:
        st.info(_("The training was stopped because its page was left."))
    if race is not None and setup.experiments and session_race.differs_from(setup):
        st.info(
            _("You changed the settings: they apply to the next start."), icon=":material/info:"
        )
    problem = store_problem()
    if problem is not None:
        show.problem(problem)
        st.caption(_("Training still works, but its runs will not be stored."))
    elif race is not None and race.store_problem is not None:
        st.warning(show.escape_markdown(say(race.store_problem)), icon=":material/save:")


def _draw_buttons(session_race: RaceSession, setup: RaceSetup, race: RaceView | None) -> None:
    state = "ready" if race is None else race.state
    active, paused = state in ("queued", "running", "paused"), state == "paused"
    # A race that is stopping is over in a moment; until then there is nothing to press.
    startable = bool(setup.experiments) and not active and state != "stopping"
    start, command, reset = session_race.start, session_race.command, session_race.reset

    def button(
        key: str, label: str, icon: str, enabled: bool, act: Any, *args: Any, **options: Any
    ) -> None:
        st.button(
            label,
            key=f"race.{key}",
            icon=f":material/{icon}:",
            disabled=not enabled,
            on_click=act,
            args=args,
            **options,
        )

    with st.container(horizontal=True, key="race-buttons"):
        button("start", _("Start"), "play_arrow", startable, start, setup, type="primary")
        if paused:
            button("pause", _("Resume"), "resume", active, command, "resume")
        else:
            button("pause", _("Pause"), "pause", active, command, "pause")
        note = _("One training step of every model, while the race is paused.")
        button("one_step", _("One step"), "step", paused, command, "step", help=note)
        button("stop", _("Stop"), "stop", active, command, "stop")
        note = _("Back to step 0. The same seed gives the same starting weights.")
        button("reset", _("Reset"), "restart_alt", race is not None, reset, help=note)


def _draw_live_view(session_race: RaceSession, active: bool, pending: bool) -> None:
    race, setup = session_race.view(), session_race.setup
    if race is not None and race.queue_position is not None:
        st.info(
            _("Waiting for a free slot. Races ahead of yours: {count}", count=race.queue_position)
        )
    contestants, steps = contestant_views(setup, race), saved_steps(setup, race)
    if race is not None:
        draw_failures(setup, contestants, race)
    step = live.selected_step(VIEW, steps)
    if race is not None and step is not None:
        contestants = views_at_step(setup, contestants, race, step)
    shared = shared_view(setup.experiments[0], steps)
    signs = live.sign_meanings(_task(session_race))
    live.draw(contestants, shared, signs, running=active, key=VIEW)
    if race is not None:
        draw_links(setup, contestants, race, step)
    # After the view, so that it says "stopped" or "done" before all the rest has caught up.
    over = race is None or race.state in END_STATES
    if active and over:
        st.rerun()  # the whole page: its buttons change and the verdict appears
    if pending and over and not has_pending_work(setup, race):
        st.rerun()  # so that the verdict includes the results, and the fragment stops running
