"""The cells in plain words, one time step at a time: written from the papers, not from our code.

`weights` are those of one layer and direction, by the names of torch.nn, without its suffixes. Each
function takes x (I,) and the states (H,) before the step, and returns the states after it.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from rnnviz.cells import Layer

Weights = dict[str, Tensor]
Reference = Callable[[Weights, Tensor, tuple[Tensor, ...]], tuple[Tensor, ...]]


def block(weights: Weights, name: str, number: int) -> Tensor:
    """H rows of a weight: those of block `number`; zero for a bias that the layer does not have."""
    H = weights["hidden"].shape[0]
    if name not in weights:
        return torch.zeros(H, dtype=weights["weight_ih"].dtype)
    return weights[name][number * H : (number + 1) * H]


def affine(weights: Weights, number: int, x: Tensor, h: Tensor) -> Tensor:
    """W x + b + U h + b', block `number`."""
    return (
        torch.einsum("hi,i->h", block(weights, "weight_ih", number), x)
        + block(weights, "bias_ih", number)
        + torch.einsum("hk,k->h", block(weights, "weight_hh", number), h)
        + block(weights, "bias_hh", number)
    )


def rnn(weights: Weights, x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Elman 1990."""
    return (torch.tanh(affine(weights, 0, x, states[0])),)


def lstm(weights: Weights, x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The documentation of torch.nn.LSTM."""
    h, c = states
    i, f, g, o = (affine(weights, number, x, h) for number in range(4))
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def gru(weights: Weights, x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The documentation of torch.nn.GRU."""
    (h,) = states
    r, z = (torch.sigmoid(affine(weights, number, x, h)) for number in range(2))
    memory = block(weights, "weight_hh", 2) @ h + block(weights, "bias_hh", 2)
    from_x = block(weights, "weight_ih", 2) @ x + block(weights, "bias_ih", 2)
    n = torch.tanh(from_x + r * memory)
    return ((1 - z) * n + z * h,)


def mgu(weights: Weights, x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Zhou et al. 2016, equations of the minimal gated unit: the candidate sees f · h."""
    (h,) = states
    f = torch.sigmoid(affine(weights, 0, x, h))
    candidate = torch.tanh(affine(weights, 1, x, f * h))
    return ((1 - f) * h + f * candidate,)


def lstm_peephole(weights: Weights, x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Gers and Schmidhuber 2000: i and f see the c before the step, o the c after it."""
    h, c = states
    i, f, g, o = (affine(weights, number, x, h) for number in range(4))
    p_i, p_f, p_o = (block(weights, "weight_ch", number) for number in range(3))
    i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
    c = f * c + i * torch.tanh(g)
    return torch.sigmoid(o + p_o * c) * torch.tanh(c), c


REFERENCES: dict[str, tuple[Reference, int]] = {
    "rnn": (rnn, 1),
    "lstm": (lstm, 2),
    "gru": (gru, 1),
    "mgu": (mgu, 1),
    "lstm_peephole": (lstm_peephole, 2),
}
"""Per cell its reference, and how many states it has."""


def walk(code: str, layer: Layer, x: Tensor, nudges: Tensor | None = None) -> Tensor:
    """The outputs (T,D*H) of all layers over x (T,I); `nudges` (T,H) are added to each h_t.

    Made of the parameters themselves, so that autograd comes to them.
    """
    step, count = REFERENCES[code]
    for k in range(layer.num_layers):
        sides = []
        for suffix in (f"_l{k}", f"_l{k}_reverse")[: 1 + layer.bidirectional]:
            weights = {
                name.removesuffix(suffix): parameter
                for name, parameter in layer.named_parameters()
                if name.endswith(suffix)
            }
            states = (x.new_zeros(layer.hidden_size),) * count
            outputs = {}
            order = range(len(x))
            for t in reversed(order) if suffix.endswith("reverse") else order:
                states = step(weights | {"hidden": states[0]}, x[t], states)
                if nudges is not None:
                    states = (states[0] + nudges[t], *states[1:])
                outputs[t] = states[0]
            sides.append(torch.stack([outputs[t] for t in order]))
        x = torch.cat(sides, -1)
    return x


def gradients(layer: nn.Module, loss: Tensor) -> dict[str, Tensor]:
    """Autograd's gradient of every parameter."""
    names, parameters = zip(*layer.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))
