"""The chain rule, once for all cells: one step back, and the sweep over all steps.

Dimensions: T time steps, H hidden units, G blocks of weights.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.cells import Cell, Slopes, States


@dataclass(frozen=True, eq=False)
class StepGradients:
    """One step back: what reaches the states here, the weights, and the states one step earlier.

    dstates[s] (..., H), dr and da (..., G, H): total derivatives; hidden (..., H) or None is the
    share of dL/dc_t that comes through h_t; before[s] (..., H) is what flows to the step before.
    """

    dstates: States
    dr: Tensor
    da: Tensor
    hidden: Tensor | None
    before: States


def vjp(cell: Cell, slopes: Slopes, dstates: States) -> StepGradients:
    """The chain rule for one step of any cell; `dstates` is what arrives from outside the step."""
    hidden = None if slopes.c_to_h is None else dstates[0] * slopes.c_to_h
    if hidden is not None:
        dstates = (dstates[0], dstates[1] + hidden)
    dr = _spread(cell, slopes.recurrent, dstates)
    da = dr if slopes.inputs is slopes.recurrent else _spread(cell, slopes.inputs, dstates)
    through_weights = dr.flatten(-2) @ cell.w_hh
    before = [
        torch.zeros_like(arrived) if direct is None else arrived * direct
        for arrived, direct in zip(dstates, slopes.skip, strict=True)
    ]
    return StepGradients(dstates, dr, da, hidden, (before[0] + through_weights, *before[1:]))


def _spread(cell: Cell, slopes: States, dstates: States) -> Tensor:
    """Each state's gradient (..., H) times its slopes (..., g, H), in the rows of (..., G, H)."""
    shares = [d.unsqueeze(-2) * slope for d, slope in zip(dstates, slopes, strict=True)]
    order = sorted(range(len(shares)), key=lambda s: cell.rows[s].start)
    return torch.cat([shares[s] for s in order], -2) if len(shares) > 1 else shares[0]


def sweep(
    cell: Cell, slopes: Slopes, arriving: Tensor
) -> Iterator[tuple[int, States, StepGradients]]:
    """Walk back through time: yields (t, what came from step t+1, the pull at t), last step first.

    arriving (T, ..., H) is what reaches each h_t from the loss, or from the layer above.
    """
    coming = tuple(torch.zeros_like(arriving[-1]) for _ in cell.states)
    for t in reversed(range(len(arriving))):
        step = vjp(cell, at(slopes, t), (arriving[t] + coming[0], *coming[1:]))
        yield t, coming, step
        coming = step.before


def at(slopes: Slopes, index: int | slice | tuple[slice | None, ...]) -> Slopes:
    """The slopes of one step (or any other slice of the leading dimensions)."""

    def pick(tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else tensor[index]

    recurrent = tuple(s[index] for s in slopes.recurrent)
    same = slopes.inputs is slopes.recurrent
    return Slopes(
        recurrent=recurrent,
        inputs=recurrent if same else tuple(s[index] for s in slopes.inputs),
        skip=tuple(pick(d) for d in slopes.skip),
        c_to_h=pick(slopes.c_to_h),
    )
