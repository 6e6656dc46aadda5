"""The chain rule, once for all cells: one step back, and the sweep over all steps.

Dimensions: T time steps, H hidden units, G blocks of weights.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.cells import Cell, Slopes, States
from rnnviz.gradients.scale import LIMIT, largest_of, shift
from rnnviz.tracing import Walk

Index = int | slice | tuple[slice | None, ...]


@dataclass(frozen=True, eq=False)
class StepGradients:
    """One step back: the gradients of its states and projections, and of the states before it.

    dstates[s] (..., H) are total derivatives, c's with its share through h_t, which is `through_h`
    (..., H) where the cell has `Slopes` with one; before[s] (..., H) flows to the step before.
    dx_proj (..., G*H); dh_proj (..., G*H) is None for a cell that is differentiated by autograd.
    """

    dstates: States
    dx_proj: Tensor
    dh_proj: Tensor | None
    through_h: Tensor | None
    before: States


class Derivatives(ABC):
    """The derivatives of one or many time steps that a cell walked, as linear maps."""

    cell: Cell

    @abstractmethod
    def at(self, index: Index) -> "Derivatives":
        """Those of one step, or of any other slice of the leading dimensions."""

    @abstractmethod
    def vjp(self, dstates: States) -> StepGradients:
        """One step back: `dstates` (..., H) arrive at the states from outside the step."""

    @abstractmethod
    def jvp(self, before: States) -> States:
        """One step forward: how a change of the states before (..., H) changes those after."""


def derivatives(cell: Cell, steps: Walk) -> "BySlopes | ByAutograd":
    """The derivatives of every step of a walk: the cell's own formulas, else by autograd."""
    slopes = cell.slopes(steps.before, steps.states, steps.gates, steps.h_proj)
    if slopes is None:
        return ByAutograd(cell, steps.x_proj, steps.before)
    return BySlopes(cell, slopes)


@dataclass(frozen=True)
class BySlopes(Derivatives):
    """Derivatives in closed form: a cell's slopes, and the products with W_hh."""

    cell: Cell
    slopes: Slopes

    @property
    def matrix(self) -> Tensor:
        """W_hh, which every cell with slopes has."""
        assert self.cell.w_hh is not None, "a cell with slopes has a recurrent matrix"
        return self.cell.w_hh

    def at(self, index: Index) -> "BySlopes":
        return BySlopes(self.cell, at(self.slopes, index))

    def vjp(self, dstates: States) -> StepGradients:
        slopes = self.slopes
        through_h = None if slopes.c_to_h is None else dstates[0] * slopes.c_to_h
        if through_h is not None:
            dstates = (dstates[0], dstates[1] + through_h, *dstates[2:])
        dh_proj = self._to_blocks(slopes.recurrent, dstates)
        if slopes.inputs is slopes.recurrent:
            dx_proj = dh_proj
        else:
            dx_proj = self._to_blocks(slopes.inputs, dstates)
        before = [
            torch.zeros_like(gradient) if skip is None else gradient * skip
            for gradient, skip in zip(dstates, slopes.skip, strict=True)
        ]
        before[0] = before[0] + dh_proj @ self.matrix
        return StepGradients(dstates, dx_proj, dh_proj, through_h, tuple(before))

    def jvp(self, before: States) -> States:
        slopes = self.slopes
        h_proj = torch.unflatten(before[0] @ self.matrix.mT, -1, (-1, self.cell.hidden))
        after = [
            (h_proj[..., rows, :] * slope).sum(-2)
            for rows, slope in zip(self.cell.rows, slopes.recurrent, strict=True)
        ]
        for s, skip in enumerate(slopes.skip):
            if skip is not None:
                after[s] = after[s] + skip * before[s]
        if slopes.c_to_h is not None:
            after[0] = after[0] + slopes.c_to_h * after[1]
        return tuple(after)

    def _to_blocks(self, slopes: States, dstates: States) -> Tensor:
        """Each state's gradient (..., H) times its slopes (..., g, H), in the rows (..., G*H)."""
        shares = [d.unsqueeze(-2) * slope for d, slope in zip(dstates, slopes, strict=True)]
        order = sorted(range(len(shares)), key=lambda s: self.cell.rows[s].start)
        blocks = torch.cat([shares[s] for s in order], -2) if len(shares) > 1 else shares[0]
        return blocks.flatten(-2)


