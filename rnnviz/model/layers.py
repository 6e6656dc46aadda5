"""One function that runs any recurrent layer, and dropout that draws from its own generator.

B sequences, T time steps, I inputs, H hidden units, L layers, D directions.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.cells import CELLS, Layer, States, cell_type_of, cells_of, make_layer, reverse_sequences
from rnnviz.model.spec import ModelSpec


def recurrent_layer(spec: ModelSpec, size: int, *, bidirectional: bool) -> Layer:
    """The layer of the cell of `spec` over vectors of `size` numbers."""
    cell_type = CELLS[spec.cell]
    return make_layer(
        cell_type,
        size,
        spec.hidden,
        num_layers=spec.layers,
        bidirectional=bidirectional,
        batch_first=True,
        **{name: getattr(spec, name) for name in cell_type.options},
    )


def multiply_adds_per_step(layer: Layer) -> int:
    """The multiplications of one time step: one per weight that is not a bias."""
    parameters = layer.named_parameters()
    return sum(weight.numel() for name, weight in parameters if not name.startswith("bias_"))


def run(
    layer: Layer, x: Tensor, lengths: Tensor | None = None, states: States | None = None
) -> tuple[Tensor, States]:
    """The outputs (B,T,D*H) of `layer` over x (B,T,I), and its last states (L*D,B,H).

    Only the backward direction needs `lengths` (B,): what follows a sequence cannot reach back into
    it. This is the only place where training runs a layer, so another implementation can replace
    PyTorch's here.
    """
    hx = None if states is None else (states if len(states) > 1 else states[0])
    if layer.bidirectional and lengths is not None and int(lengths.min()) < x.shape[1]:
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        packed_outputs, last = layer(packed, hx)
        outputs = pad_packed_sequence(packed_outputs, batch_first=True, total_length=x.shape[1])[0]
    else:
        outputs, last = layer(x, hx)
    return outputs, last if isinstance(last, tuple) else (last,)


def run_with_dropout(
    layer: Layer,
    x: Tensor,
    lengths: Tensor,
    states: States | None,
    *,
    between: float,
    within: float,
    generator: torch.Generator,
    of_state: float = 0.0,
) -> tuple[Tensor, States]:
    """`run` in training with dropout drawn by `generator`.

    `between`: the share of the outputs of every layer but the last that is dropped. `within`: the
    share of the weights from state to state that is, the same at all steps (DropConnect: Merity,
    Keskar and Socher 2017, "Regularizing and Optimizing LSTM Language Models"). `of_state`: the
    share of h that is dropped before it meets these weights, drawn once for each sequence and block
    and the same at all steps, as Keras does it (Gal and Ghahramani 2016, "A Theoretically Grounded
    Application of Dropout in Recurrent Neural Networks").
    """
    D = 1 + layer.bidirectional
    starts = states or tuple(
        x.new_zeros(layer.num_layers * D, len(x), layer.hidden_size)
        for _ in cell_type_of(layer).states
    )
    last_states: list[States] = []
    for k, cells in enumerate(cells_of(layer)):
        if k:
            x = drop(x, between, generator)
        sides = []
        for side, cell in enumerate(cells):
            if cell.w_hh is not None:
                cell = replace(cell, w_hh=drop(cell.w_hh, within, generator))
            if of_state:
                ones = x.new_ones(len(x), len(cell.blocks), cell.hidden)
                cell = replace(cell, state_mask=drop(ones, of_state, generator))
            start = tuple(each[k * D + side] for each in starts)
            h, last = cell.run(reverse_sequences(x, lengths) if side else x, start)
            sides.append(reverse_sequences(h, lengths) if side else h)
            last_states.append(last)
        x = torch.cat(sides, dim=-1)
    return x, tuple(torch.stack(each) for each in zip(*last_states, strict=True))


def drop(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """`x` with `share` of its numbers at zero and the others enlarged to make up for it."""
    if not share:
        return x
    # Drawn on the CPU, so that equal experiments drop the same on every device.
    mask = torch.rand(x.shape, generator=generator) >= share
    return x * mask.to(x.device) / (1 - share)


Dropout = Callable[[Tensor], Tensor]
"""Drops a share of a layer's outputs, if any."""


def make_dropout(share: float, generator: torch.Generator | None) -> Dropout:
    """`drop` with this share and generator; without a generator nothing is dropped."""
    if generator is None:
        return identity
    return lambda x: drop(x, share, generator)


def identity(x: Tensor) -> Tensor:
    """`x` with nothing dropped."""
    return x
