"""What all contestants of a race have in common: the example, the measure, the lines to beat."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.ui.background import BackgroundCache
from rnnviz.ui.language import _
from rnnviz.ui.live import BaselineView, SharedView

if TYPE_CHECKING:
    from rnnviz.tasks import Baseline, Task
    from rnnviz.training import Experiment

KEPT = 100
"""Tasks whose baselines are remembered."""


class Baselines:
    """The baselines of tasks, each computed once, beside the pages."""

    def __init__(self) -> None:
        self._found: BackgroundCache[tuple[Baseline, ...]] = BackgroundCache("rnnviz baselines", KEPT)

    def of(self, task: "Task") -> "tuple[Baseline, ...] | None":
        """The baselines of `task`, or None while they are being computed."""
        made: Any = task
        # By its settings: the task itself may hold all of a visitor's file.
        key = json.dumps({"name": task.name, **asdict(made)}, sort_keys=True)
        answer = self._found.get(key, task.baselines)
        try:
            return None if answer is None else answer.result()
        except Problem:
            return ()  # of a file that has gone meanwhile: the race itself says so


@st.cache_resource(show_spinner=False)
def rivals() -> Baselines:
    """Those of this server."""
    return Baselines()


def shared_view(experiment: "Experiment", moments: Sequence[int]) -> SharedView:
    """What is the same for all who race like `experiment`."""
    from rnnviz.races.verdicts import trivial
    from rnnviz.training import epoch

    task = experiment.task
    found = rivals().of(task)
    lines = (trivial(task), *(found or ()))
    return SharedView(
        tokens=task.example().tokens,
        numbers=bool(task.features),
        joiner="" if task.unit == "character" and not task.features else " ",
        metric=_(task.metric_name),
        measured=measure(task),
        unit=_(task.metric_unit),
        share=task.is_share,
        error=task.perfect == 0,
        epoch=epoch(task, experiment.optimiser.batch),
        levels=[BaselineView(_(each.title), each.metric, each.loss) for each in lines],
        waiting=found is None,
        moments=moments,
    )


def measure(task: "Task") -> str:
    """The name of the task's metric, and on what it is measured."""
    return _("{metric} on the validation examples", metric=_(task.metric_name))
