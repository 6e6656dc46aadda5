"""Weights and checkpoints as bytes (safetensors), to be stored, sent and resumed from.

A run that resumes from its checkpoint reaches the same numbers as one that was never interrupted.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

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
OTHER_READING = N_(
    "The file of this run is read otherwise today than when it was trained, so that its stored "
    "weights no longer fit; train it anew. ({error})"
)

_META = "rnnviz"

Entry = TypeVar("Entry")

_OLD_NAMES = {
    "last": "latest",
    "best": "best_validation",
    "recent": "recent_losses",
    "since": "since_row",
    "set": "settings",
    "given": "batches",
    "chances": "generator",
}
"""Numbers and tensors by their names in checkpoints of version 0.1.0, and their names today."""


def weights_of(model: Model) -> bytes:
    """The weights of `model` as safetensors, on the CPU."""
    return save({name: weight.cpu().numpy() for name, weight in model.state_dict().items()})


class WeightsPacker:
    """`weights_of` one model again and again, in a tenth of the time.

    Between two calls only the numbers change, so the header is built once.
    """

    def __init__(self, model: Model) -> None:
        content = weights_of(model)
        header = _header(content)
        self._start = content[: _data_start(content)]
        # The parameters themselves: they stay the same wherever their numbers are stored.
        parameters = model.state_dict(keep_vars=True)
        names = sorted(header, key=lambda name: header[name]["data_offsets"])
        self._weights = [parameters[name] for name in names]

    def __call__(self) -> bytes:
        """The current weights of the model."""
        numbers = [weight.detach().cpu().numpy().tobytes() for weight in self._weights]
        return b"".join((self._start, *numbers))


def load_model(experiment: Experiment, content: bytes) -> Model:
    """Load stored weights into a model of `experiment`, on the CPU, in evaluation mode.

    Raises:
        Problem: the content is no safetensors file, or belongs to another model.
    """
    model = build_for(experiment.task, experiment.model, torch.Generator())
    tensors = _read(content)
    try:
        model.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise _mismatch(experiment, error) from error
    return model.eval()


def checkpoint(trainer: Trainer) -> bytes:
    """All that is needed to resume the run of `trainer`."""
    tensors, numbers = trainer.state_dict()
    # Through numpy: safetensors takes nine times as long for torch, and writes the same bytes.
    arrays = {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}
    return save(arrays, {_META: json.dumps(numbers)})


def load_checkpoint(experiment: Experiment, content: bytes) -> Trainer:
    """A trainer of `experiment` that resumes from `content`.

    Raises:
        Problem: the content is no checkpoint, or belongs to another model.
    """
    trainer = Trainer(experiment)
    tensors = _rename(_read(content))
    try:
        numbers = _validate_numbers(_rename(checkpoint_numbers(content)), experiment)
        _validate_tensors(tensors, trainer)
        trainer.load_state_dict(tensors, numbers)
    except (LookupError, TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise _mismatch(experiment, error) from error
    return trainer


def _mismatch(experiment: Experiment, error: Exception) -> Problem:
    """The problem that stored tensors do not fit the model of `experiment`.

    Earlier versions read tables otherwise, and so other columns and other windows.
    """
    is_table = experiment.task.accepts == "series" and experiment.task.files
    return Problem(OTHER_READING if is_table else WRONG_MODEL, error=str(error)[:200])


def checkpoint_numbers(content: bytes) -> dict[str, Any]:
    """The numbers stored with the tensors of a checkpoint."""
    numbers: dict[str, Any] = json.loads(_header(content)["__metadata__"][_META])
    return numbers


def _rename(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {_OLD_NAMES.get(name, name): entry for name, entry in entries.items()}


def _validate_numbers(numbers: dict[str, Any], experiment: Experiment) -> dict[str, Any]:
    """The numbers of a checkpoint, converted to their types.

    Raises:
        LookupError, TypeError, ValueError, OverflowError: some are missing or impossible.
    """
    step, batches, steps = int(numbers["step"]), int(numbers["batches"]), experiment.optimiser.steps
    seconds = float(numbers["seconds"])
    if not (0 <= step <= steps and batches >= 0 and 0 <= seconds < math.inf):
        raise ValueError(f"it was written after step {step}; allowed is 0 to {steps}")
    latest, best = _floats(numbers["latest"]), _floats(numbers["best_validation"])
    since_row = [_floats(each) for each in numbers["since_row"]]
    if not (len(latest) == 4 and len(best) == 2 and all(len(each) == 3 for each in since_row)):
        raise ValueError("the measurements are incomplete")
    for _, settings in numbers["changes"]:
        replace(experiment.optimiser, **settings)  # raises for impossible values
    return {
        **numbers,
        "step": step,
        "seconds": seconds,
        "batches": batches,
        "latest": latest,
        "best_validation": [best[0], int(best[1])],
        "recent_losses": _floats(numbers["recent_losses"]),
        "since_row": since_row,
    }


def _floats(values: Any) -> list[float]:
    return [float(value) for value in values]


def _validate_tensors(tensors: Mapping[str, Tensor], trainer: Trainer) -> None:
    """Check that the tensors of a checkpoint fit `trainer`. D directions, L layers, B sequences.

    Adam's moments are checked where they are loaded.

    Raises:
        LookupError, ValueError: some are missing, or do not fit.
    """
    model, task, optimiser = trainer.model, trainer.experiment.task, trainer.optimiser
    for name, weight in model.state_dict().items():
        require_tensor(tensors, f"model.{name}", weight.shape, weight.dtype)
    order = require_tensor(
        tensors, "batches.order", [tensors["batches.order"].numel()], torch.int64
    )
    size = 0 if task.stateful else task.size() or 0
    if len(order) > size or bool(((order < 0) | (order >= size)).any()):
        raise ValueError(f"batches.order exceeds the {size} examples of the training split")
    carried = [name for name in tensors if name.startswith("carried.")]
    if carried:
        if not task.stateful or not isinstance(model, SequenceModel):
            raise ValueError("no state is carried from batch to batch")
        layer, states = model.recurrent, CELLS[model.spec.cell].states
        if len(carried) != len(states):
            raise ValueError(f"{len(carried)} states are carried; allowed is {len(states)}")
        for index in range(len(states)):
            layers = layer.num_layers * (1 + layer.bidirectional)  # D*L
            shape = (layers, optimiser.batch, layer.hidden_size)
            require_tensor(tensors, f"carried.{index}", shape)


def _data_start(content: bytes) -> int:
    """Where the data of a safetensors file begin: after the header and its length."""
    return 8 + int.from_bytes(content[:8], "little")


def _header(content: bytes) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(content[8 : _data_start(content)])
    return header


def _read(content: bytes) -> dict[str, Tensor]:
    try:
        return load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise Problem(UNREADABLE, error=str(error)[:200]) from error
