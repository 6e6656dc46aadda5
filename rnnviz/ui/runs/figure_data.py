"""Stored runs with all that a figure needs of them, and the heading of the figure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnviz.messages import N_, Problem
from rnnviz.palette import SERIES
from rnnviz.store import RunRow, Store
from rnnviz.ui.language import _
from rnnviz.ui.run_text import SPLIT_NOTES, MetricFormat, example_kind
from rnnviz.ui.runs import format
from rnnviz.ui.runs.scores import common_split, score, score_text
from rnnviz.ui.services.uploads import stored_experiment
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.tasks import Split, Task
    from rnnviz.training import Experiment

MAX_POINTS = 400
"""Rows of a history that are drawn; no screen can show more."""

ONE_RUN = {
    "metric": N_("{name}: {score} (steps: {steps})"),
    "loss": N_("{name}: loss {score} (steps: {steps})"),
}
"""The heading of a single run, by what is drawn."""

BEST_RUNS = {
    "metric": (
        N_("Best of {count}: {name} with {score}"),
        N_("Best of {count}: {first} and {second} with {score} each"),
        N_("{tied} of {count} share the best: {score}"),
    ),
    "loss": (
        N_("Lowest loss of {count} at the end: {name} with {score}"),
        N_("Lowest loss of {count} at the end: {first} and {second} with {score} each"),
        N_("{tied} of {count} share the lowest loss at the end: {score}"),
    ),
}
"""The heading of several runs: one is the best, two are tied, or more."""


Versions = tuple[tuple[str, float, str], ...]
"""The id of each run, when it was changed, and its state."""


@dataclass(frozen=True)
class PlottedRun:
    """A run with its history and colour; `experiment` is None where it can no longer be read."""

    row: RunRow
    name: str
    colour: str
    history: Mapping[str, Sequence[Any]]
    experiment: "Experiment | None"

    @property
    def metric_format(self) -> MetricFormat | None:
        """The format of its metric: only runs with equal formats share an axis."""
        return None if self.experiment is None else MetricFormat.of(self.experiment.task)


def versions_of(rows: Sequence[RunRow]) -> Versions:
    """What changes whenever anything of one of `rows` does."""
    return tuple((row.id, row.changed, row.state) for row in rows)


@shared(max_entries=60)
def load_runs(
    versions: Versions, language: str, _store: Store, _rows: Sequence[RunRow]
) -> list[PlottedRun]:
    """`_rows`, of these `versions`, with all that a figure needs, under unique names."""
    store, rows = _store, _rows
    runs: list[PlottedRun] = []
    names = format.unique_names([format.run_name(row) for row in rows])
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        try:
            experiment = stored_experiment(store, row)
        except Problem:
            experiment = None
        runs.append(
            PlottedRun(
                row=row,
                name=name,
                colour=SERIES[number % len(SERIES)],
                history=store.history(row.id, MAX_POINTS),
                experiment=experiment,
            )
        )
    return runs


def common_task(runs: Sequence[PlottedRun]) -> "Task | None":
    """The task of all `runs`; None if they have several."""
    tasks = {None if run.experiment is None else run.experiment.task for run in runs}
    return tasks.pop() if len(tasks) == 1 else None


def format_value(value: float, metric_format: MetricFormat | None) -> str:
    """A value of a metric with its unit, or with None one of the loss, which has no unit."""
    return f"{value:.3g}" if metric_format is None else metric_format.text(value)


@dataclass(frozen=True)
class _Score:
    """The score of a run.

    `text` is for the heading and may name a step, `value` decides ties; `step` is the latest step
    of the run; the highest `rank` is the best.
    """

    name: str
    text: str
    value: str
    step: int
    rank: float


def heading(runs: Sequence[PlottedRun], measure: str, axis: str) -> str:
    """The finding of the figure: the latest score of one run, or the best of several on one task.

    `axis`, the title of the y axis, if there is no such finding.
    """
    split = common_split([run.row for run in runs])
    all_scores = [_score(run, measure, split) for run in runs]
    scores = [score for score in all_scores if score is not None]
    if not scores:
        return axis
    best = max(scores, key=lambda score: score.rank)
    if len(runs) == 1:
        return _(ONE_RUN[measure], name=best.name, score=best.text, steps=best.step)
    if common_task(runs) is None:  # runs on different tasks cannot be ranked
        return axis
    # Scores that are displayed as equal are tied: nothing visible says which one is better.
    tied = [score.name for score in scores if score.value == best.value]
    one, two, more = BEST_RUNS[measure]
    count = len(runs)
    if len(tied) == 1:
        return _(one, count=count, name=best.name, score=best.text)
    if len(tied) == 2:
        return _(two, count=count, first=tied[0], second=tied[1], score=best.value)
    return _(more, tied=len(tied), count=count, score=best.value)


def _score(run: PlottedRun, measure: str, split: "Split") -> _Score | None:
    """The score of `run` by `measure`, of a metric on `split`; None if there is none.

    By loss it is the last value; a run that ended with one that cannot be drawn had left the
    figure before. Gradient norms have no score: a gradient is not better for being short.
    """
    row, experiment = run.row, run.experiment
    metric = score(row, split)
    if measure == "metric" and metric is not None and experiment is not None:
        text, value = score_text(row, split), format_value(metric, run.metric_format)
        tied = _(SPLIT_NOTES[example_kind(experiment.task, split)], score=value)
        rank = experiment.task.normalised(metric, split)
        return _Score(run.name, text, tied, row.steps, rank)
    if measure == "loss" and run.history["step"]:
        step, loss = run.history["step"][-1], run.history["loss"][-1]
        if loss is not None and math.isfinite(loss):
            value = format_value(loss, None)
            return _Score(run.name, value, value, step, -loss)
    return None
