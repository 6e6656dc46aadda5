"""PyTorch's own functions over whole layers: the reference for what the cells compute.

T time steps, B sequences, I inputs, H hidden units, L layers, D directions.
"""

import torch
from torch import Tensor

from rnnviz.cells.base import Cell, States

LayerCells = tuple[tuple[Cell, ...], ...]
"""Per layer the cells of its directions."""


def run_layers(
    cells: LayerCells, x: Tensor, before: States | None = None, *, training: bool = True
) -> tuple[Tensor, States]:
    """Run all layers over x (T,B,I): outputs (T,B,D*H) and the last states, (L*D,B,H) each.

    A single call of the function that torch.nn's layer calls, where there is one, so that the two
    round alike; autograd can differentiate it. `before`: the states to start from, else zero.
    `training`: as of the layer; cuDNN can only go back through what it computed in training.
    """
    first = cells[0][0]
    shape = (len(cells) * len(cells[0]), x.shape[1], first.hidden)
    starts = before or tuple(x.new_zeros(shape) for _ in first.states)
    if first.fused is not None:
        weights = [weight for sides in cells for cell in sides for weight in cell.weights.values()]
        outputs, *last = first.fused(
            x,
            starts if len(starts) > 1 else starts[0],
            weights,
            first.b_ih is not None,
            len(cells),
            0.0,
            training,
            len(cells[0]) > 1,
            False,
        )
        return outputs, tuple(last)
    x, ends = x.transpose(0, 1), []
    for k, sides in enumerate(cells):
        h_of_sides = []
        for side, cell in enumerate(sides):
            start = tuple(each[k * len(sides) + side] for each in starts)
            h, states = cell.run(x.flip(1) if side else x, start)
            h_of_sides.append(h.flip(1) if side else h)
            ends.append(states)
        x = torch.cat(h_of_sides, -1)
    return x.transpose(0, 1), tuple(torch.stack(each) for each in zip(*ends, strict=True))
