"""A race on a page: its buttons, its live view, its end."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.jobs import History, RaceView, RunView
from rnnviz.jobs.records import OVER
from rnnviz.ui import live, session
from rnnviz.ui.language import _
from rnnviz.ui.race.numbers import downloads
from rnnviz.ui.race.outcome import failures, measure, outcome
from rnnviz.ui.race.service import INTERVAL, Desk, Plan, service

if TYPE_CHECKING:
    from rnnviz.training import Experiment


def arena(experiments: Sequence["Experiment"]) -> None:
    """Buttons, the live view, and when the race is over its verdict.

    Before the first start it shows what will race: the untrained models at their starting weights.
    """
    service()  # made on the first visit, so that it is warm when the visitor presses Start
    desk = session.own("race", Desk)
    plans = [experiment.to_plain() for experiment in experiments]
    view = desk.look()
    active = view is not None and view.state not in OVER
    if active:
        desk.follow_rate(plans[0]["optimiser"]["lr"])
    _buttons(desk, plans, view)
    if view is None:
        if desk.race is not None:
            st.info(_("The training was stopped because its page was left."))
        desk.race, desk.plans = None, plans
    elif desk.differs_from(plans):
        st.info(
            _("You changed the settings: they apply to the next start."), icon=":material/info:"
        )
    # A fragment that has nothing to tell should not ask five times a second.
    st.fragment(_live, run_every=INTERVAL if active else None)(desk, active)
    task, lanes = _contest(desk)[0].task, _lanes(desk, view)
    if view is not None and not active:
        outcome(task, lanes, view)
    downloads(_latest(desk.race, lanes), task.example().tokens)


def _buttons(desk: Desk, plans: list[Plan], view: RaceView | None) -> None:
    state = "ready" if view is None else view.state
    active, paused = state in ("queued", "running", "paused"), state == "paused"
    # One that is stopping is over in a moment; until then there is nothing to press.
    startable = not active and state != "stopping"

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
        button("start", _("Start"), "play_arrow", startable, desk.start, plans, type="primary")
        if paused:
            button("pause", _("Resume"), "resume", active, desk.tell, "resume")
        else:
            button("pause", _("Pause"), "pause", active, desk.tell, "pause")
        button("stop", _("Stop"), "stop", active, desk.tell, "stop")
        told = _("Back to step 0. The same seed gives the same starting weights.")
        button("reset", _("Reset"), "restart_alt", view is not None, desk.reset, help=told)


def _live(desk: Desk, active: bool) -> None:
    view = desk.look()
    if view is not None and view.position is not None:
        st.info(_("Waiting for a free place. Races before yours: {count}", count=view.position))
    task, lanes = _contest(desk)[0].task, _lanes(desk, view)
    if view is not None:
        failures(lanes, view)
    live.show(
        lanes,
        tokens=task.example().tokens,
        joiner="" if task.unit == "character" else " ",
        chance=task.chance,
        chance_loss=math.log(len(task.labels)),
        metric=_(task.metric_name),
        measured=measure(task),
        running=active,
        key="race.live",
    )
    # After the view, so that it says "stopped" or "done" before all the rest has caught up.
    if active and (view is None or view.state in OVER):
        st.rerun()  # the whole page: its buttons change and the verdict appears


def _contest(desk: Desk) -> list["Experiment"]:
    from rnnviz.training import Experiment

    return [Experiment.from_plain(plan) for plan in desk.plans]


def _lanes(desk: Desk, view: RaceView | None) -> list[live.Lane]:
    runs: list[RunView | None] = list(view.runs) if view is not None else [None] * len(desk.plans)
    return [_lane(each, run) for each, run in zip(_contest(desk), runs, strict=True)]


def _latest(race: str | None, lanes: list[live.Lane]) -> Callable[[], list[live.Lane]]:
    """What is known of the race whenever it is asked for: `lanes`, brought up to date."""
    serving = service()

    def latest() -> list[live.Lane]:
        view = None if race is None else serving.view(race)
        if view is None:
            return lanes
        return [
            replace(lane, history=run.history, probe=run.probe or lane.probe)
            for lane, run in zip(lanes, view.runs, strict=True)
        ]

    return latest


def _lane(experiment: "Experiment", run: RunView | None) -> live.Lane:
    from rnnviz.jobs.lineup import cell_name, parameters

    spec = experiment.model
    return live.Lane(
        code=spec.cell,
        name=cell_name(spec),
        units=spec.hidden,
        parameters=parameters(experiment.task, spec),
        steps=experiment.optimiser.steps,
        state="ready" if run is None else run.state,
        history=History() if run is None else run.history,
        probe=_untrained(experiment.to_json()) if run is None or not run.probe else run.probe,
    )


@st.cache_data(max_entries=200, show_spinner=False)
def _untrained(experiment: str) -> dict[str, Any]:
    """The look at a model before its first step: what a race starts from. `experiment` is JSON."""
    from rnnviz.jobs.lineup import first_look

    return first_look(experiment)
