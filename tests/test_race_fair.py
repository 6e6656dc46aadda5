"""What is fair in a race: how far it is in epochs, how large the models are, what a step costs."""

import pytest

from rnnviz.model import ModelSpec
from rnnviz.tasks import DelayedRecall, RunningText, SpelledOut, Task
from rnnviz.training import Experiment, Optimiser
from rnnviz.ui.race.scene import scene_of


@pytest.mark.parametrize(
    ("task", "steps"),
    [(SpelledOut("months"), 1), (SpelledOut("weekdays"), 1), (RunningText(), 84)],
    ids=["months", "weekdays", "text"],
)
def test_a_race_counts_its_epochs_in_the_steps_that_they_have(task: Task, steps: int) -> None:
    experiment = Experiment(task, ModelSpec(hidden=4), Optimiser(batch=32))
    assert scene_of(experiment, []).epoch == steps


def test_a_race_on_drawn_examples_has_no_epochs() -> None:
    assert scene_of(Experiment(DelayedRecall(), ModelSpec(hidden=4)), []).epoch is None
