"""How much of each hidden state is left in the last one: norms of Jacobians, by one sweep.

Dimensions: T time steps, I inputs, H hidden units, S states of a cell.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.cells import Cell, from_layer
from rnnviz.gradients.chain import at, pull
from rnnviz.messages import N_, Problem
from rnnviz.tracing import Walk, checked, walk

ONE_LAYER = N_("The layer has {layers} layers and {directions} directions; allowed is one of each.")


@dataclass(frozen=True, eq=False)
class Jacobians:
    """How much of each h_t is left in the last hidden state.

    spectral, frobenius (T,): norms of dh_T/dh_t, with every other state of step t held fixed;
    step_spectral (T,): norm of the Jacobian of step t's whole state (h, and c) with respect to the
    state one step before, the largest factor by which a gradient can grow at that step.
    """

    spectral: Tensor
    frobenius: Tensor
    step_spectral: Tensor


@torch.no_grad()
def jacobians(layer: nn.RNN | nn.GRU | nn.LSTM, x: Tensor) -> Jacobians:
    """The norms of dh_T/dh_t for every t, by one analytic sweep.

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
    steps = walk(cell, checked(layer, x))
    matrices = state_jacobians(cell, steps)
    return Jacobians(
        spectral=torch.linalg.matrix_norm(matrices, 2),
        frobenius=torch.linalg.matrix_norm(matrices),
        step_spectral=torch.linalg.matrix_norm(step_jacobians(cell, steps), 2),
    )


def state_jacobians(cell: Cell, steps: Walk) -> Tensor:
    """dh_T/dh_t for every t: (T, H, H), row i the gradient of unit i of h_T."""
    T, H = steps.states[0].shape
    slopes = cell.slopes(steps.before, steps.states, steps.gates, steps.r)
    arriving = steps.r.new_zeros(T, 1, 1).expand(T, H, H)
    found = steps.r.new_empty(T, H, H)
    coming = tuple(arriving[-1] for _ in cell.states)
    coming = (torch.eye(H, dtype=found.dtype, device=found.device), *coming[1:])
    for t in reversed(range(T)):
        found[t] = coming[0]
        coming = pull(cell, at(slopes, t), coming).before
    return found


def step_jacobians(cell: Cell, steps: Walk) -> Tensor:
    """d(h, c)_t / d(h, c)_{t-1} of every step: (T, S*H, S*H) for S states."""
    T, H = steps.states[0].shape
    S = len(cell.states)
    slopes = cell.slopes(steps.before, steps.states, steps.gates, steps.r)
    rows = torch.eye(S * H, dtype=steps.r.dtype, device=steps.r.device).expand(T, -1, -1)
    over_rows = at(slopes, (slice(None), None))
    return torch.cat(pull(cell, over_rows, rows.tensor_split(S, -1)).before, -1)
