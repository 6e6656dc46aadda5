"""Runs beside each other: their courses in one figure, and the settings that set them apart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.store import RunRow, Store
from rnnviz.ui import controls, show
from rnnviz.ui.language import _
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.runs.differing import differing
from rnnviz.ui.runs.heading import heading
from rnnviz.ui.runs.shown import Shown, common, shown, written
from rnnviz.ui.services.baselines import baselines

if TYPE_CHECKING:
    from rnnviz.figures import BaselineLine


def compare(store: Store, rows: Sequence[RunRow]) -> None:
    """The figure of `rows`, a figure for each measure if they have several, and what differs."""
    runs = shown(store, rows)
    measure, against = _controls(runs)
    groups: dict[MetricFormat | None, list[Shown]] = {}
    for run in runs:
        groups.setdefault(None if measure == "norm" else run.measure, []).append(run)
    if len(groups) > 1:
        st.info(_("These runs are not measured alike, so they do not share an axis."))
    for number, (measured, group) in enumerate(groups.items()):
        _figure(number, measure, against, measured, group)
    if len(runs) > 1:
        differing(runs)


def _controls(runs: Sequence[Shown]) -> tuple[str, str]:
    with st.container(horizontal=True, key="runs-figure-controls"):
        measures = {"metric": _("metric"), "loss": _("loss"), "norm": _("gradient norm")}
        measure = controls.choose("runs.measure", _("Compare by"), measures, "metric")
        axes = {"steps": _("training steps"), "epochs": _("epochs"), "seconds": _("seconds")}
        if not all(_epoch(run) for run in runs):
            del axes["epochs"]  # drawn examples have no end
        against = controls.choose("runs.against", _("Against"), axes, "steps")
    return measure, against


def _epoch(run: Shown) -> int | None:
    """The steps in which every example is read once, where there is a number of them."""
    if run.experiment is None:
        return None
    from rnnviz.training import steps_per_epoch

    return steps_per_epoch(run.experiment.task, run.experiment.optimiser.batch)


def _figure(
    number: int,
    measure: str,
    against: str,
    measured: MetricFormat | None,
    runs: Sequence[Shown],
) -> None:
    from rnnviz.figures import Curve, training_curves
    from rnnviz.figures.training_curves import baseline_keys

    column = {"metric": "validation", "loss": "loss", "norm": "norm"}[measure]
    told = measured if measure == "metric" else None
    scale = 1.0 if told is None else told.scale
    curves = []
    for run in runs:
        values = [None if each is None else scale * each for each in run.history[column]]
        curves.append(Curve(run.name, run.colour, _places(run, against), values))
    titles = {
        "metric": _(
            "{metric} on the validation examples",
            metric="—" if measured is None else _(measured.name),
        ),
        "loss": _("loss in training"),
        "norm": _("norm of the gradient"),
    }
    axis = titles[measure]
    if told is not None and told.unit:
        axis = f"{axis} ({_(told.unit)})"
    marks = [] if measure == "norm" else _marks(runs, measure, scale)
    logarithmic = measure == "norm" or (told is not None and not told.share)
    lines = [
        f"{key} {mark.title}: {written(mark.value / scale, told)}"
        for key, mark in baseline_keys(marks, logarithmic).items()
    ]
    names = {"steps": _("training steps"), "epochs": _("epochs"), "seconds": _("seconds trained")}
    show.figure(
        training_curves(
            curves,
            marks,
            x=names[against],
            y=axis,
            logarithmic=logarithmic,
        ),
        key=f"runs.course{number}",
        title=heading(runs, measure, axis),
        caption=_caption(runs, lines),
        alt=_(
            "{axis} against {against}; runs: {count}",
            axis=axis,
            count=len(runs),
            against=names[against],
        ),
        data=_numbers(runs),
    )


def _places(run: Shown, against: str) -> Sequence[float | None]:
    if against == "seconds":
        return run.history["seconds"]
    epoch = _epoch(run)
    if against == "epochs" and epoch:
        return [step / epoch for step in run.history["step"]]
    return run.history["step"]


def _marks(runs: Sequence[Shown], measure: str, scale: float) -> "list[BaselineLine]":
    """Chance, and the baselines of a task that all have in common, as soon as they are computed."""
    from rnnviz.figures import BaselineLine
    from rnnviz.races.verdicts import chance_baseline

    task = common(runs)
    if task is None:
        return []
    found = (chance_baseline(task), *(baselines().get(task) or ()))
    if measure == "loss":
        return [BaselineLine(_(each.title), each.loss) for each in found if each.loss is not None]
    return [BaselineLine(_(each.title), scale * each.metric) for each in found]


def _caption(runs: Sequence[Shown], lines: Sequence[str]) -> str:
    """What to look for; `lines` say what the keys of the dotted lines stand for."""
    told = _("Drag to zoom, double click to reset.")
    if not lines:
        return told
    task = common(runs)
    if task is not None and baselines().get(task) is None:
        told += " " + _("More baselines are being computed; the next click shows them.")
    # Two spaces and a new line are Markdown's line break.
    return "  \n".join([_("Dotted: what can be had without a network."), *lines, told])


def _numbers(runs: Sequence[Shown]) -> pd.DataFrame:
    """The drawn rows of all runs, one below the other."""
    return pd.concat(
        [pd.DataFrame({"run": run.name, "id": run.row.id, **run.history}) for run in runs],
        ignore_index=True,
    )
