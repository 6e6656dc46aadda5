"""Which runs the page Step through can open, and why not the others."""

from functools import lru_cache
from typing import TYPE_CHECKING

from rnnviz.lessons.view import MAX_TIME_STEPS, NO_STATE, TOO_LONG
from rnnviz.messages import N_, Problem

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment

NO_WEIGHTS = N_("Its weights are not stored, so there is nothing to step through.")


def step_through_problem(experiment: "Experiment") -> Problem | None:
    """Why a run cannot be stepped through, even with its weights; None if it can."""
    spec = experiment.model
    if spec.family != "recurrent":
        return Problem(NO_STATE)
    T = _time_steps(experiment.task)
    if spec.front:  # behind the convolution a step stands for several
        T = -(-T // spec.pool)
    return Problem(TOO_LONG, T=T, limit=MAX_TIME_STEPS) if T > MAX_TIME_STEPS else None


@lru_cache(maxsize=8)  # called several times a second while a race is running
def _time_steps(task: "Task") -> int:
    return int(task.example().batch.lengths[0])
