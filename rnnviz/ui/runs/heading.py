"""What a figure of stored runs says above it: who has come furthest, and who is level."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rnnviz.messages import N_
from rnnviz.ui.language import _
from rnnviz.ui.runs import format
from rnnviz.ui.runs.shown import Shown, common, written

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
    if measure == "metric" and run.row.validation is not None and run.experiment is not None:
        found, way = run.row.validation, run.experiment.task.way(run.row.validation)
        told, number = format.score(run.row, found), written(found, run.measure)
        return _Score(run.name, told, number, run.row.steps, way)
    if measure == "loss" and run.history["step"]:
        step, loss = run.history["step"][-1], run.history["loss"][-1]
        if loss is not None and math.isfinite(loss):
            number = written(loss, None)
            return _Score(run.name, number, number, step, -loss)
    return None
