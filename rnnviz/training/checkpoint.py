"""Weights and whole runs as bytes (safetensors), to be kept, sent and gone on from.

A run that goes on from its checkpoint comes to the same numbers as one that was never interrupted.
"""

import json
from collections.abc import Mapping
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from rnnviz.messages import N_, Problem
from rnnviz.model import Model, build_for
from rnnviz.training.experiment import Experiment
from rnnviz.training.trainer import Trainer

UNREADABLE = N_("The stored weights cannot be read: {error}")
NOT_THESE = N_("The stored weights are of another model: {error}")

_META = "rnnviz"


def weights_of(model: Model) -> bytes:
    """The weights of `model` as safetensors, on the CPU."""
    return save({name: weight.cpu().contiguous() for name, weight in model.state_dict().items()})


class Packer:
    """`weights_of` one model again and again, at a tenth of the price.

    Between two calls only the numbers change, so what stands before them is made once.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        content = weights_of(model)
        header = _header(content)
        self._start = content[: _data(content)]
        self._names = sorted(header, key=lambda name: header[name]["data_offsets"])

    def __call__(self) -> bytes:
        """The weights of the model as they are now."""
        weights = self._model.state_dict()
        numbers = (weights[name].cpu().numpy().tobytes() for name in self._names)
        return b"".join((self._start, *numbers))


def with_weights(experiment: Experiment, content: bytes) -> Model:
    """The model of `experiment` with stored weights, on the CPU, ready to be looked at.

    Raises:
        Problem: no safetensors, or of another model.
    """
    model = build_for(experiment.task, experiment.model, torch.Generator())
    _fill(model, _read(content))
    return model.eval()


def checkpoint(trainer: Trainer) -> bytes:
    """All that decides how the run of `trainer` goes on."""
    tensors, numbers = trainer.standing()
    # Clones: safetensors refuses tensors that share their memory, as views of one buffer do.
    cloned = {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}
    return save(cloned, {_META: json.dumps(numbers)})


def resumed(experiment: Experiment, content: bytes) -> Trainer:
    """A trainer of `experiment` that goes on from `content`.

    Raises:
        Problem: no checkpoint, or one of another model.
    """
    trainer = Trainer(experiment)
    tensors = _read(content)
    try:
        trainer.stand(tensors, numbers_in(content))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise Problem(NOT_THESE, error=str(error)[:200]) from error
    return trainer


def numbers_in(content: bytes) -> dict[str, Any]:
    """The numbers beside the tensors of a checkpoint."""
    found: dict[str, Any] = json.loads(_header(content)["__metadata__"][_META])
    return found


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
        raise Problem(NOT_THESE, error=str(error)[:200]) from error
