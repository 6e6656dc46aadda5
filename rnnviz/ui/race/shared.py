"""What all contestants of a race have in common: the example, the metric, the baselines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnviz.ui.language import _
from rnnviz.ui.live import BaselineView, SharedView
from rnnviz.ui.services.baselines import baselines

if TYPE_CHECKING:
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment


def shared_view(experiment: "Experiment", saved_steps: Sequence[int]) -> SharedView:
    """What is the same for all contestants of the race that `experiment` belongs to."""
    from rnnviz.races.verdicts import chance_baseline
    from rnnviz.training import steps_per_epoch

    task = experiment.task
    computed = baselines().get(task)
    return SharedView(
        tokens=task.example().tokens,
        numbers=bool(task.features),
        joiner="" if task.unit == "character" and not task.features else " ",
        metric=_(task.metric_name),
        measured=validation_metric_title(task),
        unit=_(task.metric_unit),
        share=task.is_share,
        error=task.perfect == 0,
        epoch=steps_per_epoch(task, experiment.optimiser.batch),
        levels=[
            BaselineView(_(baseline.title), baseline.metric, baseline.loss)
            for baseline in (chance_baseline(task), *(computed or ()))
        ],
        waiting=computed is None,
        moments=saved_steps,
    )


def validation_metric_title(task: "Task") -> str:
    """The name of the task's metric, and on what it is measured."""
    return _("{metric} on the validation examples", metric=_(task.metric_name))
