"""What makes a race fair: its epochs, the sizes of its models, the cost of a training step."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rnnviz.model import IOSpec, ModelSpec, count_parameters, multiply_adds
from rnnviz.races.contestants import default_contestants, fitting_contestants
from rnnviz.races.setup import PARAMETER_TOLERANCE, parameter_mismatch, race_experiments
from rnnviz.tasks import TASKS, DelayedRecall, Forecast, FourWords, RunningText, SpelledOut, Task
from rnnviz.training import Experiment, Optimiser
from rnnviz.training.batches import Batches
from rnnviz.training.cost import model_size, step_cost
from rnnviz.ui.language import catalogue
from rnnviz.ui.race.shared import shared_view
from tests.conftest import reset_server
from tests.race_page import open_page, texts


@pytest.mark.parametrize(
    ("task", "steps"),
    [(SpelledOut("months"), 1), (SpelledOut("weekdays"), 1), (RunningText(), 84)],
    ids=["months", "weekdays", "text"],
)
def test_the_steps_of_an_epoch_follow_from_the_examples(task: Task, steps: int) -> None:
    experiment = Experiment(task, ModelSpec(hidden=4), Optimiser(batch=32))
    assert shared_view(experiment, []).steps_per_epoch == steps


def test_a_race_on_generated_examples_has_no_epochs() -> None:
    assert shared_view(Experiment(DelayedRecall(), ModelSpec(hidden=4)), []).steps_per_epoch is None


@pytest.mark.parametrize("n", [3, 32])
@pytest.mark.parametrize("name", TASKS)
def test_the_cost_of_a_step_is_the_mean_over_batches_of_training(name: str, n: int) -> None:
    task = TASKS[name]()
    experiment = Experiment(task, ModelSpec("gru", hidden=4), Optimiser(batch=n), seed=3)
    batches, total, steps = Batches(task, n, seed=4), 0, 60
    for _step in range(steps):
        batch = batches.next()[0]
        T, U = batch.inputs.shape[1], batch.mask.shape[1]
        total += len(batch) * multiply_adds(experiment.model, IOSpec.of(task), T, U)
    assert step_cost(experiment) == pytest.approx(total / steps, rel=0.25)
    assert step_cost(experiment) == step_cost(experiment) == model_size(experiment).multiply_adds


def test_a_batch_that_is_not_full_costs_less() -> None:
    model = ModelSpec("gru", hidden=4)
    one = multiply_adds(model, IOSpec.of(FourWords()), 10)
    for n, examples in ((2, 2.0), (3, 2.0), (32, 4.0)):  # of four words three come first, then one
        assert step_cost(Experiment(FourWords(), model, Optimiser(batch=n))) == examples * one


# The same number of parameters --------------------------------------------------------------------


def parameters(experiment: Experiment) -> int:
    return count_parameters(experiment.model, IOSpec.of(experiment.task))


@pytest.mark.parametrize("hidden", [4, 16, 64, 128])
@pytest.mark.parametrize("name", ["weather", "adding", "surnames", "delayed_recall", "dates"])
def test_contestants_have_the_same_number_of_parameters_or_are_listed_as_mismatches(
    name: str, hidden: int
) -> None:
    task = TASKS[name]()
    base = Experiment(task, ModelSpec(hidden=hidden, embedding="one-hot"))
    codes = [*fitting_contestants(task)]
    experiments = race_experiments(base, codes, "parameters", seeds=2)
    mismatch = parameter_mismatch(base, codes, experiments)
    largest = max(parameters(each) for each in race_experiments(base, codes, "units"))
    assert mismatch.target == largest
    for code, each in zip(codes, experiments, strict=False):
        count = parameters(each)
        assert (code in mismatch.parameters) == (
            abs(count - largest) > PARAMETER_TOLERANCE * largest
        )
        if code not in mismatch.parameters:
            continue
        assert mismatch.parameters[code] == count
        # One unit more is not allowed, or it is further away; the same with one less.
        for units in (each.model.hidden - 1, each.model.hidden + 1):
            if 1 <= units <= each.model.max_units:
                other = parameters(replace(each, model=replace(each.model, hidden=units)))
                assert abs(other - largest) >= abs(count - largest)


def test_the_default_contestants_of_the_forecast_have_the_same_number_of_parameters() -> None:
    task = Forecast()
    base, codes = Experiment(task, ModelSpec(hidden=16)), default_contestants(task)
    assert codes == ["gru", "dense", "convolution"]
    experiments = race_experiments(base, codes, "parameters")
    counts = [parameters(each) for each in experiments]
    assert max(counts) < 1.02 * min(counts)
    assert not parameter_mismatch(base, codes, experiments).parameters


# The page -----------------------------------------------------------------------------------------


@pytest.fixture
def close_service() -> Iterator[None]:
    yield
    reset_server()


@pytest.mark.usefixtures("close_service")
@pytest.mark.parametrize("language", ["en", "ko"])
def test_before_the_start_the_page_names_models_with_fewer_parameters(language: str) -> None:
    at = open_page(task="weather", fair="parameters", hidden="64", lang=language)
    assert not at.exception
    [notice] = texts(at.info)
    convolution = "1D convolution"
    if language == "ko":
        convolution = catalogue("ko")[convolution]
    assert f"{convolution} 7,169 (−54 %)" in notice
    assert "15,489" in notice
    assert not open_page(task="weather", fair="parameters", hidden="16", lang=language).info
    assert not open_page(task="weather", fair="units", hidden="64", lang=language).info
