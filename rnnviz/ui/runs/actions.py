"""A stored run that goes on: resumed in the background, with a line that tells how far it is."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.jobs.records import END_STATES
from rnnviz.jobs.resume import RESUMABLE
from rnnviz.settings import rules
from rnnviz.store import LIVE, RunRow, Store
from rnnviz.ui import session, show
from rnnviz.ui.controls.parse import format_number
from rnnviz.ui.language import _
from rnnviz.ui.run_text import STATE_TITLES
from rnnviz.ui.runs import format, selection
from rnnviz.ui.services.ranges import FORGET_BIAS, HIDDEN_UNITS, step_limit
from rnnviz.ui.services.training import RaceSession

if TYPE_CHECKING:
    from rnnviz.training import Experiment

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


RACE = "pages/train/side_by_side.py"

MODEL = (
    *("hidden", "layers", "embedding", "embedding_size", "initialisation", "dropout"),
    *("recurrent_dropout", "deep_head", "kernel", "pool"),
)
OPTIMISER = ("lr", "steps", "batch", "forcing", "temperature")
SWITCHED = ("clip", "seconds", "target", "patience")
"""Settings of the optimiser that a switch turns on."""


def again(experiment: "Experiment") -> None:
    """The link, where that page can be set to all of it; or why there is none."""
    address = address_of(experiment)
    if address is None:
        told = _(
            "Its settings cannot be opened in Side by side: not all of them have a control there."
        )
        if experiment.task.files:
            told = _("Its settings cannot be opened in Side by side: it has read your own file.")
        st.caption(show.escape_markdown(told))
    else:
        st.page_link(
            RACE,
            label=_("Open these settings in Side by side"),
            icon=":material/directions_run:",
            help=_("A value between two stops of a slider goes to the nearest one."),
            query_params=address,
        )


def address_of(experiment: "Experiment") -> dict[str, str] | None:
    """The parameters of the page's address; None where it has no control for a setting."""
    from rnnviz.races.contestants import contestant_code, fitting_contestants

    task, spec, optimiser = experiment.task, experiment.model, experiment.optimiser
    made: Any = task
    ruled = rules(type(task))
    free = [each.name for each in fields(made) if each.name not in ruled]
    as_usual = all(getattr(task, name) == getattr(type(task), name) for name in free)
    contestant = fitting_contestants(task).get(contestant_code(spec))
    if not as_usual or contestant is None or contestant.spec(spec) != spec:
        return None
    if spec.spectral_radius is not None or optimiser.stop_below is not None or experiment.seed > 99:
        return None
    # With the same number of parameters some have more units than the slider.
    if not HIDDEN_UNITS.low <= spec.hidden <= HIDDEN_UNITS.high:
        return None
    bias = spec.forget_bias
    if bias is not None and not FORGET_BIAS.low <= bias <= FORGET_BIAS.high:
        return None
    timed = optimiser.seconds is not None and optimiser.steps == step_limit(optimiser.seconds)
    address: dict[str, Any] = {"task": task.name, "cells": contestant_code(spec), "seeds": 1}
    address |= {
        "fair": "time" if timed else "units",
        "seed": experiment.seed,
        "device": experiment.device,
    }
    address |= {name: getattr(task, name) for name in ruled}
    address |= {name: getattr(spec, name) for name in MODEL}
    address |= {name: getattr(optimiser, name) for name in OPTIMISER}
    if bias is not None:
        address["forget_bias"] = bias
    for name in SWITCHED:
        value = getattr(optimiser, name)
        address[f"set_{name}"] = value is not None
        if value is not None:
            percent = name == "target" and task.is_share
            address[name] = 100 * value if percent else value
    if timed:  # neither the steps nor whether the time ends it is asked for then
        del address["steps"], address["set_seconds"]
    return {name: _text(value) for name, value in address.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else format_number(value)


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
