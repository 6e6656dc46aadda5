"""What a race came to: a sentence, a table, the numbers to download."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from rnnviz.jobs import RaceView, RunView
from rnnviz.messages import Problem
from rnnviz.ui import show
from rnnviz.ui.language import _, say
from rnnviz.ui.live import STATES, Lane

if TYPE_CHECKING:
    from rnnviz.tasks import Task


def outcome(task: "Task", lanes: Sequence[Lane], view: RaceView) -> None:
    """The verdict on those that finished, and how far the others came."""
    if view.reason is not None:
        st.info(show.plain(tell(view.reason)), icon=":material/info:")
    results = {
        lane.name: run.result
        for lane, run in zip(lanes, view.runs, strict=True)
        if run.result is not None
    }
    if results:
        _verdict(task, results)
        if "lr" in view.settings:
            st.caption(_("The learning rate was changed while the race was running."))
    rows = [_row(task, lane, run) for lane, run in zip(lanes, view.runs, strict=True)]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def failures(lanes: Sequence[Lane], view: RaceView) -> None:
    """Why a cell dropped out, as soon as it has: the others race on."""
    for lane, run in zip(lanes, view.runs, strict=True):
        if run.state == "failed" and run.reason is not None:
            told = _("{cell} did not finish. {reason}", cell=lane.name, reason=tell(run.reason))
            st.error(show.plain(told), icon=":material/error:")


def measure(task: "Task") -> str:
    """The name of the task's metric, and on what it is measured."""
    return _("{metric} on the validation examples", metric=_(task.metric_name))


def tell(reason: Mapping[str, Any]) -> str:
    """A worker's reason in the visitor's language; its values may be reasons themselves."""
    values = {
        name: tell(value) if isinstance(value, Mapping) else value
        for name, value in reason["values"].items()
    }
    return say(Problem(reason["template"], **values))


def _verdict(task: "Task", results: Mapping[str, Mapping[str, Any]]) -> None:
    from rnnviz.jobs.lineup import remembered, verdict

    scores = {name: result["validation"] for name, result in results.items()}
    found = [
        _(each.template, **{**each.values, "cells": _listed(each.values["cells"])})
        for each in verdict(task, scores)
    ]
    st.header(show.plain(" ".join(found)), anchor=False)
    sentences = [remembered(task, name, result) for name, result in results.items()]
    st.markdown("\n".join(f"- {show.plain(_(each.template, **each.values))}" for each in sentences))


def _listed(names: Any) -> str:
    """ "RNN, GRU and LSTM" in the visitor's language."""
    *most, last = names
    return _("{names} and {last}", names=", ".join(most), last=last) if most else str(last)


def _row(task: "Task", lane: Lane, run: RunView) -> dict[str, Any]:
    history = run.history
    tested = [value for value in history.validation if value is not None]
    losses = [value for value in history.loss if value is not None]
    return {
        _("Cell"): lane.name,
        _("Units"): lane.units,
        _("Parameters"): lane.parameters,
        _("State"): _(STATES[lane.state]),
        _("Steps"): history.step[-1] if history.step else 0,
        _("Seconds"): round(history.seconds[-1], 1) if history.step else None,
        _("Loss"): round(losses[-1], 4) if losses else None,
        measure(task): round(tested[-1], 3) if tested else None,
        _("Chance"): round(task.chance, 3),
    }
