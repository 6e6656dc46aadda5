"""How much of each hidden state is left in the last one: norms of Jacobians, by one sweep.

Dimensions: T time steps, I inputs, H hidden units, S states of a cell.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from rnnviz.cells import Cell, Layer, Slopes, from_layer
from rnnviz.gradients.chain import BySlopes, at, derivatives
from rnnviz.messages import N_, Problem
from rnnviz.tracing import Walk, require_finite, rewalk, validate

CHUNK = 16
"""Steps whose matrices are gathered at once: 1 MB for 64 units of an LSTM."""

ONE_LAYER = N_(
    "The layer has {layers} {layers:layer|layers} and {directions} "
    "{directions:direction|directions}; allowed is one of each."
)


@dataclass(frozen=True, eq=False)
class Jacobians:
    """How much of each h_t is left in the last hidden state.

    matrices (T, H, H) holds dh_T/dh_t for every t, with every other state of step t held fixed;
    the norms are computed on first use, in float32 or better.
    """

    matrices: Tensor
    cell: Cell
    walk: Walk

    @cached_property
    def spectral(self) -> Tensor:
        """(T,): the largest factor by which a change of h_t can reach h_T."""
        return _norms(self.matrices, 2)

    @cached_property
    def frobenius(self) -> Tensor:
        """(T,): the same over all directions, the root of the sum of squares."""
        return _norms(self.matrices, "fro")

    @cached_property
    def step_spectral(self) -> Tensor:
        """(T,): the most by which step t can stretch a change: norm of d(h, c)_t/d(h, c)_{t-1}."""
        return _norms(step_jacobians(self.cell, self.walk), 2)


def _norms(matrices: Tensor, order: Literal[2, "fro"]) -> Tensor:
    # Half precision has no matrix norms.
    wide = matrices.float() if matrices.dtype.itemsize < 4 else matrices
    norms: Tensor = torch.linalg.matrix_norm(wide, order)
    return norms


@torch.no_grad()
def jacobians(layer: Layer, x: Tensor) -> Jacobians:
    """dh_T/dh_t for every t, by one analytic sweep, and their norms.

    Args:
        layer: one layer, one direction; otherwise as for `rnnviz.trace`.
        x: (T, I).

    Raises:
        Problem: as `rnnviz.trace`; or several layers or directions.
    """
    cells = from_layer(layer)
    if len(cells) > 1 or len(cells[0]) > 1:
        raise Problem(ONE_LAYER, layers=len(cells), directions=len(cells[0]))
    (cell,) = cells[0]
    x = validate(layer, x)
    steps = rewalk(cell, x, layer(x)[0])
    require_finite(steps.states[0])
    return Jacobians(state_jacobians(cell, steps), cell, steps)


def state_jacobians(cell: Cell, steps: Walk) -> Tensor:
    """dh_T/dh_t for every t: (T, H, H), row i the gradient of unit i of h_T."""
    each_step = derivatives(cell, steps)
    if isinstance(each_step, BySlopes):
        return _by_slopes(each_step, steps)
    T, H = steps.states[0].shape
    flows = tuple(steps.h_proj.new_zeros(H, H) for _ in cell.states)
    flows[0].fill_diagonal_(1)
    matrices = [flows[0]]
    for t in reversed(range(1, T)):
        flows = each_step.at(t).vjp(flows).before
        matrices.append(flows[0])
    return torch.stack(matrices[::-1])


def _by_slopes(each_step: BySlopes, steps: Walk) -> Tensor:
    """`state_jacobians` with one product of (H, S*H) and (S*H, H) per step.

    What a step's weights do to each state is gathered into one matrix beforehand, for as many steps
    as a processor's cache holds.
    """
    T, H = steps.states[0].shape
    cell, slopes, S = each_step.cell, each_step.slopes, len(steps.states)
    # Everything is transposed, so that each state has rows of its own, which lie together; and cut
    # into steps at once, because taking step by step out of a tensor costs as much as the product.
    matrices = steps.h_proj.new_empty(T, H, H)
    torch.eye(H, out=matrices[-1])
    to_states = matrices.unbind()
    flow = steps.h_proj.new_zeros(S * H, H)
    to_h, *to_others = flow.tensor_split(S)
    blocks = [block.mT.contiguous() for block in each_step.matrix.chunk(len(cell.blocks))]
    buffer = steps.h_proj.new_empty(min(T, CHUNK), *flow.mT.shape)
    for end in range(T, 0, -CHUNK):
        start = max(0, end - CHUNK)
        chunk = at(slopes, slice(start, end))
        into = _through_weights(cell, chunk, blocks, buffer[: end - start]).unbind()
        c_to_h = _columns(chunk.c_to_h)
        skips = [_columns(each) for each in chunk.skip[1:]]
        for t in reversed(range(end - start)):
            to_h.copy_(to_states[start + t])
            if c_to_h is not None:
                to_others[0].addcmul_(to_h, c_to_h[t])
            if start + t:
                torch.mm(into[t], flow, out=to_states[start + t - 1])
            for to_other, factors in zip(to_others, skips, strict=True):
                to_other.mul_(0 if factors is None else factors[t])
    return matrices.mT


def _columns(factors: Tensor | None) -> tuple[Tensor, ...] | None:
    """(T, H) -> T columns (H, 1), to scale the rows of a matrix each."""
    return None if factors is None else factors.unsqueeze(-1).unbind()


def _through_weights(cell: Cell, slopes: Slopes, blocks: list[Tensor], out: Tensor) -> Tensor:
    """Fill `out` (T, H, S*H) with the transposed d state_t / d h_{t-1} of every step and state.

    `blocks` are those of W_hh, transposed, (H, H) each.
    """
    columns = out.tensor_split(len(cell.states), 2)
    for column, slope, rows in zip(columns, slopes.recurrent, cell.rows, strict=True):
        first, *others = zip(slope.unsqueeze(2).unbind(1), blocks[rows], strict=True)
        torch.mul(*first, out=column)
        for factors, block in others:
            column.addcmul_(factors, block)
    if slopes.skip[0] is not None:
        columns[0].diagonal(dim1=-2, dim2=-1).add_(slopes.skip[0])
    return out


def step_jacobians(cell: Cell, steps: Walk) -> Tensor:
    """d states_t / d states_{t-1} of every step: (T, S*H, S*H) for S states."""
    T, H = steps.states[0].shape
    S = len(cell.states)
    rows = torch.eye(S * H, dtype=steps.h_proj.dtype, device=steps.h_proj.device).expand(T, -1, -1)
    over_rows = derivatives(cell, steps).at((slice(None), None))
    return torch.cat(over_rows.vjp(rows.tensor_split(S, -1)).before, -1)
