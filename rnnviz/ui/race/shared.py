"""What all contestants of a race have in common: the example, the metric, the baselines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnviz.ui.language import _
from rnnviz.ui.live import BaselineView, SharedView
from rnnviz.ui.run_text import metric_title
from rnnviz.ui.services.baselines import task_baselines

if TYPE_CHECKING:
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment


def shared_view(experiment: "Experiment", saved_steps: Sequence[int]) -> SharedView:
    """What is the same for all contestants of the race that `experiment` belongs to."""
    from rnnviz.races.decisions import chance_baseline
    from rnnviz.training import steps_per_epoch

    task = experiment.task
    computed = task_baselines(task)
    return SharedView(
        tokens=task.example().tokens,
        is_numeric=bool(task.features),
        joiner="" if task.unit == "character" and not task.features else " ",
        metric_name=_(task.metric_name),
        metric_title=metric_title(task, "validation"),
        metric_unit=_(task.metric_unit),
        is_share=task.is_share,
        lower_is_better=task.best_metric == 0,
        steps_per_epoch=steps_per_epoch(task, experiment.optimiser.batch),
        baselines=[
            BaselineView(_(baseline.title), baseline.metric, baseline.loss)
            for baseline in (chance_baseline(task), *(computed or ()))
        ],
        baselines_pending=computed is None,
        saved_steps=saved_steps,
        label_titles=label_titles(task),
    )


def label_titles(task: "Task") -> dict[str, str]:
    """The translated titles of labels, where answers have one at every step; else none.

    An answer that is a single label is stored by its title.
    """
    if task.kind != "many-to-many":
        return {}
    return {label: _(title) for label, title in task.label_titles.items()}
