"""One walk back through time (BPTT), with everything that it computed.

Werbos 1990, "Backpropagation through time", written as sums whose terms can be shown: the gradient
that reaches a state is what arrives there at this step plus what comes back from the next one.

Dimensions: T time steps, I inputs, H hidden units, D directions, G blocks of weights.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import torch
from torch import Tensor

from rnnviz.cells import Cell, Layer, States, from_layer
from rnnviz.gradients.chain import StepGradients, derivatives, sweep, weight_gradients
from rnnviz.gradients.reference import agreement
from rnnviz.messages import N_, Problem
from rnnviz.tracing import LayerWalks, Walk, validate, walk_layers

NOT_A_SCALAR = N_(
    "The loss gave {actual}; allowed is one number computed from the outputs by torch operations."
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
    weight_sum          (T,)    norm of the sum of these from the end of the walk to here; both are
                                zero where the cell has no W_hh
    dweights[name]      the gradients of the cell's weights: "w_ih", "w_hh" and so on
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


def backward(layer: Layer, x: Tensor, loss: Callable[[Tensor], Tensor]) -> Backward:
    """Walk the gradient of `loss` back through a recurrent layer and keep every term of it.

    The walk is in double precision, so that what is left of a vanishing gradient is not lost in
    rounding; the results are of the layer's own type.

    Args:
        layer: as for `rnnviz.trace`.
        x: (T, I).
        loss: outputs (T, D*H) -> one number, by torch operations; called once.

    Raises:
        Problem: as `rnnviz.trace`; or a loss that is not one finite number made from the outputs.
    """
    cells, x = from_layer(layer), validate(layer, x)
    walks, outputs = _walk_forward(cells, x)
    value, from_loss = _loss_gradient(loss, outputs.to(x.dtype))
    H, arriving = layer.hidden_size, from_loss
    layers: list[list[LayerBackward]] = []
    for inputs, sides in reversed(walks):
        results = [
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
        arriving = torch.stack([dx for _, dx in results]).sum(0)
        layers.insert(0, [result for result, _ in results])
    flat = tuple(result for sides in layers for result in sides)
    return Backward(
        loss=value,
        dx=arriving.to(x.dtype),
        layers=flat,
        agreement=agreement(layer, cells, x, from_loss, [side.dweights for side in flat]),
    )


def gradient_norms(layer: Layer, x: Tensor, loss: Callable[[Tensor], Tensor]) -> Tensor:
    """The `norms` (T,) of the last of `backward`'s layers, without the rest.

    Several times as fast, for frequent snapshots. Arguments and errors as for `backward`.
    """
    cells, x = from_layer(layer), validate(layer, x)
    walks, outputs = _walk_forward(cells, x)
    arriving = _loss_gradient(loss, outputs.to(x.dtype))[1]
    _inputs, sides = walks[-1]
    cell, steps, reverse = _double(sides[-1][0]), _double_walk(sides[-1][1]), len(sides) > 1
    arriving = arriving[:, -layer.hidden_size :]
    with torch.no_grad():
        steps_back = sweep(derivatives(cell, steps), arriving.flip(0) if reverse else arriving)
        dh = torch.stack([step.dstates[0] for _t, _from_next, step in steps_back])
    # For a walk from the right, the sweep from its last step to its first is the order of time.
    norms: Tensor = (dh if reverse else dh.flip(0)).norm(dim=-1)
    return norms


def _walk_forward(cells: tuple[tuple[Cell, ...], ...], x: Tensor) -> tuple[LayerWalks, Tensor]:
    """Walk every cell over x, in double precision, or in its own where it has a kink."""
    if cells[0][0].non_smooth:
        return walk_layers(cells, x)
    return walk_layers(tuple(tuple(_double(cell) for cell in sides) for sides in cells), x.double())


def _loss_gradient(loss: Callable[[Tensor], Tensor], outputs: Tensor) -> tuple[float, Tensor]:
    with torch.enable_grad():
        leaf = outputs.detach().requires_grad_()
        # A copy, because a loss may change its argument, and a leaf cannot be changed.
        value = loss(leaf.clone())
        if not isinstance(value, Tensor) or value.numel() != 1 or not value.requires_grad:
            is_tensor = isinstance(value, Tensor)
            result = f"{value.dtype} {tuple(value.shape)}" if is_tensor else value
            raise Problem(NOT_A_SCALAR, actual=result)
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
    """Walk back through one layer and direction.

    Also returns dL/d its inputs (T, I), in double precision.
    """

    def in_time(tensor: Tensor) -> Tensor:
        return tensor.flip(0) if reverse else tensor

    def stack(tensors: list[Tensor]) -> Tensor:
        return in_time(torch.stack(tensors)).to(dtype)

    arriving, inputs = in_time(arriving), in_time(inputs)
    swept = list(sweep(derivatives(cell, steps), arriving))[::-1]
    flows: list[States] = [from_next for _t, from_next, _step in swept]
    gradients = [step for _t, _from_next, step in swept]
    dstates, terms = {}, {}
    for s, name in enumerate(cell.states):
        dstates[name] = stack([step.dstates[s] for step in gradients])
        parts = {"output": in_time(arriving).to(dtype)} if s == 0 else {}
        through_h = [step.through_h for step in gradients if step.through_h is not None]
        if s == 1 and through_h:
            parts["hidden"] = stack(through_h)
        parts["next"] = stack([from_next[s] for from_next in flows])
        terms[name] = MappingProxyType(parts)
    norms = torch.stack([step.dstates[0] for step in gradients]).norm(dim=-1)
    factors = torch.full_like(norms, torch.nan)
    factors[:-1] = torch.where(norms[1:] > 0, norms[:-1] / norms[1:], torch.nan)
    outside = [(arriving[t] + flow[0], *flow[1:]) for t, flow in enumerate(flows)]
    weight_steps, weight_sum = _recurrent_norms(cell, steps, gradients, outside)
    dweights = _weight_gradients(cell, steps, inputs, gradients, outside)
    result = LayerBackward(
        dstates=MappingProxyType(dstates),
        terms=MappingProxyType(terms),
        norms=in_time(norms),
        factors=in_time(factors),
        weight_steps=in_time(weight_steps),
        weight_sum=in_time(weight_sum),
        dweights=MappingProxyType({name: each.to(dtype) for name, each in dweights.items()}),
    )
    dx_proj = torch.stack([step.dx_proj for step in gradients])
    return result, in_time(dx_proj @ cell.w_ih)


def _recurrent_norms(
    cell: Cell, steps: Walk, gradients: list[StepGradients], outside: list[States]
) -> tuple[Tensor, Tensor]:
    """Norms (T,) of each step's share of dL/dW_hh, and of their sum from the last step on."""
    norms, norms_of_sum = torch.zeros(2, len(gradients), dtype=steps.h_proj.dtype)
    total = None
    for t, contribution in _recurrent_contributions(cell, steps, gradients, outside):
        total = contribution if total is None else total + contribution
        norms[t], norms_of_sum[t] = contribution.norm(), total.norm()
    return norms, norms_of_sum


