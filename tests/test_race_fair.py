"""What is fair in a race: how far it is in epochs, how large the models are, what a step costs."""

import pytest

from rnnviz.jobs.sizes import size_of, step_cost
from rnnviz.model import Ends, ModelSpec, multiply_adds
from rnnviz.tasks import TASKS, DelayedRecall, FourWords, RunningText, SpelledOut, Task
from rnnviz.training import Experiment, Optimiser
from rnnviz.training.batches import Batches
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


@pytest.mark.parametrize("n", [3, 32])
@pytest.mark.parametrize("name", TASKS)
def test_what_a_step_costs_is_counted_on_the_batches_of_training(name: str, n: int) -> None:
    task = TASKS[name]()
    experiment = Experiment(task, ModelSpec("gru", hidden=4), Optimiser(batch=n), seed=3)
    batches, total, seen = Batches(task, n, seed=4), 0, 60
    for _step in range(seen):
        batch = batches.next()[0]
        T, U = batch.inputs.shape[1], batch.mask.shape[1]
        total += len(batch) * multiply_adds(experiment.model, Ends.of(task), T, U)
    assert step_cost(experiment) == pytest.approx(total / seen, rel=0.25)
    assert step_cost(experiment) == step_cost(experiment) == size_of(experiment).multiply_adds


def test_a_batch_that_is_not_full_costs_less() -> None:
    model = ModelSpec("gru", hidden=4)
    ends = Ends.of(FourWords())
    one = multiply_adds(model, ends, 10)
    for n, examples in ((2, 2.0), (3, 2.0), (32, 4.0)):  # of four words three come first, then one
        assert step_cost(Experiment(FourWords(), model, Optimiser(batch=n))) == examples * one
