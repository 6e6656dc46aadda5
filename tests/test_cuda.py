"""Whatever trains on the CPU trains on a GPU as well. Run where there is one: pytest -m cuda"""

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
    "gru, both directions, dropout": ModelSpec(
        "gru", hidden=8, layers=2, bidirectional=True, dropout=0.2, recurrent_dropout=0.2
    ),
    "lstm with attention": ModelSpec("lstm", hidden=8, attention=True),
    "convolution in front": ModelSpec("gru", hidden=8, front=True),
    "convolution": ModelSpec(family="convolution", hidden=8),
    "dense": ModelSpec(family="dense", hidden=8),
}


def losses(trainer: Trainer, steps: int) -> list[float]:
    values = []
    for _ in range(steps):
        trainer.advance()
        values.append(trainer.loss)
    return values


def is_compatible(spec: ModelSpec, task: str) -> bool:
    """Whether a model of `spec` can learn `task`."""
    kind = TASKS[task]()
    one = kind.kind in ("many-to-one", "forecast")
    bidirectional = spec.bidirectional and kind.stateful
    return (one or (spec.family == "recurrent" and not spec.front)) and not bidirectional


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("task", TASKS)
def test_a_gpu_reaches_the_same_losses(task: str, model: str) -> None:
    if is_compatible(MODELS[model], task):
        experiment = Experiment(TASKS[task](), MODELS[model], Optimiser(steps=4, batch=8, lr=1e-3))
        on_gpu = Trainer(replace(experiment, device="cuda"))
        assert losses(on_gpu, 4) == pytest.approx(losses(Trainer(experiment), 4), rel=1e-2)
        on_cpu = load_model(experiment, weights_of(on_gpu.model))
        assert on_cpu.device.type == "cpu"
        assert on_gpu.snapshot().answers
        assert on_gpu.result().step == 4


@pytest.mark.parametrize("model", MODELS)
def test_a_run_on_a_gpu_is_resumed(model: str) -> None:
    experiment = Experiment(
        TASKS["delayed_recall"](), MODELS[model], Optimiser(steps=8, batch=8), device="cuda"
    )
    whole, interrupted = Trainer(experiment), Trainer(experiment)
    expected = losses(whole, 8)
    losses(interrupted, 4)
    resumed = load_checkpoint(experiment, checkpoint(interrupted))
    assert losses(resumed, 4) == pytest.approx(expected[4:], rel=1e-3)


def test_a_race_can_be_run_on_a_gpu() -> None:
    service = Service(InlineEngine(slots=3))
    experiment = Experiment(
        TASKS["delayed_recall"](), ModelSpec("gru", hidden=8), Optimiser(steps=20), device="cuda"
    ).to_plain()
    race = service.submit("ann", [{"experiment": experiment, "report_interval": 0.0}])
    for _ in range(200):
        service.tick()
    view = service.view(race)
    assert view is not None
    assert view.state == "finished"
    assert torch.cuda.max_memory_allocated() > 0
