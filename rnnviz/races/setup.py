"""The setup of a race: its experiments, its fairness; and snapshots of its models at any step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from rnnviz.model import IOSpec, ModelSpec, build_for, count_parameters, same_parameters
from rnnviz.races.contestants import CONTESTANTS, contestant_code
from rnnviz.training import Experiment, load_model
from rnnviz.training.snapshot import take_snapshot

Fairness = Literal["units", "parameters", "time"]

PARAMETER_TOLERANCE = 0.05
"""The share by which numbers of parameters may differ and still count as equal."""


def race_experiments(
    base: Experiment, codes: Sequence[str], fair: Fairness, seeds: int = 1
) -> list[Experiment]:
    """One experiment per contestant and seed, alike in all but those; seed by seed.

    With `fair` "units" or "time" all have the hidden units of `base`; with "parameters" only the
    largest has, and the others have the units that bring them closest to its number of parameters:
    `parameter_mismatch` says which ones are not close.
    """
    specs = [CONTESTANTS[code].spec(base.model) for code in codes]
    if fair == "parameters":
        io_spec, target = IOSpec.of(base.task), _target_parameters(base, codes)
        specs = [same_parameters(spec, target, io_spec) for spec in specs]
    return [
        replace(base, model=spec, seed=base.seed + offset)
        for offset in range(seeds)
        for spec in specs
    ]


def _target_parameters(base: Experiment, codes: Sequence[str]) -> int:
    """The number of parameters of the largest of `codes` with the hidden units of `base`."""
    io_spec = IOSpec.of(base.task)
    return max(count_parameters(CONTESTANTS[code].spec(base.model), io_spec) for code in codes)


@dataclass(frozen=True)
class ParameterMismatch:
    """The `target` number of parameters, and that of each contestant far from it, by code."""

    target: int
    parameters: Mapping[str, int]


def parameter_mismatch(
    base: Experiment, codes: Sequence[str], experiments: Sequence[Experiment]
) -> ParameterMismatch:
    """Which of `race_experiments` for the same number of parameters miss it."""
    io_spec, target = IOSpec.of(base.task), _target_parameters(base, codes)
    first = experiments[: len(codes)]  # those of other seeds have the same size
    counts = {
        code: count_parameters(each.model, io_spec) for code, each in zip(codes, first, strict=True)
    }
    limit = PARAMETER_TOLERANCE * target
    far = {code: count for code, count in counts.items() if abs(count - target) > limit}
    return ParameterMismatch(target, far)


def model_title(spec: ModelSpec) -> str:
    """The title of the model of `spec`, a message to translate."""
    return CONTESTANTS[contestant_code(spec)].title


def initial_snapshot(text: str) -> dict[str, Any]:
    """The snapshot of an untrained model, always on the CPU; `text` is an experiment as JSON."""
    experiment = Experiment.from_json(text)
    task, generator = experiment.task, torch.Generator().manual_seed(experiment.seed)
    model = build_for(task, experiment.model, generator).eval()
    return take_snapshot(model, task, 0, experiment.optimiser.temperature).to_plain()


def snapshot_at(experiment: Experiment, step: int, weights: bytes) -> dict[str, Any]:
    """The snapshot of the model after `step` steps, from the weights that were stored then.

    Raises:
        Problem: the weights belong to another model, or are not finite.
    """
    model = load_model(experiment, weights)
    return take_snapshot(model, experiment.task, step, experiment.optimiser.temperature).to_plain()
