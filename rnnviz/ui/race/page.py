"""A race on a page: its buttons, its live view, its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.jobs.records import END_STATES
from rnnviz.ui import live, permalink, session
from rnnviz.ui.language import _
from rnnviz.ui.live import ContestantView
from rnnviz.ui.race.contestant_views import contestant_views, has_pending_work
from rnnviz.ui.race.downloads import draw_downloads
from rnnviz.ui.race.evaluation import draw_evaluation
from rnnviz.ui.race.history_slider import draw_links, saved_steps
from rnnviz.ui.race.notices import draw_notices
from rnnviz.ui.race.outcome import draw_failures, draw_outcome
from rnnviz.ui.race.ready_view import ready_view
from rnnviz.ui.race.restore import race_address
from rnnviz.ui.race.settings import settings
from rnnviz.ui.race.upload import draw_reading_note
from rnnviz.ui.services.last_race import StoredRace
from rnnviz.ui.services.race_session import (
    RaceSession,
    is_same_race,
    resumable_runs,
)
from rnnviz.ui.services.training import UPDATE_INTERVAL, RaceSetup, live_settings, service

VIEW = "race.live"

BACKGROUND_INTERVAL = 1.0
"""Seconds between two updates while nothing but background work is going on."""

LIVE_CONTROLS = {
    "race.lr": "lr",
    "race.clip": "clip",
    "race.set_clip": "clip",
    "race.forcing": "forcing",
    "race.temperature": "temperature",
}
"""The controls of the settings that a running race takes from the tab that moves them."""


@dataclass
class _Content:
    """What the controls and the race show, and so what the rest of the page belongs to.

    Attributes:
        state: the race's id, whether it is active, and whether there is anything; None at first.
        view: the runs of the race.
        setup: that of the race, before the first start that of the controls.
        contestants: of that setup, as drawn last.
    """

    state: tuple[str | None, bool, bool] | None = None
    view: RaceView | None = None
    setup: RaceSetup = field(default_factory=RaceSetup)
    contestants: Sequence[ContestantView] = ()

    def latest(self) -> Sequence[ContestantView]:
        """The contestants as they are now, also outside a session."""
        view = None if self.view is None else service().view(self.view.race_id)
        return self.contestants if view is None else contestant_views(self.setup, view)


def draw_page(default: str) -> None:
    """Draw the controls, the live view, and the outcome when the race is over.

    `default` names the task of a new visitor. The race is that of the visitor's browser, whichever
    tab started it; before the first start the untrained models are drawn, with their initial
    weights. While nothing trains, a control that moves runs only the controls and the live view.
    """
    service()  # created on the first visit, so that it is warm when the visitor presses Start
    tab, content = session.get_or_create("race", RaceSession), _Content()

    def draw() -> None:
        draw_race(tab, settings(default), content)

    view = tab.view()
    if view is not None and view.state not in END_STATES:
        # A tick of the live view that follows a fragment's run within milliseconds makes Streamlit
        # report that run as cut short, and the browser leaves on the page what it no longer draws.
        with st.container():
            draw()
    else:
        permalink.fragment(draw)
    setup, view = content.setup, content.view
    if not setup.experiments:
        return
    if view is not None and view.state in END_STATES:
        tab.note_end(view.race_id)
        contestants = content.contestants
        draw_outcome(setup, contestants, view)
        draw_reading_note(setup.experiments[0].task)
        permalink.fragment(lambda: draw_evaluation(setup, contestants, view))
    draw_downloads(content.latest, lambda: content.setup.experiments[0].task)


def draw_race(tab: RaceSession, setup: RaceSetup, content: _Content) -> None:
    """Draw the buttons, the notices and the live view; `setup` is what the controls describe."""
    address = _address(setup)
    race, view = tab.current()
    active = view is not None and view.state not in END_STATES
    moved = permalink.take_moved(LIVE_CONTROLS)
    if race is not None and active and moved and is_same_race(setup, race.setup):
        values = live_settings(setup.experiments[0].optimiser)
        names = {LIVE_CONTROLS[key] for key in moved}
        race = tab.apply_live_settings(race.race_id, {name: values[name] for name in names})
    tab.setup = setup if race is None or view is None else race.setup
    race_id = None if view is None else view.race_id
    state = (race_id, active, bool(tab.setup.experiments))
    if content.state not in (None, state):
        st.rerun()  # the whole page: what is below belongs to another race, or to none
    content.state, content.view, content.setup = state, view, tab.setup
    stored = tab.stored() if view is None else StoredRace()
    _draw_buttons(tab, setup, address, view, stored)
    draw_notices(tab, setup, race, view, stored)
    if not tab.setup.experiments:
        return
    pending = has_pending_work(tab.setup, view)
    content.contestants = contestant_views(tab.setup, view)
    # A fragment without news should not run five times a second.
    interval = UPDATE_INTERVAL if active else BACKGROUND_INTERVAL if pending else None
    st.fragment(_draw_live_view, run_every=interval)(tab, tab.setup, race_id, active, pending)


def _address(setup: RaceSetup) -> dict[str, str]:
    """The parameters that set the controls to `setup`, which they describe."""
    task: Any = setup.experiments[0].task if setup.experiments else None
    return race_address(getattr(task, "file", ""), getattr(task, "reading", ""))


def _draw_buttons(
    tab: RaceSession,
    setup: RaceSetup,
    address: dict[str, str],
    view: RaceView | None,
    stored: StoredRace,
) -> None:
    state = "ready" if view is None else view.state
    active, paused = state in ("queued", "running", "paused"), state == "paused"
    # A race that is stopping is over in a moment; until then there is nothing to press.
    startable = bool(setup.experiments) and not active and state != "stopping"
    race_id = "" if view is None else view.race_id
    has_race = view is not None or bool(stored.stopped_rows)
    resumable = resumable_runs(view, stored)

    def button(
        key: str, label: str, icon: str, enabled: bool, act: Any, *args: Any, **options: Any
    ) -> None:
        st.button(
            label,
            key=f"race.{key}",
            icon=f":material/{icon}:",
            disabled=not enabled,
            on_click=tab.attempt,
            args=(act, *args),
            **options,
        )

    def command(name: str) -> tuple[Any, str, str]:
        return tab.command, race_id, name

    with st.container(horizontal=True, key="race-buttons"):
        button(
            "start", _("Start"), "play_arrow", startable, tab.start, setup, address, type="primary"
        )
        if paused:
            button("pause", _("Resume"), "resume", active, *command("resume"))
        elif resumable:
            note = _("Training continues from the last checkpoint of each model that was stopped.")
            button("pause", _("Resume"), "resume", True, tab.resume, resumable, help=note)
        else:
            button("pause", _("Pause"), "pause", active, *command("pause"))
        note = _("One training step of every model, while the race is paused.")
        button("one_step", _("One step"), "step", paused, *command("step"), help=note)
        button("stop", _("Stop"), "stop", active, *command("stop"))
        note = _("Back to step 0. The same seed gives the same starting weights.")
        button("reset", _("Reset"), "restart_alt", has_race, tab.reset, race_id, help=note)


def _draw_live_view(
    tab: RaceSession, setup: RaceSetup, race_id: str | None, active: bool, pending: bool
) -> None:
    race, view = tab.current()
    if (None if race is None else race.race_id) != race_id:
        st.rerun()  # the whole page: another tab has started a race, or reset this one
    if view is not None and view.queue_position is not None:
        st.info(
            _("Waiting for a free slot. Races ahead of yours: {count}", count=view.queue_position)
        )
    contestants, steps = contestant_views(setup, view), saved_steps(setup, view)
    if view is not None:
        draw_failures(setup, contestants, view)
    step = live.selected_step(VIEW, steps)
    live.draw(ready_view(setup, contestants, view, step, running=active), key=VIEW)
    if view is not None:
        draw_links(setup, contestants, view, step)
    # After the view, so that it says "stopped" or "done" before all the rest has caught up.
    over = view is None or view.state in END_STATES
    if active == over:
        st.rerun()  # the whole page: its buttons change and the verdict appears
    if pending and over and not has_pending_work(setup, view):
        st.rerun()  # so that the verdict includes the results, and the fragment stops running
