"""The walk back through one layer and direction, with everything that it computed.

Dimensions: T time steps, I inputs, H hidden units, G blocks of weights.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor

from rnnviz.cells import Cell, States
from rnnviz.gradients.chain import (
    ScaledStep,
    StepGradients,
    derivatives,
    scaled_sweep,
    weight_gradients,
)
from rnnviz.gradients.scale import log_norms, shift, shift_rows
from rnnviz.messages import N_, Problem
from rnnviz.tracing import FrozenDict, Result, Walk, saturation
from rnnviz.tracing.results import Fact, norm_facts, saturation_facts

BEYOND = N_(
    "The gradient leaves the range of {dtype} at step {step}, where |dL/dh| is e^{log_norm}: it "
    "explodes on this sequence. Allowed is a gradient that fits: compute in double precision "
    "(layer.double() and x.double()), or scale the loss down."
)
BEYOND_DOUBLE = N_(
    "The gradient leaves the range of {dtype} at step {step}, where |dL/dh| is e^{log_norm}: it "
    "explodes on this sequence. Allowed is a gradient that fits: take a shorter sequence or scale "
    "the loss down; rnnviz.jacobians(layer, x).log_spectral follows the growth as a logarithm."
)
WEIGHT_BEYOND = N_(
    "The gradient of the weights {name} leaves the range of {dtype}. Allowed is a gradient that "
    "fits: compute in double precision (layer.double() and x.double()), or scale the loss down."
)


@dataclass(frozen=True)
class Place:
    """Where in the network a layer and direction is, and the type of its results."""

    layer: int
    reverse: bool
    dtype: torch.dtype


@dataclass(frozen=True, eq=False, repr=False)
class LayerBackward(Result):
    """One layer and direction of a walk back; every tensor is ordered by time.

    dstates[name]       (T, H)  total derivative of the loss with respect to "h" (and "c")
    terms[name][term]   (T, H)  what adds up to it: "output" arrives at this step (from the loss or
                                the layer above), "next" from the step walked after this one,
                                "hidden" is what c receives through h
    norms               (T,)    |dL/dh_t|; in double precision, as all norms and factors are
    log_norms           (T,)    their natural logarithms, also where double precision knows only 0
    factors             (T,)    its gain from one step to the one before: norms here over norms at
                                the step walked after this one; NaN without one, or where it is 0
    weight_steps        (T,)    norm of this step's contribution to dL/dW_hh
    weight_sum          (T,)    norm of the sum of these from the end of the walk to here; both are
                                zero where the cell has no W_hh
    dweights[name]      the gradients of the cell's weights: "w_ih", "w_hh" and so on
    saturation                  share of gates and states near their bounds, see
                                `rnnviz.tracing.saturation`
    """

    dstates: Mapping[str, Tensor]
    terms: Mapping[str, Mapping[str, Tensor]]
    norms: Tensor
    log_norms: Tensor
    factors: Tensor
    weight_steps: Tensor
    weight_sum: Tensor
    dweights: Mapping[str, Tensor]
    cell: str
    layer: int
    reverse: bool
    saturation: float

    def facts(self) -> list[Fact]:
        T, H = self.dstates["h"].shape
        side = f"{self.layer}{', reverse' if self.reverse else ''}"
        return [
            Fact(self.cell, f"T={T}, H={H}"),
            Fact("layer", side),
            *saturation_facts(self.saturation),
            *norm_facts("|dL/dh|", self.norms, self.log_norms),
        ]


@torch.no_grad()
def walk_back(
    cell: Cell,
    steps: Walk,
    inputs: Tensor,
    arriving: Tensor,
    place: Place,
) -> tuple[LayerBackward, Tensor]:
    """Walk back through one layer and direction, in double precision.

    arriving (T, H) is what reaches each h_t from outside the layer. Also returns dL/d its inputs
    (T, I), in double precision.

    Raises:
        Problem: a result does not fit the type in which it is returned.
    """

    def in_time(tensor: Tensor) -> Tensor:
        return tensor.flip(0) if place.reverse else tensor

    arriving, inputs = in_time(arriving), in_time(inputs)
    swept = list(scaled_sweep(derivatives(cell, steps), arriving))[::-1]
    exponents = [each.exponent for each in swept]
    dh = torch.stack([each.step.dstates[0] for each in swept])
    scaled_norms = dh.norm(dim=-1)
    logs = log_norms(scaled_norms, exponents)
    fit = partial(_require_fit, logs=logs, place=place)

    def stack(tensors: list[Tensor]) -> Tensor:
        return in_time(fit(shift_rows(torch.stack(tensors), exponents)))

    dstates, terms = {}, {}
    for s, name in enumerate(cell.states):
        dstates[name] = stack([each.step.dstates[s] for each in swept])
        parts = {"output": in_time(fit(arriving))} if s == 0 else {}
        through_h = [each.step.through_h for each in swept if each.step.through_h is not None]
        if s == 1 and through_h:
            parts["hidden"] = stack(through_h)
        parts["next"] = stack([each.from_next[s] for each in swept])
        terms[name] = FrozenDict(parts)
    norms = shift_rows(scaled_norms, exponents)
    factors = torch.full_like(norms, torch.nan)
    gains = shift_rows(
        torch.where(scaled_norms[1:] > 0, scaled_norms[:-1] / scaled_norms[1:], torch.nan),
        [here - there for here, there in pairwise(exponents)],
    )
    factors[:-1] = gains
    gradients = [_unscaled(each) for each in swept]
    outside = [
        (arriving[each.t] + flow[0], *flow[1:])
        for each in swept
        for flow in [tuple(shift(state, each.exponent) for state in each.from_next)]
    ]
    weight_steps, weight_sum = _recurrent_norms(cell, steps, gradients, outside)
    for each in (norms, weight_steps, weight_sum):
        _require_fit(each, logs, replace(place, dtype=torch.float64))
    dweights = _weight_gradients(cell, steps, inputs, gradients, outside)
    dx = torch.stack([step.dx_proj for step in gradients]) @ cell.w_ih
    fit(dx)
    result = LayerBackward(
        dstates=FrozenDict(dstates),
        terms=FrozenDict(terms),
        norms=in_time(norms),
        log_norms=in_time(logs),
        factors=in_time(factors),
        weight_steps=in_time(weight_steps),
        weight_sum=in_time(weight_sum),
        dweights=FrozenDict(
            {name: _weight_fits(name, each, place) for name, each in dweights.items()}
        ),
        cell=cell.name,
        layer=place.layer,
        reverse=place.reverse,
        saturation=saturation(
            cell, dict(zip(cell.states, steps.states, strict=True)) | dict(steps.gates)
        ),
    )
    return result, in_time(dx)


def _unscaled(swept: ScaledStep) -> StepGradients:
    """The gradients of one step, as far as double precision holds them."""
    step, exponent = swept.step, swept.exponent
    if not exponent:
        return step
    return StepGradients(
        dstates=tuple(shift(each, exponent) for each in step.dstates),
        dx_proj=shift(step.dx_proj, exponent),
        dh_proj=None if step.dh_proj is None else shift(step.dh_proj, exponent),
        through_h=None if step.through_h is None else shift(step.through_h, exponent),
        before=tuple(shift(each, exponent) for each in step.before),
    )


def _require_fit(tensor: Tensor, logs: Tensor, place: Place) -> Tensor:
    """`tensor` (T, ...), in the order of the walk, in its type; or a `Problem` with the step."""
    result = tensor.to(place.dtype)
    beyond = (~result.isfinite()).flatten(1).any(1) if result.dim() > 1 else ~result.isfinite()
    steps = beyond.nonzero()
    if len(steps):
        last = int(steps[-1])
        is_beyond_double = float(logs.max()) > math.log(torch.finfo(torch.float64).max)
        raise Problem(
            BEYOND_DOUBLE if place.dtype == torch.float64 or is_beyond_double else BEYOND,
            dtype=place.dtype,
            step=len(tensor) - 1 - last if place.reverse else last,
            log_norm=f"{float(logs[last]):.1f}",
        )
    return result


def _weight_fits(name: str, gradient: Tensor, place: Place) -> Tensor:
    result = gradient.to(place.dtype)
    if not result.isfinite().all():
        raise Problem(WEIGHT_BEYOND, dtype=place.dtype, name=name)
    return result


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
