"""Runs beside each other: their courses in one figure, and the settings that set them apart."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from rnnviz.store import RunRow, Store
from rnnviz.ui import controls, show
from rnnviz.ui.language import _
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.runs import format
from rnnviz.ui.runs.figure_data import Shown, common, heading, shown, written
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

    column = {"metric": "validation_metric", "loss": "loss", "norm": "norm"}[measure]
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


def differing(runs: Sequence[Shown]) -> None:
    """A table of the settings that are not the same in all `runs`."""
    found = differences([run.row.experiment for run in runs])
    st.subheader(_("Only what differs"), anchor=False)
    if not found:
        st.caption(_("All settings are the same."))
        return
    columns = format.distinct([_("Setting"), *(show.escape_formula(run.name) for run in runs)])
    lines = []
    for path, values in found.items():
        told = [
            format.value(path, value, run.row.experiment)
            for value, run in zip(values, runs, strict=True)
        ]
        title = format.setting(path, *(run.row.experiment for run in runs))
        lines.append(dict(zip(columns, [title, *told], strict=True)))
    show.table(pd.DataFrame(lines), alt=_("The settings that differ"))


def differences(experiments: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The settings that are not the same in all `experiments`, with the value of each."""
    flat = [flattened(each) for each in experiments]
    names = dict.fromkeys(name for each in flat for name in each)
    values = {name: [each.get(name, "—") for each in flat] for name in names}
    return {name: found for name, found in values.items() if len(set(found)) > 1}


def flattened(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """The settings of an experiment as plain data: "model.hidden" and its value as text."""
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= flattened(value, f"{above}{name}.")
        else:
            found[above + name] = "—" if value is None else str(value)
    return found
