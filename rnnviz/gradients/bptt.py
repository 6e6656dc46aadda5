"""One walk back through time (BPTT), with everything that it computed.

Werbos 1990, "Backpropagation through time", written as sums that one can look at: the gradient
that reaches a state is what arrives there at this step plus what comes back from the next one.

Dimensions: T time steps, I inputs, H hidden units, D directions, G blocks of weights.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from rnnviz.cells import Cell, States, from_layer
from rnnviz.gradients.chain import StepGradients, sweep
from rnnviz.gradients.reference import agreement
from rnnviz.messages import N_, Problem
from rnnviz.tracing import Walk, Walked, validate, walk_layers

NOT_A_SCALAR = N_(
    "The loss gave {given}; allowed is one number computed from the outputs by torch operations."
)
NOT_REACHED = N_("The loss does not depend on the outputs, so no gradient reaches them.")
NOT_FINITE = N_("The loss is {value}; allowed is a finite number.")


@dataclass(frozen=True, eq=False)
class LayerBackward:
    """One layer and direction of a walk back; every tensor is ordered by time.

    dstates[name]       (T, H)  total derivative of the loss with respect to "h" (and "c")
    terms[name][term]   (T, H)  what adds up to it: "output" arrives at this step (from the loss or
                                the layer above), "next" from the step walked after this one,
                                "hidden" is what c receives through h
    norms               (T,)    |dL/dh_t|
    factors             (T,)    its gain from one step to the one before: norms here over norms at
                                the step walked after this one; NaN without one, or where it is 0
    weight_steps        (T,)    norm of this step's contribution to dL/dW_hh
    weight_sum          (T,)    norm of the sum of these from the end of the walk to here
    dweights[name]      the parameter gradients: "w_ih", "w_hh", "b_ih", "b_hh"
    """

    dstates: Mapping[str, Tensor]
    terms: Mapping[str, Mapping[str, Tensor]]
    norms: Tensor
    factors: Tensor
    weight_steps: Tensor
    weight_sum: Tensor
    dweights: Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Backward:
    """Everything one walk back through time computed.

    loss, dx (T, I), layers in PyTorch's own order. `agreement` is the largest difference from any
    of autograd's parameter gradients, relative to the largest of them; autograd walks the layer in
    double precision, or in the layer's own where a kink (ReLU) makes rounding matter.
    """

    loss: float
    dx: Tensor
    layers: tuple[LayerBackward, ...]
    agreement: float


def backward(
    layer: nn.RNN | nn.GRU | nn.LSTM, x: Tensor, loss: Callable[[Tensor], Tensor]
) -> Backward:
    """Walk the gradient of `loss` back through a torch.nn layer and keep every term of it.

    It is walked in double precision, so that what is left of a vanishing gradient is not lost in
    rounding, and answered in the layer's own type.

    Args:
        layer: as for `rnnviz.trace`.
        x: (T, I).
        loss: outputs (T, D*H) -> one number, by torch operations; called once.

    Raises:
        Problem: as `rnnviz.trace`; or a loss that is not one finite number made from the outputs.
    """
    cells, x = from_layer(layer), validate(layer, x)
    walked, outputs = _walk_forward(cells, x)
    value, from_loss = _loss_gradient(loss, outputs.to(x.dtype))
    H, arriving = layer.hidden_size, from_loss
    layers: list[list[LayerBackward]] = []
    for inputs, sides in reversed(walked):
        swept = [
            _walk_back(
                _double(cell),
                _double_walk(steps),
                inputs.double(),
                arriving[:, side * H : (side + 1) * H],
                reverse=bool(side),
                dtype=x.dtype,
            )
            for side, (cell, steps) in enumerate(sides)
        ]
        arriving = torch.stack([dx for _, dx in swept]).sum(0)
        layers.insert(0, [found for found, _ in swept])
    flat = tuple(found for sides in layers for found in sides)
    return Backward(
        loss=value,
        dx=arriving.to(x.dtype),
        layers=flat,
        agreement=agreement(layer, cells, x, from_loss, [side.dweights for side in flat]),
    )


def gradient_norms(
    layer: nn.RNN | nn.GRU | nn.LSTM, x: Tensor, loss: Callable[[Tensor], Tensor]
) -> Tensor:
    """The `norms` (T,) of the last of `backward`'s layers, without all the rest of it.

    Several times as fast: for looks that come again and again. Arguments and errors as there.
    """
    cells, x = from_layer(layer), validate(layer, x)
    walked, outputs = _walk_forward(cells, x)
    arriving = _loss_gradient(loss, outputs.to(x.dtype))[1]
    _inputs, sides = walked[-1]
    cell, steps, reverse = _double(sides[-1][0]), _double_walk(sides[-1][1]), len(sides) > 1
    arriving = arriving[:, -layer.hidden_size :]
    with torch.no_grad():
        slopes = cell.slopes(steps.before, steps.states, steps.gates, steps.h_proj)
        swept = sweep(cell, slopes, arriving.flip(0) if reverse else arriving)
        backwards = torch.stack([step.dstates[0] for _t, _came, step in swept])
    # For a walk from the right, the sweep from its last step to its first is the order of time.
    norms: Tensor = (backwards if reverse else backwards.flip(0)).norm(dim=-1)
    return norms


def _walk_forward(cells: tuple[tuple[Cell, ...], ...], x: Tensor) -> tuple[Walked, Tensor]:
    """What every cell did with x, in double precision, or in its own where it has a kink."""
    if cells[0][0].non_smooth:
        return walk_layers(cells, x)
    return walk_layers(tuple(tuple(_double(cell) for cell in sides) for sides in cells), x.double())


def _loss_gradient(loss: Callable[[Tensor], Tensor], outputs: Tensor) -> tuple[float, Tensor]:
    with torch.enable_grad():
        leaf = outputs.detach().requires_grad_()
        # A copy, because a loss may well change what it is given, and a leaf cannot be changed.
        value = loss(leaf.clone())
        if not isinstance(value, Tensor) or value.numel() != 1 or not value.requires_grad:
            given = f"{value.dtype} {tuple(value.shape)}" if isinstance(value, Tensor) else value
            raise Problem(NOT_A_SCALAR, given=given)
        (gradient,) = torch.autograd.grad(value.sum(), leaf, allow_unused=True)
    if gradient is None:
        raise Problem(NOT_REACHED)
    number = float(value.detach())
    if not math.isfinite(number):
        raise Problem(NOT_FINITE, value=number)
    return number, gradient.double()


@torch.no_grad()
def _walk_back(
    cell: Cell,
    steps: Walk,
    inputs: Tensor,
    arriving: Tensor,
    *,
    reverse: bool,
    dtype: torch.dtype,
) -> tuple[LayerBackward, Tensor]:
    """One layer and direction: what it computed, and dL/d its inputs (T, I) in double precision."""

    def turned(tensor: Tensor) -> Tensor:
        return tensor.flip(0) if reverse else tensor

    arriving, inputs = turned(arriving), turned(inputs)
    slopes = cell.slopes(steps.before, steps.states, steps.gates, steps.h_proj)
    pulls: list[StepGradients] = []
    coming: list[States] = []
    for _, came, step in sweep(cell, slopes, arriving):
        pulls.insert(0, step)
        coming.insert(0, came)

    def kept(tensors: list[Tensor]) -> Tensor:
        return turned(torch.stack(tensors)).to(dtype)

    dstates, terms = {}, {}
    for s, name in enumerate(cell.states):
        dstates[name] = kept([step.dstates[s] for step in pulls])
        terms[name] = MappingProxyType(
            ({"output": turned(arriving).to(dtype)} if s == 0 else {})
            | ({"hidden": kept([_there(step.hidden) for step in pulls])} if s > 0 else {})
            | {"next": kept([came[s] for came in coming])}
        )
    dr = torch.stack([step.dr.flatten(-2) for step in pulls])
    da = torch.stack([step.da.flatten(-2) for step in pulls])
    norms = torch.stack([step.dstates[0] for step in pulls]).norm(dim=-1)
    factors = torch.full_like(norms, torch.nan)
    factors[:-1] = torch.where(norms[1:] > 0, norms[:-1] / norms[1:], torch.nan)
    found = LayerBackward(
        dstates=MappingProxyType(dstates),
        terms=MappingProxyType(terms),
        norms=turned(norms),
        factors=turned(factors),
        weight_steps=turned(dr.norm(dim=-1) * steps.before[0].norm(dim=-1)),
        weight_sum=turned(_running_norms(dr, steps.before[0])),
        dweights=MappingProxyType(_weight_gradients(cell, da, dr, inputs, steps.before[0], dtype)),
    )
    return found, turned(da @ cell.w_ih)


def _there(tensor: Tensor | None) -> Tensor:
    assert tensor is not None, "every state but h is read through h"
    return tensor


def _running_norms(dr: Tensor, before: Tensor) -> Tensor:
    """Norm of the sum of dr_t h_{t-1}^T from the last step down to t, for every t: (T,)."""
    total = dr.new_zeros(dr.shape[-1], before.shape[-1])
    norms = dr.new_zeros(len(dr))
    for t in reversed(range(len(dr))):
        total += torch.outer(dr[t], before[t])
        norms[t] = total.norm()
    return norms


def _weight_gradients(
    cell: Cell, da: Tensor, dr: Tensor, inputs: Tensor, before: Tensor, dtype: torch.dtype
) -> dict[str, Tensor]:
    found = {"w_ih": da.mT @ inputs, "w_hh": dr.mT @ before}
    if cell.b_ih is not None:
        found |= {"b_ih": da.sum(0), "b_hh": dr.sum(0)}
    return {name: gradient.to(dtype) for name, gradient in found.items()}


def _double(cell: Cell) -> Cell:
    """The same cell in double precision."""
    wide = {
        name: value.double() if isinstance(value, Tensor) else value
        for name, value in vars(cell).items()
    }
    return type(cell)(**wide)


def _double_walk(steps: Walk) -> Walk:
    return Walk(
        x_proj=steps.x_proj.double(),
        h_proj=steps.h_proj.double(),
        states=tuple(s.double() for s in steps.states),
        gates={name: g.double() for name, g in steps.gates.items()},
    )
