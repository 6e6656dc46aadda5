"""The shapes of a stack of 1D convolutions and poolings, as Keras and PyTorch build it.

T time steps, F filters.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d, conv1d, max_pool1d, pad

from rnnviz.messages import N_, Problem
from rnnviz.settings import Choice, Range, check

WORDS, FEATURES, FILTERS = 10_000, 128, 32
"""Of the network for film reviews in Chollet's book: its dictionary, vectors and filters."""

TOO_SHORT = N_(
    "Layer {layer} has {steps} {steps:step|steps} left, but its window spans {window}; allowed are"
    " longer sequences, smaller windows, or causal padding."
)


@dataclass(frozen=True)
class StackShape:
    """An embedding, L convolutions with pooling between them, pooling over time, one answer."""

    steps: Annotated[int, Range(50, 2000, label=N_("Time steps T"), logarithmic=True)] = 500
    kernel: Annotated[int, Range(1, 15, label=N_("Kernel size"))] = 5
    dilation: Annotated[int, Range(1, 8, label=N_("Dilation"))] = 1
    layers: Annotated[int, Range(1, 4, label=N_("Layers"))] = 2
    pool: Annotated[int, Range(1, 8, label=N_("Pooling size"))] = 5
    padding: Annotated[
        Literal["valid", "causal"],
        Choice({"valid": "valid", "causal": "causal"}, label=N_("Padding")),
    ] = "valid"
    pooling: Annotated[
        Literal["max", "average"],
        Choice({"max": N_("maximum"), "average": N_("average")}, label=N_("Pooling")),
    ] = "max"

    def __post_init__(self) -> None:
        check(self)

    @property
    def reach(self) -> int:
        """How many steps back the first input of a kernel lies."""
        return (self.kernel - 1) * self.dilation


@dataclass(frozen=True)
class Station:
    """One layer: its name in Keras, its output (steps, features) or (features,), its size.

    `multiply_adds` are those of one sequence, forward.
    """

    name: str
    shape: tuple[int, ...]
    parameters: int = 0
    multiply_adds: int = 0


@lru_cache(maxsize=500)
def stations(shape: StackShape) -> tuple[Station, ...]:
    """The layers from the token ids to the answer; the shapes are those of tensors that ran.

    Raises:
        Problem: a window is longer than what is left of the sequence.
    """
    prefix = "Max" if shape.pooling == "max" else "Average"
    x = torch.zeros(1, shape.steps, FEATURES)
    rows = [
        Station("Input", (shape.steps,)),
        Station("Embedding", (shape.steps, FEATURES), WORDS * FEATURES),
    ]
    for layer in range(shape.layers):
        weight, bias = torch.zeros(FILTERS, x.shape[2], shape.kernel), torch.zeros(FILTERS)
        if shape.padding == "causal":
            x = pad(x, (0, 0, shape.reach, 0))
        _require_steps(x, layer, shape.reach + 1)
        x = conv1d(x.mT, weight, bias, dilation=shape.dilation).mT
        parameters, products = weight.numel() + bias.numel(), x.shape[1] * weight.numel()
        rows.append(Station("Conv1D", _shape(x), parameters, products))
        if layer < shape.layers - 1 and shape.pool > 1:
            _require_steps(x, layer, shape.pool)
            pool = max_pool1d if shape.pooling == "max" else avg_pool1d
            x = pool(x.mT, shape.pool).mT
            rows.append(Station(f"{prefix}Pooling1D", _shape(x)))
    x = x.amax(1) if shape.pooling == "max" else x.mean(1)
    rows.append(Station(f"Global{prefix}Pooling1D", _shape(x)))
    rows.append(Station("Dense", (1,), FILTERS + 1, FILTERS))
    return tuple(rows)


def _shape(x: Tensor) -> tuple[int, ...]:
    return tuple(x.shape[1:])


def _require_steps(x: Tensor, layer: int, window: int) -> None:
    if x.shape[1] < window:
        raise Problem(TOO_SHORT, layer=layer + 1, steps=x.shape[1], window=window)
