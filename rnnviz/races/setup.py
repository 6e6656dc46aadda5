"""A race before its start, and its models at any moment: who runs, how it is fair, what is inside.

Imports torch by way of the models, so it is not part of what `rnnviz.jobs` itself offers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from rnnviz.model import IOSpec, ModelSpec, build_for, count_parameters, same_parameters
from rnnviz.races.contestants import CONTESTANTS, contestant_code
from rnnviz.training import Experiment, load_model
from rnnviz.training.snapshot import gradient_norms_and_states, take_snapshot

Fairness = Literal["units", "parameters", "time"]

PARAMETER_TOLERANCE = 0.05
"""The share by which numbers of parameters may differ and still count as the same."""


def race_experiments(
    base: Experiment, codes: Sequence[str], fair: Fairness, seeds: int = 1
) -> list[Experiment]:
    """One experiment per contestant and seed, alike in all but those; seed by seed.

    With `fair` "units" or "time" all have the hidden units of `base`; with "parameters" the largest
    of them has, and the others as many units as bring them nearest to its number of parameters:
    `uneven` says who stays far from it.
    """
    specs = [CONTESTANTS[code].spec(base.model) for code in codes]
    if fair == "parameters":
        ends, target = IOSpec.of(base.task), _target(base, codes)
        specs = [same_parameters(spec, target, ends) for spec in specs]
    return [
        replace(base, model=spec, seed=base.seed + more) for more in range(seeds) for spec in specs
    ]


def _target(base: Experiment, codes: Sequence[str]) -> int:
    """The parameters of the largest of `codes` with the hidden units of `base`."""
    ends = IOSpec.of(base.task)
    return max(count_parameters(CONTESTANTS[code].spec(base.model), ends) for code in codes)


@dataclass(frozen=True)
class ParameterMismatch:
    """Who does not come near the `target` that all should have: its parameters by its code."""

    target: int
    parameters: Mapping[str, int]


def parameter_mismatch(
    base: Experiment, codes: Sequence[str], lined: Sequence[Experiment]
) -> ParameterMismatch:
    """Where the race that `line_up` made for the same number of parameters is not quite that."""
    ends, target = IOSpec.of(base.task), _target(base, codes)
    first = lined[: len(codes)]  # those of other seeds are as large
    counts = {
        code: count_parameters(each.model, ends) for code, each in zip(codes, first, strict=True)
    }
    far = {
        code: each
        for code, each in counts.items()
        if abs(each - target) > PARAMETER_TOLERANCE * target
    }
    return ParameterMismatch(target, far)


def model_title(spec: ModelSpec) -> str:
    """What a visitor reads for the model of `spec`; a message to translate."""
    return CONTESTANTS[contestant_code(spec)].title


def initial_snapshot(experiment: str) -> dict[str, Any]:
    """The probe of an untrained model; `experiment` is JSON. Looked at on the CPU in any case."""
    found = Experiment.from_json(experiment)
    model = build_for(found.task, found.model, torch.Generator().manual_seed(found.seed))
    return take_snapshot(model.eval(), found.task, 0, found.optimiser.temperature).to_plain()


def snapshot_at(experiment: Experiment, step: int, weights: bytes) -> dict[str, Any]:
    """The probe of the model as it was after `step` steps, from the weights that were kept then.

    Raises:
        Problem: the weights are of another model, or no longer finite.
    """
    model = load_model(experiment, weights)
    return take_snapshot(model, experiment.task, step, experiment.optimiser.temperature).to_plain()


def example_gradient_norms(experiment: Experiment, weights: bytes) -> tuple[float, ...]:
    """The norm of the gradient at each time step of the task's example, with stored weights.

    Raises:
        Problem: the weights are of another model, or no longer finite.
    """
    return gradient_norms_and_states(load_model(experiment, weights), experiment.task)[0]
