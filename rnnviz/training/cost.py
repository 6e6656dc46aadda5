"""The size of a model and the cost of one of its training steps: counted, not timed."""

from dataclasses import dataclass

from rnnviz.model import IOSpec, count_parameters, multiply_adds
from rnnviz.training import Experiment
from rnnviz.training.batches import Batches

SAMPLED_BATCHES = 8
"""The number of batches whose mean stands for all of them."""


@dataclass(frozen=True)
class ModelSize:
    """The units and parameters of a model, and the multiply-adds of a step's forward pass."""

    units: int
    parameters: int
    multiply_adds: int


def model_size(experiment: Experiment) -> ModelSize:
    """The size of the model of `experiment`."""
    spec = experiment.model
    parameters = count_parameters(spec, IOSpec.of(experiment.task))
    return ModelSize(spec.hidden, parameters, step_cost(experiment))


def step_cost(experiment: Experiment) -> int:
    """The multiply-adds of the forward pass of a training step of `experiment`.

    The mean over the first batches it trains on: they are padded to their longest sequence, and a
    small data set does not fill them.
    """
    task, n = experiment.task, experiment.optimiser.batch
    spec, io_spec, batches = experiment.model, IOSpec.of(task), Batches(task, n, experiment.seed)
    shapes = []
    for _ in range(SAMPLED_BATCHES):
        batch = batches.next()[0]
        shapes.append((len(batch), batch.inputs.shape[1], batch.mask.shape[1]))
    costs = {(T, U): multiply_adds(spec, io_spec, T, U) for _B, T, U in shapes}
    return round(sum(B * costs[T, U] for B, T, U in shapes) / SAMPLED_BATCHES)
