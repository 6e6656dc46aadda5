"""Weights and whole runs as bytes (safetensors), to be kept, sent and gone on from.

A run that goes on from its checkpoint comes to the same numbers as one that was never interrupted.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.numpy import save
from safetensors.torch import load
from torch import Tensor

from rnnviz.cells import CELLS
from rnnviz.messages import N_, Problem
from rnnviz.model import Model, SequenceModel, build_for
from rnnviz.training.experiment import Experiment
from rnnviz.training.tensor_checks import require_tensor
from rnnviz.training.trainer import Trainer

UNREADABLE = N_("The stored weights cannot be read: {error}")
WRONG_MODEL = N_("The stored weights belong to another model: {error}")

_META = "rnnviz"


def weights_of(model: Model) -> bytes:
    """The weights of `model` as safetensors, on the CPU."""
    return save({name: weight.cpu().numpy() for name, weight in model.state_dict().items()})


class WeightsPacker:
    """`weights_of` one model again and again, at a tenth of the price.

    Between two calls only the numbers change, so what stands before them is made once.
    """

    def __init__(self, model: Model) -> None:
        content = weights_of(model)
        header = _header(content)
        self._start = content[: _data(content)]
        # The parameters themselves: they stay the same, wherever their numbers are kept.
        known = model.state_dict(keep_vars=True)
        names = sorted(header, key=lambda name: header[name]["data_offsets"])
        self._weights = [known[name] for name in names]

    def __call__(self) -> bytes:
        """The weights of the model as they are now."""
        numbers = [weight.detach().cpu().numpy().tobytes() for weight in self._weights]
        return b"".join((self._start, *numbers))


def load_model(experiment: Experiment, content: bytes) -> Model:
    """The model of `experiment` with stored weights, on the CPU, ready to be looked at.

    Raises:
        Problem: no safetensors, or of another model.
    """
    model = build_for(experiment.task, experiment.model, torch.Generator())
    _fill(model, _read(content))
    return model.eval()


def checkpoint(trainer: Trainer) -> bytes:
    """All that decides how the run of `trainer` goes on."""
    tensors, numbers = trainer.state_dict()
    # By numpy: what safetensors does for torch takes nine times as long, to the same bytes.
    arrays = {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}
    return save(arrays, {_META: json.dumps(numbers)})


def load_checkpoint(experiment: Experiment, content: bytes) -> Trainer:
    """A trainer of `experiment` that goes on from `content`.

    Raises:
        Problem: no checkpoint, or one of another model.
    """
    trainer = Trainer(experiment)
    tensors = _read(content)
    try:
        numbers = _sound(checkpoint_numbers(content), experiment)
        _demand_fit(tensors, trainer)
        trainer.load_state_dict(tensors, numbers)
    except (LookupError, TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise Problem(WRONG_MODEL, error=str(error)[:200]) from error
    return trainer


def checkpoint_numbers(content: bytes) -> dict[str, Any]:
    """The numbers beside the tensors of a checkpoint."""
    found: dict[str, Any] = json.loads(_header(content)["__metadata__"][_META])
    return found


def _sound(numbers: dict[str, Any], experiment: Experiment) -> dict[str, Any]:
    """The numbers of a checkpoint, if they are some."""
    step, given, most = int(numbers["step"]), int(numbers["given"]), experiment.optimiser.steps
    seconds = float(numbers["seconds"])
    if not (0 <= step <= most and given >= 0 and 0 <= seconds < math.inf):
        raise ValueError(f"it was kept after step {step}; allowed is 0 to {most}")
    last, best, recent = (_floats(numbers[name]) for name in ("last", "best", "recent"))
    since = [_floats(each) for each in numbers["since"]]
    if not (len(last) == 4 and len(best) == 2 and all(len(each) == 3 for each in since)):
        raise ValueError("what was measured before is incomplete")
    for _, changed in numbers["changes"]:
        replace(experiment.optimiser, **changed)  # refuses what no run can have been set to
    told = {"last": last, "best": [best[0], int(best[1])], "recent": recent, "since": since}
    return {**numbers, **told, "step": step, "given": given, "seconds": seconds}


def _floats(values: Any) -> list[float]:
    return [float(value) for value in values]


def _demand_fit(tensors: Mapping[str, Tensor], trainer: Trainer) -> None:
    """Refuse a checkpoint that is not this trainer's. D directions, L layers, B sequences.

    What Adam remembers is measured where it is taken over.
    """
    model, task, optimiser = trainer.model, trainer.experiment.task, trainer.optimiser
    for name, weight in model.state_dict().items():
        require_tensor(tensors, f"model.{name}", weight.shape, weight.dtype)
    order = require_tensor(
        tensors, "batches.order", [tensors["batches.order"].numel()], torch.int64
    )
    size = 0 if task.streams else task.size() or 0
    if len(order) > size or bool(((order < 0) | (order >= size)).any()):
        raise ValueError(f"batches.order leaves the {size} examples of the training part")
    carried = [name for name in tensors if name.startswith("carried.")]
    if carried:
        if not task.streams or not isinstance(model, SequenceModel):
            raise ValueError("no state is carried from batch to batch")
        layer, states = model.recurrent, CELLS[model.spec.cell].states
        if len(carried) != len(states):
            raise ValueError(f"{len(carried)} states are carried; allowed is {len(states)}")
        for place in range(len(states)):
            across = layer.num_layers * (1 + layer.bidirectional)  # D*L
            shape = (across, optimiser.batch, layer.hidden_size)
            require_tensor(tensors, f"carried.{place}", shape)


def _data(content: bytes) -> int:
    """Where the numbers of a safetensors file begin: behind the length of the header, and it."""
    return 8 + int.from_bytes(content[:8], "little")


def _header(content: bytes) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(content[8 : _data(content)])
    return header


def _read(content: bytes) -> dict[str, Tensor]:
    try:
        return load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise Problem(UNREADABLE, error=str(error)[:200]) from error


def _fill(model: Model, tensors: Mapping[str, Tensor]) -> None:
    try:
        model.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise Problem(WRONG_MODEL, error=str(error)[:200]) from error
