"""A race on a page: its buttons, its live view, its end."""

from typing import Any

import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.jobs.records import END_STATES
from rnnviz.ui import live, session, show
from rnnviz.ui.language import _, say
from rnnviz.ui.race.contestant_views import contestant_views, latest, waiting
from rnnviz.ui.race.evaluation import draw_evaluation
from rnnviz.ui.race.history_slider import draw_links, saved_steps, views_at_step
from rnnviz.ui.race.numbers import downloads
from rnnviz.ui.race.outcome import draw_failures, draw_outcome
from rnnviz.ui.race.shared import shared_view
from rnnviz.ui.services import store as storage
from rnnviz.ui.services.training import (
    UPDATE_INTERVAL,
    RaceSession,
    RaceSetup,
    live_settings,
    service,
)

VIEW = "race.live"

SELDOM = 1.0
"""Seconds between two updates while only something beside the race is being computed."""


def draw_page(asked: RaceSetup) -> None:
    """Buttons, the live view, and when the race is over its verdict.

    Before the first start it shows what will race: the untrained models at their starting weights.
    """
    service()  # made on the first visit, so that it is warm when the visitor presses Start
    desk = session.get_or_create("race", RaceSession)
    view = desk.view()
    active = view is not None and view.state not in END_STATES
    if active and asked.experiments:
        desk.apply_live_settings(live_settings(asked.experiments[0].optimiser))
    _buttons(desk, asked, view)
    _notices(desk, asked, view)
    if view is None:
        desk.race, desk.setup = None, asked
    if not desk.setup.experiments:
        return
    pending = waiting(desk.setup, view)
    # A fragment that has nothing to tell should not ask five times a second.
    every = UPDATE_INTERVAL if active else SELDOM if pending else None
    st.fragment(_live, run_every=every)(desk, active, pending)
    lanes = contestant_views(desk.setup, view)
    if view is not None and not active:
        draw_outcome(desk.setup, lanes, view)
        draw_evaluation(desk.setup, lanes, view)
    downloads(latest(desk.race, desk.setup, lanes), _task(desk).example().tokens)


def resume(runs: list[str]) -> None:
    """Make stored `runs` the race of this session, from their last checkpoints.

    Raises:
        Problem: they cannot go on.
    """
    session.get_or_create("race", RaceSession).resume(runs)


def _task(desk: RaceSession) -> Any:
    return desk.setup.experiments[0].task


def _notices(desk: RaceSession, asked: RaceSetup, view: RaceView | None) -> None:
    """What the visitor has to know about this race beside its results."""
    if view is None and desk.race is not None:
        st.info(_("The training was stopped because its page was left."))
    if view is not None and asked.experiments and desk.differs_from(asked):
        st.info(
            _("You changed the settings: they apply to the next start."), icon=":material/info:"
        )
    trouble = storage.store_problem()
    if trouble is not None:
        show.problem(trouble)
        st.caption(_("Training works all the same, but its runs will not be kept."))
    elif view is not None and view.store_problem is not None:
        st.warning(show.escape_markdown(say(view.store_problem)), icon=":material/save:")


def _buttons(desk: RaceSession, asked: RaceSetup, view: RaceView | None) -> None:
    state = "ready" if view is None else view.state
    active, paused = state in ("queued", "running", "paused"), state == "paused"
    # One that is stopping is over in a moment; until then there is nothing to press.
    startable = bool(asked.experiments) and not active and state != "stopping"

    def button(
        key: str, label: str, icon: str, enabled: bool, act: Any, *args: Any, **more: Any
    ) -> None:
        st.button(
            label,
            key=f"race.{key}",
            icon=f":material/{icon}:",
            disabled=not enabled,
            on_click=act,
            args=args,
            **more,
        )

    with st.container(horizontal=True, key="race-buttons"):
        button("start", _("Start"), "play_arrow", startable, desk.start, asked, type="primary")
        if paused:
            button("pause", _("Resume"), "resume", active, desk.command, "resume")
        else:
            button("pause", _("Pause"), "pause", active, desk.command, "pause")
        told = _("One training step of every model, while the race is paused.")
        button("one_step", _("One step"), "step", paused, desk.command, "step", help=told)
        button("stop", _("Stop"), "stop", active, desk.command, "stop")
        told = _("Back to step 0. The same seed gives the same starting weights.")
        button("reset", _("Reset"), "restart_alt", view is not None, desk.reset, help=told)


def _live(desk: RaceSession, active: bool, pending: bool) -> None:
    view = desk.view()
    if view is not None and view.queue_position is not None:
        st.info(
            _("Waiting for a free place. Races before yours: {count}", count=view.queue_position)
        )
    lanes, moments = contestant_views(desk.setup, view), saved_steps(desk.setup, view)
    if view is not None:
        draw_failures(desk.setup, lanes, view)
    at = live.selected_step(VIEW, moments)
    if view is not None and at is not None:
        lanes = views_at_step(desk.setup, lanes, view, at)
    scene = shared_view(desk.setup.experiments[0], moments)
    live.draw(lanes, scene, live.sign_meanings(_task(desk)), running=active, key=VIEW)
    if view is not None:
        draw_links(desk.setup, lanes, view, at)
    # After the view, so that it says "stopped" or "done" before all the rest has caught up.
    over = view is None or view.state in END_STATES
    if active and over:
        st.rerun()  # the whole page: its buttons change and the verdict appears
    if pending and over and not waiting(desk.setup, view):
        st.rerun()  # so that the verdict knows of it, and nobody asks any more
