"""Stored runs with all that a figure needs of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnviz.messages import N_, Problem
from rnnviz.palette import SERIES
from rnnviz.store import RunRow, Store
from rnnviz.ui.language import _
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.runs import format
from rnnviz.ui.services.uploads import stored_experiment

if TYPE_CHECKING:
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment

POINTS = 400
"""Rows of a history that are drawn; more no screen shows."""


@dataclass(frozen=True)
class Shown:
    """A run with its history and colour; `experiment` is None where it can no longer be read."""

    row: RunRow
    name: str
    colour: str
    history: Mapping[str, Sequence[Any]]
    experiment: "Experiment | None"

    @property
    def measure(self) -> MetricFormat | None:
        """What it is measured by: only runs that are measured alike share an axis."""
        return None if self.experiment is None else MetricFormat.of(self.experiment.task)


def shown(store: Store, rows: Sequence[RunRow]) -> list[Shown]:
    """`rows` with all that a figure needs of them; no two have the same name."""
    found: list[Shown] = []
    names = format.distinct([format.name_of(row) for row in rows])
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        try:
            experiment = stored_experiment(store, row)
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


def common(runs: Sequence[Shown]) -> "Task | None":
    """The task of all `runs`, if it is one and the same."""
    tasks = {None if run.experiment is None else run.experiment.task for run in runs}
    return tasks.pop() if len(tasks) == 1 else None


def written(value: float, told: MetricFormat | None) -> str:
    """A value of the metric `told`, or of the loss, which has no unit, as it is read."""
    return f"{value:.3g}" if told is None else told.text(value)


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


def heading(runs: Sequence[Shown], measure: str, axis: str) -> str:
    """What the figure shows: the latest score of one run, or the best of several at one task."""
    scores = [each for each in (_score(run, measure) for run in runs) if each is not None]
    if not scores:
        return axis
    best = max(scores, key=lambda each: each.way)
    if len(runs) == 1:
        return _(ALONE[measure], name=best.name, score=best.told, steps=best.step)
    if common(runs) is None:  # nobody is the best of those who solve different problems
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
    if measure == "metric" and run.row.validation_metric is not None and run.experiment is not None:
        found, way = (
            run.row.validation_metric,
            run.experiment.task.normalised(run.row.validation_metric),
        )
        told, number = format.score(run.row, found), written(found, run.measure)
        return _Score(run.name, told, number, run.row.steps, way)
    if measure == "loss" and run.history["step"]:
        step, loss = run.history["step"][-1], run.history["loss"][-1]
        if loss is not None and math.isfinite(loss):
            number = written(loss, None)
            return _Score(run.name, number, number, step, -loss)
    return None