@dataclass(frozen=True, eq=False)
class ByAutograd(Derivatives):
    """Derivatives of any cell's step, computed again from x_proj (..., G*H) and the states before.

    The states of one step are independent variables: what reaches c through h of the same step is
    part of what flows on, not of dstates.
    """

    cell: Cell
    x_proj: Tensor
    before: States

    def at(self, index: Index) -> "ByAutograd":
        before = tuple(state[index] for state in self.before)
        return ByAutograd(self.cell, self.x_proj[index], before)

    def vjp(self, dstates: States) -> StepGradients:
        with torch.enable_grad():
            leaves = [
                each.expand(*gradient.shape[:-1], -1).detach().requires_grad_()
                for each, gradient in zip(
                    (*self.before, self.x_proj), (*dstates, dstates[0]), strict=True
                )
            ]
            *before, x_proj = leaves
            after = self.cell.step(x_proj, tuple(before)).states
        *flows, dx_proj = _vjp(after, leaves, dstates)
        return StepGradients(dstates, dx_proj, None, None, tuple(flows))

    def jvp(self, before: States) -> States:
        # The derivative of the step back, which is linear in what arrives: forward-mode autograd
        # would load a compiler first.
        with torch.enable_grad():
            leaves = tuple(state.detach().requires_grad_() for state in self.before)
            after = self.cell.step(self.x_proj, leaves).states
            arriving = tuple(torch.zeros_like(state).requires_grad_() for state in after)
            flows = _vjp(after, leaves, arriving, create_graph=True)
        return _vjp(flows, arriving, before)


def weight_gradients(
    cell: Cell, x_proj: Tensor, before: States, dstates: States, names: Sequence[str]
) -> dict[str, Tensor]:
    """The gradients of the weights `names` of a cell, summed over all of these steps, by autograd.

    x_proj (..., G*H) and before (..., H) are what the steps began with, `dstates` (..., H) what
    arrives at their states from outside each step.
    """
    if not names:
        return {}
    with torch.enable_grad():
        weights = {name: cell.weights[name].detach().requires_grad_() for name in names}
        after = replace(cell, **weights).step(x_proj, before).states
    gradients = _vjp(after, list(weights.values()), dstates)
    return dict(zip(names, gradients, strict=True))


def _vjp(
    outputs: States, inputs: Sequence[Tensor], arriving: States, *, create_graph: bool = False
) -> States:
    """Autograd's gradients of `inputs`; zero where no output depends on one."""
    pairs = [pair for pair in zip(outputs, arriving, strict=True) if pair[0].requires_grad]
    if not pairs:
        return tuple(torch.zeros_like(each) for each in inputs)
    return torch.autograd.grad(
        [output for output, _ in pairs],
        list(inputs),
        [gradient for _, gradient in pairs],
        create_graph=create_graph,
        allow_unused=True,
        materialize_grads=True,
    )


def sweep(each_step: Derivatives, arriving: Tensor) -> Iterator[tuple[int, States, StepGradients]]:
    """Walk back through time: yields (t, what comes from step t+1, the step back), last step first.

    arriving (T, ..., H) is what reaches each h_t from the loss, or from the layer above.
    """
    from_next = tuple(torch.zeros_like(arriving[-1]) for _ in each_step.cell.states)
    for t in reversed(range(len(arriving))):
        step = each_step.at(t).vjp((arriving[t] + from_next[0], *from_next[1:]))
        yield t, from_next, step
        from_next = step.before


class ScaledStep(NamedTuple):
    """Step t of `scaled_sweep`; all of its gradients are to be multiplied by 2**exponent."""

    t: int
    exponent: int
    from_next: States
    step: StepGradients


def scaled_sweep(each_step: Derivatives, arriving: Tensor) -> Iterator[ScaledStep]:
    """`sweep` of one sequence (T, H) in which nothing overflows or vanishes, see `scale`."""
    from_next = tuple(torch.zeros_like(arriving[-1]) for _ in each_step.cell.states)
    exponent, from_loss = 0, arriving.abs().amax(-1).tolist()
    for t in reversed(range(len(arriving))):
        flow = largest_of(*from_next)
        if exponent or not 2.0**-LIMIT < flow < 2.0**LIMIT:
            # The larger of what comes from the next step and what arrives here decides.
            sizes = [
                math.frexp(size)[1] + power
                for size, power in ((flow, exponent), (from_loss[t], 0))
                if size
            ]
            highest = max(sizes, default=0)
            before, exponent = exponent, highest if abs(highest) > LIMIT else 0
            from_next = tuple(shift(each, before - exponent) for each in from_next)
        arrives = shift(arriving[t], -exponent)
        step = each_step.at(t).vjp((arrives + from_next[0], *from_next[1:]))
        yield ScaledStep(t, exponent, from_next, step)
        from_next = step.before


def at(slopes: Slopes, index: Index) -> Slopes:
    """The slopes of one step, or of any other slice of the leading dimensions."""

    def pick(tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else tensor[index]

    recurrent = tuple(s[index] for s in slopes.recurrent)
    same = slopes.inputs is slopes.recurrent
    return Slopes(
        recurrent=recurrent,
        inputs=recurrent if same else tuple(s[index] for s in slopes.inputs),
        skip=tuple(pick(skip) for skip in slopes.skip),
        c_to_h=pick(slopes.c_to_h),
    )