def _recurrent_contributions(
    cell: Cell, steps: Walk, gradients: list[StepGradients], outside: list[States]
) -> Iterator[tuple[int, Tensor]]:
    """What each step adds to dL/dW_hh, the last one first; nothing without a W_hh."""
    before = steps.before
    for t in reversed(range(len(gradients))) if cell.w_hh is not None else ():
        dh_proj = gradients[t].dh_proj
        if dh_proj is not None:
            yield t, torch.outer(dh_proj, before[0][t])
        else:
            start = tuple(state[t] for state in before)
            yield t, weight_gradients(cell, steps.x_proj[t], start, outside[t], ["w_hh"])["w_hh"]


def _weight_gradients(
    cell: Cell, steps: Walk, inputs: Tensor, gradients: list[StepGradients], outside: list[States]
) -> dict[str, Tensor]:
    dx_proj = torch.stack([step.dx_proj for step in gradients])
    known = {"w_ih": dx_proj.mT @ inputs, "b_ih": dx_proj.sum(0)}
    by_step = [step.dh_proj for step in gradients if step.dh_proj is not None]
    if by_step:
        dh_proj = torch.stack(by_step)
        known |= {"w_hh": dh_proj.mT @ steps.before[0], "b_hh": dh_proj.sum(0)}
    arrived = tuple(torch.stack(each) for each in zip(*outside, strict=True))
    others = [name for name in cell.weights if name not in known]
    known |= weight_gradients(cell, steps.x_proj, steps.before, arrived, others)
    return {name: known[name] for name in cell.weights}


def _double(cell: Cell) -> Cell:
    """The same cell in double precision."""
    return replace(cell, **{name: weight.double() for name, weight in cell.weights.items()})


def _double_walk(steps: Walk) -> Walk:
    return Walk(
        x_proj=steps.x_proj.double(),
        h_proj=steps.h_proj.double(),
        states=tuple(s.double() for s in steps.states),
        gates={name: g.double() for name, g in steps.gates.items()},
    )
