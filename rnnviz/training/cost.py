"""How large a model is, and what a step of its training costs: counted, not timed.

Imports torch by way of the models, so it is not part of what `rnnviz.jobs` itself offers.
"""

from dataclasses import dataclass

from rnnviz.model import IOSpec, count_parameters, multiply_adds
from rnnviz.training import Experiment
from rnnviz.training.batches import Batches

SAMPLED_BATCHES = 8
"""The batches whose mean stands for all of them."""


@dataclass(frozen=True)
class ModelSize:
    """The units and parameters of a model, and the multiply-adds of a training step, forward."""

    units: int
    parameters: int
    multiply_adds: int


def model_size(experiment: Experiment) -> ModelSize:
    """How large the model of `experiment` is."""
    spec = experiment.model
    parameters = count_parameters(spec, IOSpec.of(experiment.task))
    return ModelSize(spec.hidden, parameters, step_cost(experiment))


def step_cost(experiment: Experiment) -> int:
    """The multiply-adds of a training step of `experiment` on its way forward.

    The mean over the batches that it trains on first: they are padded to their longest sequence,
    and a small set does not fill them.
    """
    task, n = experiment.task, experiment.optimiser.batch
    spec, ends, batches = experiment.model, IOSpec.of(task), Batches(task, n, experiment.seed)
    shapes = []
    for _batch in range(SAMPLED_BATCHES):
        given = batches.next()[0]
        shapes.append((len(given), given.inputs.shape[1], given.mask.shape[1]))
    costs = {(T, U): multiply_adds(spec, ends, T, U) for _B, T, U in shapes}
    return round(sum(B * costs[T, U] for B, T, U in shapes) / SAMPLED_BATCHES)
