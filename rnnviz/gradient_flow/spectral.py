"""The largest factor by which a time step can multiply a gradient, for many networks at once.

Dimensions: S networks, T time steps, H hidden units, n numbers in a state (H, or 2H with c).
"""

from dataclasses import replace

import torch
from torch import Tensor

from rnnviz.cells import Cell, Slopes, States
from rnnviz.gradients import vjp

ROUNDS = 40
"""Steps of the iteration, which comes from below: within 0.1 % of an SVD, for a tenth of its time.

The test compares them over cells, sizes and settings; of 128 numbers in a state, 24 steps miss it.
"""


def step_spectral(cell: Cell, slopes: Slopes) -> Tensor:
    """|J_t| of every step and network: slopes (T,S,1,...) -> (S,T).

    J_t is the Jacobian of the whole state (h, and c) with respect to the one a step before. Its
    largest singular value by the bidiagonalisation of Golub and Kahan (1965), which only needs
    products with J and its transpose, for all steps at once.
    """
    cell, (slopes, size) = _single(cell), _per_network(slopes)
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
        back = torch.cat(vjp(cell, slopes, left.chunk(len(cell.states), -1)).before, -1)
        right, beta = _unit(back - alpha * right)
        if k + 1 < rounds:
            bidiagonal[..., k, k + 1] = beta[..., 0]
    largest: Tensor = torch.linalg.matrix_norm(bidiagonal, 2)
    return largest.double() * size


def _push(cell: Cell, slopes: Slopes, direction: Tensor) -> Tensor:
    """J times `direction` (S,T,n): how a nudge of the state before moves the state after."""
    before: States = direction.chunk(len(cell.states), -1)
    r = torch.unflatten(before[0] @ cell.w_hh.mT, -1, (-1, cell.hidden))
    after = [
        (r[..., rows, :] * slope).sum(-2)
        for rows, slope in zip(cell.rows, slopes.recurrent, strict=True)
    ]
    for s, direct in enumerate(slopes.skip):
        if direct is not None:
            after[s] = after[s] + direct * before[s]
    if slopes.c_to_h is not None:
        after[0] = after[0] + slopes.c_to_h * after[1]
    return torch.cat(after, -1)


def _unit(vector: Tensor) -> tuple[Tensor, Tensor]:
    """Direction (zero for a zero vector) and length (..., 1) of vectors (..., n)."""
    length = vector.norm(dim=-1, keepdim=True)
    return torch.where(length > 0, vector / length, 0), length


def _single(cell: Cell) -> Cell:
    return replace(cell, w_ih=cell.w_ih.float(), w_hh=cell.w_hh.float())


def _per_network(slopes: Slopes) -> tuple[Slopes, Tensor]:
    """(T,S,1,...) -> (S,T,...) in single precision, so that a network's steps share one product.

    J is linear in the slopes past the step before, so they are divided by the largest one, which
    is the second answer (S,T): the squares of a saturated unit's slopes leave single precision.
    """

    def turned(slope: Tensor) -> Tensor:
        return slope.squeeze(2).transpose(0, 1)

    recurrent = [turned(slope) for slope in slopes.recurrent]
    direct = [None if slope is None else turned(slope) for slope in slopes.skip]
    past = [slope for slope in (*recurrent, *direct) if slope is not None]
    size = torch.stack([slope.abs().flatten(2).amax(-1) for slope in past]).amax(0)
    size = torch.where(size > 0, size, 1)

    def scaled(slope: Tensor) -> Tensor:
        return (slope / size.view(*size.shape, *[1] * (slope.dim() - 2))).float().contiguous()

    through = tuple(scaled(slope) for slope in recurrent)
    scaled_slopes = Slopes(
        recurrent=through,
        inputs=through,  # Equal, so that `pull` skips what the inputs receive: nobody asks here.
        skip=tuple(None if slope is None else scaled(slope) for slope in direct),
        c_to_h=None if slopes.c_to_h is None else turned(slopes.c_to_h).float().contiguous(),
    )
    return scaled_slopes, size
