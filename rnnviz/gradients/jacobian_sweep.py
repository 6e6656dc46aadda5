"""The matrices dh_T/dh_t of every step, by one sweep of products.

Dimensions: T time steps, H hidden units, S states of a cell.
"""

import torch
from torch import Tensor

from rnnviz.cells import Cell, Slopes
from rnnviz.gradients.chain import BySlopes, at, derivatives
from rnnviz.gradients.scale import exponent_of, largest_of, shift, shift_rows
from rnnviz.tracing import Walk

CHUNK = 16
"""Steps whose matrices are gathered at once: 2 MB for 64 units of an LSTM in double precision."""


def state_jacobians(cell: Cell, steps: Walk) -> Tensor:
    """dh_T/dh_t for every t: (T, H, H), row i the gradient of unit i of h_T."""
    return shift_rows(*scaled_jacobians(cell, steps))


def scaled_jacobians(cell: Cell, steps: Walk) -> tuple[Tensor, list[int]]:
    """`state_jacobians`, each to be multiplied by its power of two: those powers are beside it.

    So nothing overflows or vanishes on the way; within the usual range the powers are 0.
    """
    each_step = derivatives(cell, steps)
    if isinstance(each_step, BySlopes):
        return _by_slopes(each_step, steps)
    T, H = steps.states[0].shape
    flows = tuple(steps.h_proj.new_zeros(H, H) for _ in cell.states)
    flows[0].fill_diagonal_(1)
    matrices, exponents = [flows[0]], [0]
    for t in reversed(range(1, T)):
        flows = each_step.at(t).vjp(flows).before
        power = exponent_of(largest_of(*flows))
        flows = tuple(shift(flow, -power) for flow in flows)
        matrices.append(flows[0])
        exponents.append(exponents[-1] + power)
    return torch.stack(matrices[::-1]), exponents[::-1]


def _by_slopes(each_step: BySlopes, steps: Walk) -> tuple[Tensor, list[int]]:
    """`scaled_jacobians` with one product of (H, S*H) and (S*H, H) per step.

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
    exponents = [0] * T
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
            if start + t:
                before = (to_states[start + t - 1], *to_others)
                power = exponent_of(largest_of(*before))
                for each in before if power else ():
                    each.copy_(shift(each, -power))
                exponents[start + t - 1] = exponents[start + t] + power
    return matrices.mT, exponents


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
