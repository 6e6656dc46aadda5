"""Autograd's gradients, as the reference for our own walk back.

Dimensions: T time steps, H hidden units, D directions.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from rnnviz.cells import Cell, Layer, cell_type_of, make_layer, parameter_name


def agreement(
    layer: Layer,
    cells: tuple[tuple[Cell, ...], ...],
    x: Tensor,
    arriving: Tensor,
    dweights: Sequence[Mapping[str, Tensor]],
) -> float:
    """How far `dweights` is from autograd's parameter gradients, relative to the largest of these.

    `arriving` (T, D*H) is dL/d outputs; `dweights` holds the gradients of the cell's weights per
    layer and direction, in PyTorch's own order.
    """
    # In the precision of our walk: PyTorch's fused float32 LSTM alone is 1e-6 off the exact one.
    precision = x.dtype if cells[0][0].non_smooth else torch.float64
    suffixes = ("", "_reverse") if layer.bidirectional else ("",)
    leaves = {
        f"{parameter_name(name)}_l{k}{suffix}": weight.to(precision, copy=True)
        for k, sides in enumerate(cells)
        for suffix, cell in zip(suffixes, sides, strict=True)
        for name, weight in cell.weights.items()
    }
    with torch.enable_grad():
        for leaf in leaves.values():
            leaf.requires_grad_()
        outputs = torch.func.functional_call(_plain(layer), leaves, (x.to(precision),))[0]
        expected = torch.autograd.grad(outputs, list(leaves.values()), arriving.to(precision))
    ours = [gradient for side in dweights for gradient in side.values()]
    difference = max(float((a - b).abs().max()) for a, b in zip(ours, expected, strict=True))
    largest = max(float(gradient.abs().max()) for gradient in expected)
    return difference / largest if largest else difference


def _plain(layer: Layer) -> Layer:
    """A layer of the same shape, without weights, hooks and parametrisations."""
    cell_type = cell_type_of(layer)
    return make_layer(
        cell_type,
        layer.input_size,
        layer.hidden_size,
        num_layers=layer.num_layers,
        bias=layer.bias,
        bidirectional=layer.bidirectional,
        device="meta",
        **{name: getattr(layer, name) for name in cell_type.options},
    )
