"""A race on a page: its buttons, its live view, its end."""

from typing import Any

import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.jobs.records import OVER
from rnnviz.ui import live, session, show
from rnnviz.ui.language import _
from rnnviz.ui.race.contestant_views import lanes_of, latest, waiting
from rnnviz.ui.race.evaluation import closer
from rnnviz.ui.race.history_slider import looking_back, moments_of, step_through
from rnnviz.ui.race.numbers import downloads
from rnnviz.ui.race.outcome import failures, outcome
from rnnviz.ui.race.settings import Asked
from rnnviz.ui.race.shared import scene_of
from rnnviz.ui.run_text import tell
from rnnviz.ui.services import store as storage
from rnnviz.ui.services.training import INTERVAL, Desk, live_settings, service

VIEW = "race.live"

SELDOM = 1.0
"""Seconds between two updates while only something beside the race is being computed."""


def arena(asked: Asked) -> None:
    """Buttons, the live view, and when the race is over its verdict.

    Before the first start it shows what will race: the untrained models at their starting weights.
    """
    service()  # made on the first visit, so that it is warm when the visitor presses Start
    desk = session.own("race", Desk)
    view = desk.look()
    active = view is not None and view.state not in OVER
    if active and asked.experiments:
        desk.follow(live_settings(asked.experiments[0].optimiser))
    _buttons(desk, asked, view)
    _notices(desk, asked, view)
    if view is None:
        desk.race, desk.asked = None, asked
    if not desk.asked.experiments:
        return
    pending = waiting(desk.asked, view)
    # A fragment that has nothing to tell should not ask five times a second.
    every = INTERVAL if active else SELDOM if pending else None
    st.fragment(_live, run_every=every)(desk, active, pending)
    lanes = lanes_of(desk.asked, view)
    if view is not None and not active:
        outcome(desk.asked, lanes, view)
        closer(desk.asked, lanes, view)
    downloads(latest(desk.race, desk.asked, lanes), _task(desk).example().tokens)


def resume(runs: list[str]) -> None:
    """Make stored `runs` the race of this session, from their last checkpoints.

    Raises:
        Problem: they cannot go on.
    """
    session.own("race", Desk).resume(runs)


def _task(desk: Desk) -> Any:
    return desk.asked.experiments[0].task


def _notices(desk: Desk, asked: Asked, view: RaceView | None) -> None:
    """What the visitor has to know about this race beside its results."""
    if view is None and desk.race is not None:
        st.info(_("The training was stopped because its page was left."))
    if view is not None and asked.experiments and desk.differs_from(asked):
        st.info(
            _("You changed the settings: they apply to the next start."), icon=":material/info:"
        )
    trouble = storage.trouble()
    if trouble is not None:
        show.problem(trouble)
        st.caption(_("Training works all the same, but its runs will not be kept."))
    elif view is not None and view.storage is not None:
        st.warning(show.plain(tell(view.storage)), icon=":material/save:")


def _buttons(desk: Desk, asked: Asked, view: RaceView | None) -> None:
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
            button("pause", _("Resume"), "resume", active, desk.tell, "resume")
        else:
            button("pause", _("Pause"), "pause", active, desk.tell, "pause")
        told = _("One training step of every model, while the race is paused.")
        button("one_step", _("One step"), "step", paused, desk.tell, "step", help=told)
        button("stop", _("Stop"), "stop", active, desk.tell, "stop")
        told = _("Back to step 0. The same seed gives the same starting weights.")
        button("reset", _("Reset"), "restart_alt", view is not None, desk.reset, help=told)


def _live(desk: Desk, active: bool, pending: bool) -> None:
    view = desk.look()
    if view is not None and view.position is not None:
        st.info(_("Waiting for a free place. Races before yours: {count}", count=view.position))
    lanes, moments = lanes_of(desk.asked, view), moments_of(desk.asked, view)
    if view is not None:
        failures(desk.asked, lanes, view)
    at = live.looked_back_at(VIEW, moments)
    if view is not None and at is not None:
        lanes = looking_back(desk.asked, lanes, view, at)
    scene = scene_of(desk.asked.experiments[0], moments)
    live.show(lanes, scene, live.signs_of(_task(desk)), running=active, key=VIEW)
    if view is not None:
        step_through(desk.asked, lanes, view, at)
    # After the view, so that it says "stopped" or "done" before all the rest has caught up.
    over = view is None or view.state in OVER
    if active and over:
        st.rerun()  # the whole page: its buttons change and the verdict appears
    if pending and over and not waiting(desk.asked, view):
        st.rerun()  # so that the verdict knows of it, and nobody asks any more
