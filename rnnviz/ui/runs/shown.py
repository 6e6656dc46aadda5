"""Stored runs with all that a figure needs of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnviz.messages import Problem
from rnnviz.palette import SERIES
from rnnviz.store import RunRow, Store
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
