"""Runs beside each other: their courses in one figure, and the settings that set them apart."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.palette import SERIES
from rnnviz.store import RunRow, Store
from rnnviz.ui import controls, show
from rnnviz.ui.language import _
from rnnviz.ui.race.scene import rivals
from rnnviz.ui.runs import labels, words
from rnnviz.ui.runs.files import experiment_of
from rnnviz.ui.telling import Measure

if TYPE_CHECKING:
    from rnnviz.figures import Mark
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment

POINTS = 400
"""Rows of a history that are drawn; more no screen shows."""

ALONE = {
    "metric": N_("{name}: {score} (steps: {steps})"),
    "loss": N_("{name}: loss {score} (steps: {steps})"),
}
"""The heading of a single run, by what is drawn of it."""

FIRST = {
    "metric": (
        N_("Best of {count}: {name} with {score}"),
        N_("Best of {count}: {first} and {second} with {score} each"),
        N_("{level} of {count} share the best: {score}"),
    ),
    "loss": (
        N_("Lowest loss of {count} at the end: {name} with {score}"),
        N_("Lowest loss of {count} at the end: {first} and {second} with {score} each"),
        N_("{level} of {count} share the lowest loss at the end: {score}"),
    ),
}
"""The heading of several runs: one is the best, two are level, or more."""


@dataclass(frozen=True)
class Shown:
    """A run with its history and colour; `experiment` is None where it can no longer be read."""

    row: RunRow
    name: str
    colour: str
    history: Mapping[str, Sequence[Any]]
    experiment: "Experiment | None"

    @property
    def measure(self) -> Measure | None:
        """What it is measured by: only runs that are measured alike share an axis."""
        return None if self.experiment is None else Measure.of(self.experiment.task)


def compare(store: Store, rows: Sequence[RunRow]) -> None:
    """The figure of `rows`, a figure for each measure if they have several, and what differs."""
    runs = shown(store, rows)
    measure, against = _controls(runs)
    groups: dict[Measure | None, list[Shown]] = {}
    for run in runs:
        groups.setdefault(None if measure == "norm" else run.measure, []).append(run)
    if len(groups) > 1:
        st.info(_("These runs are not measured alike, so they do not share an axis."))
    for number, (measured, group) in enumerate(groups.items()):
        _figure(number, measure, against, measured, group)
    if len(runs) > 1:
        _differences(runs)


def shown(store: Store, rows: Sequence[RunRow]) -> list[Shown]:
    """`rows` with all that a figure needs of them; no two have the same name."""
    found: list[Shown] = []
    names = words.distinct([words.name_of(row) for row in rows])
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        try:
            experiment = experiment_of(store, row)
        except Problem:
            experiment = None
        found.append(
            Shown(
                row=row,
                name=name,
                colour=SERIES[number % len(SERIES)],
                history=store.history(row.id, POINTS),
                experiment=experiment,
            )
        )
    return found


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
    from rnnviz.training import epoch

    return epoch(run.experiment.task, run.experiment.optimiser.batch)


def _figure(
    number: int,
    measure: str,
    against: str,
    measured: Measure | None,
    runs: Sequence[Shown],
) -> None:
    from rnnviz.figures import Curve, course
    from rnnviz.figures.runs import keyed

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
        f"{key} {mark.title}: {_written(mark.value / scale, told)}"
        for key, mark in keyed(marks, logarithmic).items()
    ]
    names = {"steps": _("training steps"), "epochs": _("epochs"), "seconds": _("seconds trained")}
    show.figure(
        course(
            curves,
            marks,
            x=names[against],
            y=axis,
            logarithmic=logarithmic,
        ),
        key=f"runs.course{number}",
        title=_title(runs, measure, axis),
        caption=_caption(runs, lines),
        alt=_(
            "{axis} against {against}; runs: {count}",
            axis=axis,
            count=len(runs),
            against=names[against],
        ),
        data=_numbers(runs),
    )


@dataclass(frozen=True)
class _Score:
    """What a run has come to.

    `told` is how its heading says it, which may name a step, `number` what others are level with;
    `step` is where it stands; the highest `way` is the best.
    """

    name: str
    told: str
    number: str
    step: int
    way: float


def _title(runs: Sequence[Shown], measure: str, axis: str) -> str:
    """What the figure shows: the latest score of one run, or the best of several at one task."""
    scores = [each for each in (_score(run, measure) for run in runs) if each is not None]
    if not scores:
        return axis
    best = max(scores, key=lambda each: each.way)
    if len(runs) == 1:
        return _(ALONE[measure], name=best.name, score=best.told, steps=best.step)
    if _common(runs) is None:  # nobody is the best of those who solve different problems
        return axis
    # Between those that read the same, nothing that is shown says who is better.
    level = [each.name for each in scores if each.number == best.number]
    one, two, several = FIRST[measure]
    count, number = len(runs), best.number
    if len(level) == 1:
        return _(one, count=count, name=best.name, score=best.told)
    if len(level) == 2:
        return _(two, count=count, first=level[0], second=level[1], score=number)
    return _(several, level=len(level), count=count, score=number)


def _score(run: Shown, measure: str) -> _Score | None:
    """What `run` has come to by `measure`; None where there is nothing, or nothing to be good at.

    Of the loss it is the last value; who ended with none that can be drawn had left the figure. A
    gradient is not better for being short.
    """
    if measure == "metric" and run.row.validation is not None and run.experiment is not None:
        found, way = run.row.validation, run.experiment.task.way(run.row.validation)
        told, number = words.score(run.row, found), _written(found, run.measure)
        return _Score(run.name, told, number, run.row.steps, way)
    if measure == "loss" and run.history["step"]:
        step, loss = run.history["step"][-1], run.history["loss"][-1]
        if loss is not None and math.isfinite(loss):
            number = _written(loss, None)
            return _Score(run.name, number, number, step, -loss)
    return None


def _written(value: float, told: Measure | None) -> str:
    """A value of the metric `told`, or of the loss, which has no unit, as it is read."""
    return f"{value:.3g}" if told is None else told.written(value)


def _places(run: Shown, against: str) -> Sequence[float | None]:
    if against == "seconds":
        return run.history["seconds"]
    epoch = _epoch(run)
    if against == "epochs" and epoch:
        return [step / epoch for step in run.history["step"]]
    return run.history["step"]


def _marks(runs: Sequence[Shown], measure: str, scale: float) -> "list[Mark]":
    """Chance, and the baselines of a task that all have in common, as soon as they are computed."""
    from rnnviz.figures import Mark
    from rnnviz.jobs.verdicts import trivial

    task = _common(runs)
    if task is None:
        return []
    found = (trivial(task), *(rivals().of(task) or ()))
    if measure == "loss":
        return [Mark(_(each.title), each.loss) for each in found if each.loss is not None]
    return [Mark(_(each.title), scale * each.metric) for each in found]


def _common(runs: Sequence[Shown]) -> "Task | None":
    """The task of all `runs`, if it is one and the same."""
    tasks = {None if run.experiment is None else run.experiment.task for run in runs}
    return tasks.pop() if len(tasks) == 1 else None


def _caption(runs: Sequence[Shown], lines: Sequence[str]) -> str:
    """What to look for; `lines` say what the keys of the dotted lines stand for."""
    told = _("Drag to zoom, double click to reset.")
    if not lines:
        return told
    task = _common(runs)
    if task is not None and rivals().of(task) is None:
        told += " " + _("More baselines are being computed; the next click shows them.")
    # Two spaces and a new line are Markdown's line break.
    return "  \n".join([_("Dotted: what can be had without a network."), *lines, told])


def _numbers(runs: Sequence[Shown]) -> pd.DataFrame:
    """The drawn rows of all runs, one below the other."""
    return pd.concat(
        [pd.DataFrame({"run": run.name, "id": run.row.id, **run.history}) for run in runs],
        ignore_index=True,
    )


def _differences(runs: Sequence[Shown]) -> None:
    found = differences([run.row.experiment for run in runs])
    st.subheader(_("Only what differs"), anchor=False)
    if not found:
        st.caption(_("All settings are the same."))
        return
    columns = words.distinct([_("Setting"), *(show.harmless(run.name) for run in runs)])
    lines = []
    for path, values in found.items():
        told = [
            labels.value(path, value, run.row.experiment)
            for value, run in zip(values, runs, strict=True)
        ]
        title = labels.setting(path, *(run.row.experiment for run in runs))
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
