"""The recurrent layer behind one function, and the dropouts that draw from a given generator.

B sequences, T time steps, I inputs, H hidden units, L layers, D directions.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.cells import CELLS

LAYERS: dict[str, type[Any]] = {name: cell.layer for name, cell in CELLS.items()}
"""PyTorch's own layer of every cell."""

States = tuple[Tensor, ...]
"""(L*D,B,H) for each of a layer's states: h, and of an LSTM also c."""

_WALKS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "LSTM": torch.lstm,
    "GRU": torch.gru,
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
}


def run(
    layer: nn.RNNBase, x: Tensor, lengths: Tensor | None = None, state: States | None = None
) -> tuple[Tensor, States]:
    """The outputs (B,T,D*H) of `layer` over x (B,T,I), and the state after the last step.

    Of `lengths` (B,) only the backward direction needs to know: what follows a sequence cannot
    reach back into it. This is the one place where a layer walks in training, so that another
    implementation can stand beside PyTorch's.
    """
    given = None if state is None else (state if len(state) > 1 else state[0])
    if layer.bidirectional and lengths is not None and int(lengths.min()) < x.shape[1]:
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        walked, after = layer(packed, given)
        outputs = pad_packed_sequence(walked, batch_first=True, total_length=x.shape[1])[0]
    else:
        outputs, after = layer(x, given)
    return outputs, after if isinstance(after, tuple) else (after,)


def run_dropping(
    layer: nn.RNNBase,
    x: Tensor,
    lengths: Tensor,
    state: States | None,
    *,
    between: float,
    within: float,
    generator: torch.Generator,
) -> tuple[Tensor, States]:
    """`run` in training with dropout drawn by `generator`.

    `between`: the share of the outputs of every layer but the last that is left out. `within`: the
    share of the weights from state to state that is, the same at all steps (DropConnect: Merity,
    Keskar and Socher 2017, "Regularizing and Optimizing LSTM Language Models").
    """
    D = 1 + layer.bidirectional
    names = layer.all_weights
    starts = state or tuple(
        x.new_zeros(layer.num_layers * D, len(x), layer.hidden_size)
        for _ in range(2 if layer.mode == "LSTM" else 1)
    )
    ends: list[tuple[Tensor, ...]] = []
    for place in range(layer.num_layers):
        if place:
            x = drop(x, between, generator)
        sides = []
        for side in range(D):
            w_ih, w_hh, *biases = names[place * D + side]
            weights = [w_ih, drop(w_hh, within, generator), *biases]
            begin = [each[place * D + side][None] for each in starts]
            hx = begin if layer.mode == "LSTM" else begin[0]
            read = reverse_sequences(x, lengths) if side else x
            walk = _WALKS[layer.mode]
            out, *after = walk(read, hx, weights, layer.bias, 1, 0.0, True, False, True)
            sides.append(reverse_sequences(out, lengths) if side else out)
            ends.append(tuple(after))
        x = torch.cat(sides, dim=-1)
    return x, tuple(torch.cat(each) for each in zip(*ends, strict=True))


def drop(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """`x` with `share` of its numbers at zero and the others enlarged to make up for it."""
    if not share:
        return x
    # Drawn on the CPU, so that equal experiments drop the same on every device.
    kept = torch.rand(x.shape, generator=generator) >= share
    return x * kept.to(x.device) / (1 - share)


Dropout = Callable[[Tensor], Tensor]
"""What leaves out a share of a layer's outputs, if any."""


def make_dropout(share: float, generator: torch.Generator | None) -> Dropout:
    """`drop` with this share and generator; without a generator everything is kept."""
    if generator is None:
        return identity
    return lambda x: drop(x, share, generator)


def identity(x: Tensor) -> Tensor:
    """`x` with nothing left out."""
    return x


def reverse_sequences(x: Tensor, lengths: Tensor) -> Tensor:
    """Each sequence of x (B,T,...) backwards within its own length; the padding stays behind it."""
    steps = torch.arange(x.shape[1])
    order = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    return x[torch.arange(len(x))[:, None], order.to(x.device)]
