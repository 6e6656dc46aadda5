"""One walk back through time (BPTT), with everything that it computed.

Werbos 1990, "Backpropagation through time", written as sums whose terms can be shown: the gradient
that reaches a state is what arrives there at this step plus what comes back from the next one.

Dimensions: T time steps, I inputs, H hidden units, D directions, G blocks of weights.
"""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from rnnviz.cells import Cell, Layer, LayerCells, cell_type_of
from rnnviz.gradients.chain import derivatives, scaled_sweep
from rnnviz.gradients.layer_backward import LayerBackward, Place, walk_back
from rnnviz.gradients.loss import Loss, loss_gradient
from rnnviz.gradients.reference import agreement
from rnnviz.gradients.scale import shift_rows
from rnnviz.messages import N_, Problem
from rnnviz.tracing import LayerWalks, Result, Walk, layer_run, walk_layers
from rnnviz.tracing.results import (
    Fact,
    agreement_facts,
    norm_facts,
    saturation_facts,
)

IN_INFERENCE_MODE = N_(
    "torch.inference_mode() is on, in which nothing can be differentiated. Allowed is a call "
    "outside of it; torch.no_grad() does no harm."
)
MADE_IN_INFERENCE_MODE = N_(
    "{name} was made in torch.inference_mode(), so autograd cannot differentiate it. Allowed is a "
    "tensor made outside of it, such as a copy by clone()."
)


@dataclass(frozen=True, eq=False, repr=False)
class Backward(Result):
    """Everything one walk back through time computed, with numbers of its own.

    loss, dx (T, I), layers in PyTorch's own order. `loss_dtype` is the type in which the loss was
    evaluated: float64, or the layer's own where the loss refuses that, as with float32 weights.
    `agreement` is the largest difference from any of autograd's gradients of parameters and inputs,
    relative to the largest of them; NaN without a check. Autograd walks in double precision, or in
    the layer's own where a kink (ReLU) makes rounding matter; where hooks or a forward of its own
    stand between a layer and its cell, it also goes back through the call of the layer itself.
    """

    loss: float
    dx: Tensor
    layers: tuple[LayerBackward, ...]
    agreement: float
    loss_dtype: torch.dtype

    @property
    def saturation(self) -> float:
        """The mean of the layers' `saturation`."""
        return sum(side.saturation for side in self.layers) / len(self.layers)

    def facts(self) -> list[Fact]:
        last = self.layers[-1]
        T, H = last.dstates["h"].shape
        sizes = f"T={T}, H={H}"
        if len(self.layers) > 1:
            sizes += f", {last.layer + 1} layers, {1 + last.reverse} directions"
        precision = "" if self.loss_dtype == torch.float64 else f" in {self.loss_dtype}"
        return [
            Fact(last.cell, sizes),
            Fact("loss", f"{self.loss:.4g}" + precision, f"evaluated in {self.loss_dtype}"),
            *agreement_facts(self.agreement, "largest relative difference from autograd"),
            *saturation_facts(self.saturation),
            *norm_facts("|dL/dh|", last.norms, last.log_norms),
        ]


def backward(layer: Layer, x: Tensor, loss: Loss, *, check: bool = True) -> Backward:
    """Walk the gradient of `loss` back through a recurrent layer and keep every term of it.

    The walk is in double precision, so that what is left of a vanishing gradient is not lost in
    rounding; the results are of the layer's own type, norms and factors in double precision.

    Args:
        layer: as for `rnnviz.trace`.
        x: (T, I).
        loss: outputs (T, D*H) -> one number, by torch operations. Called once, with outputs in
            double precision; if it refuses these, once more with outputs of the layer's type.
        check: whether to compare with autograd. Without it `agreement` is NaN, and a layer without
            hooks is not called; it takes about half as long.

    Raises:
        Problem: as `rnnviz.trace`; a loss that is not one finite number made from the outputs, or
            whose gradient is not finite; a gradient too large for the type of a result; inference
            mode.
    """
    _require_autograd(layer, x)
    with layer_run(layer, x, check=check, gradient=True) as run:
        walks, outputs = _walk_forward(run.cells, run.x)
        value, from_loss, loss_dtype = loss_gradient(loss, outputs, run.x.dtype)
        H, arriving = layer.hidden_size, from_loss
        layers: list[list[LayerBackward]] = []
        for depth in reversed(range(len(walks))):
            inputs, sides = walks[depth]
            results = [
                walk_back(
                    double_cell(cell),
                    double_walk(steps),
                    inputs.double(),
                    arriving[:, side * H : (side + 1) * H],
                    Place(depth, bool(side), run.x.dtype),
                )
                for side, (cell, steps) in enumerate(sides)
            ]
            arriving = torch.stack([dx for _, dx in results]).sum(0)
            layers.insert(0, [result for result, _ in results])
        flat = tuple(result for sides in layers for result in sides)
        dx, difference = arriving.to(run.x.dtype), math.nan
        if check:
            difference = max(
                agreement(run, from_loss, dx, [side.dweights for side in flat]),
                run.gradient_difference(from_loss),
            )
    return Backward(value, dx, flat, difference, loss_dtype)


def gradient_norms(layer: Layer, x: Tensor, loss: Loss) -> Tensor:
    """The `norms` (T,) of the last of `backward`'s layers, without the rest and without a check.

    Several times as fast, for frequent snapshots. Arguments and errors as for `backward`, but a
    norm that double precision cannot hold is infinite.
    """
    _require_autograd(layer, x)
    with layer_run(layer, x, check=False) as run:
        walks, outputs = _walk_forward(run.cells, run.x)
    arriving = loss_gradient(loss, outputs, run.x.dtype).gradient[:, -layer.hidden_size :]
    _inputs, sides = walks[-1]
    cell, steps, reverse = double_cell(sides[-1][0]), double_walk(sides[-1][1]), len(sides) > 1
    with torch.no_grad():
        swept = [*scaled_sweep(derivatives(cell, steps), arriving.flip(0) if reverse else arriving)]
        dh = torch.stack([each.step.dstates[0] for each in swept])
        norms = shift_rows(dh.norm(dim=-1), [each.exponent for each in swept])
    # For a walk from the right, the sweep from its last step to its first is the order of time.
    return norms if reverse else norms.flip(0)


def _require_autograd(layer: Layer, x: Tensor) -> None:
    """Raise a `Problem` where inference mode keeps autograd from following."""
    cell_type_of(layer)
    if torch.is_inference_mode_enabled():
        raise Problem(IN_INFERENCE_MODE)
    tensors = [("x", x), *layer.named_parameters(), *layer.named_buffers()]
    for name, tensor in tensors:
        if isinstance(tensor, Tensor) and tensor.is_inference():
            raise Problem(MADE_IN_INFERENCE_MODE, name=name)


def _walk_forward(cells: LayerCells, x: Tensor) -> tuple[LayerWalks, Tensor]:
    """Walk every cell over x, in double precision, or in its own where it has a kink."""
    if cells[0][0].non_smooth:
        return walk_layers(cells, x)
    doubled = tuple(tuple(double_cell(cell) for cell in sides) for sides in cells)
    return walk_layers(doubled, x.double())


def double_cell(cell: Cell) -> Cell:
    """The same cell in double precision."""
    return replace(cell, **{name: weight.double() for name, weight in cell.weights.items()})


def double_walk(steps: Walk) -> Walk:
    """The same walk in double precision."""
    return Walk(
        x_proj=steps.x_proj.double(),
        h_proj=steps.h_proj.double(),
        states=tuple(s.double() for s in steps.states),
        gates={name: g.double() for name, g in steps.gates.items()},
    )
