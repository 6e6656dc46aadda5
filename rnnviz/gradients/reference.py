"""Autograd's gradients, as the reference for our own walk back.

Dimensions: T time steps, I inputs, H hidden units, D directions.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from rnnviz.cells import run_layers
from rnnviz.tracing import LayerRun, relative_difference, with_leaves


def agreement(
    run: LayerRun, arriving: Tensor, dx: Tensor, dweights: Sequence[Mapping[str, Tensor]]
) -> float:
    """How far `dx` and `dweights` are from autograd's gradients, relative to the largest of each.

    `arriving` (T, D*H) is dL/d outputs; `dweights` holds the gradients of the cell's weights per
    layer and direction, in PyTorch's own order, and dx (T, I) that of the inputs.
    """
    # In the precision of our walk: PyTorch's fused float32 LSTM alone is 1e-6 off the exact one.
    precision = run.x.dtype if run.cells[0][0].non_smooth else torch.float64
    cells, leaves = with_leaves(run.cells, precision)
    x = run.x.to(precision, copy=True).requires_grad_()
    with torch.enable_grad(), torch.autocast(x.device.type, enabled=False):
        outputs = run_layers(cells, x[:, None])[0][:, 0]
        expected = torch.autograd.grad(outputs, [x, *leaves], arriving.to(precision))
    ours = [gradient for side in dweights for gradient in side.values()]
    return max(
        relative_difference([dx], expected[:1]),
        relative_difference(ours, expected[1:]),
    )
