"""What is fair in a race: how far it is in epochs, how large the models are, what a step costs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rnnviz.model import IOSpec, ModelSpec, count_parameters, multiply_adds
from rnnviz.races.contestants import default_contestants, fitting_contestants
from rnnviz.races.setup import PARAMETER_TOLERANCE, parameter_mismatch, race_experiments
from rnnviz.tasks import TASKS, DelayedRecall, Forecast, FourWords, RunningText, SpelledOut, Task
from rnnviz.training import Experiment, Optimiser
from rnnviz.training.batches import Batches
from rnnviz.training.cost import model_size, step_cost
from rnnviz.ui.language import catalogue
from rnnviz.ui.race.shared import shared_view
from rnnviz.ui.services.training import service


@pytest.mark.parametrize(
    ("task", "steps"),
    [(SpelledOut("months"), 1), (SpelledOut("weekdays"), 1), (RunningText(), 84)],
    ids=["months", "weekdays", "text"],
)
def test_a_race_counts_its_epochs_in_the_steps_that_they_have(task: Task, steps: int) -> None:
    experiment = Experiment(task, ModelSpec(hidden=4), Optimiser(batch=32))
    assert shared_view(experiment, []).steps_per_epoch == steps


def test_a_race_on_drawn_examples_has_no_epochs() -> None:
    assert shared_view(Experiment(DelayedRecall(), ModelSpec(hidden=4)), []).steps_per_epoch is None


@pytest.mark.parametrize("n", [3, 32])
@pytest.mark.parametrize("name", TASKS)
def test_what_a_step_costs_is_counted_on_the_batches_of_training(name: str, n: int) -> None:
    task = TASKS[name]()
    experiment = Experiment(task, ModelSpec("gru", hidden=4), Optimiser(batch=n), seed=3)
    batches, total, seen = Batches(task, n, seed=4), 0, 60
    for _step in range(seen):
        batch = batches.next()[0]
        T, U = batch.inputs.shape[1], batch.mask.shape[1]
        total += len(batch) * multiply_adds(experiment.model, IOSpec.of(task), T, U)
    assert step_cost(experiment) == pytest.approx(total / seen, rel=0.25)
    assert step_cost(experiment) == step_cost(experiment) == model_size(experiment).multiply_adds


def test_a_batch_that_is_not_full_costs_less() -> None:
    model = ModelSpec("gru", hidden=4)
    ends = IOSpec.of(FourWords())
    one = multiply_adds(model, ends, 10)
    for n, examples in ((2, 2.0), (3, 2.0), (32, 4.0)):  # of four words three come first, then one
        assert step_cost(Experiment(FourWords(), model, Optimiser(batch=n))) == examples * one


# The same number of parameters --------------------------------------------------------------------


def parameters(experiment: Experiment) -> int:
    return count_parameters(experiment.model, IOSpec.of(experiment.task))


@pytest.mark.parametrize("hidden", [4, 16, 64, 128])
@pytest.mark.parametrize("name", ["weather", "adding", "surnames", "delayed_recall", "dates"])
def test_all_have_the_same_number_of_parameters_or_it_is_said_who_has_not(
    name: str, hidden: int
) -> None:
    task = TASKS[name]()
    base, codes = (
        Experiment(task, ModelSpec(hidden=hidden, embedding="one-hot")),
        [*fitting_contestants(task)],
    )
    lined = race_experiments(base, codes, "parameters", seeds=2)
    found = parameter_mismatch(base, codes, lined)
    largest = max(parameters(each) for each in race_experiments(base, codes, "units"))
    assert found.target == largest
    for code, each in zip(codes, lined, strict=False):
        count = parameters(each)
        assert (code in found.parameters) == (abs(count - largest) > PARAMETER_TOLERANCE * largest)
        if code not in found.parameters:
            continue
        assert found.parameters[code] == count
        # One unit more is not allowed, or it is further away; the same with one less.
        for units in (each.model.hidden - 1, each.model.hidden + 1):
            if 1 <= units <= each.model.max_units:
                other = parameters(replace(each, model=replace(each.model, hidden=units)))
                assert abs(other - largest) >= abs(count - largest)


def test_the_usual_rivals_of_the_forecast_have_the_same_number_of_parameters() -> None:
    task = Forecast()
    base, codes = Experiment(task, ModelSpec(hidden=16)), default_contestants(task)
    assert codes == ["gru", "dense", "convolution"]
    lined = race_experiments(base, codes, "parameters")
    counts = [parameters(each) for each in lined]
    assert max(counts) < 1.02 * min(counts)
    assert not parameter_mismatch(base, codes, lined).parameters


# The page -----------------------------------------------------------------------------------------


@pytest.fixture
def page() -> Iterator[Any]:
    """The page at an address."""
    app = Path(__file__).parents[1] / "app.py"

    def opened(**address: str) -> AppTest:
        at = AppTest.from_file(app, default_timeout=60).run()
        for name, value in address.items():
            at.query_params[name] = value
        return at.switch_page("pages/train/side_by_side.py").run()

    yield opened
    service().close()
    st.cache_resource.clear()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_before_the_start_the_page_says_who_cannot_have_as_many_parameters(
    page: Any, language: str
) -> None:
    at = page(task="weather", fair="parameters", hidden="64", lang=language)
    assert not at.exception
    [told] = [each.value.replace("\\", "") for each in at.info]
    convolution = "1D convolution"
    if language == "ko":
        convolution = catalogue("ko")[convolution]
    assert f"{convolution} 7,169 (−54 %)" in told
    assert "15,489" in told
    assert not page(task="weather", fair="parameters", hidden="16", lang=language).info
    assert not page(task="weather", fair="units", hidden="64", lang=language).info
