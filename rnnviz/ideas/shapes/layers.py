"""A layer with its seed reads a batch: shapes, values, and where the last states are.

Everything is kept with the batch first, whatever the order of the axes outside.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.ideas.shapes.settings import LETTERS, SEED, VOCABULARY, WORDS, LayerSettings

DEPTH = 4
"""Sequences of a batch whose values are kept to be drawn."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Weight:
    """One parameter of the layer: PyTorch's name, its shape, how many numbers it has."""

    name: str
    shape: Shape
    count: int


@dataclass(frozen=True)
class Reading:
    """What a layer made of a batch.

    Attributes:
        ids: token ids (B', T), where the input is such; B' is at most DEPTH.
        inputs: (B', T, I).
        output: (B', T, D·H).
        states: h_n and, for an LSTM, c_n, each (L, D, B', H).
        shapes: by name ("ids", "input", "output", "h_n", "c_n"), as PyTorch prints them.
        weights: of the layer, in PyTorch's order.
        forward_error: the largest difference of h_n's forward half from output at the last step.
        backward_error: that of h_n's backward half from output at the first step; 0 without one.
        backward_distance: that of h_n's backward half from output at the last step; 0 without one.
        cell_error: c_n against the cell state after the last step, read step by step: the largest
            difference in the first layer, forwards; None without a cell state.
        cell_distance: the same against the cell state one step before.
    """

    settings: LayerSettings
    ids: Tensor | None
    inputs: Tensor
    output: Tensor
    states: tuple[Tensor, ...]
    shapes: dict[str, Shape]
    weights: tuple[Weight, ...]
    forward_error: float
    backward_error: float
    backward_distance: float
    cell_error: float | None
    cell_distance: float | None

    @property
    def count(self) -> int:
        """The numbers of all weights and biases together."""
        return sum(weight.count for weight in self.weights)


@dataclass(frozen=True)
class Network:
    """A layer with its input (B, T, I), both of the one seed; `ids` (B, T) and their `table`."""

    layer: nn.RNNBase
    inputs: Tensor
    ids: Tensor | None = None
    table: Tensor | None = None


def build(settings: LayerSettings, *, is_plain: bool = False) -> Network:
    """The network of `settings`, batch first: what the listings get from torch.manual_seed.

    `is_plain` leaves one layer and one direction of it: the weights and the input stay the same.
    """
    generator = torch.Generator().manual_seed(SEED)
    inputs, ids, table = _inputs(settings, generator)
    make: Any = CELLS[settings.cell].layer
    # Without values at first: they come from the generator, not from PyTorch's global one.
    layer: nn.RNNBase = make(
        inputs.shape[-1],
        settings.hidden,
        num_layers=1 if is_plain else settings.layers,
        bidirectional=settings.is_bidirectional and not is_plain,
        batch_first=True,
        device="meta",
    ).to_empty(device="cpu")
    bound = settings.hidden**-0.5
    for weight in layer.parameters():
        nn.init.uniform_(weight, -bound, bound, generator=generator)
    return Network(layer.requires_grad_(False), inputs, ids, table)


def _inputs(
    settings: LayerSettings, generator: torch.Generator
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    size = settings.batch, settings.steps
    if settings.values == "letters":
        numbers = [
            [LETTERS.index(letter(sequence, step)) for step in range(settings.steps)]
            for sequence in range(settings.batch)
        ]
        return torch.eye(len(LETTERS))[torch.tensor(numbers)], None, None
    if settings.values == "random":
        return torch.randn(*size, settings.inputs, generator=generator), None, None
    ids = torch.randint(1, VOCABULARY, size, generator=generator)
    table = torch.randn(VOCABULARY, settings.inputs, generator=generator)
    table[0] = 0
    return table[ids], ids, table


def letter(sequence: int, step: int) -> str:
    """What a sequence of the batch spells at a time step."""
    word = WORDS[sequence % len(WORDS)]
    return word[step % len(word)]


def read(settings: LayerSettings) -> Reading:
    """Let the layer of `settings` read its batch."""
    network = build(settings)
    layer, ways, hidden = network.layer, settings.ways, settings.hidden
    output, state = layer(network.inputs)
    states = state if isinstance(state, tuple) else (state,)
    blocks = [part.unflatten(0, (settings.layers, ways)) for part in states]
    last = blocks[0][-1]
    backward = last[1] if ways == 2 else None
    errors = _cell_errors(settings) if len(states) > 1 else (None, None)
    return Reading(
        settings=settings,
        ids=None if network.ids is None else network.ids[:DEPTH],
        inputs=network.inputs[:DEPTH],
        output=output[:DEPTH].clone(),
        states=tuple(block[:, :, :DEPTH].clone() for block in blocks),
        shapes=_shapes(network, output, states, settings.batch_first),
        weights=tuple(
            Weight(name, tuple(weight.shape), weight.numel())
            for name, weight in layer.named_parameters()
        ),
        forward_error=_difference(last[0], output[:, -1, :hidden]),
        backward_error=0.0 if backward is None else _difference(backward, output[:, 0, hidden:]),
        backward_distance=0.0
        if backward is None
        else _difference(backward, output[:, -1, hidden:]),
        cell_error=errors[0],
        cell_distance=errors[1],
    )


def _shapes(
    network: Network, output: Tensor, states: tuple[Tensor, ...], batch_first: bool
) -> dict[str, Shape]:
    """As PyTorch prints them: batch_first changes input and output, never the states."""

    def outside(values: Tensor) -> Shape:
        return tuple((values if batch_first else values.transpose(0, 1)).shape)

    shapes = {} if network.ids is None else {"ids": outside(network.ids)}
    shapes |= {"input": outside(network.inputs), "output": outside(output)}
    return shapes | {
        name: tuple(part.shape) for name, part in zip(("h_n", "c_n"), states, strict=False)
    }


def _cell_errors(settings: LayerSettings) -> tuple[float, float]:
    """c_n against the cell states after the last step and after the one before it."""
    network = build(settings, is_plain=True)
    _output, (_h, c_n) = network.layer(network.inputs)
    state, before = None, torch.zeros_like(c_n)
    for x in network.inputs.unbind(1):
        before = before if state is None else state[1]
        _output, state = network.layer(x[:, None], state)
    assert state is not None
    return _difference(c_n, state[1]), _difference(c_n, before)


def _difference(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())
