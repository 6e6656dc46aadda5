"""What can be done with stored runs: resume, open the settings in Side by side, delete."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.jobs import RunView
from rnnviz.jobs.records import END_STATES
from rnnviz.jobs.resume import RESUMABLE
from rnnviz.settings import rules
from rnnviz.store import LIVE, RunRow, Store
from rnnviz.ui import session, show
from rnnviz.ui.controls.parse import format_number
from rnnviz.ui.language import _
from rnnviz.ui.run_text import STATE_TITLES
from rnnviz.ui.runs import format, selection
from rnnviz.ui.services.race_session import RaceSession
from rnnviz.ui.services.ranges import FORGET_BIAS, HIDDEN_UNITS, step_limit

if TYPE_CHECKING:
    from rnnviz.training import Experiment

UPDATE_INTERVAL = 0.5
"""Seconds between two updates of a run that is training."""

RACE = "pages/train/side_by_side.py"

MODEL_SETTINGS = (
    *("hidden", "layers", "embedding", "embedding_size", "initialisation", "dropout"),
    *("recurrent_dropout", "state_dropout", "deep_head"),
    *("kernel", "dilation", "pool", "pooling"),
)
FILE_SETTINGS = ("file", "reading", "column")
"""Settings of a task that belong to the visitor's file, or to the data that are read."""
OPTIMISER_SETTINGS = ("lr", "steps", "batch", "forcing", "temperature")
OPTIONAL_SETTINGS = ("clip", "seconds", "target", "patience")
"""Settings of the optimiser that have a switch."""
MAX_SEED = 99
"""The highest seed of the slider in Side by side."""


def draw_resume(store: Store, row: RunRow) -> None:
    """Draw the button that resumes the run, if it can be resumed."""
    if row.state not in RESUMABLE:
        return
    checkpoint = store.last_checkpoint(row.id)
    if checkpoint is None:
        help_text = _("No checkpoint is stored, so training starts anew.")
    else:
        step, _content = checkpoint
        help_text = _(
            "Training continues from step {step}, with the same result as without a break.",
            step=step,
        )
    st.button(
        _("Resume"),
        key="runs.resume",
        type="primary",
        icon=":material/resume:",
        help=help_text,
        on_click=_resume,
        args=(row.id,),
    )


def _resume(run: str) -> None:
    selection.page_state().attempt(lambda: _race_session().resume([run], race_address))


def draw_progress(row: RunRow) -> bool:
    """Draw a live line with a Stop button; returns whether this session trains the run."""
    is_training = _active_run(row.id) is not None
    if is_training:
        st.fragment(_draw_live_line, run_every=UPDATE_INTERVAL)(row.id)
        # Only this line is live: a figure that is redrawn twice a second cannot be read.
        st.caption(
            _(
                "Everything below is the run after step {step}; it is redrawn at the end.",
                step=row.steps,
            )
        )
    elif row.state in LIVE:
        st.caption(_("It is being trained in another window, or on the page Side by side."))
    return is_training


def _race_session() -> RaceSession:
    return session.get_or_create("race", RaceSession)


def _active_run(run: str) -> RunView | None:
    """The run in this session's race; None if it is not there or has ended."""
    race = _race_session().view()
    views = () if race is None else race.runs
    return next(
        (view for view in views if view.run_id == run and view.state not in END_STATES), None
    )


def _draw_live_line(run: str) -> None:
    view = _active_run(run)
    if view is None:
        st.rerun()  # the whole page: the run has ended
    steps = view.history.step
    line = _(
        "{state}: step {step}", state=_(STATE_TITLES[view.state]), step=steps[-1] if steps else 0
    )
    with st.container(horizontal=True, vertical_alignment="center", key="runs-progress"):
        st.markdown(f"**{line}**", width="content")
        st.button(
            _("Stop"),
            key="runs.stop",
            icon=":material/stop:",
            on_click=_stop,
            args=(run,),
        )


def _stop(run: str) -> None:
    race = _race_session().view()
    if race is not None and _active_run(run) is not None:
        _race_session().command(race.race_id, "stop")


def draw_settings_link(experiment: "Experiment") -> None:
    """Draw the link that sets Side by side to these settings, or why there is none."""
    address = race_address(experiment)
    if address is not None:
        st.page_link(
            RACE,
            label=_("Open these settings in Side by side"),
            icon=":material/directions_run:",
            help=_("A value between two stops of a slider is set to the nearest stop."),
            query_params=address,
        )
    else:
        st.caption(
            _("Its settings cannot be opened in Side by side: some of them have no control there.")
        )


