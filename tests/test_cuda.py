"""What trains on the processor trains on a GPU as well. Run where there is one: pytest -m cuda"""

from dataclasses import replace

import pytest
import torch

from rnnviz.jobs import InlineEngine, Service
from rnnviz.model import ModelSpec
from rnnviz.tasks import TASKS
from rnnviz.training import (
    Experiment,
    Optimiser,
    Trainer,
    checkpoint,
    load_checkpoint,
    load_model,
    weights_of,
)

pytestmark = pytest.mark.cuda

MODELS = {
    "rnn": ModelSpec("rnn", hidden=8),
    "gru, both ways, dropping out": ModelSpec(
        "gru", hidden=8, layers=2, bidirectional=True, dropout=0.2, recurrent_dropout=0.2
    ),
    "lstm attending": ModelSpec("lstm", hidden=8, attention=True),
    "convolution in front": ModelSpec("gru", hidden=8, front=True),
    "convolution": ModelSpec(family="convolution", hidden=8),
    "dense": ModelSpec(family="dense", hidden=8),
}


def losses(trainer: Trainer, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        trainer.advance()
        found.append(trainer.loss)
    return found


def is_compatible(spec: ModelSpec, task: str) -> bool:
    """Whether a model of `spec` can be asked to learn `task`."""
    made = TASKS[task]()
    one = made.kind in ("many-to-one", "forecast")
    bidirectional = spec.bidirectional and made.stateful
    return (one or (spec.family == "recurrent" and not spec.front)) and not bidirectional


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("task", TASKS)
def test_a_gpu_comes_to_the_same_losses(task: str, model: str) -> None:
    if is_compatible(MODELS[model], task):
        experiment = Experiment(TASKS[task](), MODELS[model], Optimiser(steps=4, batch=8, lr=1e-3))
        there = Trainer(replace(experiment, device="cuda"))
        assert losses(there, 4) == pytest.approx(losses(Trainer(experiment), 4), rel=1e-2)
        here = load_model(experiment, weights_of(there.model))
        assert here.device.type == "cpu"
        assert there.snapshot().answers
        assert there.result().step == 4


@pytest.mark.parametrize("model", MODELS)
def test_a_run_on_a_gpu_is_gone_on_with(model: str) -> None:
    experiment = Experiment(
        TASKS["delayed_recall"](), MODELS[model], Optimiser(steps=8, batch=8), device="cuda"
    )
    whole, cut = Trainer(experiment), Trainer(experiment)
    expected = losses(whole, 8)
    losses(cut, 4)
    again = load_checkpoint(experiment, checkpoint(cut))
    assert losses(again, 4) == pytest.approx(expected[4:], rel=1e-3)


def test_a_race_can_be_run_on_a_gpu() -> None:
    service = Service(InlineEngine(slots=3))
    plan = Experiment(
        TASKS["delayed_recall"](), ModelSpec("gru", hidden=8), Optimiser(steps=20), device="cuda"
    ).to_plain()
    race = service.submit("ann", [{"experiment": plan, "report_interval": 0.0}])
    for _ in range(200):
        service.tick()
    view = service.view(race)
    assert view is not None
    assert view.state == "finished"
    assert torch.cuda.max_memory_allocated() > 0
