"""The link that sets the page Side by side to the settings of a stored run."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.settings import rules
from rnnviz.ui import show
from rnnviz.ui.controls.parse import format_number
from rnnviz.ui.language import _
from rnnviz.ui.services.ranges import FORGET_BIAS, HIDDEN_UNITS, step_limit

if TYPE_CHECKING:
    from rnnviz.training import Experiment

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
