"""What a worker tells of its training, and how it takes orders."""

from typing import Any

import pytest

from rnnviz.jobs.worker import training
from rnnviz.messages import Problem
from rnnviz.training.trainer import BROKEN_START, DIVERGED
from tests.races import experiment


def test_the_learning_rate_can_be_changed_while_it_trains() -> None:
    letters: list[dict[str, Any]] = []

    def inbox() -> list[dict[str, Any]]:
        taken = letters.copy()
        letters.clear()
        return taken

    def losses(change: bool) -> list[float]:
        events = training({**experiment(steps=200), "every": 0.0}, inbox)
        found = [next(events), next(events)]
        if change:
            letters.append({"do": "set", "lr": 0.3})
        found += list(events)
        return [
            row["loss"]
            for event in found
            if event["event"] == "progress"
            for row in event["points"]
        ]

    plain, changed = losses(False), losses(True)
    assert plain[:2] == changed[:2], "a change must not reach back"
    assert plain[2:] != changed[2:]


def test_a_diverging_run_ends_with_its_step_and_the_likely_cause() -> None:
    work = experiment(steps=50, lr=1.0)
    work["experiment"]["task"]["lag"] = 150
    work["experiment"]["model"] |= {"hidden": 16, "nonlinearity": "relu"}
    told: list[Any] = []
    with pytest.raises(Problem) as found:
        told.extend(training(work, list))
    assert found.value.template == DIVERGED
    step = found.value.values["step"]
    assert isinstance(step, int)
    assert 2 <= step < 50
    assert found.value.values["lr"] == 1.0
    rows = [row for event in told if event["event"] == "progress" for row in event["points"]]
    assert [row["step"] for row in rows] == list(range(step)), "told up to the end"


def test_weights_that_are_too_large_from_the_start_are_called_so() -> None:
    work = experiment(steps=50)
    work["experiment"]["task"]["lag"] = 150
    work["experiment"]["model"] |= {"nonlinearity": "relu", "spectral_radius": 10.0}
    with pytest.raises(Problem) as found:
        list(training(work, list))
    assert found.value.template == BROKEN_START