def race_address(experiment: "Experiment") -> dict[str, str] | None:
    """The parameters that set Side by side; None where a setting has no control there."""
    from rnnviz.races.contestants import contestant_code

    if not _has_controls(experiment):
        return None
    task, spec, optimiser = experiment.task, experiment.model, experiment.optimiser
    by_time = optimiser.seconds is not None and optimiser.steps == step_limit(optimiser.seconds)
    address: dict[str, Any] = {
        "task": task.name,
        "cells": contestant_code(spec),
        "seeds": 1,
        "fair": "time" if by_time else "units",
        "seed": experiment.seed,
        "device": experiment.device,
    }
    address |= {name: getattr(task, name) for name in rules(type(task))}
    address |= {name: value for name in FILE_SETTINGS if (value := getattr(task, name, ""))}
    address |= {name: getattr(spec, name) for name in MODEL_SETTINGS}
    address |= {name: getattr(optimiser, name) for name in OPTIMISER_SETTINGS}
    if spec.forget_bias is not None:
        address["forget_bias"] = spec.forget_bias
    for name in OPTIONAL_SETTINGS:
        value = getattr(optimiser, name)
        address[f"set_{name}"] = value is not None
        if value is not None:
            is_percent = name == "target" and task.is_share
            address[name] = 100 * value if is_percent else value
    if by_time:  # then the page has neither a control of the steps nor a switch of the time
        del address["steps"], address["set_seconds"]
    return {name: _serialise(value) for name, value in address.items()}


def _has_controls(experiment: "Experiment") -> bool:
    """Whether Side by side has a control, with a range that is wide enough, for every setting."""
    from rnnviz.races.contestants import contestant_code, fitting_contestants

    task, spec = experiment.task, experiment.model
    task_fields: Any = task
    with_control = rules(type(task))
    if any(
        getattr(task, field.name) != getattr(type(task), field.name)
        for field in fields(task_fields)
        if field.name not in with_control and field.name not in FILE_SETTINGS
    ):
        return False
    contestant = fitting_contestants(task).get(contestant_code(spec))
    if contestant is None or contestant.spec(spec) != spec or spec.spectral_radius is not None:
        return False
    if experiment.optimiser.stop_below is not None or experiment.seed > MAX_SEED:
        return False
    bias = spec.forget_bias
    if bias is not None and not FORGET_BIAS.low <= bias <= FORGET_BIAS.high:
        return False
    # Models with equal numbers of parameters may have more units than the slider allows.
    return HIDDEN_UNITS.low <= spec.hidden <= HIDDEN_UNITS.high


def _serialise(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else format_number(value)


def draw_delete(store: Store, rows: Sequence[RunRow]) -> None:
    """Draw a button that deletes the runs, and the question that confirms it.

    A run that is training cannot be deleted.
    """
    ids = tuple(row.id for row in rows)
    is_live = any(row.state in LIVE for row in rows)
    st.button(
        _("Delete …"),
        key="runs.delete",
        icon=":material/delete:",
        disabled=is_live,
        help=_("A run that is still training must be stopped first.") if is_live else None,
        on_click=_set_to_delete,
        args=(ids,),
    )
    if selection.page_state().to_delete != ids or is_live:
        return
    with st.container(border=True, key="runs-deletion"):
        question = _(
            "Delete {count} {count:run|runs}, with history and weights? For a minute this can be "
            "undone. {names}",
            count=len(rows),
            names=", ".join(format.run_name(row) for row in rows),
        )
        st.markdown(show.escape_markdown(question))
        with st.container(horizontal=True):
            st.button(
                _("Delete"),
                key="runs.confirm_delete",
                type="primary",
                icon=":material/delete:",
                on_click=_delete,
                args=(store, ids),
            )
            st.button(_("Keep"), key="runs.cancel_delete", on_click=_set_to_delete, args=((),))


def _set_to_delete(runs: tuple[str, ...]) -> None:
    selection.page_state().to_delete = runs


def _delete(store: Store, runs: tuple[str, ...]) -> None:
    _set_to_delete(())

    def delete() -> None:
        store.delete(runs)
        selection.open_run("")
        selection.clear()

    selection.page_state().attempt(delete)
