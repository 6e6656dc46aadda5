"""The baselines of tasks, computed once on this server and shared by all pages and visitors."""

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from rnnviz.jobs.apart import Call
from rnnviz.messages import Problem
from rnnviz.ui.services.computations import computations
from rnnviz.ui.services.uploads import task_files

if TYPE_CHECKING:
    from rnnviz.tasks import Baseline, Split, Task

BASELINES = "rnnviz.training.stored_evaluation:task_baselines"


def task_baselines(task: "Task", split: "Split" = "validation") -> "tuple[Baseline, ...] | None":
    """The baselines of `task` on the examples of `split`; None while they are being computed.

    Those of both splits that nothing is learned from are computed at once, so that what they have
    in common is fitted once.
    """
    settings: Any = task
    values = tuple(getattr(settings, each.name) for each in fields(settings))
    # The key is made of the settings: the task itself may hold all of a visitor's file.
    result = computations().poll(Call(BASELINES, (task.name, *values)), lambda: _complete(task))
    try:
        return None if result is None else result.value()[split]
    except Problem:
        return ()  # the file is no longer available: the race itself reports that


def _complete(task: "Task") -> Call:
    settings: Any = task
    experiment = json.dumps({"task": {"name": task.name, **asdict(settings)}})
    return Call(BASELINES, (experiment, task_files(task)))
