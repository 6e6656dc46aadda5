"""Whether what a layer returned is what its cells compute.

Dimensions: T time steps, I inputs, H hidden units, D directions, L layers.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rnnviz.cells import Layer, LayerCells, States, run_layers
from rnnviz.messages import N_, Message, Problem
from rnnviz.tracing.walks import require_finite

NOT_ITS_CELL = N_(
    "The layer ({layer}) computes something else than its cell: its {what} differ by up to "
    "{difference} from those of the cell with the same weights, as where a forward hook or a "
    "forward of its own changes them. Allowed is a layer that computes its cell, such as the "
    "layer without the hook."
)
OTHER_OUTPUTS = N_(
    "The layer ({layer}) returns {actual}; allowed is what torch.nn returns: outputs of the shape "
    "{shape}, and the last states."
)
OUTPUTS, LAST_STATES = N_("outputs"), N_("last states")


def relative_difference(ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> float:
    """The largest difference of two lists of tensors, relative to the largest value in `theirs`.

    Equal infinities do not differ; infinite where one is not finite, or where only `theirs` is 0.
    """
    difference = largest = 0.0
    for one, other in zip(ours, theirs, strict=True):
        if one.numel() and not torch.equal(one, other):
            gap = torch.where(one == other, 0, one.double() - other.double()).abs()
            difference = max(difference, float(gap.nan_to_num(torch.inf, torch.inf).max()))
        if other.numel():
            largest = max(largest, float(other.double().abs().max()))
    if difference < torch.finfo(torch.float64).tiny:
        return 0.0
    return difference / largest if largest else torch.inf


def outputs_of(layer: Layer, result: object, x: Tensor) -> Tensor:
    """The outputs among what `layer` returned, or a `Problem` that says what that is."""
    shape = (len(x), layer.hidden_size * (1 + layer.bidirectional))
    first = result[0] if isinstance(result, tuple | list) and len(result) else None
    if isinstance(first, Tensor) and tuple(first.shape) == shape:
        return first
    values = result if isinstance(result, tuple | list) else (result,)
    shapes = [
        str(tuple(each.shape)) if isinstance(each, Tensor) else type(each).__name__
        for each in values
    ]
    raise Problem(
        OTHER_OUTPUTS, layer=type(layer).__name__, actual=", ".join(shapes) or "()", shape=shape
    )


def compare_outputs(layer: Layer, cells: LayerCells, x: Tensor, result: Any) -> None:
    """Raise a `Problem` where the outputs or last states in `result` are not those of the cells.

    To be called as the layer was, with or without autograd: so even a chaotic one rounds alike.
    """
    outputs, last = run_layers(cells, x[:, None], training=layer.training)
    outputs = outputs[:, 0].detach()
    require_finite(outputs)
    tolerance = tolerance_of(x, result[0])
    pairs = [(OUTPUTS, [result[0]], [outputs])]
    states = _last_states(result, last)
    if states:
        pairs.append((LAST_STATES, states, [each[:, 0].detach() for each in last]))
    for what, theirs, ours in pairs:
        values = [each.detach().double() for each in theirs]
        if not relative_difference(values, ours) <= tolerance:
            gaps = [one - other for one, other in zip(values, ours, strict=True)]
            gap = max(float(each.abs().max()) for each in gaps)
            raise Problem(
                NOT_ITS_CELL,
                layer=type(layer).__name__,
                what=Message(what),
                difference=f"{gap:.2g}",
            )


def tolerance_of(*tensors: Tensor) -> float:
    """The relative difference that rounding explains: half of the digits of the coarsest type."""
    return math.sqrt(max(torch.finfo(each.dtype).eps for each in tensors))


def _last_states(result: Any, last: States) -> list[Tensor]:
    """The last states that a layer returned beside its outputs; empty where it returned none."""
    states = result[1] if len(result) > 1 else ()
    states = [states] if isinstance(states, Tensor) else states
    if not isinstance(states, tuple | list) or len(states) != len(last):
        return []
    if not all(isinstance(each, Tensor) for each in states):
        return []
    alike = [one.shape == other[:, 0].shape for one, other in zip(states, last, strict=True)]
    return list(states) if all(alike) else []
