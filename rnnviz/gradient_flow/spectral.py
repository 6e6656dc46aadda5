"""The largest factor by which a time step can multiply a gradient, for many networks at once.

Dimensions: S networks, T time steps, H hidden units, n numbers in a state (H, or 2H with c).
"""

from dataclasses import replace

import torch
from torch import Tensor

from rnnviz.cells import Cell, Slopes, State
from rnnviz.gradients import pull

ROUNDS = 18
"""Steps of the iteration: within 1 % of an SVD, in single precision, for a tenth of its time."""


def step_spectral(cell: Cell, slopes: Slopes) -> Tensor:
    """|J_t| of every step and network: slopes (T,S,1,...) -> (S,T).

    J_t is the Jacobian of the whole state (h, and c) with respect to the one a step before. Its
    largest singular value by the bidiagonalisation of Golub and Kahan (1965), which only needs
    products with J and its transpose, for all steps at once.
    """
    cell, slopes = _single(cell), _per_network(slopes)
    S, T, _, H = slopes.recurrent[0].shape
    n = H * len(cell.states)
    rounds = min(ROUNDS, n)
    start = torch.randn(n, generator=torch.Generator().manual_seed(0))
    right, beta = _unit(start.expand(S, T, n))
    left = torch.zeros_like(right)
    bidiagonal = right.new_zeros(S, T, rounds, rounds)
    for k in range(rounds):
        left, alpha = _unit(_push(cell, slopes, right) - (beta * left if k else left))
        bidiagonal[..., k, k] = alpha[..., 0]
        back = torch.cat(pull(cell, slopes, left.chunk(len(cell.states), -1)).before, -1)
        right, beta = _unit(back - alpha * right)
        if k + 1 < rounds:
            bidiagonal[..., k, k + 1] = beta[..., 0]
    largest: Tensor = torch.linalg.matrix_norm(bidiagonal, 2)
    return largest.double()


def _push(cell: Cell, slopes: Slopes, direction: Tensor) -> Tensor:
    """J times `direction` (S,T,n): how a nudge of the state before moves the state after."""
    before: State = direction.chunk(len(cell.states), -1)
    r = torch.unflatten(before[0] @ cell.w_hh.mT, -1, (-1, cell.hidden))
    after = [
        (r[..., rows, :] * slope).sum(-2)
        for rows, slope in zip(cell.rows, slopes.recurrent, strict=True)
    ]
    for s, direct in enumerate(slopes.direct):
        if direct is not None:
            after[s] = after[s] + direct * before[s]
    if slopes.within is not None:
        after[0] = after[0] + slopes.within * after[1]
    return torch.cat(after, -1)


def _unit(vector: Tensor) -> tuple[Tensor, Tensor]:
    """Direction (zero for a zero vector) and length (..., 1) of vectors (..., n)."""
    length = vector.norm(dim=-1, keepdim=True)
    return torch.where(length > 0, vector / length, 0), length


def _single(cell: Cell) -> Cell:
    return replace(cell, w_ih=cell.w_ih.float(), w_hh=cell.w_hh.float())


def _per_network(slopes: Slopes) -> Slopes:
    """(T,S,1,...) -> (S,T,...) in single precision, so that a network's steps share one product."""

    def turned(slope: Tensor) -> Tensor:
        return slope.squeeze(2).transpose(0, 1).float().contiguous()

    recurrent = tuple(turned(slope) for slope in slopes.recurrent)
    return Slopes(
        recurrent=recurrent,
        inputs=recurrent,  # Equal, so that `pull` skips what the inputs receive: nobody asks here.
        direct=tuple(None if direct is None else turned(direct) for direct in slopes.direct),
        within=None if slopes.within is None else turned(slopes.within),
    )
