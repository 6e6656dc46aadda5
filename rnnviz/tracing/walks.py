"""Walks forward through a sequence, step by step, by the cells' own equations.

Dimensions: T time steps, I inputs, H hidden units, D directions, G blocks of weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.cells import Cell, LayerCells, States, Step, stack_steps
from rnnviz.messages import N_, Problem

TOO_LARGE = N_(
    "The hidden state leaves the range of {dtype} at step {step}: the layer explodes on this "
    "sequence. Allowed are weights and inputs that keep it finite."
)


@dataclass(frozen=True, eq=False, repr=False)
class Walk:
    """What one cell computed on one walk, in the order in which it walked.

    x_proj, h_proj  (T, ..., G*H)  contributions of input and states, before the nonlinearity
    states[s]       (T, ..., H)    in the order of cell.states
    gates[name]     (T, ..., H)
    """

    x_proj: Tensor
    h_proj: Tensor
    states: States
    gates: Mapping[str, Tensor]

    def __repr__(self) -> str:
        return f"Walk(T={len(self.x_proj)})"

    @classmethod
    def of(cls, cell: Cell, x_proj: Tensor, steps: Step) -> "Walk":
        """The walk of `cell` on which all of `steps` were computed from x_proj (T, ..., G*H)."""
        gates = dict(zip(cell.gates, steps.gates, strict=True))
        return cls(x_proj, steps.h_proj, steps.states, gates)

    @property
    def before(self) -> States:
        """The states one step earlier, beginning with the initial state, zero."""
        return tuple(torch.cat([torch.zeros_like(s[:1]), s[:-1]]) for s in self.states)


def walk(cell: Cell, x: Tensor) -> Walk:
    """Walk `cell` over x (T, ..., I), from the zero state.

    Batch dimensions `...` may be shared with weights that carry them: (..., 1, I) beside
    weights (..., G*H, I).
    """
    x_proj = cell.from_input(x)
    states = tuple(x_proj.new_zeros(*x_proj.shape[1:-1], cell.hidden) for _ in cell.states)
    steps = []
    for inputs in x_proj:
        steps.append(cell.step(inputs, states))
        states = steps[-1].states
    return Walk.of(cell, x_proj, stack_steps(steps))


def rewalk(cell: Cell, x: Tensor, h: Tensor) -> Walk:
    """The walk of `cell` over x (T, ..., I) on which the layer itself computed h (T, ..., H).

    With h known, steps need not wait for each other: several times faster than `walk`.
    """
    x_proj, h_before = cell.from_input(x), torch.cat([torch.zeros_like(h[:1]), h[:-1]])
    return Walk.of(cell, x_proj, cell.replay(x_proj, h_before))


LayerWalks = list[tuple[Tensor, list[tuple[Cell, Walk]]]]
"""Per layer its inputs (T, I), and the cell and the walk of each direction."""


@torch.no_grad()
def walk_layers(cells: LayerCells, x: Tensor) -> tuple[LayerWalks, Tensor]:
    """Walk all layers over x (T, I); also the outputs (T, D*H) of the last one."""
    walks: LayerWalks = []
    for directions in cells:
        # In the precision of x, whatever the caller's autocast would make of it.
        with torch.autocast(x.device.type, enabled=False):
            sides = [
                (cell, walk(cell, x.flip(0) if reverse else x))
                for reverse, cell in enumerate(directions)
            ]
        walks.append((x, sides))
        x = torch.cat(
            [
                steps.states[0].flip(0) if reverse else steps.states[0]
                for reverse, (_, steps) in enumerate(sides)
            ],
            -1,
        )
        require_finite(x)
    return walks, x


def require_finite(states: Tensor) -> None:
    """Raise a `Problem` that names the first step at which states (T, ...) are not finite."""
    steps = (~states.isfinite()).flatten(1).any(1).nonzero()
    if len(steps):
        raise Problem(TOO_LARGE, dtype=states.dtype, step=int(steps[0]))
