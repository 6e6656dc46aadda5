"""What autograd says, to hold our own walk back to it.

Dimensions: T time steps, H hidden units, D directions.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from rnnviz.cells import Cell


def agreement(
    layer: nn.RNNBase,
    cells: tuple[tuple[Cell, ...], ...],
    x: Tensor,
    arriving: Tensor,
    found: Sequence[Mapping[str, Tensor]],
) -> float:
    """How far `found` is from autograd's parameter gradients, relative to the largest of these.

    `arriving` (T, D*H) is dL/d outputs; `found` holds "w_ih", "w_hh", "b_ih", "b_hh" per layer and
    direction, in PyTorch's own order.
    """
    # In the precision of our walk: PyTorch's fused float32 LSTM alone is 1e-6 off the exact one.
    precision = x.dtype if cells[0][0].non_smooth else torch.float64
    suffixes = ("", "_reverse") if layer.bidirectional else ("",)
    leaves = {
        name.replace("w_", "weight_").replace("b_", "bias_") + f"_l{k}{suffix}": getattr(
            side, name
        ).to(precision, copy=True)
        for k, sides in enumerate(cells)
        for suffix, side in zip(suffixes, sides, strict=True)
        for name in found[0]
    }
    with torch.enable_grad():
        for leaf in leaves.values():
            leaf.requires_grad_()
        outputs = torch.func.functional_call(_plain(layer), leaves, (x.to(precision),))[0]
        theirs = torch.autograd.grad(outputs, list(leaves.values()), arriving.to(precision))
    ours = [gradient for side in found for gradient in side.values()]
    apart = max(float((a - b).abs().max()) for a, b in zip(ours, theirs, strict=True))
    largest = max(float(gradient.abs().max()) for gradient in theirs)
    return apart / largest if largest else apart


def _plain(layer: nn.RNNBase) -> nn.RNNBase:
    """PyTorch's own layer of the same shape, without weights, hooks and parametrisations."""
    kind = next(kind for kind in (nn.RNN, nn.GRU, nn.LSTM) if isinstance(layer, kind))
    options = {"nonlinearity": layer.nonlinearity} if kind is nn.RNN else {}
    return kind(
        layer.input_size,
        layer.hidden_size,
        num_layers=layer.num_layers,
        bias=layer.bias,
        bidirectional=layer.bidirectional,
        device="meta",
        **options,
    )
